"""An independent validator: pyx12's own maps and engine, silenced, answering with plain lines of text."""

from __future__ import annotations

import io
import json
import logging
from functools import lru_cache
from typing import Any

import pyx12.errors
import pyx12.map_if
import pyx12.map_index
import pyx12.params
import pyx12.x12n_document

# For every file pyx12 reads the XML of its guide anew, nineteen twentieths of its time. What it counts while it walks is in
# its walker and not in the map, so a map can serve one file after another.
_load = pyx12.map_if.load_map_file
PARAMETERS = pyx12.params.params()


@lru_cache(maxsize=12)
def _map(name: str) -> Any:
    return _load(name, PARAMETERS)


def _load_once(name: str, _: Any, folder: str | None = None) -> Any:
    assert folder is None, "the oracle takes the maps that pyx12 brings"
    return _map(name)


pyx12.map_if.load_map_file = _load_once
pyx12.map_index.map_index = lru_cache(maxsize=1)(pyx12.map_index.map_index)


def check(data: bytes) -> list[str]:
    """What pyx12 finds wrong with the file; empty = no fault. "NOMAP ..." when it has no map for the guide."""
    return _run(data)[0]


def acknowledgement(data: bytes) -> str:
    """The 997/999 that pyx12 writes for the file, "" when it has no map for it."""
    return _run(data)[1]


def _run(data: bytes) -> tuple[list[str], str]:
    ack, report = io.StringIO(), io.StringIO()
    said = _Said()
    logger = logging.getLogger("pyx12")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(said)
    try:
        passed = pyx12.x12n_document.x12n_document(
            param=PARAMETERS,
            src_file=io.StringIO(data.decode("latin-1"), newline=""),
            fd_997=ack,
            fd_html=None,
            fd_json=report,
        )
    except pyx12.errors.EngineError as error:
        return [f"NOMAP {error}"], ""
    except (pyx12.errors.X12Error, IndexError, AttributeError, KeyError, TypeError, ValueError) as error:
        return [f"CRASH {type(error).__name__} {error}"], ""
    finally:
        logger.removeHandler(said)
        logger.propagate = propagate
    found: list[str] = []
    if report.getvalue().strip():
        _collect(json.loads(report.getvalue()), "", found)
    if not passed and not found:
        found.extend(said.lines or ["INVALID"])  # faults of the ST itself are in the log alone
    return found, ack.getvalue()


class _Said(logging.Handler):
    """What pyx12 logs as an error, kept instead of printed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _collect(node: Any, place: str, found: list[str]) -> None:
    """pyx12's error tree, flattened: each entry names its place, code and text."""
    if isinstance(node, dict):
        here = " ".join(
            str(node[key]) for key in ("seg_id", "seg_count", "cur_line", "ele_pos", "refdes") if node.get(key)
        )
        path = f"{place} {here}".strip()
        text = node.get("err_str") or node.get("error_message") or node.get("message")
        if text:
            code = node.get("err_cde") or node.get("error_code") or node.get("code") or ""
            value = node.get("err_val") or node.get("error_value") or node.get("value") or ""
            found.append(f"{path}: {code} {text} [{value}]")
        for value in node.values():
            if isinstance(value, dict | list):
                _collect(value, path, found)
    elif isinstance(node, list):
        for item in node:
            _collect(item, place, found)
