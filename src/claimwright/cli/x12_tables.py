"""`claimwright x12 to-parquet`: claims, payments, acknowledgements and benefits as typed tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from claimwright.cli.words import Refused, plural, print_json
from claimwright.cli.x12_columns import (
    ADJUSTMENTS,
    DAY,
    MONEY,
    TABLES,
    TEXT,
    TEXTS,
    WHOLE,
    WHOLES,
    YES,
    Named,
    Row,
    acknowledgement_rows,
    benefit_rows,
    claim_rows,
    payment_of,
    payment_rows,
)
from claimwright.cli.x12_sources import Force, Json, Only, Paths, Source, each_source, say

ROWS_IN_A_GROUP = 20_000
DIGITS, DECIMALS = 19, 4
WHOLE_TRANSACTIONS = ("277CA", "271")


def to_parquet(
    files: Paths,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tables.", metavar="FOLDER")],
    only: Only = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write what X12 files hold as Parquet tables: one row a claim and one a line, decimals and dates typed.

    claims and claim_lines (837), payments and payment_lines (835), acknowledgements and acknowledgement_lines (277CA),
    benefits (271). Needs the extra claimwright[parquet]. Exit status 2 when a file is not there or not X12.
    """
    _refuse_without_pyarrow()
    tables = Tables(out, force)
    numbers = count(1)

    def one(source: Source, meter: Callable[[int], None]) -> None:
        nonlocal numbers
        numbers = count(1)
        for name, row in _rows(source, lambda: next(numbers), meter):
            tables.add(name, row)

    try:
        usable = each_source(files, only, as_json, one)
        written = tables.finish()
    finally:
        tables.discard()
    if as_json:
        print_json({"tables": written, "values_left_out": tables.left_out})
    else:
        for path, rows in written.items():
            say(f"{path}: {plural(rows, 'row')}")
        if not written:
            say("No claim, payment, acknowledgement or benefit was found: no table is written.")
        if tables.left_out:
            say(f"{plural(tables.left_out, 'amount')} of more than {DECIMALS} decimals left empty", "yellow")
    raise typer.Exit(0 if usable else 2)


def _refuse_without_pyarrow() -> None:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise Refused("to-parquet needs pyarrow: pip install 'claimwright[parquet]'")


def _rows(source: Source, number: Callable[[], int], meter: Callable[[int], None]) -> Iterator[Named]:
    """All rows of a file, in the memory of one claim; 277CA and 271 by the transaction."""
    from claimwright.cli.x12_nouns import claims_of
    from claimwright.x12.passing import stream_records

    data = b"" if source.rereadable else source.read()
    kinds: set[str] = set()
    payment: Row = {}
    last: object = None
    with source.open(meter) if source.rereadable else BytesIO(data) as file:
        for kind, record, noun, _ in claims_of(_noted(stream_records(file), kinds)):
            place = {
                "file": source.name, "transaction": record.transaction.control_number.strip(), "position": number(),
            }  # fmt: skip
            if kind != "835":
                yield from claim_rows(place, kind, noun)
                continue
            if record.transaction is not last:
                last, payment = record.transaction, payment_of(record.root)
            yield from payment_rows(place, payment, noun)
    if kinds & set(WHOLE_TRANSACTIONS):
        with source.open() if source.rereadable else BytesIO(data) as file:
            yield from _whole(source, file, number)


def _noted(records: Iterator[Any], kinds: set[str]) -> Iterator[Any]:
    """The records, and on the way what kinds there are."""
    from claimwright.cli.x12_sources import kind_of

    for record in records:
        kinds.add(kind_of(record.guide))
        yield record


def _whole(source: Source, file: BinaryIO, number: Callable[[], int]) -> Iterator[Named]:
    from claimwright.cli.x12_nouns import reading_of
    from claimwright.cli.x12_sources import kind_of_transaction
    from claimwright.x12.reader import stream_transactions

    for transaction in stream_transactions(file):
        kind = kind_of_transaction(transaction)
        if kind not in WHOLE_TRANSACTIONS:
            continue
        place = {"file": source.name, "transaction": transaction.control_number.strip()}
        for noun, _ in reading_of(kind, transaction):
            yield from (acknowledgement_rows if kind == "277CA" else benefit_rows)(place, number, noun)


class Tables:
    """Parquet files that grow by groups of rows and take their names at the end."""

    def __init__(self, folder: Path, force: bool) -> None:
        self._folder = folder
        self._columns: dict[str, dict[str, list[Any]]] = {}
        self._writers: dict[str, Any] = {}
        self._rows: dict[str, int] = {}
        self.left_out = 0
        if not force:
            for name in TABLES:
                if self._path(name).exists():
                    raise Refused(f"{self._path(name)}: is there already: choose another folder, or --force")

    def add(self, name: str, row: Row) -> None:
        columns = self._columns.get(name)
        if columns is None:
            columns = self._columns[name] = {column: [] for column in TABLES[name]}
        for column, kind in TABLES[name].items():
            value = row.get(column)
            if kind == MONEY and value is not None and not _fits(value):
                self.left_out += 1
                value = None
            columns[column].append(value)
        self._rows[name] = self._rows.get(name, 0) + 1
        if self._rows[name] % ROWS_IN_A_GROUP == 0:
            self._flush(name)

    def finish(self) -> dict[str, int]:
        """Write what is left; the tables by path with their numbers of rows."""
        for name in self._columns:
            self._flush(name)
        for name, writer in self._writers.items():
            writer.close()
            self._part(name).replace(self._path(name))
        written = {str(self._path(name)): self._rows[name] for name in TABLES if name in self._writers}
        self._writers.clear()
        return written

    def discard(self) -> None:
        """What was begun and not finished."""
        for name, writer in self._writers.items():
            writer.close()
            self._part(name).unlink(missing_ok=True)

    def _flush(self, name: str) -> None:
        columns = self._columns[name]
        if not next(iter(columns.values())):
            return
        import pyarrow
        import pyarrow.parquet

        schema = schema_of(name)
        try:
            if name not in self._writers:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._writers[name] = pyarrow.parquet.ParquetWriter(self._part(name), schema, compression="zstd")
            self._writers[name].write_table(pyarrow.Table.from_pydict(columns, schema))
        except OSError as error:
            raise Refused(f"{self._path(name)}: {error.strerror or 'cannot be written'}") from None
        for values in columns.values():
            values.clear()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.parquet"

    def _part(self, name: str) -> Path:
        return self._folder / f".{name}.parquet.part"


def _fits(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DECIMALS and value.adjusted() < DIGITS - DECIMALS


def schema_of(name: str) -> Any:
    """The Arrow schema of a table."""
    import pyarrow

    money = pyarrow.decimal128(DIGITS, DECIMALS)
    adjustment = pyarrow.struct(
        [("group", pyarrow.string()), ("reason", pyarrow.string()), ("amount", money), ("quantity", money)]
    )
    types = {
        TEXT: pyarrow.string(), TEXTS: pyarrow.list_(pyarrow.string()), WHOLE: pyarrow.int64(),
        WHOLES: pyarrow.list_(pyarrow.int64()), MONEY: money, DAY: pyarrow.date32(), YES: pyarrow.bool_(),
        ADJUSTMENTS: pyarrow.list_(adjustment),
    }  # fmt: skip
    return pyarrow.schema([(column, types[kind]) for column, kind in TABLES[name].items()])
