"""What only institutional and dental claims tell, as cells of a form: read with every fault, and written back.

Lists are typed in one field, their entries apart by semicolons: occurrences "11 01/05/2026; A1 02/01/2026", spans
"74 01/05/2026-01/07/2026", values "80 3; A2 12.50", procedures "0DTJ4ZZ 01/05/2026", the principal one first.
Sources: UB-04 form locators as Medicare Claims Processing Manual 100-04 chapter 25 (public) describes them; tooth numbers
1 to 32 and A to T, surfaces B D F I L M O, areas of 005010X224A2 SV304.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

import msgspec

from claimwright.billing.registration import read_day
from claimwright.claims.basis import Diagnosis
from claimwright.claims.dental import Dental, DentalLine, Tooth, ToothStatus
from claimwright.claims.institutional import IcdProcedure, Institutional, Occurrence, OccurrenceSpan, ValueAmount
from claimwright.claims.nouns import Line, Noun

KINDS = {"P": "Professional (CMS-1500)", "I": "Institutional (UB-04)", "D": "Dental (ADA)"}
STAY_CELLS = (
    "facility_type", "statement_from", "statement_through", "admission_time", "admission_type", "admission_source",
    "discharge_time", "patient_status", "conditions", "occurrences", "spans", "value_codes", "admitting", "visit_reasons",
    "external_causes", "drg", "procedures", "present", "operating",
)  # fmt: skip
DENTAL_CELLS = (
    "predetermination", "predetermination_number", "missing_teeth", "orthodontic", "months_total", "months_left",
    "appliance_date",
)  # fmt: skip
LINE_CELLS = ("revenue_code", "non_covered", "tooth", "surfaces", "area")
QUALIFIERS = {"P": "HC", "I": "HC", "D": "AD"}  # SV101-1, SV202-1, SV301-1
MOST_OF_A_LIST = 12
_TOOTH = re.compile(r"(3[0-2]|[12][0-9]|[1-9]|[A-T])\Z")
_ICD10 = re.compile(r"[A-Z][0-9][A-Z0-9]{1,5}\Z")
T = TypeVar("T")


class Cells(Protocol):
    """A form that is being read: `billing.charge_entry` has it."""

    cells: dict[str, str]

    def fault(self, field: str, says: str, fix: str) -> None: ...
    def text(self, field: str, longest: int) -> str: ...
    def day(self, field: str) -> date | None: ...
    def number(self, field: str, most: Decimal, what: str) -> Decimal | None: ...


class Stay(Noun, frozen=True, kw_only=True):
    """The institutional part as typed; providers by NPI, the attending one is the visit's own."""

    institutional: Institutional
    conditions: tuple[str, ...] = ()
    operating_npi: str = ""


def read_stay(form: Cells, providers: Sequence[str], start: date | None, end: date | None) -> Stay:
    """What a UB-04 tells beside its lines. `start` and `end` are the visit's days: the statement covers them unless told."""
    operating = form.cells.get("operating", "").strip()
    if operating and operating not in providers:
        form.fault("operating", "This provider is not on file", "Choose one of the list, or leave it blank")
    first, last = form.day("statement_from") or start, form.day("statement_through") or end
    if first is not None and last is not None and last < first:
        form.fault("statement_through", "The statement ends before it starts", "Correct one of the two days")
    done = _each(form, "procedures", _procedure, "a code of seven characters and its day, as 0DTJ4ZZ 01/31/2026")
    return Stay(
        institutional=Institutional(
            facility_type=_coded(form, "facility_type", r"[0-9]{2}", "two digits, as 11 for a hospital's inpatients"),
            statement_from=first, statement_through=last, admission_time=_hour(form, "admission_time"),
            discharge_time=_hour(form, "discharge_time"),
            admission_type=_coded(form, "admission_type", r"[0-9]", "one digit", required=False),
            admission_source=_coded(form, "admission_source", r"[0-9A-Z]", "one digit or letter", required=False),
            patient_status=_coded(form, "patient_status", r"[0-9]{2}", "two digits, as 01 for discharged home"),
            drg=_coded(form, "drg", r"[0-9]{3,4}", "three or four digits", required=False),
            admitting_diagnosis=next(iter(_diagnoses(form, "admitting", "ABJ", 1)), None),
            visit_reasons=_diagnoses(form, "visit_reasons", "APR", 3),
            external_causes=_diagnoses(form, "external_causes", "ABN", 12),
            principal_procedure=msgspec.structs.replace(done[0], qualifier="BBR") if done else None,
            other_procedures=tuple(msgspec.structs.replace(one, qualifier="BBQ") for one in done[1:]),
            occurrences=_each(form, "occurrences", _occurrence, "a code of two characters and a day, as 11 01/31/2026"),
            occurrence_spans=_each(form, "spans", _span, "a code and two days, as 74 01/05/2026-01/07/2026"),
            values=_each(form, "value_codes", _value, "a code and an amount, as 80 3"),
        ),
        conditions=_each(form, "conditions", _condition, "codes of two characters", apart=" "), operating_npi=operating,
    )  # fmt: skip


def read_dental(form: Cells) -> Dental:
    """What an ADA form tells beside its lines."""
    missing = form.cells.get("missing_teeth", "").replace(",", " ").upper().split()
    for one in missing:
        if not _TOOTH.match(one):
            form.fault("missing_teeth", f"{one[:4]} is no tooth", "Write 1 to 32, or A to T, with blanks between")
    months = {name: form.number(name, Decimal(99), "months") for name in ("months_total", "months_left")}
    total, left = (None if months[name] is None else int(months[name] or 0) for name in ("months_total", "months_left"))
    return Dental(
        orthodontic=form.cells.get("orthodontic") == "on" and total is None, orthodontic_months_total=total,
        orthodontic_months_remaining=left, appliance_placement_date=form.day("appliance_date"),
        tooth_statuses=tuple(ToothStatus(number=one, status="M") for one in missing if _TOOTH.match(one)),
        predetermination=form.cells.get("predetermination") == "on",
        predetermination_number=form.text("predetermination_number", 50).upper(),
    )  # fmt: skip


def with_kind(form: Cells, prefix: str, line: Line, kind: str) -> Line:
    """The line with what only its kind of claim tells."""
    line = msgspec.structs.replace(line, procedure_qualifier=QUALIFIERS[kind])
    if kind == "I":
        return _institutional_line(form, prefix, line)
    return _dental_line(form, prefix, line) if kind == "D" else line


def _institutional_line(form: Cells, prefix: str, line: Line) -> Line:
    code = form.cells.get(f"{prefix}revenue_code", "").strip()
    code = code.zfill(4) if code.isdigit() else code
    if not re.fullmatch(r"[0-9]{4}", code):
        form.fault(f"{prefix}revenue_code", "A revenue code has four digits", "Enter it: 0450 is the emergency room")
    refused = form.number(f"{prefix}non_covered", Decimal("9999.999"), "dollars")
    days = (
        "DA" if "0100" <= code <= "0219" and line.unit_basis == "UN" else line.unit_basis
    )  # accommodation counts days
    return msgspec.structs.replace(
        line, revenue_code=code, non_covered_amount=refused, unit_basis=days, diagnosis_pointers=()
    )


def _dental_line(form: Cells, prefix: str, line: Line) -> Line:
    numbers = form.cells.get(f"{prefix}tooth", "").replace(",", " ").upper().split()
    surfaces = tuple(form.cells.get(f"{prefix}surfaces", "").replace(" ", "").upper())
    areas = tuple(form.cells.get(f"{prefix}area", "").replace(",", " ").upper().split())
    if any(not _TOOTH.match(one) for one in numbers):
        form.fault(f"{prefix}tooth", "This is no tooth", "Write 1 to 32, or A to T, with blanks between")
    if set(surfaces) - set("BDFILMO") or len(set(surfaces)) != len(surfaces):
        form.fault(f"{prefix}surfaces", "These are no surfaces", "Write letters of B D F I L M O, each once: MOD")
    if surfaces and len(numbers) != 1:
        form.fault(f"{prefix}surfaces", "Surfaces are of one tooth", "Enter one tooth a line, or leave them out")
    if set(areas) - {"00", "01", "02", "09", "10", "20", "30", "40", "L", "R"} or len(areas) > 5:
        form.fault(f"{prefix}area", "This is no area of the mouth", "Write 00, 01, 02, 10, 20, 30 or 40")
    old = line.dental or DentalLine()
    teeth = tuple(Tooth(number=one, surfaces=surfaces if len(numbers) == 1 else ()) for one in numbers)
    dental = msgspec.structs.replace(old, teeth=teeth, oral_cavity_areas=areas)
    return msgspec.structs.replace(line, dental=None if dental == DentalLine() else dental)


def with_present(diagnoses: Sequence[Diagnosis], form: Cells) -> tuple[Diagnosis, ...]:
    """Present on admission, one letter for each diagnosis in their order: "YYN"."""
    marks = form.cells.get("present", "").replace(" ", "").upper()
    if set(marks) - set("YNUW1") or len(marks) > len(diagnoses):
        form.fault("present", "Present on admission is one letter a diagnosis", "Write Y, N, U or W for each: YYN")
        return tuple(diagnoses)
    told = marks.ljust(len(diagnoses)).replace("1", " ")
    return tuple(
        msgspec.structs.replace(row, present_on_admission=mark.strip())
        for row, mark in zip(diagnoses, told, strict=True)
    )


# One entry of a list -------------------------------------------------------------------------------------------------


def _each(form: Cells, field: str, read: Callable[[str], T | None], shape: str, apart: str = ";") -> tuple[T, ...]:
    found: list[T] = []
    parts = [part.strip() for part in form.cells.get(field, "").upper().replace(",", " ").split(apart) if part.strip()]
    for part in parts:
        one = read(part)
        if one is None:
            form.fault(field, f"Entry {parts.index(part) + 1} cannot be read", f"Write {shape}")
            break
        found.append(one)
    if len(parts) > MOST_OF_A_LIST * 2:
        form.fault(field, "These are more than a claim takes", "Keep those that the payer needs")
    return tuple(found)


def _condition(text: str) -> str | None:
    return text if re.fullmatch(r"[0-9A-Z]{2}", text) else None


def _occurrence(text: str) -> Occurrence | None:
    found = re.fullmatch(r"([0-9A-Z]{2})\s+(\S+)", text)
    on = read_day(found[2]) if found else None
    return Occurrence(code=found[1], on=on) if found and on else None


def _span(text: str) -> OccurrenceSpan | None:
    found = re.fullmatch(r"([0-9A-Z]{2})\s+([0-9/]+)\s*-\s*([0-9/]+)", text)
    start, end = (read_day(found[2]), read_day(found[3])) if found else (None, None)
    return OccurrenceSpan(code=found[1], start=start, end=end) if found and start and end and start <= end else None


def _value(text: str) -> ValueAmount | None:
    found = re.fullmatch(r"([0-9A-Z]{2})\s+([0-9]{1,7}(?:\.[0-9]{1,2})?)", text)
    return ValueAmount(code=found[1], amount=Decimal(found[2])) if found else None


def _procedure(text: str) -> IcdProcedure | None:
    found = re.fullmatch(r"([0-9A-HJ-NP-Z]{7})\s+(\S+)", text)
    on = read_day(found[2]) if found else None
    return IcdProcedure(code=found[1], performed=on) if found and on else None


def _diagnoses(form: Cells, field: str, qualifier: str, most: int) -> tuple[Diagnosis, ...]:
    codes = form.cells.get(field, "").replace(".", "").replace(",", " ").replace(";", " ").upper().split()
    if any(not _ICD10.match(code) for code in codes) or len(codes) > most:
        form.fault(field, f"These are not up to {most} ICD-10-CM codes", "Write them with blanks between: R07.9 I10")
        return ()
    return tuple(Diagnosis(code=code, qualifier=qualifier) for code in codes)


def _coded(form: Cells, field: str, pattern: str, shape: str, *, required: bool = True) -> str:
    text = form.cells.get(field, "").strip().upper()
    if (text or required) and not re.fullmatch(pattern, text):
        form.fault(field, "This is missing or no such code", f"Enter {shape}")
        return ""
    return text


def _hour(form: Cells, field: str) -> str:
    text = form.cells.get(field, "").replace(":", "").strip()
    text = f"{text.zfill(2)}00" if text.isdigit() and len(text) <= 2 else text
    if text and not re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9]", text):
        form.fault(field, "This is no time of the day", "Write hours and minutes: 14:30")
        return ""
    return text


# Back onto the form --------------------------------------------------------------------------------------------------


def cells_of_stay(stay: Institutional, conditions: Sequence[str], diagnoses: Sequence[Diagnosis]) -> dict[str, str]:
    """The cells as they would be typed."""
    done = [one for one in (stay.principal_procedure, *stay.other_procedures) if one is not None]
    present = "".join(row.present_on_admission or "1" for row in diagnoses)
    return {
        "facility_type": stay.facility_type, "statement_from": _day(stay.statement_from),
        "statement_through": _day(stay.statement_through), "admission_time": stay.admission_time,
        "admission_type": stay.admission_type, "admission_source": stay.admission_source,
        "discharge_time": stay.discharge_time, "patient_status": stay.patient_status, "drg": stay.drg,
        "conditions": " ".join(conditions),
        "occurrences": "; ".join(f"{one.code} {_day(one.on)}" for one in stay.occurrences),
        "spans": "; ".join(f"{one.code} {_day(one.start)}-{_day(one.end)}" for one in stay.occurrence_spans),
        "value_codes": "; ".join(f"{one.code} {one.amount.normalize():f}" for one in stay.values),
        "admitting": _dotted(stay.admitting_diagnosis),
        "visit_reasons": " ".join(map(_dotted, stay.visit_reasons)),
        "external_causes": " ".join(map(_dotted, stay.external_causes)),
        "procedures": "; ".join(f"{one.code} {_day(one.performed)}" for one in done),
        "present": present if present.strip("1") else "", "operating": stay.operating.npi if stay.operating else "",
    }  # fmt: skip


def cells_of_dental(dental: Dental) -> dict[str, str]:
    missing = " ".join(one.number for one in dental.tooth_statuses if one.status == "M")
    return {
        "predetermination": "on" if dental.predetermination else "", "missing_teeth": missing,
        "predetermination_number": dental.predetermination_number,
        "orthodontic": "on" if dental.orthodontic or dental.orthodontic_months_total else "",
        "months_total": str(dental.orthodontic_months_total or ""), "months_left": str(dental.orthodontic_months_remaining or ""),
        "appliance_date": _day(dental.appliance_placement_date),
    }  # fmt: skip


def cells_of_line(line: Line) -> Iterator[tuple[str, str]]:
    if line.revenue_code:
        yield "revenue_code", line.revenue_code
    if line.non_covered_amount is not None:
        yield "non_covered", f"{line.non_covered_amount:.2f}"
    if line.dental is not None:
        yield "tooth", " ".join(tooth.number for tooth in line.dental.teeth)
        yield "surfaces", "".join(surface for tooth in line.dental.teeth for surface in tooth.surfaces)
        yield "area", " ".join(line.dental.oral_cavity_areas)


def _day(on: date | None) -> str:
    return f"{on:%m/%d/%Y}" if on is not None else ""


def _dotted(row: Diagnosis | None) -> str:
    code = row.code if row is not None else ""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
