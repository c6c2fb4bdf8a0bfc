"""CSV superbill to encounters (domain.md section 11): each row one line of a visit, header by name.

Rows belong together by `external_id`, else by patient, day of service, rendering provider and location. By default a
file with a wrong row gives no encounter at all; with `partial` the visits whose rows are all right are given.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from claimwright.claims.from_csv.table import Row, read_table
from claimwright.claims.nouns import (
    ZERO,
    Address,
    Coverage,
    Diagnosis,
    Drug,
    Encounter,
    IntakeProblem,
    IntakeResult,
    Line,
    Patient,
    Payer,
    Person,
    Provider,
)
from claimwright.codes.states import STATE_CODES

DIAGNOSES = tuple(f"dx{number}" for number in range(1, 13))
MODIFIERS = tuple(f"mod{number}" for number in range(1, 5))
PATIENT_COLUMNS = (
    "mrn",
    "last",
    "first",
    "middle",
    "suffix",
    "dob",
    "sex",
    "address",
    "address2",
    "city",
    "state",
    "zip",
)
COVERAGE_COLUMNS = (
    "payer", "member_id", "group", "group_name", "relationship", "subscriber_last", "subscriber_first",
    "subscriber_dob", "subscriber_sex", "insurance_type",
)  # fmt: skip
VISIT_COLUMNS = ("practice_npi", "location", "dos_from", "pos", "rendering_npi", "referring_npi", "auth", "referral")
LINE_COLUMNS = ("dos_to", "cpt", *MODIFIERS, "units", "charge", "pointers", "ndc", "ndc_qty", "ndc_uom", "note")
COLUMNS = (
    "external_id", *PATIENT_COLUMNS, "phone", *COVERAGE_COLUMNS, *VISIT_COLUMNS, *DIAGNOSES, *LINE_COLUMNS,
)  # fmt: skip
REQUIRED = ("mrn", "last", "first", "dob", "sex", "dos_from", "pos", "rendering_npi", "dx1", "cpt", "units", "charge")

# Cells that must agree on all rows of one visit.
SAME_ON_ALL_ROWS = (*PATIENT_COLUMNS, *COVERAGE_COLUMNS, *VISIT_COLUMNS)

RELATIONSHIPS = {
    "SELF": "18", "SPOUSE": "01", "CHILD": "19", "EMPLOYEE": "20", "UNKNOWN": "21", "LIFE PARTNER": "53", "OTHER": "G8",
}  # fmt: skip
RELATIONSHIP_CODES = (*RELATIONSHIPS.values(), "39", "40")

_PROCEDURE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]\Z")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?\Z")
_MODIFIER = re.compile(r"[0-9A-Z]{2}\Z")
_POINTERS = re.compile(r"[ ,;:/]+")


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """What the practice knows by the keys of the file. A key it does not know holds the visit; nothing is guessed."""

    payers: Mapping[str, Payer] = {}
    providers: Mapping[str, Provider] = {}  # by NPI
    locations: Mapping[str, Provider | None] = {}  # None: the practice's own address, no facility is sent


class SuperbillRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a file would give: shown as a preview before anything is accepted."""

    encounters: tuple[Encounter, ...] = ()
    problems: tuple[IntakeProblem, ...] = ()
    rows: int = 0
    bad_rows: int = 0
    refused: bool = False  # the file as a whole

    def accept(self, *, partial: bool = False) -> IntakeResult:
        """The encounters to keep: none while any row is wrong, unless the user takes the good visits only."""
        whole = not self.refused and (partial or not self.bad_rows)
        return IntakeResult(encounters=self.encounters if whole else (), problems=self.problems)


def read_superbill(data: bytes, practice: Practice, *, name: str = "") -> SuperbillRead:
    """All visits whose rows are right, and every problem with row, column and fix. Never raises."""
    table = read_table(data, name, known=COLUMNS, required=REQUIRED)
    if any(problem.blocks for problem in table.problems):
        return SuperbillRead(problems=tuple(table.problems), refused=True)
    visits: dict[str, list[Row]] = {}
    for row in table.rows:
        visits.setdefault(_identity(row), []).append(row)
    encounters, holds = [], []
    for identity, rows in visits.items():
        reader = VisitReader(identity, rows, practice)
        encounter = reader.read()
        if all(row.is_good for row in rows):
            encounters.append(encounter)
            holds.extend(reader.holds)
        else:
            for row in rows:
                if row.is_good:
                    row.problem(
                        "VISIT_NOT_TAKEN",
                        "",
                        "Another row of the same visit is wrong",
                        "Correct that row",
                        blocks=False,
                    )
    problems = [*table.problems, *(problem for row in table.rows for problem in row.problems), *holds]
    return SuperbillRead(
        encounters=tuple(encounters),
        problems=tuple(problems),
        rows=len(table.rows),
        bad_rows=sum(not row.is_good for row in table.rows),
    )


def _identity(row: Row) -> str:
    """The external id of the row's visit: the file's own, else a hash of what makes a visit one."""
    given = row.raw("external_id").strip()
    if given:
        return f"csv|{row.raw('practice_npi').strip()}|{given}"
    parts = [
        row.raw(column).strip().upper() for column in ("practice_npi", "mrn", "dos_from", "rendering_npi", "location")
    ]
    return "csv|" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


class VisitReader:
    """Reads the rows of one visit."""

    def __init__(self, identity: str, rows: list[Row], practice: Practice) -> None:
        self.identity, self.rows, self.practice = identity, rows, practice
        self.holds: list[IntakeProblem] = []
        self.diagnoses: list[str] = []

    def read(self) -> Encounter:
        first = self.rows[0]
        for row in self.rows[1:]:
            for column in SAME_ON_ALL_ROWS:
                if row.raw(column).strip() != first.raw(column).strip():
                    row.problem(
                        "ROWS_DIFFER", column, "Rows of one visit differ here", "Make them alike, or give external_id"
                    )
        patient = patient_of(first)
        lines = tuple(self.line(number, row) for number, row in enumerate(self.rows, 1))
        dates = [line.date_from for line in lines if line.date_from]
        ends = [line.date_to or line.date_from for line in lines if line.date_to or line.date_from]
        return Encounter(
            external_id=self.identity,
            source="csv",
            patient=patient,
            coverages=self.coverages(first, patient),
            billing_npi=first.digits("practice_npi", 10),
            location=first.text("location"),
            rendering=self.provider(first, "rendering_npi", required=True),
            referring=self.provider(first, "referring_npi"),
            facility=self.facility(first),
            place_of_service=self.place_of_service(first),
            date_from=min(dates, default=None),
            date_to=max((day for day in ends if day), default=None),
            diagnoses=tuple(
                Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(self.diagnoses)
            ),
            lines=lines,
            prior_authorization=first.code("auth"),
            referral=first.code("referral"),
        )

    def hold(self, code: str, row: Row, column: str, message: str, fix: str) -> None:
        place = f"{row.name} row {row.number}, column {column}".strip()
        value = row.raw(column).strip()
        self.holds.append(
            IntakeProblem(
                code=code, place=place, message=message, fix=fix, system=column, value=value, encounter=self.identity
            )
        )

    def line(self, number: int, row: Row) -> Line:
        own = self.row_diagnoses(row)
        cpt = row.code("cpt")
        if cpt and not _PROCEDURE.match(cpt):
            short = cpt.isdigit() and len(cpt) < 5
            why = (
                "it has fewer than five characters: leading zeros may be lost"
                if short
                else "five characters belong here"
            )
            row.problem(
                "EXCEL_DAMAGE" if short else "BAD_CODE", "cpt", f"This is no procedure code: {why}", "Correct it"
            )
        elif not row.raw("cpt").strip():
            row.problem("MISSING_VALUE", "cpt", "The procedure code is empty", "Enter it")
        start, end = row.day("dos_from"), row.day("dos_to")
        if not row.raw("dos_from").strip():
            row.problem("MISSING_VALUE", "dos_from", "The day of service is empty", "Enter it")
        if start and end and end < start:
            row.problem("BAD_DATE", "dos_to", "The last day is before the first", "Correct one of them")
        charge, units = row.amount("charge"), row.quantity("units")
        for column in ("charge", "units"):
            if not row.raw(column).strip():
                row.problem("MISSING_VALUE", column, "The cell is empty", "Enter it")
        return Line(
            number=number,
            procedure_code=cpt,
            modifiers=self.modifiers(row),
            charge=charge if charge is not None else ZERO,
            units=units if units is not None else Decimal(1),
            diagnosis_pointers=self.pointers(row, own),
            date_from=start,
            date_to=end if end != start else None,
            drug=self.drug(row),
            note=row.text("note"),
        )

    def row_diagnoses(self, row: Row) -> list[str]:
        """The row's codes in their order; new ones join the visit's."""
        own = []
        for column in DIAGNOSES:
            code = row.code(column)
            if not code:
                continue
            if not _DIAGNOSIS.match(code):
                row.problem("BAD_CODE", column, "This is no ICD-10-CM code", "Correct it, or keep the column as text")
                continue
            bare = code.replace(".", "")
            own.append(bare)
            if bare not in self.diagnoses:
                self.diagnoses.append(bare)
        if not own and row.is_good:
            row.problem("MISSING_VALUE", "dx1", "The row has no diagnosis", "Enter at least one")
        if len(self.diagnoses) > len(DIAGNOSES):
            row.problem("TOO_MANY_DIAGNOSES", "dx1", "The visit has more than 12 diagnoses", "Split the visit")
        return own

    def modifiers(self, row: Row) -> tuple[str, ...]:
        found = []
        for column in MODIFIERS:
            value = row.code(column)
            if value and not _MODIFIER.match(value):
                row.problem("BAD_CODE", column, "A modifier has two characters", "Correct it")
            elif value:
                found.append(value)
        return tuple(found)

    def pointers(self, row: Row, own: list[str]) -> tuple[int, ...]:
        """Pointers of the row (1,2 or AB) name its own dx columns; blank points at its first four."""
        text = row.raw("pointers").strip().upper()
        if not text:
            wanted = list(range(1, min(len(own), 4) + 1))
        elif (letters := _POINTERS.sub("", text)).isalpha():
            wanted = [ord(letter) - ord("A") + 1 for letter in letters]
        else:
            parts = [part for part in _POINTERS.split(text) if part]
            wanted = [int(part) if part.isascii() and part.isdigit() and len(part) < 3 else 0 for part in parts]
        if any(not 1 <= at <= len(own) for at in wanted):
            row.problem("BAD_POINTER", "pointers", "A pointer names a diagnosis the row does not have", "Correct it")
            return ()
        return tuple(self.diagnoses.index(own[at - 1]) + 1 for at in wanted)

    def drug(self, row: Row) -> Drug | None:
        if not row.raw("ndc").strip():
            return None
        return Drug(ndc=row.digits("ndc", 11), quantity=row.quantity("ndc_qty"), unit=row.code("ndc_uom"))

    def place_of_service(self, row: Row) -> str:
        value = row.code("pos")
        if len(value) == 1 and value.isdigit():
            row.problem(
                "EXCEL_DAMAGE", "pos", "A place of service has two digits: a leading zero is lost", "Write 02, not 2"
            )
        elif not re.fullmatch(r"[0-9]{2}", value) and row.raw("pos").strip():
            row.problem("BAD_CODE", "pos", "A place of service has two digits", "Correct it")
        elif not value:
            row.problem("MISSING_VALUE", "pos", "The place of service is empty", "Enter it")
        return value

    def provider(self, row: Row, column: str, *, required: bool = False) -> Provider | None:
        npi = row.digits(column, 10)
        if not npi:
            if required and not row.raw(column).strip():
                row.problem("MISSING_VALUE", column, "The provider's NPI is empty", "Enter it")
            return None
        known = self.practice.providers.get(npi)
        if known is None:
            self.hold(
                "UNKNOWN_PROVIDER",
                row,
                column,
                "The practice has no provider of this NPI",
                "Add the provider, or correct it",
            )
            return Provider(npi=npi)
        return known

    def facility(self, row: Row) -> Provider | None:
        key = row.raw("location").strip()
        if not key:
            return None
        if key not in self.practice.locations:
            self.hold(
                "UNKNOWN_LOCATION", row, "location", "The practice has no such location", "Map the key to a location"
            )
            return None
        return self.practice.locations[key]

    def coverages(self, row: Row, patient: Patient) -> tuple[Coverage, ...]:
        key = row.raw("payer").strip()
        if not key:
            return ()
        payer = self.practice.payers.get(key)
        if payer is None:
            self.hold("UNKNOWN_PAYER", row, "payer", "The practice has no such payer", "Map the key to a payer")
        return (coverage_of(row, payer or Payer(name=key), patient),)


def patient_of(row: Row) -> Patient:
    birth = row.day("dob")
    if birth is None and not row.raw("dob").strip():
        row.problem("MISSING_VALUE", "dob", "The birth date is empty", "Enter it")
    for column in ("last", "first", "mrn"):
        if not row.raw(column).strip():
            row.problem("MISSING_VALUE", column, "The cell is empty", "Enter it")
    return Patient(
        last_name=row.text("last"),
        first_name=row.text("first"),
        middle_name=row.text("middle"),
        suffix=row.text("suffix"),
        birth_date=birth,
        sex=sex_of(row, "sex"),
        address=address_of(row),
        phone=phone_of(row),
        record_number=row.code("mrn"),
    )


def sex_of(row: Row, column: str) -> str:
    value = row.raw(column).strip().upper()
    if value in ("", "F", "M", "U"):
        return value
    if value in ("FEMALE", "MALE", "UNKNOWN"):
        return value[0]
    row.problem("BAD_CODE", column, "The sex is F, M or U", "Correct it")
    return ""


def address_of(row: Row) -> Address:
    state = row.text("state").upper()
    return Address(
        line1=row.text("address"),
        line2=row.text("address2"),
        city=row.text("city"),
        state=STATE_CODES.get(state, state),
        postal_code=row.digits("zip", 5, 9),
    )


def phone_of(row: Row) -> str:
    digits = "".join(character for character in row.raw("phone") if character in "0123456789")
    return digits[-10:] if len(digits) == 11 and digits[0] == "1" else digits


def coverage_of(row: Row, payer: Payer, patient: Patient | None, sequence: str = "P") -> Coverage:
    """The coverage a row tells of. `patient` is the subscriber where the relationship is self, when known."""
    relationship = relationship_of(row)
    if relationship == "18" and patient is not None:
        subscriber = Person(**{name: getattr(patient, name) for name in Person.__struct_fields__})
    else:
        subscriber = Person(
            last_name=row.text("subscriber_last"),
            first_name=row.text("subscriber_first"),
            birth_date=row.day("subscriber_dob"),
            sex=sex_of(row, "subscriber_sex"),
        )
    return Coverage(
        sequence=sequence,
        payer=payer,
        member_id=row.code("member_id"),
        group_number=row.code("group"),
        group_name=row.text("group_name"),
        relationship=relationship,
        subscriber=subscriber,
        insurance_type=row.code("insurance_type"),
    )


def relationship_of(row: Row) -> str:
    value = row.raw("relationship").strip().upper()
    if not value:
        return "18"
    code = RELATIONSHIPS.get(value, value)
    if code == "1":
        row.problem("EXCEL_DAMAGE", "relationship", "The code has two characters: a leading zero is lost", "Write 01")
    elif code not in RELATIONSHIP_CODES:
        row.problem("BAD_CODE", "relationship", "The relationship is not known", "Write self, spouse, child or other")
    return code
