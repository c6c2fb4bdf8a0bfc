"""Log lines as JSON, one a line, that hold no value of a patient: not by care taken at each call, but by how they are made.

A line of ours says what its fields say. Of any other library only the text of the call is logged, never what was put
into it; and of a fault only its kind and where it arose, never its words: both may hold what a patient told us.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

OURS = "claimwright"
FIELDS = "fields"
PLACES_SHOWN = 12
LONGEST = 300

requests = logging.getLogger(f"{OURS}.requests")
jobs = logging.getLogger(f"{OURS}.jobs")


def say(logger: logging.Logger, event: str, level: int = logging.INFO, **fields: object) -> None:
    """One line of ours: ids, names out of our own code, counts and times only."""
    if logger.isEnabledFor(level):
        logger.log(level, event, extra={FIELDS: fields})


class JsonLines(logging.Formatter):
    """Every record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg)[:LONGEST] if self._is_a_text_of_code(record) else type(record.msg).__name__,
        }
        fields = getattr(record, FIELDS, None)
        if isinstance(fields, dict):
            line.update(fields)
        status = getattr(record, "status_code", None)
        if isinstance(status, int):
            line.setdefault("status", status)
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = record.exc_info[0].__name__
            line["places"] = places(record.exc_info[2])
        return json.dumps(line, default=str)

    @staticmethod
    def _is_a_text_of_code(record: logging.LogRecord) -> bool:
        """Whether the text stands in the source as it is: it is ours, or has holes that are filled only when printed."""
        return isinstance(record.msg, str) and (record.name.split(".")[0] == OURS or bool(record.args))


def places(trace: TracebackType | None) -> list[str]:
    """file:line of each step of a fault, the innermost last; no text of the fault and no line of data."""
    steps = traceback.extract_tb(trace)[-PLACES_SHOWN:]
    return [f"{Path(step.filename).name}:{step.lineno}" for step in steps]
