"""Registration CSV to coverages: what the front desk knows of a patient, by record number; laid over intakes.

Columns: mrn, payer, member_id; and where they matter group, group_name, relationship, subscriber_last,
subscriber_first, subscriber_dob, subscriber_sex, insurance_type, sequence, start, end (end exclusive), address,
address2, city, state, zip, phone. One row for each coverage.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from claimwright.claims.from_csv.superbill import COVERAGE_COLUMNS, address_of, coverage_of, phone_of
from claimwright.claims.from_csv.table import Row, read_table
from claimwright.claims.nouns import Address, Coverage, Encounter, IntakeProblem, Payer, Person

COLUMNS = (
    "mrn", *COVERAGE_COLUMNS, "sequence", "start", "end", "address", "address2", "city", "state", "zip", "phone",
)  # fmt: skip
REQUIRED = ("mrn", "payer", "member_id")
SEQUENCES = ("P", "S", "T", "A", "B", "C", "D", "E", "F", "G", "H", "U")


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """One patient's coverages in order of sequence, with address and phone where the file gives them."""

    coverages: tuple[Coverage, ...] = ()
    address: Address | None = None
    phone: str = ""


class RegistrationRead(msgspec.Struct, frozen=True, kw_only=True):
    patients: dict[str, Registration]
    problems: tuple[IntakeProblem, ...] = ()

    @property
    def coverages(self) -> dict[str, tuple[Coverage, ...]]:
        """Coverages by record number."""
        return {number: registration.coverages for number, registration in self.patients.items()}


def read_registrations(data: bytes, payers: Mapping[str, Payer], *, name: str = "") -> RegistrationRead:
    """All patients of the file. A wrong row leaves its coverage out and says why; a payer without a mapping too."""
    table = read_table(data, name, known=COLUMNS, required=REQUIRED)
    patients: dict[str, Registration] = {}
    if any(problem.blocks for problem in table.problems):
        return RegistrationRead(patients={}, problems=tuple(table.problems))
    for row in table.rows:
        number = row.code("mrn")
        if not number:
            row.problem("MISSING_VALUE", "mrn", "The record number is empty", "Enter it")
        coverage = _coverage(row, payers)
        address, phone = address_of(row), phone_of(row)
        before = patients.get(number, Registration())
        if any(one.sequence == coverage.sequence and _overlap(one, coverage) for one in before.coverages):
            row.problem(
                "DUPLICATE_SEQUENCE", "sequence", "Two coverages of one place overlap", "Correct place or dates"
            )
        if not row.is_good:
            continue
        ordered = sorted((*before.coverages, coverage), key=lambda one: SEQUENCES.index(one.sequence))
        patients[number] = Registration(
            coverages=tuple(ordered),
            address=address if address != Address() else before.address,
            phone=phone or before.phone,
        )
    problems = (*table.problems, *(problem for row in table.rows for problem in row.problems))
    return RegistrationRead(patients=patients, problems=problems)


def with_registration(encounter: Encounter, registrations: Mapping[str, Registration]) -> Encounter:
    """The encounter with the coverages in force on its day, and address and phone, as registered.

    What the front desk registered wins over what an interface sent. Unregistered patients stay as they came.
    """
    registration = registrations.get(encounter.patient.record_number.upper())
    if registration is None:
        return encounter
    patient = msgspec.structs.replace(
        encounter.patient,
        address=registration.address or encounter.patient.address,
        phone=registration.phone or encounter.patient.phone,
    )
    on = encounter.date_from
    coverages = []
    for coverage in registration.coverages:
        if on is not None and not coverage.in_force(on):
            continue
        if coverage.relationship == "18":
            own = Person(**{field: getattr(patient, field) for field in Person.__struct_fields__})
            coverage = msgspec.structs.replace(coverage, subscriber=own)
        coverages.append(coverage)
    return msgspec.structs.replace(encounter, patient=patient, coverages=tuple(coverages) or encounter.coverages)


def _coverage(row: Row, payers: Mapping[str, Payer]) -> Coverage:
    key = row.raw("payer").strip()
    payer = payers.get(key)
    if payer is None:
        row.problem("UNKNOWN_PAYER", "payer", "The practice has no such payer", "Map the key to a payer")
    if not row.raw("member_id").strip():
        row.problem("MISSING_VALUE", "member_id", "The member number is empty", "Enter it as on the card")
    sequence = row.code("sequence") or "P"
    if sequence not in SEQUENCES:
        row.problem("BAD_CODE", "sequence", "The place is P, S, T or A to H", "Correct it")
        sequence = "U"
    coverage = coverage_of(row, payer or Payer(name=key), None, sequence)
    start, end = row.day("start"), row.day("end")
    if start and end and end <= start:
        row.problem("BAD_DATE", "end", "The cover ends before it begins", "Correct one of them")
    return msgspec.structs.replace(coverage, start=start, end=end)


def _overlap(one: Coverage, other: Coverage) -> bool:
    before = one.end is not None and other.start is not None and one.end <= other.start
    after = other.end is not None and one.start is not None and other.end <= one.start
    return not (before or after)
