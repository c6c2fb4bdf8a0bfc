"""`claimwright form`: claims of 837 files or of JSON on the CMS-1500 and the UB-04. No database, no Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from claimwright.cli.files import document_of
from claimwright.cli.words import Refused, console, plural, print_json, read_bytes
from claimwright.cli.x12_sources import Force, writing

if TYPE_CHECKING:
    from claimwright.claims.nouns import Claim
    from claimwright.documents.paper import Printed

POINTS_PER_INCH = 72
JSON_STARTS = (b"{", b"[")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
Answer = dict[str, Any]


def form(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="837P or 837I files, or claims as JSON: one, a list, or the lines of `x12 read --json`.",
            metavar="FILE...", show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="A folder for one PDF a claim, or one file.pdf for all.", metavar="PATH",
                     show_default=False),
    ],
    kind: Annotated[str, typer.Option(help="cms1500 or ub04; what the claim's kind asks for when not given.")] = "",
    data_only: Annotated[
        bool, typer.Option("--data-only", help="Only the values, for printed forms in the tray.")
    ] = False,
    offset: Annotated[
        str, typer.Option(help="Moves the values so many inches right and down: 0.05,-0.02.", metavar="X,Y")
    ] = "0,0",
    day: Annotated[
        str, typer.Option("--date", help="The day beside the signature or the total, YYYY-MM-DD; none when not given.")
    ] = "",
    force: Force = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a PDF instead of text.")] = False,
) -> None:  # fmt: skip
    """Print claims as CMS-1500 or UB-04.

    Exit status 1 when something of a claim is not, or not wholly, on the paper (each is told), 2 when a file is not
    there, is none of these, or holds a claim that no form of ours takes.
    """
    moved, on = _offset(offset), _day(day)
    claims: list[tuple[Path, Claim]] = []
    incomplete, usable = False, True
    for path in files:
        try:
            for claim, whole in _claims(path, read_bytes(path)):
                claims.append((path, claim))
                incomplete = incomplete or not whole
        except Refused as reason:
            usable = _tell(reason, path, as_json)
    for target, chosen in _targets(claims, out):
        try:
            printed = _print([claim for _, claim in chosen], kind, data_only, moved, on)
            with writing(target, None, force) as file:
                file.write(printed.pdf)
        except Refused as reason:
            usable = _tell(reason, chosen[0][0], as_json, [claim for _, claim in chosen])
            continue
        incomplete = incomplete or bool(printed.warnings)
        _say(target, printed, [claim.control_number for _, claim in chosen], as_json)
    if not claims and usable:
        usable = _tell(Refused("there is no claim in these files"), files[0], as_json)
    raise typer.Exit(2 if not usable else 1 if incomplete else 0)


def _offset(text: str) -> tuple[float, float]:
    try:
        across, down = (float(part) * POINTS_PER_INCH for part in text.split(","))
    except ValueError:
        raise Refused("--offset is two numbers of inches, right and down, such as 0.05,-0.02") from None
    return across, down


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("--date is a date such as 2026-09-30") from None


def _claims(path: Path, data: bytes) -> Iterator[tuple[Claim, bool]]:
    """The claims of a file, each with whether all of it could be read. Raises Refused."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(JSON_STARTS):
        yield from ((claim, True) for claim in _of_json(path, data))
        return
    from claimwright.claims.from_x12.claims import read_claims

    document = document_of(path, data, "837", {"835": "a remittance has no claim form"})
    for transaction in document.transactions():
        if transaction.set_id == "837":
            for read in read_claims(transaction).reads:
                yield read.claim, not any(fault.severity == "reject" for fault in read.faults)


def _of_json(path: Path, data: bytes) -> list[Claim]:
    """Claim nouns: one, a list of them, or lines as `x12 read --json` and `--claims --json` print them."""
    from claimwright.claims.nouns import Claim

    text = data.removeprefix(b"\xef\xbb\xbf")
    try:
        documents = [msgspec.json.decode(text)]
    except msgspec.DecodeError:
        try:
            documents = [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
        except msgspec.DecodeError as error:
            raise Refused(f"{path}: this is no JSON: {error}") from None
    found: list[Claim] = []
    for number, value in enumerate(_claim_values(documents), 1):
        if not isinstance(value, dict) or not value.keys() <= set(Claim.__struct_fields__) or not value:
            raise Refused(
                f"{path}: item {number} is no claim: a claim is what `claimwright x12 read --claims --json` prints"
            )
        try:
            found.append(msgspec.convert(value, Claim, strict=False))
        except msgspec.ValidationError as error:
            raise Refused(f"{path}: item {number} is no claim: {error}") from None
    return found


def _claim_values(documents: list[Any]) -> Iterator[Any]:
    for document in documents:
        if isinstance(document, list):
            yield from _claim_values(document)
        elif isinstance(document, dict) and isinstance(document.get("claim"), dict):
            yield document["claim"]
        elif isinstance(document, dict) and isinstance(document.get("noun"), dict):
            yield from document["noun"].get("claims", [document["noun"]])
        else:
            yield document


def _targets(claims: list[tuple[Path, Claim]], out: Path) -> Iterator[tuple[Path, list[tuple[Path, Claim]]]]:
    """One file for all, or one a claim, named by its control number."""
    if out.suffix.lower() == ".pdf":
        if claims:
            yield out, claims
        return
    used: dict[str, int] = {}
    for path, claim in claims:
        name = _UNSAFE.sub("-", claim.control_number).strip(".-") or "claim"
        used[name] = used.get(name, 0) + 1
        yield out / f"{name}{'' if used[name] == 1 else f'-{used[name]}'}.pdf", [(path, claim)]


def _print(claims: list[Claim], kind: str, data_only: bool, offset: tuple[float, float], on: date | None) -> Printed:
    try:
        from claimwright.documents.claim_forms import FormRefused, print_claims
    except ModuleNotFoundError:
        raise Refused("printing needs reportlab: pip install 'claimwright[web]'") from None
    try:
        return print_claims(claims, kind=kind, data_only=data_only, offset=offset, on=on)
    except FormRefused as reason:
        raise Refused(str(reason)) from None


def _tell(reason: Refused, path: Path, as_json: bool, claims: list[Claim] | None = None) -> bool:
    """Say why a file or claim was not printed; always False: not all could be used."""
    numbers = [claim.control_number for claim in claims or [] if claim.control_number]
    text = str(reason)
    if not text.startswith(str(path)):
        text = f"{path}: {f'claim {numbers[0]}: ' if len(numbers) == 1 else ''}{text}"
    typer.echo(f"claimwright: {text}", err=True)
    if as_json:
        print_json({"file": str(path), "claims": numbers, "error": text})
    return False


def _say(target: Path, printed: Printed, numbers: list[str], as_json: bool) -> None:
    if as_json:
        warnings = [
            {"box": one.box, "kind": one.kind, "length": one.length, "room": one.room, "message": one.says}
            for one in printed.warnings
        ]
        answer: Answer = {"pdf": str(target), "claims": numbers, "pages": printed.pages, "warnings": warnings}
        print_json(answer)
        return
    which = f"claim {numbers[0]}" if len(numbers) == 1 else plural(len(numbers), "claim")
    console.print(f"{target}: {which}, {plural(printed.pages, 'page')}", markup=False, soft_wrap=True)
    for warning in printed.warnings:
        console.print(f"  not whole: {warning.says}", markup=False, soft_wrap=True)
