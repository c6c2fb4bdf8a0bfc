"""Medicare's other fee files: clinical laboratory, equipment (DMEPOS), hospital outpatient and surgery centre rates.

Layouts: CMS, CLFS public use file, DMEPOS fee schedule, OPPS Addendum B, ASC Addenda AA and BB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimwright.codes.fee_files import EquipmentFee, LaboratoryFee, OutpatientRate, SurgeryCenterRate
from claimwright.codes.fee_tables import FeeRow
from claimwright.codes.library_shapes import Refusals
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.cells import read_date
from claimwright.codes.loaders.fees_reading import (
    HEADER_WITHIN,
    UNCHANGED,
    Cells,
    FeeFile,
    is_note,
    loader_of,
    names,
    squeeze,
)

_MONTHS = ("January", "April", "July", "October", "Jan", "Apr", "Jul", "Oct")


def laboratory_fee(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    effective = None
    try:
        effective = read_date(cells.text("effective"))
    except ValueError as problem:
        cells.tell("effective", str(problem))
    row = LaboratoryFee(
        code=cells.code(),
        modifier=cells.modifier(),
        rate=cells.price("rate"),
        indicator=cells.text("indicator").upper(),
        effective=effective,
    )
    return None if cells.wrong else row


LABORATORY_FILE = FeeFile(
    set_name="laboratory_fees",
    reads="CMS CLFS: clinical laboratory fee schedule (CSV or workbook)",
    columns={
        "year": names("YEAR"),
        "code": names("HCPCS"),
        "modifier": names("MOD"),
        "effective": names("EFF_DATE"),
        "indicator": names("INDICATOR"),
        "rate": names("RATE"),
    },
    required=("code", "modifier", "effective", "rate"),
    make=laboratory_fee,
)


# DMEPOS --------------------------------------------------------------------------------------------------------------

_STATE = re.compile(r"([A-Z]{2})\s*(?:\((NR|R)\))?\Z")
_EQUIPMENT = {
    "code": names("HCPCS"),
    "modifier": names("Mod"),
    "second_modifier": names("Mod2"),
    "jurisdiction": names("JURIS"),
    "category": names("CATG"),
    "ceiling": names("Ceiling"),
    "floor": names("Floor"),
}


def equipment_cells(source: Source, refusals: Refusals) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with the columns of all states folded into one: "AL=12.34/11.00;AK=..."."""
    known: dict[str, int] = {}
    states: list[tuple[int, str, bool]] = []
    width = 0
    for line, cells in source.rows():
        if not known:
            squeezed = [squeeze(cell) for cell in cells]
            if "HCPCS" in squeezed and "JURIS" in squeezed:
                known = {
                    field: at
                    for field, group in _EQUIPMENT.items()
                    for at, cell in enumerate(squeezed)
                    if cell in group
                }
                states = [
                    (at, found[1], found[2] == "R")
                    for at, cell in enumerate(cells)
                    if at > known["jurisdiction"] and (found := _STATE.match(cell.upper().strip()))
                ]
                width = len(cells)
            elif line > HEADER_WITHIN:
                break
            continue
        if not any(cells) or is_note(cells):
            continue
        if len(cells) < max(at for at, _, _ in states) + 1 if states else len(cells) < width:
            refusals.add("the row is cut off", f"download the file again, and {UNCHANGED}", line=line)
            continue
        amounts: dict[str, list[str]] = {}
        for at, state, rural in states:
            amounts.setdefault(state, ["", ""])[rural] = cells[at].replace(",", "").removeprefix("$")
        folded = ";".join(
            f"{state}={plain}{'/' + rural if rural else ''}"
            for state, (plain, rural) in amounts.items()
            if plain or rural
        )
        yield line, {**{field: cells[at] for field, at in known.items()}, "amounts": folded}
    if not known:
        refusals.add("the columns HCPCS, Mod, JURIS and the states are not there", UNCHANGED, line=1)


def equipment_fee(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    parts = [part.partition("=")[2] for part in cells.text("amounts").split(";") if part]
    for text in (value for part in parts for value in part.split("/") if value):
        if not re.match(r"[0-9]*\.?[0-9]+\Z", text):
            cells.tell("amounts", f"{text} is no amount")
    row = EquipmentFee(
        code=cells.code(),
        modifier=cells.modifier(),
        second_modifier=cells.modifier("second_modifier"),
        jurisdiction=cells.text("jurisdiction").upper(),
        category=cells.text("category").upper(),
        ceiling=cells.price("ceiling"),
        floor=cells.price("floor"),
        amounts=_without_zeros(cells.text("amounts")),
    )
    return None if cells.wrong else row


def _without_zeros(amounts: str) -> str:
    """A state whose amount is zero has none: the file fills what it does not price with 0.00."""
    kept = []
    for part in amounts.split(";"):
        state, _, values = part.partition("=")
        told = [value if value.strip("0.") else "" for value in values.split("/")]
        if any(told):
            kept.append(f"{state}={'/'.join(told)}")
    return ";".join(kept)


EQUIPMENT_FILE = FeeFile(
    set_name="equipment_fees",
    reads="CMS DMEPOS fee schedule, one column a state (CSV or workbook)",
    columns={key: _EQUIPMENT[key] for key in ("code", "modifier", "jurisdiction", "category")},
    required=("code", "modifier", "jurisdiction", "category"),
    make=equipment_fee,
    rows=equipment_cells,
)


# OPPS and ASC ----------------------------------------------------------------------------------------------------------


def outpatient_rate(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    indicator = cells.text("status_indicator").upper()
    if not re.match(r"[A-Z][0-9]?\Z", indicator):
        cells.tell("status_indicator", f"{indicator or 'an empty cell'} is no status indicator")
    row = OutpatientRate(
        code=cells.code(),
        status_indicator=indicator,
        classification=cells.text("classification"),
        weight=cells.amount("weight"),
        rate=cells.price("rate"),
        copayment=cells.price("copayment"),
        minimum_copayment=cells.price("minimum_copayment"),
    )
    return None if cells.wrong else row


OUTPATIENT_FILE = FeeFile(
    set_name="outpatient_rates",
    reads="CMS OPPS Addendum B: hospital outpatient rates (CSV or workbook)",
    columns={
        "code": names("HCPCS Code", "HCPCS"),
        "status_indicator": names("SI", "Status Indicator", "StatusIndicator"),
        "classification": names("APC"),
        "weight": names("Relative Weight"),
        "rate": names("Payment Rate", "PaymentRate"),
        "copayment": names("National Unadjusted Copayment"),
        "minimum_copayment": names("Minimum Unadjusted Copayment"),
    },
    required=("code", "status_indicator", "rate"),
    make=outpatient_rate,
)


def surgery_center_rate(by_field: dict[str, str], line: int, refusals: Refusals) -> FeeRow | None:
    cells = Cells(by_field, line, refusals)
    row = SurgeryCenterRate(
        code=cells.code(),
        payment_indicator=cells.text("payment_indicator").upper(),
        weight=cells.amount("weight"),
        rate=cells.price("rate"),
        is_discounted=cells.text("is_discounted").upper().startswith("Y"),
    )
    return None if cells.wrong else row


def _monthly(title: str) -> frozenset[str]:
    """ "Payment Rate" with the month, and in some releases the year, before it."""
    years = ("", *(f" {year}" for year in range(2020, 2041)))
    return names(
        *(f"{month}{year} {title}" for month in _MONTHS for year in years),
        title,
        *(f"{month} CY{year} {title}" for month in _MONTHS for year in years),
    )


SURGERY_CENTER_FILE = FeeFile(
    set_name="surgery_center_rates",
    reads="CMS ASC Addendum AA or BB: surgery centre rates (CSV or workbook)",
    columns={
        "code": names("HCPCS Code", "HCPCS"),
        "is_discounted": names(
            "Subject to Multiple Procedure Discounting", "Subject To Multiple Procedure Discounting"
        ),
        "payment_indicator": _monthly("Payment Indicator"),
        "weight": _monthly("Payment Weight"),
        "rate": _monthly("Payment Rate"),
    },
    required=("code", "payment_indicator", "rate"),
    make=surgery_center_rate,
)

LABORATORY = loader_of(LABORATORY_FILE, "clfs", rank=1)
EQUIPMENT = loader_of(EQUIPMENT_FILE, "dmepos", rank=1)
OUTPATIENT = loader_of(OUTPATIENT_FILE, "opps-addendum-b")
SURGERY_CENTER = loader_of(SURGERY_CENTER_FILE, "asc-addendum")
