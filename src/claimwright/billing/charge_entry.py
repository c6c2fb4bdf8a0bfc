"""A visit as a person types it: header, diagnoses, lines and what is documented for its level, read with every fault.

Fields are cells of a form: dx1 to dx12, and code, modifiers, units, pointers, charge and more of each line, named
"line1-code". Pointers are letters (A is the first diagnosis) or digits up to 9, up to four of them, run together or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from claimwright.billing import claim_kinds
from claimwright.billing.registration import Fault, read_day
from claimwright.claims.basis import Drug
from claimwright.claims.dental import Dental
from claimwright.claims.institutional import Institutional
from claimwright.claims.nouns import ZERO, Diagnosis, Line, Noun
from claimwright.codes.drugs import hyphenated, ndc_candidates
from claimwright.codes.money import AmountError, parse_amount
from claimwright.codes.releases import CodeSets, State
from claimwright.coding.evaluation import Visit

DIAGNOSES = 12  # HI of 005010X222A1
MOST_LINES = 50  # 2400 of the same
MOST_POINTERS = 4  # SV107
MOST_MODIFIERS = 4  # SV101-3 to -6
MOST_UNITS = Decimal("9999.999")
MOST_MINUTES = 24 * 60
NOTE_CHARACTERS = 80  # NTE02
LETTERS = "ABCDEFGHIJKL"
CAUSES = {"AA": "Auto accident", "EM": "Accident at work", "OA": "Another accident"}  # CLM11
DRUG_UNITS = {"": "", "UN": "Unit", "ML": "Milliliter", "GR": "Gram", "ME": "Milligram", "F2": "International unit"}
LEVELS = {
    "": "", "straightforward": "Straightforward", "low": "Low", "moderate": "Moderate", "high": "High",
}  # fmt: skip
LINE_CELLS = (
    "code", "modifiers", "units", "pointers", "charge", "date", "minutes", "ndc", "ndc_quantity", "ndc_unit", "note",
    *claim_kinds.LINE_CELLS,
)  # fmt: skip

_LINE = re.compile(r"line(\d{1,2})-([a-z_]+)\Z")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][A-Z0-9]{1,5}\Z")
_PROCEDURE = re.compile(r"[A-Z0-9][0-9]{3}[A-Z0-9]\Z")
_HCPCS = re.compile(r"[A-CE-Z][0-9]{4}\Z")  # D is the dentists'
_CPT = re.compile(r"[0-9]{4}[0-9A-Z]\Z")
_PLACE = re.compile(r"[0-9]{2}\Z")
_AMOUNT = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?\Z")


class EnteredVisit(Noun, frozen=True, kw_only=True):
    """What was typed, as nouns. A line's charge of zero is taken from the charge master when charges are locked."""

    date_from: date | None = None
    date_to: date | None = None
    rendering_npi: str = ""
    referring_npi: str = ""
    place_of_service: str = ""
    diagnoses: tuple[Diagnosis, ...] = ()
    lines: tuple[Line, ...] = ()
    prior_authorization: str = ""
    referral: str = ""
    causes: tuple[str, ...] = ()
    accident_state: str = ""
    accident_date: date | None = None
    onset_date: date | None = None
    admission_date: date | None = None
    discharge_date: date | None = None
    note: str = ""
    level: Visit | None = None  # None: nothing was entered for it
    kind: str = "P"  # P, I, D: the claim it becomes
    institutional: Institutional | None = None
    dental: Dental | None = None
    condition_codes: tuple[str, ...] = ()
    operating_npi: str = ""


class _Cells:
    """A form's cells, read one by one; faults collect."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = dict(cells)
        self.kind = cells.get("kind", "") if cells.get("kind") in claim_kinds.KINDS else "P"
        self.faults: list[Fault] = []

    def fault(self, field: str, says: str, fix: str) -> None:
        self.faults.append(Fault(field=field, says=says, fix=fix))

    def text(self, field: str, longest: int) -> str:
        value = " ".join(self.cells.get(field, "").split())
        if len(value) > longest or not value.isprintable():
            self.fault(field, f"This has more than {longest} characters or signs that cannot be printed", "Shorten it")
            return ""
        return value

    def day(self, field: str) -> date | None:
        value = self.cells.get(field, "").strip()
        found = read_day(value) if value else None
        if value and found is None:
            self.fault(field, "This is no day of the calendar", "Write it as 01/31/2026")
        return found

    def number(self, field: str, most: Decimal, what: str) -> Decimal | None:
        """A number above zero with at most three decimals; None where nothing is typed, or a fault."""
        value = self.cells.get(field, "").strip()
        if not value:
            return None
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value) or not 0 < Decimal(value) <= most:
            self.fault(field, f"These are no {what}", f"Enter a number above zero, up to {most:f}".removesuffix(".999"))
            return None
        return Decimal(value)


def read_visit(
    cells: Mapping[str, str],
    *,
    today: date,
    finished: bool,
    sets: CodeSets,
    providers: Sequence[str],
    born: date | None = None,
) -> tuple[EnteredVisit, tuple[Fault, ...]]:
    """The visit and every fault, in the order of the form; with a fault it is not to be saved.

    `finished` asks for all that a coded visit needs. `sets` are the codes in force: a code is only refused where a
    release speaks for the day. `providers` are the NPIs on file.
    """
    form = _Cells(cells)
    start, end = _days(form, today, born)
    rendering = form.cells.get("rendering", "").strip()
    if not rendering or rendering not in providers:
        form.fault("rendering", "No provider is chosen", "Choose who saw the patient")
        rendering = ""
    referring = form.cells.get("referring", "").strip()
    if referring and referring not in providers:
        form.fault("referring", "This provider is not on file", "Choose one of the list, or leave it blank")
    place = form.text("place", 2)
    if (place or (finished and form.kind != "I")) and not _PLACE.match(place):
        form.fault("place", "A place of service is two digits", "Enter it: 11 is an office, 02 and 10 are telehealth")
    diagnoses = _diagnoses(form, sets, start, finished)
    lines = _lines(form, sets, start, end, diagnoses, finished)
    causes = tuple(cause for cause in CAUSES if form.cells.get(f"cause_{cause}") == "on")
    state, accident = _accident(form, causes, start)
    stay = claim_kinds.read_stay(form, providers, start, end) if form.kind == "I" else None
    visit = EnteredVisit(
        kind=form.kind, institutional=stay.institutional if stay is not None else None,
        dental=claim_kinds.read_dental(form) if form.kind == "D" else None,
        condition_codes=stay.conditions if stay is not None else (),
        operating_npi=stay.operating_npi if stay is not None else "", date_from=start, date_to=end, rendering_npi=rendering, referring_npi=referring, place_of_service=place,
        diagnoses=diagnoses, lines=lines, prior_authorization=form.text("prior_authorization", 50).upper(),
        referral=form.text("referral", 50).upper(), causes=causes, accident_state=state, accident_date=accident,
        onset_date=form.day("onset_date"), admission_date=form.day("admission_date"),
        discharge_date=form.day("discharge_date"), note=form.text("note", NOTE_CHARACTERS), level=read_level(form),
    )  # fmt: skip
    _check_stay(form, visit)
    return visit, tuple(form.faults)


def _days(form: _Cells, today: date, born: date | None) -> tuple[date | None, date | None]:
    start, end = form.day("date_from"), form.day("date_to")
    if start is None and not form.cells.get("date_from", "").strip():
        form.fault("date_from", "The date of service is missing", "Enter the day of the visit")
    if start is not None and start > today:
        form.fault("date_from", "The visit is still to come", "Correct the date: nothing is charged ahead")
    if start is not None and born is not None and start < born:
        form.fault("date_from", "The patient was not born then", "Correct the date, or choose the right patient")
    if start is not None and end is not None and end < start:
        form.fault("date_to", "It ends before it starts", "Correct the last day, or leave it blank")
    if end is not None and end > today:
        form.fault("date_to", "The last day is still to come", "Correct it")
    return start, end or start


def _diagnoses(form: _Cells, sets: CodeSets, on: date | None, finished: bool) -> tuple[Diagnosis, ...]:
    """In order, without gaps: pointers are those of the form, so a gap is a fault and nothing moves unseen."""
    found: list[Diagnosis] = []
    typed = [form.cells.get(f"dx{place}", "") for place in range(1, DIAGNOSES + 1)]
    codes = [text.replace(".", "").strip().upper() for text in typed]
    last = max((place for place, code in enumerate(codes, 1) if code), default=0)
    for place, code in enumerate(codes[:last], 1):
        field = f"dx{place}"
        if not code:
            form.fault(field, f"Diagnosis {LETTERS[place - 1]} is blank and a later one is not", "Close the gap")
        elif not _DIAGNOSIS.match(code):
            form.fault(field, "This is no ICD-10-CM code", "Search for it by its words, or type it as M54.50")
        elif code in codes[: place - 1]:
            form.fault(field, "This diagnosis stands here twice", "Take one away; lines point to the other")
        elif on is not None and (told := _not_valid(sets, "icd10cm", code, on)):
            form.fault(field, *told)
        found.append(Diagnosis(code=code, qualifier="ABF" if place > 1 else "ABK"))
    if form.kind == "I":
        found = list(claim_kinds.with_present(found, form))
    if finished and not found and form.kind != "D":
        form.fault("dx1", "A coded visit has a diagnosis", "Type a code, or words to search for one")
    return tuple(found)


def _not_valid(sets: CodeSets, name: str, code: str, on: date) -> tuple[str, str] | None:
    """What is wrong with a code on the day; None also where the set says nothing of that day."""
    day = f"{on:%m/%d/%Y}"
    match sets.state(name, code, on):
        case State.UNKNOWN:
            return "There is no such code", "Search for it by its words"
        case State.NOT_BILLABLE:
            return "This is a category and not a code to bill", "Choose one of the longer codes below it"
        case State.NOT_EFFECTIVE:
            return f"This code was not in force on {day}", "Choose the one that was, or correct the date"
    return None


# Lines ---------------------------------------------------------------------------------------------------------------


def line_numbers(cells: Mapping[str, str]) -> list[int]:
    """The numbers of the lines in which something is typed, in order. Units of 1 alone are no line."""
    found = set()
    for name, value in cells.items():
        match = _LINE.match(name)
        if match and match[2] in LINE_CELLS and value.strip() and (match[2], value.strip()) != ("units", "1"):
            found.add(int(match[1]))
    return sorted(found)


def _lines(
    form: _Cells, sets: CodeSets, start: date | None, end: date | None, diagnoses: Sequence[Diagnosis], finished: bool
) -> tuple[Line, ...]:
    numbers = line_numbers(form.cells)
    if finished and not numbers:
        form.fault("line1-code", "A coded visit has a line", "Enter what was done, or mark the visit not billable")
    if len(numbers) > MOST_LINES:
        form.fault(f"line{numbers[MOST_LINES]}-code", f"A claim takes {MOST_LINES} lines", "Enter the rest as a visit")
    return tuple(
        _line(form, f"line{number}-", place, sets, start, end, diagnoses, finished)
        for place, number in enumerate(numbers[:MOST_LINES], 1)
    )


def _line(
    form: _Cells,
    prefix: str,
    place: int,
    sets: CodeSets,
    start: date | None,
    end: date | None,
    diagnoses: Sequence[Diagnosis],
    finished: bool,
) -> Line:
    code = _procedure(form, f"{prefix}code", sets, start)
    on = form.day(f"{prefix}date") or start
    if on is not None and start is not None and not start <= on <= (end or start):
        form.fault(f"{prefix}date", "This day is outside the visit", "Correct it, or give the visit its last day")
    units = form.number(f"{prefix}units", MOST_UNITS, "units") or Decimal(1)
    minutes = form.number(f"{prefix}minutes", Decimal(MOST_MINUTES), "minutes of a day")
    line = Line(
        number=place,
        procedure_code=code,
        modifiers=_modifiers(form, f"{prefix}modifiers"),
        charge=_charge(form, f"{prefix}charge"),
        unit_basis="UN" if minutes is None else "MJ",
        units=units if minutes is None else minutes,
        diagnosis_pointers=_pointers(form, f"{prefix}pointers", diagnoses, finished and form.kind == "P"),
        date_from=on,
        date_to=on,
        drug=_drug(form, prefix),
        note=form.text(f"{prefix}note", NOTE_CHARACTERS),
    )
    return claim_kinds.with_kind(form, prefix, line, form.kind)


def _procedure(form: _Cells, field: str, sets: CodeSets, on: date | None) -> str:
    code = form.cells.get(field, "").strip().upper()
    if not code and form.kind == "I":
        return ""  # many revenue codes stand alone
    if not code:
        form.fault(field, "The code of this line is missing", "Enter it, or empty the line")
    elif not _PROCEDURE.match(code):
        form.fault(field, "A procedure code has five characters", "Search for it by its words, or correct it")
    elif on is not None:
        name = "hcpcs" if _HCPCS.match(code) else "cpt" if _CPT.match(code) else ""
        if name and sets.loaded(name) and (told := _not_valid(sets, name, code, on)):
            form.fault(field, *told)
    return code


def _modifiers(form: _Cells, field: str) -> tuple[str, ...]:
    """Two characters each, set apart or not: "25 59", "2559"."""
    text = "".join(form.cells.get(field, "").replace(",", " ").split()).upper()
    found = tuple(text[at : at + 2] for at in range(0, len(text), 2))
    if not text:
        return ()
    if len(text) % 2 or not text.isascii() or not text.isalnum():
        form.fault(field, "A modifier has two characters", "Write them as 25 59")
    elif len(found) > MOST_MODIFIERS:
        form.fault(field, "A line takes four modifiers", "Keep those that change the payment; 99 tells of more")
    elif len(set(found)) != len(found):
        form.fault(field, "A modifier stands here twice", "Take one away")
    return found


def _pointers(form: _Cells, field: str, diagnoses: Sequence[Diagnosis], finished: bool) -> tuple[int, ...]:
    text = "".join(form.cells.get(field, "").replace(",", " ").split()).upper()
    found = tuple(
        LETTERS.find(mark) + 1 if mark in LETTERS else int(mark) if mark in "123456789" else 0 for mark in text
    )
    if not text:
        if len(diagnoses) == 1:
            return (1,)
        if finished and diagnoses:
            form.fault(field, "It points to no diagnosis", f"Enter letters, A to {LETTERS[len(diagnoses) - 1]}")
        return ()
    if not all(0 < pointer <= len(diagnoses) for pointer in found):
        form.fault(field, "It points to a diagnosis that is not there", "Point to the letters of the diagnoses above")
        return ()
    if len(set(found)) != len(found) or len(found) > MOST_POINTERS:
        form.fault(field, "A line points to one to four different diagnoses", "Keep the four that matter most")
        return ()
    return found


def _charge(form: _Cells, field: str) -> Decimal:
    text = form.cells.get(field, "").replace("$", "").replace(",", "").strip()
    if not text:
        return ZERO
    try:
        if not _AMOUNT.match(text):
            raise AmountError
        return parse_amount(text)
    except AmountError:
        form.fault(field, "This is no amount", "Enter dollars and cents as 150.00, or leave it to the charge master")
        return ZERO


def _drug(form: _Cells, prefix: str) -> Drug | None:
    text = form.cells.get(f"{prefix}ndc", "").strip()
    quantity = form.number(f"{prefix}ndc_quantity", MOST_UNITS, "units of a drug")
    unit = form.cells.get(f"{prefix}ndc_unit", "").strip()
    if not text:
        if quantity is not None or unit:
            form.fault(f"{prefix}ndc", "The drug's number is missing", "Enter the NDC of the package")
        return None
    candidates = ndc_candidates(text)
    if len(candidates) != 1:
        says = "Ten digits may be one of three numbers" if candidates else "This is no NDC"
        form.fault(f"{prefix}ndc", says, "Type it with its hyphens as on the package")
        return None
    if unit not in DRUG_UNITS or not unit or quantity is None:
        form.fault(
            f"{prefix}ndc_quantity", "The drug needs its quantity and unit", "Enter both, as given to the patient"
        )
        return None
    return Drug(ndc=str(candidates[0]), quantity=quantity, unit=unit)


# The rest ------------------------------------------------------------------------------------------------------------


def _accident(form: _Cells, causes: Sequence[str], on: date | None) -> tuple[str, date | None]:
    state, day = form.text("accident_state", 2).upper(), form.day("accident_date")
    if not causes:
        if state or day:
            form.fault("accident_date", "An accident has a kind", "Tick which, or empty date and state")
        return "", None
    if day is None and not form.cells.get("accident_date", "").strip():
        form.fault("accident_date", "The accident has no date", "Ask the patient for it")
    if day is not None and on is not None and day > on:
        form.fault("accident_date", "The accident is after the visit", "Correct one of the two dates")
    if "AA" in causes and len(state) != 2:
        form.fault("accident_state", "An auto accident has a state", "Enter its two letters")
    return state, day


def _check_stay(form: _Cells, visit: EnteredVisit) -> None:
    if visit.admission_date and visit.discharge_date and visit.discharge_date < visit.admission_date:
        form.fault("discharge_date", "The discharge is before the admission", "Correct one of the two")
    for field, day in (("onset_date", visit.onset_date), ("admission_date", visit.admission_date)):
        if day is not None and visit.date_to is not None and day > visit.date_to:
            form.fault(field, "This day is after the visit", "Correct it")


def read_level(form: _Cells) -> Visit | None:
    """What is documented for the level of the visit; None where nothing of it was entered."""
    minutes = form.number("level_minutes", Decimal(MOST_MINUTES), "minutes of a day")
    if minutes is not None and minutes != int(minutes):
        form.fault("level_minutes", "Minutes are whole", "Leave the fraction out")
        minutes = None
    words = {}
    for part in ("problems", "data", "risk"):
        words[part] = form.cells.get(f"level_{part}", "").strip()
        if words[part] not in LEVELS:
            form.fault(f"level_{part}", "This is none of the levels", "Choose one of the list")
            words[part] = ""
    if minutes is None and not any(words.values()):
        return None
    return Visit(
        setting=form.cells.get("level_setting", "") or "office", patient=form.cells.get("level_patient", ""),
        minutes=None if minutes is None else int(minutes), medicare=form.cells.get("level_medicare") == "on",
        problems=words["problems"], data=words["data"], risk=words["risk"],
    )  # fmt: skip


def level_of_cells(cells: Mapping[str, str]) -> tuple[Visit | None, tuple[Fault, ...]]:
    """The part of the form that is about the level, alone."""
    form = _Cells(cells)
    found = read_level(form)
    return found, tuple(form.faults)


# Back onto the form --------------------------------------------------------------------------------------------------


def cells_of_visit(visit: EnteredVisit) -> dict[str, str]:
    """The cells as they would be typed."""
    cells = {
        "date_from": day(visit.date_from), "date_to": day(visit.date_to) if visit.date_to != visit.date_from else "",
        "rendering": visit.rendering_npi, "referring": visit.referring_npi, "place": visit.place_of_service,
        "prior_authorization": visit.prior_authorization, "referral": visit.referral, "note": visit.note,
        "accident_state": visit.accident_state, "accident_date": day(visit.accident_date),
        "onset_date": day(visit.onset_date), "admission_date": day(visit.admission_date),
        "discharge_date": day(visit.discharge_date), **{f"cause_{cause}": "on" for cause in visit.causes},
    }  # fmt: skip
    if visit.kind != "P":
        cells["kind"] = visit.kind
    if visit.institutional is not None:
        cells |= claim_kinds.cells_of_stay(visit.institutional, visit.condition_codes, visit.diagnoses)
        if visit.operating_npi:
            cells["operating"] = visit.operating_npi
    if visit.dental is not None:
        cells |= claim_kinds.cells_of_dental(visit.dental)
    for place, diagnosis in enumerate(visit.diagnoses[:DIAGNOSES], 1):
        cells[f"dx{place}"] = dotted(diagnosis.code)
    for line in visit.lines:
        cells |= {f"line{line.number}-{name}": value for name, value in _cells_of_line(line, visit.date_from)}
    if visit.level is not None:
        level = visit.level
        cells |= {
            "level_setting": level.setting, "level_patient": level.patient, "level_problems": level.problems,
            "level_data": level.data, "level_risk": level.risk, "level_medicare": "on" if level.medicare else "",
            "level_minutes": "" if level.minutes is None else str(level.minutes),
        }  # fmt: skip
    return cells


def _cells_of_line(line: Line, visit_day: date | None) -> Iterator[tuple[str, str]]:
    timed = line.unit_basis == "MJ"
    yield "code", line.procedure_code
    yield "modifiers", " ".join(line.modifiers)
    yield "units", "1" if timed else number(line.units)
    yield "minutes", number(line.units) if timed else ""
    yield "pointers", "".join(LETTERS[pointer - 1] for pointer in line.diagnosis_pointers if 0 < pointer <= DIAGNOSES)
    yield "charge", f"{line.charge:.2f}" if line.charge > ZERO else ""
    yield "date", day(line.date_from) if line.date_from != visit_day else ""
    yield "note", line.note
    if line.drug is not None:
        yield "ndc", hyphenated(line.drug.ndc)
        yield "ndc_quantity", number(line.drug.quantity)
        yield "ndc_unit", line.drug.unit
    yield from claim_kinds.cells_of_line(line)


def day(value: date | None) -> str:
    return f"{value:%m/%d/%Y}" if value else ""


def number(value: Decimal | None) -> str:
    return f"{value.normalize():f}" if value is not None else ""


def dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
