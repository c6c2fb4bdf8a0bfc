"""The files of Medicare's physician fee schedule: relative values, indices, localities, anesthesia, caps, finished fees.

Layouts: CMS, "PFS Relative Value Files" and "PFS National Payment Amount File" (readme of each zip).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from claimwright.codes.fee_files import (
    AnesthesiaFactor,
    BaseUnits,
    CostIndex,
    LocalFee,
    LocalityCounties,
    PostalLocality,
    factor_is_of,
)
from claimwright.codes.fee_tables import FeeRow
from claimwright.codes.library_shapes import Refusals
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.fees_reading import UNCHANGED, Cells, FeeFile, loader_of, names
from claimwright.codes.relative_values import RelativeValue

_STATUS = frozenset("ABCDEFGHIJLMNPQRTX")
_GLOBAL = frozenset(("000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"))
_TENTH = Decimal("0.02")  # totals are rounded of sums that the file shows rounded
_ONE = Decimal(1)

RELATIVE_VALUE_COLUMNS = {
    "code": names("HCPCS"),
    "modifier": names("MOD", "MODIFIER"),
    "status": names("STATUS CODE"),
    "work": names("WORK RVU"),
    "nonfacility_expense": names("NON-FAC PE RVU", "NON-FACILITY PE RVU"),
    "nonfacility_na": names("NON-FAC NA INDICATOR", "NON-FAC INDICATOR"),
    "facility_expense": names("FACILITY PE RVU"),
    "facility_na": names("FACILITY NA INDICATOR", "FACILITY INDICATOR"),
    "malpractice": names("MP RVU"),
    "nonfacility_total": names("NON-FACILITY TOTAL"),
    "facility_total": names("FACILITY TOTAL"),
    "pc_tc": names("PCTC IND"),
    "global_days": names("GLOB DAYS"),
    "preoperative": names("PRE OP"),
    "intraoperative": names("INTRA OP"),
    "postoperative": names("POST OP"),
    "multiple_procedure": names("MULT PROC"),
    "bilateral": names("BILAT SURG"),
    "assistant": names("ASST SURG"),
    "co_surgeon": names("CO- SURG"),
    "team": names("TEAM SURG"),
    "endoscopy_base": names("ENDO BASE"),
    "conversion_factor": names("CONV FACTOR"),
    "supervision": names("PHYSICIAN SUPERVISION OF DIAGNOSTIC PROCEDURES"),
    "calculation_flag": names("CALCULATION FLAG"),
    "imaging_family": names("DIAGNOSTIC IMAGING FAMILY INDICATOR"),
    "outpatient_nonfacility_expense": names("NON-FACILITY PE USED FOR OPPS PAYMENT AMOUNT"),
    "outpatient_facility_expense": names("FACILITY PE USED FOR OPPS PAYMENT AMOUNT"),
    "outpatient_malpractice": names("MP USED FOR OPPS PAYMENT AMOUNT"),
}
_INDICATORS = {
    "pc_tc": frozenset("0123456789"),
    "multiple_procedure": frozenset("012345679"),
    "bilateral": frozenset("01239"),
    "assistant": frozenset("0129"),
    "co_surgeon": frozenset("0129"),
    "team": frozenset("0129"),
}


def relative_value(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    """One row of PPRRVU, its indicators and its totals checked: a column too far shows in them."""
    cells = Cells(by_field, line, refusals)
    row = RelativeValue(
        code=cells.code(),
        modifier=cells.modifier(),
        status=cells.one_of("status", _STATUS),
        work=cells.number("work"),
        nonfacility_expense=cells.number("nonfacility_expense"),
        facility_expense=cells.number("facility_expense"),
        malpractice=cells.number("malpractice"),
        nonfacility_na=cells.text("nonfacility_na").upper() == "NA",
        facility_na=cells.text("facility_na").upper() == "NA",
        global_days=cells.one_of("global_days", _GLOBAL, "XXX"),
        preoperative=cells.number("preoperative", highest=_ONE),
        intraoperative=cells.number("intraoperative", highest=_ONE),
        postoperative=cells.number("postoperative", highest=_ONE),
        endoscopy_base=cells.text("endoscopy_base"),
        conversion_factor=cells.number("conversion_factor", highest=Decimal(200)),
        supervision=cells.text("supervision").zfill(2),
        calculation_flag=cells.text("calculation_flag") or "0",
        imaging_family=cells.text("imaging_family").zfill(2),
        outpatient_nonfacility_expense=cells.amount("outpatient_nonfacility_expense") or Decimal(0),
        outpatient_facility_expense=cells.amount("outpatient_facility_expense") or Decimal(0),
        outpatient_malpractice=cells.amount("outpatient_malpractice") or Decimal(0),
        **{field: cells.one_of(field, known, "9") for field, known in _INDICATORS.items()},
    )
    for facility, field in ((False, "nonfacility_total"), (True, "facility_total")):
        total = cells.amount(field)
        if total is not None and abs(total - row.total(facility)) > _TENTH and not cells.wrong:
            cells.tell(field, f"{total} is not the sum of work, expense and malpractice ({row.total(facility)})")
    return None if cells.wrong else row


def by_conversion_factor(rows: Sequence[FeeRow], start: date, end: date) -> str:
    """A file under the name of another year shows in its conversion factor, where that is known and of other days."""
    factors = {row.conversion_factor for row in rows if isinstance(row, RelativeValue) and row.conversion_factor}
    if len(factors) != 1:
        return ""
    (factor,) = factors
    times = factor_is_of(factor)
    if not times or any((time.start or date.min) < end and start < (time.end or date.max) for time in times):
        return ""
    return f"its conversion factor {factor} is that from {times[0].start} to before {times[0].end}"


RELATIVE_VALUES_FILE = FeeFile(
    set_name="relative_values",
    reads="CMS PPRRVU: relative values of the physician fee schedule (CSV or workbook)",
    columns=RELATIVE_VALUE_COLUMNS,
    required=tuple(
        field
        for field in RELATIVE_VALUE_COLUMNS
        if not field.startswith("outpatient_") and not field.endswith("_total")
    ),
    make=relative_value,
    is_of=by_conversion_factor,
)


def cost_index(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    low, high = Decimal("0.1"), Decimal(4)
    row = CostIndex(
        carrier=cells.padded("carrier", 5),
        locality=cells.padded("locality", 2),
        state=cells.text("state").upper(),
        name=re.sub(r"\*+", "", cells.text("name")).strip(),
        work=cells.number("work", lowest=low, highest=high),
        expense=cells.number("expense", lowest=low, highest=high),
        malpractice=cells.number("malpractice", lowest=low, highest=high),
    )
    return None if cells.wrong else row


# Their titles carry the year ("2026 PW GPCI (with 1.0 Floor)***"), so they are matched without it.
_GPCI = tuple(str(year) for year in range(2020, 2041))
COST_INDICES_FILE = FeeFile(
    set_name="cost_indices",
    reads="CMS GPCIyyyy: geographic practice cost indices by locality (CSV or workbook)",
    columns={
        "carrier": names("Medicare Administrative Contractor (MAC)", "MAC", "Contractor"),
        "state": names("State"),
        "locality": names("Locality Number"),
        "name": names("Locality Name"),
        "work": names(
            "PW GPCI", "gpci_work", "PW GPCI (with 1.0 Floor)",
            *(f"{year} PW GPCI{floor}" for year in _GPCI for floor in ("", " (with 1.0 Floor)")),
        ),
        "expense": names("PE GPCI", "gpci_pe", *(f"{year} PE GPCI" for year in _GPCI)),
        "malpractice": names("MP GPCI", "gpci_mp", *(f"{year} MP GPCI" for year in _GPCI)),
    },
    required=("carrier", "state", "locality", "work", "expense", "malpractice"),
    make=cost_index,
    quarterly=False,
)  # fmt: skip


def counties(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    if not any(by_field.get(field, "").strip("*").strip().isdigit() for field in ("carrier", "locality")):
        return None  # a state's name alone on a line, or a footnote
    cells = Cells(by_field, line, refusals)
    row = LocalityCounties(
        carrier=cells.padded("carrier", 5),
        locality=cells.padded("locality", 2),
        state=cells.text("state").upper(),
        area=cells.text("area"),
        counties=cells.text("counties"),
    )
    return None if cells.wrong else row


COUNTIES_FILE = FeeFile(
    set_name="locality_counties",
    reads="CMS yyLOCCO: counties of each payment locality (CSV or workbook)",
    columns={
        "carrier": names("Medicare Administrative Contractor", "Medicare Administrative Contractor (MAC)", "MAC"),
        "locality": names("Locality Number", "Locality"),
        "state": names("State"),
        "area": names("Fee Schedule Area"),
        "counties": names("Counties"),
    },
    required=("carrier", "locality", "area", "counties"),
    make=counties,
    quarterly=False,
)


def postal_locality(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    row = PostalLocality(
        postal_code=cells.padded("postal_code", 5),
        carrier=cells.padded("carrier", 5),
        locality=cells.padded("locality", 2),
        state=cells.text("state").upper(),
        rural=cells.text("rural").upper(),
        needs_plus_four=cells.text("plus_four") not in ("", "0", "N"),
    )
    return None if cells.wrong else row


POSTAL_FILE = FeeFile(
    set_name="postal_localities",
    reads="CMS ZIP5: payment locality of each ZIP (workbook or CSV)",
    columns={
        "state": names("STATE"),
        "postal_code": names("ZIP CODE"),
        "carrier": names("CARRIER"),
        "locality": names("LOCALITY"),
        "rural": names("RURAL IND"),
        "plus_four": names("PLUS 4 FLAG"),
    },
    required=("state", "postal_code", "carrier", "locality", "plus_four"),
    make=postal_locality,
)


def anesthesia_factor(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    row = AnesthesiaFactor(
        carrier=cells.padded("carrier", 5),
        locality=cells.padded("locality", 2),
        factor=cells.number("factor", lowest=Decimal(1), highest=Decimal(200)),
        qualifying_factor=cells.price("qualifying_factor"),
    )
    return None if cells.wrong else row


ANESTHESIA_FILE = FeeFile(
    set_name="anesthesia_factors",
    reads="CMS ANESyyyy: anesthesia conversion factor of each locality (CSV or workbook)",
    columns={
        "carrier": names("Contractor", "Carrier", "MAC"),
        "locality": names("Locality", "Locality Number"),
        "factor": names(
            "Anesthesia Conversion Factor", "anesthesia_conv_factor", "Anesthesia CF", "Non-Qualifying APM CF",
            "Conversion Factor", "National Anesthesia Conversion Factor",
        ),
        "qualifying_factor": names("Qualifying APM CF", "Qualifying APM Conversion Factor"),
    },
    required=("carrier", "locality", "factor"),
    make=anesthesia_factor,
    quarterly=False,
)  # fmt: skip


def base_units(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    row = BaseUnits(code=cells.code(), units=cells.number("units", highest=Decimal(60)))
    return None if cells.wrong else row


BASE_UNITS_FILE = FeeFile(
    set_name="anesthesia_base_units",
    reads="CMS anesthesia base units by code (CSV or workbook)",
    columns={
        "code": names("Code", "CPT Code", "HCPCS", "HCPCS Code", "CPT Anesthesia Code"),
        "units": names("Base Unit", "Base Units", "Anesthesia Base Units", "ASA Base Units"),
    },
    required=("code", "units"),
    make=base_units,
    quarterly=False,
)


def outpatient_cap(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    row = LocalFee(
        carrier=cells.padded("carrier", 5),
        locality=cells.padded("locality", 2),
        code=cells.code(),
        modifier=cells.modifier(),
        status=cells.text("status"),
        facility=cells.price("facility"),
        nonfacility=cells.price("nonfacility"),
    )
    return None if cells.wrong else row


OUTPATIENT_CAPS_FILE = FeeFile(
    set_name="outpatient_caps",
    reads="CMS OPPSCAP: outpatient cap on imaging by locality (CSV or workbook)",
    columns={
        "code": names("HCPCS"),
        "modifier": names("MOD"),
        "status": names("PROCSTAT"),
        "carrier": names("CARRIER"),
        "locality": names("LOCALITY"),
        "facility": names("FACILITY PRICE"),
        "nonfacility": names("NON-FACILITY PRICE"),
    },
    required=("code", "carrier", "locality", "facility", "nonfacility"),
    make=outpatient_cap,
)

# PFyyyy has no header: the cells by place. Its last line is a notice (TRL or words), which is no row.
_CARRIER_PLACES = {"year": 0, "carrier": 1, "locality": 2, "code": 3, "modifier": 4, "nonfacility": 5, "facility": 6}
_CARRIER_ROW = re.compile(
    rb'\s*"?20[0-9]{2}"?,"?[0-9]{5}"?,"?[0-9]{2}"?,"?[0-9A-Z]{5}"?,"?[0-9A-Z ]{0,2}"?,"?[0-9.]+"?,'
)


def carrier_cells(source: Source, refusals: Refusals) -> Iterator[tuple[int, dict[str, str]]]:
    year = ""
    for line, text in source.lines():
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(text)), [])]
        if not any(cells) or cells[0].upper().startswith(("TRL", "CPT")):
            continue
        if len(cells) < 10:
            refusals.add("the row is cut off", f"download the file again, and {UNCHANGED}", line=line)
            continue
        year = year or cells[0]
        if cells[0] != year:
            refusals.add(f"the row is of {cells[0]}, those before of {year}", "import one year at a time", line=line)
            continue
        yield line, {**{field: cells[at] for field, at in _CARRIER_PLACES.items()}, "status": cells[9]}


CARRIER_FILE = FeeFile(
    set_name="carrier_fees",
    reads="CMS PFyyyy: finished physician fees by carrier and locality (comma-separated text)",
    columns={},
    required=(),
    make=outpatient_cap,
    quarterly=False,
    rows=carrier_cells,
)


def _is_carrier_file(name: str, head: bytes) -> bool:
    return bool(_CARRIER_ROW.match(head))


RELATIVE_VALUES = loader_of(RELATIVE_VALUES_FILE, "pprrvu", rank=2)
COST_INDICES = loader_of(COST_INDICES_FILE, "gpci")
COUNTIES = loader_of(COUNTIES_FILE, "locality-counties")
POSTAL = loader_of(POSTAL_FILE, "zip5", rank=1)
ANESTHESIA = loader_of(ANESTHESIA_FILE, "anesthesia-factors")
BASE_UNITS = loader_of(BASE_UNITS_FILE, "anesthesia-base-units", rank=-1)
OUTPATIENT_CAPS = loader_of(OUTPATIENT_CAPS_FILE, "oppscap", rank=1)
CARRIER = loader_of(CARRIER_FILE, "carrier-fees", recognises=_is_carrier_file)
