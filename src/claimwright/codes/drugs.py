"""Drugs on a claim: the NDC as billed, the units it is counted in, and the crosswalk from HCPCS to NDC by date.

The crosswalk is the user's own file or CMS's quarterly "ASP NDC-HCPCS crosswalk": none is shipped. A package is what is
opened for a patient, usually a vial. HCPCS units and NDC quantity differ: 4 vials (UN 4) of 10 HCPCS units each are 40.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Protocol, runtime_checkable

import msgspec

from claimwright.codes.identifiers import Ndc

# CTP05 of the 837: international unit, gram, milligram, millilitre, unit.
NDC_UNITS = frozenset(("F2", "GR", "ME", "ML", "UN"))

# CMS JW/JZ policy, Pub. 100-04 chapter 17, 40: claims for single-dose containers carry JW or JZ from this day on.
WASTE_REPORTING_REQUIRED_FROM = date(2023, 7, 1)
WASTE, NO_WASTE = "JW", "JZ"

COLUMNS = (
    *("hcpcs", "ndc", "unit", "package_quantity", "units_per_package", "single_dose"),
    *("dose_per_unit", "dose_unit", "start", "end"),
)
_REQUIRED = ("hcpcs", "ndc", "package_quantity", "units_per_package")
# CMS's own column names, as its file has them; the first carries a year and is matched by its end.
_CMS_NAMES = {
    "ndc2": "ndc",
    "pkg size": "package_quantity",
    "billunits": "units_per_package",
    "hcpcs dosage": "dosage",
}
_HCPCS = re.compile(r"[A-Z0-9][0-9]{3}[0-9A-Z]\Z")
_DOSAGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)")
_DIGITS = re.compile(r"[0-9]{10}\Z")
_YES_NO = {"Y": True, "YES": True, "1": True, "N": False, "NO": False, "0": False, "": None}


def ndc_candidates(text: str) -> tuple[Ndc, ...]:
    """Every eleven-digit NDC that `text` can stand for, in 5-4-2 form without hyphens.

    With hyphens, or with eleven digits, there is one. Ten bare digits are one of 4-4-2, 5-3-2 and 5-4-1: three
    candidates, to be told apart by the crosswalk or by a person, never guessed. Anything else gives none.
    """
    bare = text.strip().upper()
    if _DIGITS.match(bare):
        return tuple(dict.fromkeys((Ndc("0" + bare), Ndc(f"{bare[:5]}0{bare[5:]}"), Ndc(f"{bare[:9]}0{bare[9:]}"))))
    found = Ndc.from_label(bare)
    return (found,) if found.is_valid else ()


def hyphenated(ndc: str) -> str:
    """Eleven digits as people read them: 5-4-2. Other text comes back as it is."""
    return f"{ndc[:5]}-{ndc[5:9]}-{ndc[9:]}" if Ndc(ndc).is_valid else ndc


class DrugRow(msgspec.Struct, frozen=True, kw_only=True):
    """One NDC under one HCPCS code. `start` inclusive, `end` exclusive, None open.

    `package_quantity` is how much of `unit` one package holds (10 ML, 1 UN), `units_per_package` how many HCPCS units
    that is. `single_dose` None: the file does not say. `dose_per_unit` of `dose_unit` is what one HCPCS unit means.
    """

    hcpcs: str
    ndc: Ndc
    unit: str = ""  # F2, GR, ME, ML, UN; blank where the file does not say
    package_quantity: Decimal
    units_per_package: Decimal
    single_dose: bool | None = None
    dose_per_unit: Decimal | None = None
    dose_unit: str = ""
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    @property
    def units_per_quantity(self) -> Decimal:
        """HCPCS units in one NDC unit: the factor between CTP04 and SV104."""
        return self.units_per_package / self.package_quantity

    def units_of(self, quantity: Decimal) -> Decimal:
        """HCPCS units of an NDC quantity, not rounded."""
        return quantity * self.units_per_package / self.package_quantity

    def quantity_of(self, units: Decimal) -> Decimal:
        """NDC quantity of HCPCS units, to three places as CTP04 carries it."""
        return (units * self.package_quantity / self.units_per_package).quantize(Decimal("0.001"))

    def units_agree(self, units: Decimal, quantity: Decimal) -> bool:
        """Whether billed units fit the NDC quantity: a part of a unit is billed as a whole one, no more.

        The quantity may carry three places only, so half of the last place is allowed either way.
        """
        slack = self.units_of(Decimal("0.0005"))
        exact = self.units_of(quantity)
        return exact - slack <= units <= (exact - slack).to_integral_value(ROUND_CEILING) or abs(units - exact) <= slack


@runtime_checkable
class Drugs(Protocol):
    """What edits ask of a crosswalk, or of several by their dates."""

    def covers(self, on: date) -> bool: ...

    def row(self, hcpcs: str, ndc: str, on: date) -> DrugRow | None: ...

    def of_ndc(self, ndc: str, on: date) -> tuple[DrugRow, ...]: ...

    def knows_hcpcs(self, hcpcs: str) -> bool: ...

    def knows_ndc(self, ndc: str) -> bool: ...

    def is_single_dose(self, hcpcs: str, on: date, ndc: str = "") -> bool | None: ...

    def normalize(self, text: str, on: date, hcpcs: str = "") -> Ndc | None: ...


class DrugCrosswalk:
    """Rows by HCPCS and by NDC, asked by date of service."""

    __slots__ = ("_by_hcpcs", "_by_ndc", "end", "start")

    def __init__(self, rows: Iterable[DrugRow] = (), start: date | None = None, end: date | None = None) -> None:
        self.start, self.end = start, end
        self._by_hcpcs: dict[str, list[DrugRow]] = {}
        self._by_ndc: dict[str, list[DrugRow]] = {}
        for row in rows:
            self._by_hcpcs.setdefault(row.hcpcs, []).append(row)
            self._by_ndc.setdefault(row.ndc, []).append(row)

    def covers(self, on: date) -> bool:
        """Whether the crosswalk speaks for the day at all. Its rows may hold for less."""
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    @property
    def rows(self) -> tuple[DrugRow, ...]:
        return tuple(row for rows in self._by_ndc.values() for row in rows)

    def row(self, hcpcs: str, ndc: str, on: date) -> DrugRow | None:
        """The row of this NDC under this code on the date of service, or None."""
        for row in self._by_ndc.get(ndc, ()):
            if row.hcpcs == hcpcs and row.holds(on):
                return row
        return None

    def of_hcpcs(self, hcpcs: str, on: date) -> tuple[DrugRow, ...]:
        return tuple(row for row in self._by_hcpcs.get(hcpcs, ()) if row.holds(on))

    def of_ndc(self, ndc: str, on: date) -> tuple[DrugRow, ...]:
        return tuple(row for row in self._by_ndc.get(ndc, ()) if row.holds(on))

    def knows_hcpcs(self, hcpcs: str) -> bool:
        """Whether the code is a drug of this file on any date."""
        return hcpcs in self._by_hcpcs

    def knows_ndc(self, ndc: str) -> bool:
        return ndc in self._by_ndc

    def is_single_dose(self, hcpcs: str, on: date, ndc: str = "") -> bool | None:
        """Whether the drug comes in single-dose containers; None where the rows differ or do not say.

        With an NDC the answer is that row's; without, all rows of the code must agree.
        """
        if ndc:
            found = self.row(hcpcs, ndc, on)
            return None if found is None else found.single_dose
        kinds = {row.single_dose for row in self.of_hcpcs(hcpcs, on)}
        return kinds.pop() if len(kinds) == 1 else None

    def normalize(self, text: str, on: date, hcpcs: str = "") -> Ndc | None:
        """The one NDC that `text` stands for: by its form, or by which candidate the file has. None if still open."""
        candidates = ndc_candidates(text)
        if len(candidates) == 1:
            return candidates[0]
        known = [ndc for ndc in candidates if any(not hcpcs or row.hcpcs == hcpcs for row in self.of_ndc(ndc, on))]
        return known[0] if len(known) == 1 else None

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._by_ndc.values())


class DrugFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one row of a crosswalk. Rows count as a spreadsheet shows them: the header is row 1."""

    row: int
    column: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.message}; {self.fix}"


def load_drug_crosswalk(
    data: bytes, *, start: date | None = None, end: date | None = None
) -> tuple[DrugCrosswalk, tuple[DrugFault, ...]]:
    """A crosswalk from a CSV with the columns of `COLUMNS`, or CMS's own, and everything that is wrong with it.

    `start` and `end` are the quarter of a file whose rows carry no dates. Good rows are loaded beside bad ones; the
    caller decides whether to refuse. Columns but hcpcs, ndc, package_quantity and units_per_package may be absent.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return DrugCrosswalk(), (_fault(1, "file", "not UTF-8 text", "save the sheet as CSV UTF-8"),)
    lines = list(csv.reader(io.StringIO(text, newline="")))
    top = next((number for number, cells in enumerate(lines) if is_header(cells)), None)
    if top is None:
        fix = "one row must name the columns " + ", ".join(COLUMNS)
        return DrugCrosswalk(), (_fault(1, "header", "no header found", fix),)
    names = [_name(cell) for cell in lines[top]]
    faults: list[DrugFault] = []
    rows: list[DrugRow] = []
    seen: dict[tuple[str, str], list[tuple[int, DrugRow]]] = {}
    for number, cells in enumerate(lines[top + 1 :], top + 2):
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
        made = _row(number, values, start, end, faults)
        if made is None:
            continue
        clash = _clash(made, seen.get((made.hcpcs, made.ndc), ()))
        if clash:
            fix = f"end row {clash} where this one starts, or remove one"
            faults.append(_fault(number, "ndc", f"the same code and NDC hold on one day in row {clash}", fix))
            continue
        seen.setdefault((made.hcpcs, made.ndc), []).append((number, made))
        rows.append(made)
    return DrugCrosswalk(rows), tuple(faults)


def _name(cell: str) -> str:
    lowered = cell.strip().lower()
    if lowered.endswith("_code"):  # CMS: _2026_CODE
        return "hcpcs"
    return _CMS_NAMES.get(lowered, lowered)


def is_header(cells: list[str]) -> bool:
    """Whether a row names the columns that a crosswalk needs, by our names or CMS's."""
    names = {_name(cell) for cell in cells}
    return all(column in names for column in _REQUIRED)


def _clash(made: DrugRow, others: Iterable[tuple[int, DrugRow]]) -> int:
    for number, other in others:
        begins_before = other.end is None or made.start is None or made.start < other.end
        ends_after = made.end is None or other.start is None or other.start < made.end
        if begins_before and ends_after:
            return number
    return 0


def _fault(row: int, column: str, message: str, fix: str) -> DrugFault:
    return DrugFault(row=row, column=column, message=message, fix=fix)


def _row(
    number: int, values: Mapping[str, str], start: date | None, end: date | None, faults: list[DrugFault]
) -> DrugRow | None:
    before = len(faults)
    hcpcs = values.get("hcpcs", "").upper()
    if not _HCPCS.match(hcpcs):
        fix = "five characters; format the column as text so that leading zeros and letters stay"
        faults.append(_fault(number, "hcpcs", "no procedure code", fix))
    candidates = ndc_candidates(values.get("ndc", ""))
    if len(candidates) != 1:
        fix = "write eleven digits, or the label's form with hyphens; format the column as text"
        faults.append(_fault(number, "ndc", "no single NDC" if candidates else "no NDC", fix))
    unit = values.get("unit", "").upper()
    if unit and unit not in NDC_UNITS:
        faults.append(_fault(number, "unit", "unknown unit", "one of " + ", ".join(sorted(NDC_UNITS))))
    package = _amount(number, "package_quantity", values, faults)
    units = _amount(number, "units_per_package", values, faults)
    single = values.get("single_dose", "").upper()
    if single not in _YES_NO:
        faults.append(_fault(number, "single_dose", "neither yes nor no", "write Y, N, or leave it empty"))
    dose, dose_unit = _dose(number, values, faults)
    first = _date(number, "start", values, start, faults)
    last = _date(number, "end", values, end, faults)
    if first and last and last <= first:
        faults.append(_fault(number, "end", "not after start", "end is the first day the row no longer holds"))
    if len(faults) > before or package is None or units is None:
        return None
    return DrugRow(
        hcpcs=hcpcs,
        ndc=candidates[0],
        unit=unit,
        package_quantity=package,
        units_per_package=units,
        single_dose=_YES_NO[single],
        dose_per_unit=dose,
        dose_unit=dose_unit,
        start=first,
        end=last,
    )


def _amount(number: int, column: str, values: Mapping[str, str], faults: list[DrugFault]) -> Decimal | None:
    try:
        found = Decimal(values.get(column, "").replace(",", ""))
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or found <= 0:
        faults.append(_fault(number, column, "no quantity above zero", "write a number such as 10 or 0.5"))
        return None
    return found


def _dose(number: int, values: Mapping[str, str], faults: list[DrugFault]) -> tuple[Decimal | None, str]:
    """What one HCPCS unit means: own columns, or the first amount of CMS's dosage text."""
    if values.get("dose_per_unit"):
        return _amount(number, "dose_per_unit", values, faults), values.get("dose_unit", "").upper()
    found = _DOSAGE.match(values.get("dosage", ""))
    return (Decimal(found[1]), found[2].upper()) if found and Decimal(found[1]) > 0 else (None, "")


def _date(
    number: int, column: str, values: Mapping[str, str], default: date | None, faults: list[DrugFault]
) -> date | None:
    text = values.get(column, "")
    if not text:
        return default
    try:
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    faults.append(_fault(number, column, "no date", "write YYYY-MM-DD"))
    return None
