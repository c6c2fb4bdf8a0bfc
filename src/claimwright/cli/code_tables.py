"""What an imported table says of a code, for `claimwright codes show`: fees, NCCI pairs and limits, indexes, providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Any

import msgspec

from claimwright.cli.words import console, plural
from claimwright.codes.add_ons import AddOnTable
from claimwright.codes.coverage_policies import StoredPolicies
from claimwright.codes.diagnosis_notes import Notes
from claimwright.codes.drugs import DrugCrosswalk
from claimwright.codes.fee_tables import FeeTable
from claimwright.codes.library import span
from claimwright.codes.loaders.icd10_text import AlphabeticIndex
from claimwright.codes.procedure_pairs import MappedPairs
from claimwright.codes.provider_rows import MappedProviders
from claimwright.codes.releases import TableRelease
from claimwright.codes.unit_limits import LimitTable

ROWS_SHOWN = 40
INDEX_COLUMNS = ("term", "other_words", "code", "see", "see_also")
NOTE_KINDS = (
    "includes", "inclusionTerm", "excludes1", "excludes2", "codeFirst", "useAdditionalCode", "codeAlso", "sevenChrNote",
    "sevenChrDef",
)  # fmt: skip

Row = dict[str, Any]


class TableAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one release of a table says of a code. `start` inclusive, `end` exclusive, None open."""

    label: str
    start: date | None
    end: date | None
    rows: list[Row]


def table_answers(releases: Sequence[TableRelease], code: str, day: date | None) -> list[TableAnswer]:
    """The rows of a code in each release that speaks for the day, or in all of them; releases without a row left out."""
    found = []
    for release in releases:
        if day is None or release.covers(day):
            rows = [row for row in _rows_of(release.table, code) if _holds(row, day)]
            if rows:
                found.append(TableAnswer(label=release.label, start=release.start, end=release.end, rows=rows))
    return found


def _holds(row: Row, day: date | None) -> bool:
    start, end = row.get("start"), row.get("end")
    return day is None or ((start is None or start <= day) and (end is None or day < end))


def _rows_of(table: Any, code: str) -> list[Row]:
    """Every row of a code. Further words narrow it: a modifier, a locality, the other code of a pair."""
    first, *further = words = code.upper().split() or [""]
    match table:
        case FeeTable():
            keys = ((edition, key) for edition in table.editions for key in edition)
            return [
                _told(edition.row(key)) for edition, key in keys if " ".join(key).upper().split()[: len(words)] == words
            ]
        case MappedPairs():
            others = further or table.column1_codes()
            beneath = chain.from_iterable(table.history(first, other) for other in further or table.terms(first))
            above = chain.from_iterable(table.history(other, first) for other in others)
            return [_told(pair) for pair in chain(beneath, above)]
        case LimitTable() | AddOnTable():
            return [_told(row) for row in table if row.code == first]
        case DrugCrosswalk():
            return [_told(row) for row in table.rows if first in (row.hcpcs, row.ndc)]
        case StoredPolicies():
            return [_told(row) for row in table.rows() if first in row.procedures]
        case AlphabeticIndex():
            return [
                {name: cell for name, cell in zip(INDEX_COLUMNS, row, strict=True) if cell} for row in table.find(code)
            ]
        case MappedProviders():
            return [{"row": row.replace("\t", " | ")} for row in table.find(first)]
        case Notes():
            kinds = ((kind, text) for kind in NOTE_KINDS for text in table.of_code(first.replace(".", ""), kind))
            return [{"kind": kind, "note": text} for kind, text in kinds]
    return []


def _told(row: Any) -> Row:
    return {name: value for name, value in msgspec.structs.asdict(row).items() if value not in (None, "", ())}


def print_answers(set_name: str, code: str, day: date | None, answers: Sequence[TableAnswer]) -> None:
    when = f" on {day}" if day else ""
    if not answers:
        console.print(f"{code}: not in {set_name}{when}", style="bold", markup=False)
    for answer in answers:
        told = f"{code}: {plural(len(answer.rows), 'row')} in {set_name} {answer.label}"
        console.print(f"{told} ({span(answer.start, answer.end)})", style="bold", markup=False)
        for row in answer.rows[:ROWS_SHOWN]:
            console.print(f"  {_line(row)}", markup=False)
        if len(answer.rows) > ROWS_SHOWN:
            console.print(f"  and {len(answer.rows) - ROWS_SHOWN:,} more; --json gives all", markup=False)


def _line(row: Row) -> str:
    told = [f"{name.replace('_', ' ')} {_words(value)}" for name, value in row.items() if name not in ("start", "end")]
    if "start" in row or "end" in row:
        told.append(f"in force {span(row.get('start'), row.get('end'))}")
    return ", ".join(told)


def _words(value: Any) -> str:
    return " ".join(sorted(map(str, value))) if isinstance(value, (frozenset, tuple, list)) else str(value)
