"""Letters of appeal and what a payer makes of them: a new decision by remittance, or a letter that keeps the old one.

A letter is a file `letters/in/<control number>.json` beside the books, as mail is no business of the wire. The answer of
a payer that keeps its decision is `letters/out/<control number>.json` with the day it is written on. A decision for the
provider is a reversal and a correction in a later remittance, and no letter.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec

from claimwright.sandbox.behaviour import happens
from claimwright.sandbox.books import Books, Event, write_whole
from claimwright.sandbox.plan import Plan
from claimwright.sandbox.records import Record


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal of one claim, by our number (CLM01)."""

    control_number: str
    sent_on: date


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The payer keeps its decision; `decided_on` is the day of its letter."""

    control_number: str
    decided_on: date


def post_letter(root: Path, letter: Letter) -> bool:
    """Put a letter in the mail; False where one about this claim went before."""
    name = f"{letter.control_number}.json"
    folders = [Path(root) / "letters" / which for which in ("in", "read")]
    if any((folder / name).exists() for folder in folders):
        return False
    write_whole(folders[0] / name, msgspec.json.encode(letter))
    return True


def answer_to(root: Path, control_number: str) -> Answer | None:
    path = Path(root) / "letters" / "out" / f"{control_number}.json"
    return msgspec.json.decode(path.read_bytes(), type=Answer) if path.exists() else None


def read_letters(root: Path, plan: Plan, books: Books, day: date) -> int:
    """The mail of the day: of each letter the payer decides at once what it will answer, and when. How many it read."""
    folder = Path(root) / "letters" / "in"
    if not folder.exists():
        return 0
    done = Path(root) / "letters" / "read"
    done.mkdir(exist_ok=True)
    paths = sorted(folder.glob("*.json"))
    for path in paths:
        letter = msgspec.json.decode(path.read_bytes(), type=Letter)
        _decide(root, plan, books, letter, day)
        path.replace(done / path.name)
    return len(paths)


def _decide(root: Path, plan: Plan, books: Books, letter: Letter, day: date) -> None:
    due = day + timedelta(days=plan.appeals.answer_days)
    record = _denied(books, letter.control_number)
    granted = record is not None and happens(
        plan.appeals.granted_share, plan.seed, "appeal", record.payer, record.chain
    )
    if record is not None and granted:
        known = any(event.record == record.key and event.kind == "grant" for event in books.events)
        if not known:
            books.events.append(Event(due=due, kind="grant", record=record.key))
        return
    answer = Answer(control_number=letter.control_number, decided_on=due)
    write_whole(Path(root) / "letters" / "out" / f"{letter.control_number}.json", msgspec.json.encode(answer))


def _denied(books: Books, control_number: str) -> Record | None:
    """The newest decided claim of the number with a line that is denied."""
    for record in reversed(books.records):
        if record.claim.control_number != control_number or record.state != "adjudicated" or record.result is None:
            continue
        return record if any(line.denied for line in record.result.lines) else None
    return None
