"""`claimwright x12 read` and `from-json`: X12 to typed nouns as JSON lines, and back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import msgspec
import typer

from claimwright.cli.words import Refused, console, plural, print_json
from claimwright.cli.x12_sources import (
    Force,
    Json,
    Only,
    Out,
    Paths,
    Source,
    each_source,
    kind_of_transaction,
    paused,
    say,
    writing,
)

if TYPE_CHECKING:
    from claimwright.cli.x12_nouns import Envelope
    from claimwright.x12.faults import Fault

Answer = dict[str, Any]


def read(
    files: Paths,
    claims: Annotated[
        bool, typer.Option("--claims", help="One line a claim (837) or claim payment (835), in little memory.")
    ] = False,
    loops: Annotated[bool, typer.Option("--loops", help="Show the loops and their segments instead of nouns.")] = False,
    only: Only = "",
    as_json: Json = False,
) -> None:
    """Read X12 files as typed nouns: claims, payments, members, benefits, acknowledgements.

    One JSON document a transaction, indented for people, with --json one a line; `from-json` writes them back. Exit
    status 1 when something could not be read (it is told in `faults`), 2 when a file is not there or not X12.
    """
    odd = 0

    def one(source: Source, meter: Callable[[int], None]) -> None:
        nonlocal odd
        with source.open(meter) as file:
            if loops:
                _tree(source, file, as_json)
                return
            for line in _claim_lines(source, file) if claims else _lines(source, file):
                odd += any(fault["severity"] == "reject" for fault in line["faults"])
                _print(line, as_json)
        if not claims and not loops and source.rereadable:
            with source.open() as file:
                for line in _ta1_lines(source, file):
                    _print(line, as_json)

    usable = each_source(files, only, as_json, one)
    raise typer.Exit(2 if not usable else 1 if odd else 0)


def _print(line: Answer, as_json: bool) -> None:
    with paused():
        if as_json:
            print_json(line)
        else:
            text = msgspec.json.format(msgspec.json.encode(line), indent=2).decode()
            console.print(text, markup=False, soft_wrap=True)


def _lines(source: Source, file: BinaryIO) -> Iterator[Answer]:
    """One line a transaction."""
    from claimwright.cli.x12_nouns import ALL_KINDS, envelope_of, reading_of
    from claimwright.x12.reader import stream_transactions

    for transaction in stream_transactions(file):
        kind = kind_of_transaction(transaction)
        head = {
            "file": source.name, "kind": kind, "guide": transaction.guide,
            "control_number": transaction.control_number.strip(),
            "envelope": envelope_of(transaction.interchange, transaction.group.gs),
        }  # fmt: skip
        if kind not in ALL_KINDS:
            yield {**head, "noun": None, "faults": [_no_reader(transaction.set_id)]}
            continue
        for noun, faults in reading_of(kind, transaction):
            yield {**head, "noun": noun, "faults": [_fault(fault) for fault in faults]}


def _no_reader(set_id: str) -> Answer:
    return {
        "id": "NO-READER", "severity": "reject", "place": "ST01", "claim": "",
        "message": f"There are no nouns for the transaction set {set_id or '(none)'}", "fix": "",
    }  # fmt: skip


def _claim_lines(source: Source, file: BinaryIO) -> Iterator[Answer]:
    """One line a claim or claim payment."""
    from claimwright.cli.x12_nouns import claims_of
    from claimwright.x12.passing import stream_records

    for kind, record, noun, faults in claims_of(stream_records(file)):
        yield {
            "file": source.name, "kind": kind, "guide": record.transaction.guide,
            "control_number": record.transaction.control_number.strip(), "claim": noun,
            "faults": [_fault(fault) for fault in faults],
        }  # fmt: skip


def _ta1_lines(source: Source, file: BinaryIO) -> Iterator[Answer]:
    from claimwright.cli.x12_nouns import TA1, interchange_acknowledgements

    for envelope, noun in interchange_acknowledgements(file):
        yield {
            "file": source.name, "kind": TA1, "guide": "", "control_number": envelope.control_number,
            "envelope": envelope, "noun": noun, "faults": [],
        }  # fmt: skip


def _fault(fault: Fault) -> Answer:
    return {
        "id": fault.id, "severity": fault.severity.value, "place": fault.place(), "claim": fault.control_number,
        "message": fault.message, "fix": fault.fix,
    }  # fmt: skip


def _tree(source: Source, file: BinaryIO, as_json: bool) -> None:
    """The loops as they nest, each segment in its own."""
    from claimwright.x12.flow import Flow, placed
    from claimwright.x12.layout import bare

    if not as_json:
        say(source.name, "bold")
    for one in placed(iter(Flow(file))):
        segment, loop = one.segment, one.loop
        text = bare(segment)[:-1]
        if as_json:
            print_json(
                {"file": source.name, "loop": loop.id if loop else "", "depth": one.depth, "segment": segment.number,
                 "line": segment.line, "byte": segment.offset, "text": text}
            )  # fmt: skip
            continue
        if one.opens and loop is not None:
            name = loop.state.name if loop.state is not None else ""
            say("  " * (one.depth - 1) + f"{loop.id} {name}", "cyan")
        say("  " * one.depth + text)


# Writing ---------------------------------------------------------------------------------------------------------------


class Line(msgspec.Struct):
    """One line of `read --json`, as far as it is written back."""

    kind: str = ""
    control_number: str = ""
    noun: msgspec.Raw = msgspec.Raw(b"null")
    envelope: dict[str, str] = {}
    claim: msgspec.Raw = msgspec.Raw(b"")


def from_json(
    files: Annotated[list[str], typer.Argument(help="Files of JSON lines; - for standard input.", metavar="FILE...")],
    out: Out = None,
    sender: Annotated[str, typer.Option(help="ISA06, instead of the line's own.")] = "",
    receiver: Annotated[str, typer.Option(help="ISA08, instead of the line's own.")] = "",
    sender_qualifier: Annotated[str, typer.Option(help="ISA05.")] = "",
    receiver_qualifier: Annotated[str, typer.Option(help="ISA07.")] = "",
    usage: Annotated[str, typer.Option(help="ISA15: P or T.")] = "",
    control_number: Annotated[int, typer.Option(help="ISA13 of the first interchange; others count up.")] = 0,
    when: Annotated[str, typer.Option(help="Date and time of ISA and GS, YYYY-MM-DDTHH:MM.", metavar="WHEN")] = "",
    one_line: Annotated[bool, typer.Option("--one-line", help="No line breaks between segments.")] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write X12 from the JSON lines of `read --json`: one interchange for each envelope, one group for each guide.

    Without --out to standard output. Exit status 2 when a line is no noun, or says what X12 cannot carry.
    """
    given = {
        "sender": sender, "receiver": receiver, "sender_qualifier": sender_qualifier,
        "receiver_qualifier": receiver_qualifier, "usage": usage,
    }  # fmt: skip
    at = _when(when)
    data = b"".join(_interchanges(files, given, control_number, at, "" if one_line else "\n"))
    if out is None:
        if as_json:
            raise Refused("with --json say where the X12 goes: --out FILE")
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    with writing(out, None, force) as file:
        file.write(data)
    if as_json:
        print_json({"file": str(out), "bytes": len(data)})
    else:
        say(f"{out}: {plural(len(data), 'byte')} written")


def _when(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("--when is a date and time such as 2026-09-30T14:05") from None


def _interchanges(
    files: list[str], given: dict[str, str], control_number: int, when: datetime | None, line_break: str
) -> Iterator[bytes]:
    from claimwright.claims.to_x12.acknowledgements import add_interchange_acknowledgement
    from claimwright.cli.x12_nouns import TA1, guide_of_kind, noun_of, transactions_of
    from claimwright.x12 import InterchangeBuilder, ValueRefused

    next_number = control_number
    for envelope, lines in _by_envelope(files, given).items():
        moment = when or _moment(envelope)
        number = next_number or (int(envelope.control_number) if envelope.control_number.isdecimal() else 1) or 1
        next_number = number + 1 if next_number else 0
        place = ""
        try:
            builder = InterchangeBuilder(_wire_envelope(envelope), number, moment, line_break=line_break)
            groups: dict[tuple[str, str], list[Any]] = {}
            for told, line in lines:
                place = told
                noun = noun_of(line.kind, line.noun)
                if line.kind == TA1:
                    add_interchange_acknowledgement(builder, noun)
                    continue
                made = groups.setdefault(guide_of_kind(line.kind), [])
                made.extend(transactions_of(line.kind, noun, moment, lambda made=made: f"{len(made) + 1:04d}"))
            group = int(envelope.group_control_number) if envelope.group_control_number.isdecimal() else 1
            for at, ((set_id, guide), transactions) in enumerate(groups.items()):
                builder.add_group(set_id, group + at, guide, transactions)
            yield builder.build()
        except ValueRefused as reason:
            raise Refused(f"{place or 'envelope'}: {reason}") from None
        except Refused as reason:
            raise Refused(f"{place}: {reason}") from None


def _by_envelope(files: list[str], given: dict[str, str]) -> dict[Envelope, list[tuple[str, Line]]]:
    """The lines of all files by the envelope they are to be sent in, each with its place."""
    from claimwright.cli.x12_nouns import Envelope

    found: dict[Envelope, list[tuple[str, Line]]] = {}
    for name in files:
        for number, text in enumerate(_text_lines(name), 1):
            if not text.strip():
                continue
            place = f"{name} line {number}"
            try:
                line = msgspec.json.decode(text, type=Line)
                envelope = msgspec.convert({**line.envelope, **{k: v for k, v in given.items() if v}}, Envelope)
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                raise Refused(f"{place}: this is no line of `read --json`: {error}") from None
            if bytes(line.claim):
                raise Refused(f"{place}: a single claim has no sender: read the file without --claims")
            found.setdefault(envelope, []).append((place, line))
    if not found:
        raise Refused("there is nothing to write: no line of `read --json` came")
    return found


def _text_lines(name: str) -> Iterator[bytes]:
    if name == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield from file
    except OSError as error:
        raise Refused(f"{name}: {error.strerror or 'cannot be read'}") from None


def _moment(envelope: Envelope) -> datetime:
    try:
        return datetime.strptime(envelope.date + envelope.time[:4], "%y%m%d%H%M")  # noqa: DTZ007  the wire has no zone
    except ValueError:
        return datetime.now().replace(second=0, microsecond=0)  # noqa: DTZ005  local time, as all wire times are


def _wire_envelope(envelope: Envelope) -> Any:
    from claimwright import x12

    if not envelope.sender or not envelope.receiver:
        raise Refused("the lines name no sender and receiver: give --sender and --receiver")
    return x12.Envelope(
        sender_id=envelope.sender, receiver_id=envelope.receiver, sender_qualifier=envelope.sender_qualifier,
        receiver_qualifier=envelope.receiver_qualifier, usage=envelope.usage,
        application_sender=envelope.application_sender, application_receiver=envelope.application_receiver,
    )  # fmt: skip
