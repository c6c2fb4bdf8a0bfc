"""A claim as billers think of it: every value beside the number of its box on the paper form, in our own words and layout.

Professional claims by the item numbers of the CMS-1500 (02/12), institutional ones by the form locators of the UB-04,
dental ones by the numbers of the ADA form (2019/2024). Sources: Medicare Claims Processing Manual 100-04 chapters 25 and 26
(public) for the first two; for the third the numbers alone. Lines are not here: a page shows them as a grid.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from claimwright.claims.nouns import Address, Claim, Coverage, Diagnosis, Noun, Person, Provider

RELATIONSHIPS = {"18": "Self", "01": "Spouse", "19": "Child", "G8": "Other"}
CAUSES = {"AA": "auto accident", "EM": "work", "OA": "another accident"}
LETTERS = "ABCDEFGHIJKL"


class Box(Noun, frozen=True, kw_only=True):
    """One value: the number on the form, our label, the text, and the field of the change form that it comes from."""

    box: str
    label: str
    text: str = ""


class Group(Noun, frozen=True, kw_only=True):
    title: str
    boxes: tuple[Box, ...]


class Form(Noun, frozen=True, kw_only=True):
    """What the boxes are called and the numbers of the grid's columns."""

    name: str
    place: str  # what a number is called
    date: str
    code: str
    modifiers: str
    pointers: str
    units: str
    charge: str


KINDS: dict[str, Form] = {
    "P": Form(name="CMS-1500", place="box", date="24A", code="24D", modifiers="24D", pointers="24E", units="24G",
              charge="24F"),
    "I": Form(name="UB-04", place="locator", date="45", code="42, 44", modifiers="44", pointers="", units="46",
              charge="47"),
    "D": Form(name="ADA form", place="box", date="24", code="29", modifiers="25, 27, 28", pointers="29a", units="29b",
              charge="31"),
}  # fmt: skip


def sheet_of(claim: Claim) -> tuple[Group, ...]:
    """The groups of boxes of the claim's own form, those without a value left out but for what a form must have."""
    makes = {"I": _institutional, "D": _dental}.get(claim.kind, _professional)
    return tuple(
        Group(title=title, boxes=tuple(Box(box=box, label=label, text=text) for box, label, text in rows if text))
        for title, rows in makes(claim)
    )


_Rows = list[tuple[str, str, str]]


def _professional(claim: Claim) -> list[tuple[str, _Rows]]:
    cover, patient, billing = claim.coverage, claim.patient, claim.billing_provider
    return [
        ("Patient and insured", [
            ("1a", "Member number", cover.member_id), ("2", "Patient", _name(patient)),
            ("3", "Born, sex", _born(patient)), ("4", "Insured", _name(cover.subscriber)),
            ("5", "Patient's address", _address(patient.address)), ("6", "Relationship", _relation(cover)),
            ("11", "Group", " ".join(filter(None, (cover.group_number, cover.group_name)))),
            ("11c", "Plan", cover.payer.name), ("9, 11d", "Other cover", _others(claim)),
            ("27", "Assignment", {"A": "yes", "C": "no", "B": "laboratory only"}.get(cover.accepts_assignment, "")),
        ]),
        ("Condition", [
            ("10", "Related to", _causes(claim)), ("14", "Onset", _day(claim.onset_date)),
            ("17", "Referring", _provider(claim.referring)), ("18", "Stay", _span(claim.admission_date, claim.discharge_date)),
            ("19", "Note", claim.note), ("21", "Diagnoses", _diagnoses(claim.diagnoses)),
            ("22", "Frequency", _frequency(claim)), ("23", "Authorization", claim.prior_authorization or claim.referral),
            ("23", "CLIA", claim.clia),
        ]),
        ("Provider and money", [
            ("25", "Tax number", billing.tax_id), ("26", "Our number", claim.control_number),
            ("28", "Total charge", f"{claim.total_charge:,.2f}"),
            ("29", "Paid before", f"{claim.patient_paid:,.2f}" if claim.patient_paid else ""),
            ("31, 24J", "Rendering", _provider(claim.rendering or billing)), ("32", "Where", _where(claim)),
            ("24B", "Place of service", claim.place_of_service), ("33", "Billing provider", _provider(billing)),
        ]),
    ]  # fmt: skip


def _institutional(claim: Claim) -> list[tuple[str, _Rows]]:
    facts, cover = claim.institutional, claim.coverage
    if facts is None:
        return _professional(claim)
    spans = (f"{one.code} {_span(one.start, one.end)}" for one in facts.occurrence_spans)
    done = (facts.principal_procedure, *facts.other_procedures)
    return [
        ("Bill and stay", [
            ("3a", "Our number", claim.control_number), ("4", "Type of bill", claim.type_of_bill),
            ("6", "Statement covers", _span(facts.statement_from, facts.statement_through)),
            ("12, 13", "Admitted", f"{_day(claim.admission_date)} {_hour(facts.admission_time)}".strip()),
            ("14", "Admission type", facts.admission_type), ("15", "Point of origin", facts.admission_source),
            ("16", "Discharge hour", _hour(facts.discharge_time)), ("17", "Patient's status", facts.patient_status),
            ("18-28", "Conditions", " ".join(claim.condition_codes)),
            ("31-34", "Occurrences", "; ".join(f"{one.code} {_day(one.on)}" for one in facts.occurrences)),
            ("35, 36", "Spans", "; ".join(spans)),
            ("39-41", "Values", "; ".join(f"{one.code} {one.amount:,.2f}" for one in facts.values)),
        ]),
        ("Patient and insured", [
            ("8", "Patient", _name(claim.patient)), ("9", "Address", _address(claim.patient.address)),
            ("10, 11", "Born, sex", _born(claim.patient)), ("50", "Payer", cover.payer.name),
            ("58", "Insured", _name(cover.subscriber)), ("59", "Relationship", _relation(cover)),
            ("60", "Member number", cover.member_id), ("62", "Group", cover.group_number),
            ("63", "Authorization", claim.prior_authorization), ("64", "Payer's claim number", claim.payer_claim_number),
            ("50B, C", "Other cover", _others(claim)),
        ]),
        ("Codes and providers", [
            ("67", "Diagnoses", _diagnoses(claim.diagnoses, present=True)),
            ("69", "Admitting diagnosis", _dot(facts.admitting_diagnosis)),
            ("70", "Patient's reasons", " ".join(_dot(one) for one in facts.visit_reasons)), ("71", "DRG", facts.drg),
            ("72", "External causes", " ".join(_dot(one) for one in facts.external_causes)),
            ("74", "Procedures", "; ".join(f"{one.code} {_day(one.performed)}" for one in done if one is not None)),
            ("76", "Attending", _provider(facts.attending)), ("77", "Operating", _provider(facts.operating)),
            ("80", "Remarks", claim.note), ("1, 56", "Billing provider", _provider(claim.billing_provider)),
            ("5", "Tax number", claim.billing_provider.tax_id), ("47", "Total charge", f"{claim.total_charge:,.2f}"),
        ]),
    ]  # fmt: skip


def _dental(claim: Claim) -> list[tuple[str, _Rows]]:
    facts, cover, billing = claim.dental, claim.coverage, claim.billing_provider
    missing = [one.number for one in facts.tooth_statuses if one.status == "M"] if facts is not None else []
    return [
        ("Patient and insured", [
            ("3", "Plan", cover.payer.name), ("11", "Other cover", _others(claim)),
            ("12", "Insured", _name(cover.subscriber)), ("15", "Member number", cover.member_id),
            ("16", "Group", cover.group_number), ("18", "Relationship", _relation(cover)),
            ("20", "Patient", _name(claim.patient)), ("21, 22", "Born, sex", _born(claim.patient)),
        ]),
        ("Treatment", [
            ("1", "Kind", "an estimate is asked for" if facts is not None and facts.predetermination else "services done"),
            ("2", "Predetermination", (facts.predetermination_number if facts is not None else "") or claim.prior_authorization),
            ("33", "Missing teeth", " ".join(missing)), ("34a", "Diagnoses", _diagnoses(claim.diagnoses)),
            ("35", "Remarks", claim.note), ("38", "Place of treatment", claim.place_of_service),
            ("40", "Orthodontics", _orthodontics(claim)),
            ("41", "Appliance placed", _day(facts.appliance_placement_date) if facts is not None else ""),
            ("45", "Related to", _causes(claim)), ("46", "Accident", _day(claim.accident_date)),
        ]),
        ("Provider and money", [
            ("48", "Billing dentist", _provider(billing)), ("51", "Tax number", billing.tax_id),
            ("53", "Treating dentist", _provider(claim.rendering or billing)), ("32", "Total", f"{claim.total_charge:,.2f}"),
            ("", "Our number", claim.control_number), ("", "Frequency", _frequency(claim)),
        ]),
    ]  # fmt: skip


# Values as text ------------------------------------------------------------------------------------------------------


def _name(person: Person) -> str:
    given = " ".join(filter(None, (person.first_name, person.middle_name)))
    return ", ".join(filter(None, (person.last_name, given)))


def _born(person: Person) -> str:
    return " ".join(filter(None, (_day(person.birth_date), person.sex)))


def _address(address: Address) -> str:
    city = " ".join(filter(None, (address.city, address.state, address.postal_code)))
    return ", ".join(filter(None, (address.line1, address.line2, city)))


def _relation(cover: Coverage) -> str:
    return RELATIONSHIPS.get(cover.relationship, cover.relationship)


def _others(claim: Claim) -> str:
    return "; ".join(
        f"{one.coverage.payer.name} {one.coverage.member_id}{f', paid {one.paid_amount:,.2f}' if one.adjudicated else ''}"
        for one in claim.prior_payments
    )


def _causes(claim: Claim) -> str:
    words = ", ".join(CAUSES.get(cause, cause) for cause in claim.causes)
    return " ".join(filter(None, (words, claim.accident_state, _day(claim.accident_date))))


def _provider(provider: Provider | None) -> str:
    return "" if provider is None else ", ".join(filter(None, (provider.name, provider.npi)))


def _where(claim: Claim) -> str:
    return claim.facility.name if claim.facility is not None else "at the billing provider's"


def _diagnoses(rows: Iterable[Diagnosis], *, present: bool = False) -> str:
    told = []
    for letter, row in zip(LETTERS, rows, strict=False):
        mark = f" ({row.present_on_admission})" if present and row.present_on_admission else ""
        told.append(f"{letter} {_dot(row)}{mark}")
    return "  ".join(told)


def _dot(row: Diagnosis | None) -> str:
    code = "" if row is None else row.code
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _frequency(claim: Claim) -> str:
    words = {"1": "first claim", "7": "replacement", "8": "void"}.get(claim.frequency, "")
    return " ".join(filter(None, (claim.frequency, words, claim.payer_claim_number)))


def _orthodontics(claim: Claim) -> str:
    facts = claim.dental
    if facts is None or not (facts.orthodontic or facts.orthodontic_months_total):
        return ""
    left = facts.orthodontic_months_remaining
    return "yes" if left is None else f"{left} of {facts.orthodontic_months_total or left} months left"


def _day(day: date | None) -> str:
    return f"{day:%m/%d/%Y}" if day is not None else ""


def _span(start: date | None, end: date | None) -> str:
    return " to ".join(filter(None, (_day(start), _day(end) if end != start else "")))


def _hour(text: str) -> str:
    return f"{text[:2]}:{text[2:4] or '00'}" if text else ""
