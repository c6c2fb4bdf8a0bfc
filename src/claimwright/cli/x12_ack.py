"""`claimwright x12 ack`: what a receiver would answer to X12 files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from claimwright.cli.words import Refused, plural, print_json
from claimwright.cli.x12_sources import Force, Json, Only, Paths, Source, each_source, output_for, paused, say, writing

if TYPE_CHECKING:
    from claimwright.x12.answering import Answer
    from claimwright.x12.faults import Fault

SUFFIXES = {"ta1": ".ta1", "functional": ".999", "claims": ".277ca"}
AS = {"payer": "PR", "clearinghouse": "AY"}
WORDS = {"A": "accepted", "E": "accepted with errors", "R": "rejected"}


def ack(
    files: Paths,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder to write to, instead of beside each file.", show_default=False),
    ] = None,
    level: Annotated[int, typer.Option(min=1, max=5, help="Highest SNIP level that rejects.")] = 5,
    answer_as: Annotated[str, typer.Option("--as", help="payer or clearinghouse: who the 277CA is from.")] = "payer",
    control_number: Annotated[int, typer.Option(min=1, help="ISA13 of the first answer; others count up.")] = 1,
    when: Annotated[str, typer.Option(help="Date and time of the answers, YYYY-MM-DDTHH:MM.", metavar="WHEN")] = "",
    only: Only = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Answer X12 files as their receiver would: TA1, 999, and for claims a 277CA.

    FILE.ta1, FILE.999 and FILE.277ca are written. An interchange that is rejected gets no 999, a transaction that is
    rejected no 277CA; acknowledgements are not acknowledged. Exit status 1 when something is rejected, 2 when a file
    is not there or not X12.
    """
    if answer_as not in AS:
        raise Refused(f"--as is one of {', '.join(AS)}")
    moment, number, rejected = _when(when), control_number, 0

    def one(source: Source, meter: Callable[[int], None]) -> None:
        nonlocal number, rejected
        if out is None and (not source.rereadable or source.member):
            raise Refused(f"{source.name}: say where the answers go: --out FOLDER")
        found = answers_to(source, level, moment, number, AS[answer_as], meter)
        number += 3 * len(found)
        rejected += any(not answer.accepted for answer in found)
        beside = Path(source.path) if out is None else output_for(source, out, False)
        names = _write(found, beside, source, force)
        answer = {"file": source.name, "interchanges": [_told(one) for one in found], "written": names}
        with paused():
            if as_json:
                print_json(answer)
            else:
                _print(source.name, found, names)

    usable = each_source(files, only, as_json, one)
    raise typer.Exit(2 if not usable else 1 if rejected else 0)


def _when(text: str) -> datetime:
    if not text:
        return datetime.now().replace(second=0, microsecond=0)  # noqa: DTZ005  local time, as all wire times are
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused("--when is a date and time such as 2026-09-30T14:05") from None


def answers_to(
    source: Source, level: int, when: datetime, number: int, as_source: str, meter: Callable[[int], None] | None = None
) -> list[Answer]:
    """The answers to each interchange of a file that is not itself an acknowledgement."""
    from claimwright.cli.x12_check import vocabulary
    from claimwright.x12.answering import answers, skeleton
    from claimwright.x12.passing import Pass

    data = b"" if source.rereadable else source.read()

    def opened(told: Callable[[int], None] | None = None) -> AbstractContextManager[BinaryIO]:
        return source.open(told) if source.rereadable else BytesIO(data)

    with opened(meter) as file:
        faults: list[Fault] = list(Pass(file, vocabulary() if level >= 5 else None, level).faults())
    with opened() as file:
        envelopes = skeleton(file)
    envelopes.interchanges = [one for one in envelopes.interchanges if not _is_acknowledgement(one)]
    with opened() as file:
        return list(
            answers(envelopes, file, faults, when=when, control_number=number, as_source=as_source)
        )  # fmt: skip


def _is_acknowledgement(interchange: Any) -> bool:
    """Whether an interchange holds nothing but 999s, 997s and TA1s: they are not answered."""
    groups = [group.gs for group in interchange.groups]
    if not groups:
        return bool(interchange.ta1s)
    return all(gs is not None and gs[1] == "FA" for gs in groups)


def _write(found: list[Answer], beside: Path, source: Source, force: bool) -> list[str]:
    names = []
    for field, suffix in SUFFIXES.items():
        data = b"".join(getattr(answer, field) for answer in found)
        if data:
            path = beside.with_name(beside.name + suffix)
            with writing(path, source, force) as file:
                file.write(data)
            names.append(str(path))
    return names


def _told(answer: Answer) -> dict[str, object]:
    return {
        "control_number": answer.control_number, "ta1": answer.interchange_code, "ta1_note": answer.interchange_note,
        "accepted": answer.accepted,
        "transactions": {"accepted": answer.transactions_accepted, "rejected": answer.transactions_rejected},
        "claims": {"accepted": answer.claims_accepted, "rejected": answer.claims_rejected},
    }  # fmt: skip


def _print(name: str, found: list[Answer], names: list[str]) -> None:
    if not found:
        say(f"{name}: nothing to answer: acknowledgements are not acknowledged")
        return
    say(name, "bold")
    for answer in found:
        code = answer.interchange_code
        note = f" (note {answer.interchange_note})" if code != "A" else ""
        say(
            f"  Interchange {answer.control_number or 'without a number'}: TA1 {WORDS[code]}{note}", _style(code == "R")
        )
        if answer.functional:
            say(f"    999: {_counts(answer.transactions_accepted, answer.transactions_rejected, 'transaction')}",
                _style(bool(answer.transactions_rejected)))  # fmt: skip
        if answer.claims:
            say(f"    277CA: {_counts(answer.claims_accepted, answer.claims_rejected, 'claim')}",
                _style(bool(answer.claims_rejected)))  # fmt: skip
    first, *more = names
    say(f"  Written: {first}{''.join(f', {Path(name).suffix}' for name in more)}", "dim")


def _counts(accepted: int, rejected: int, noun: str) -> str:
    parts = [f"{plural(accepted, noun)} accepted"] if accepted or not rejected else []
    return ", ".join([*parts, *([f"{plural(rejected, noun)} rejected"] if rejected else [])])


def _style(bad: bool) -> str:
    return "red" if bad else "green"
