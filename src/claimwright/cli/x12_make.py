"""`claimwright x12 make`: a synthetic set of linked X12 files. No database, no Django, nobody real."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from claimwright.cli.words import Refused, console, dollars, plural, print_json, table

COPIED = 1 << 20  # bytes at a time


def make(
    seed: Annotated[int, typer.Option(help="The same seed and version give the same bytes.")] = 1,
    claims: Annotated[int, typer.Option(help="Claims to first payers, of all kinds together.")] = 100,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to, new or empty; with --zip the file.", show_default=False)
    ] = None,
    kinds: Annotated[str, typer.Option(help="P professional, I institutional, D dental.")] = "P,I,D",
    day: Annotated[
        str, typer.Option("--date", help="The day the first claims are sent, YYYY-MM-DD; 2026-08-20 when not given.")
    ] = "",
    claims_per_transaction: Annotated[int, typer.Option(help="Claims in one ST, at most 5,000.")] = 1_000,
    single_st: Annotated[
        bool, typer.Option("--single-st", help="All claims of a kind in one ST, from one practice to one payer.")
    ] = False,
    zipped: Annotated[bool, typer.Option("--zip", help="One zip file instead of a folder.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest.")] = False,
) -> None:
    """Make linked, balanced files of invented people: 834, 820, 270/271, 278, 837, TA1, 999, 277CA, 275, 276/277, 835.

    `manifest.json` tells what is in them to the cent, `links.jsonl` where each claim
    went, `transactions.jsonl` what each transaction holds.
    """
    from claimwright.claims.synthetic.sets import DEFAULT_DATE, Options, write_set

    target = out or Path(f"synthetic-{seed}{'.zip' if zipped else ''}")
    options = Options(
        seed=seed,
        claims=claims,
        kinds=tuple(part.strip().upper() for part in kinds.split(",") if part.strip()),
        date=_day(day) if day else DEFAULT_DATE,
        claims_per_transaction=claims_per_transaction,
        single_st=single_st,
    )
    _refuse_what_is_there(target, zipped)
    try:
        if zipped:
            with tempfile.TemporaryDirectory(prefix="claimwright-") as folder:
                manifest = write_set(Path(folder), options)
                write_zip(Path(folder), target, options.date)
        else:
            manifest = write_set(target, options)
    except ValueError as reason:
        raise Refused(str(reason)) from None
    except OSError as reason:
        raise Refused(f"{target}: {reason.strerror or 'cannot be written'}") from None
    if as_json:
        print_json(manifest)
    else:
        _tell(target, manifest)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text}: not a date: write it as 2026-08-20") from None


def _refuse_what_is_there(target: Path, zipped: bool) -> None:
    if zipped and target.exists():
        raise Refused(f"{target}: is there already: choose another name")
    if not zipped and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target}: is there already and not an empty folder: choose another")


def write_zip(folder: Path, target: Path, day: date) -> None:
    """The folder's files in the order of their names, every one dated `day`, so that equal sets are equal zips."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(path.name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as sink:
                while data := source.read(COPIED):
                    sink.write(data)


def _tell(target: Path, manifest: dict[str, Any]) -> None:
    files = manifest["files"]
    rows = [
        (name, told["set"], told.get("guide", ""), f"{told['transactions']:,}", f"{told['bytes']:,}")
        for name, told in sorted(files.items())
    ]
    columns = [
        ("File", "left"), ("Set", "left"), ("Guide", "left"), ("Transactions", "right"), ("Bytes", "right"),
    ]  # fmt: skip
    console.print(table("", columns, rows))
    for kind, totals in manifest["totals"].items():
        if kind == "enrolment":
            continue
        paid, charge = _dollars(totals["paid"]), _dollars(totals["charge"])
        console.print(f"{kind}: {plural(totals['claims'], 'claim')}, charged {charge}, paid {paid}")
    console.print(f"{target}: {plural(len(files), 'file')}, invented throughout; manifest.json has the sums")


def _dollars(cents: int) -> str:
    return dollars(Decimal(cents).scaleb(-2))
