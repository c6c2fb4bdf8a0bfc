"""The form locators of the UB-04 from an institutional claim: mapping only, as plain text by locator.

Sources: the public crosswalks of CMS (Medicare Claims Processing Manual 100-04 chapter 25) from locator to 837I. Service
lines are `42.<line>` to `48.<line>`; payers stand in rows A to C in the order in which they pay. What has no room in its
own locators moves to locator 81 with the qualifier that says what it is (A1 condition, A2 occurrence, A3 span, A4 value).
"""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.claims.nouns import Claim, Coverage, Diagnosis, Person, PriorPayment, Provider
from claimwright.codes.money import ZERO
from claimwright.documents.cms1500 import Mapped
from claimwright.documents.paper import FormRefused, Values
from claimwright.documents.paper_text import (
    ORDER,
    cents,
    city_line,
    date6,
    date8,
    dollars,
    name_with_commas,
    no_dot,
    plain,
    provider_name,
    street,
    sum_of,
    zip_code,
)
from claimwright.documents.ub04_lines import put_lines

LINES_A_PAGE = 22
TOTAL = "0001"  # revenue code of the line that sums the claim
TOTALS = ("42.total", "47.total", "47.total.cents", "48.total", "48.total.cents")
LINE_LOCATORS = ("42", "43", "44", "45", "46", "47", "48")
PAYER_ROWS = "ABC"
CONDITIONS = [str(number) for number in range(18, 29)]
OCCURRENCES = [f"{number}{row}" for row in "ab" for number in range(31, 35)]
SPANS = [f"{number}{row}" for row in "ab" for number in (35, 36)]
VALUES = [f"{number}{row}" for row in "abcd" for number in (39, 40, 41)]
OTHER_DIAGNOSES = [f"67{letter}" for letter in "ABCDEFGHIJKLMNOPQ"]
EXTERNAL_CAUSES = ["72a", "72b", "72c"]
REASONS = ["70a", "70b", "70c"]
PROCEDURES = ["74a", "74b", "74c", "74d", "74e"]
MORE = ["81a", "81b", "81c", "81d"]  # code-code: qualifier, code, value
TAXONOMY = "B3"
REMARK_LINES, REMARK_CHARACTERS = 4, (18, 23, 23, 23)  # the first line shares its place with the caption
PAYER_IDS = ("0B", "1G", "G2", "LU")
SELF = "18"


def boxes(claim: Claim) -> dict[str, str]:
    """Locator to text: `4`, `42.1`, `67A`. Raises FormRefused for a claim of another kind."""
    return mapped(claim).boxes


def mapped(claim: Claim, *, created_on: str = "") -> Mapped:
    """The locators and what has no place in them. `created_on` is the day the bill was made, MMDDYY, beside the total."""
    if claim.kind != "I" or claim.institutional is None:
        raise FormRefused("a UB-04 is made of an institutional claim: print this one as a CMS-1500 or send it as 837")
    values = Values()
    more: list[tuple[str, str, str]] = [(TAXONOMY, claim.billing_provider.taxonomy, "")]
    _provider(values, claim)
    _patient(values, claim)
    _codes(values, claim, more)
    lines = put_lines(values, claim)
    _total(values, claim, created_on)
    _payers(values, claim)
    _diagnoses(values, claim)
    _procedures(values, claim)
    _people(values, claim)
    _remarks(values, claim)
    _more(values, [one for one in more if one[1]])
    return Mapped(values.boxes, lines, tuple(values.warnings))


def pages(found: Mapped) -> list[dict[str, str]]:
    """The locators of each page: 22 lines, the page's number on each, the total on the last."""
    whole: dict[str, str] = {}
    lines: list[tuple[str, int, str, str]] = []  # locator, line, part after the line, text
    for box, text in found.boxes.items():
        locator, _, rest = box.partition(".")
        number, _, part = rest.partition(".")
        if locator in LINE_LOCATORS and number.isdigit():
            lines.append((locator, int(number) - 1, f".{part}" if part else "", text))
        else:
            whole[box] = text
    last = max(1, -(-found.lines // LINES_A_PAGE))
    made = []
    for page in range(last):
        own = {box: text for box, text in whole.items() if page == last - 1 or box not in TOTALS}
        made.append(own | {"43.page": str(page + 1), "43.pages": str(last)})
    for locator, line, part, text in lines:
        page, row = divmod(line, LINES_A_PAGE)
        made[page][f"{locator}.{row + 1}{part}"] = text
    return made


# Head --------------------------------------------------------------------------------------------------------------


def _provider(values: Values, claim: Claim) -> None:
    billing = claim.billing_provider
    phone = "".join(filter(str.isdigit, billing.phone))
    values.put("1.1", provider_name(billing))
    values.put("1.2", street(billing.address))
    values.put("1.3", city_line(billing.address))
    values.put("1.4", phone)
    if claim.pay_to_address is not None:
        values.put("2.1", provider_name(billing))
        values.put("2.2", street(claim.pay_to_address))
        values.put("2.3", city_line(claim.pay_to_address))
    values.put("3a", claim.control_number)
    values.put("3b", claim.patient.record_number)
    values.put("4", claim.type_of_bill)
    values.put("5", billing.tax_id.replace("-", ""))
    facts = claim.institutional
    assert facts is not None
    values.put("6.from", date6(facts.statement_from))
    values.put("6.through", date6(facts.statement_through))


def _patient(values: Values, claim: Claim) -> None:
    patient, facts = claim.patient, claim.institutional
    assert facts is not None
    values.put("8b", name_with_commas(patient))
    values.put("9a", street(patient.address))
    values.put("9b", plain(patient.address.city))
    values.put("9c", patient.address.state)
    values.put("9d", zip_code(patient.address))
    values.put("9e", patient.address.country)
    values.put("10", date8(patient.birth_date))
    values.put("11", patient.sex)
    values.put("12", date6(claim.admission_date))
    values.put("13", facts.admission_time[:2])
    values.put("14", facts.admission_type)
    values.put("15", facts.admission_source)
    values.put("16", facts.discharge_time[:2])
    values.put("17", facts.patient_status)
    values.put("29", claim.accident_state)
    payer = claim.coverage.payer
    lines = [plain(payer.name), plain(payer.address.line1), plain(payer.address.line2), city_line(payer.address)]
    for number, text in enumerate(filter(None, lines), 1):
        values.put(f"38.{number}", text)


def _codes(values: Values, claim: Claim, more: list[tuple[str, str, str]]) -> None:
    facts = claim.institutional
    assert facts is not None
    for box, code in zip(CONDITIONS, claim.condition_codes, strict=False):
        values.put(box, code)
    more += [("A1", code, "") for code in claim.condition_codes[len(CONDITIONS) :]]
    for box, event in zip(OCCURRENCES, facts.occurrences, strict=False):
        values.put(box, event.code)
        values.put(f"{box}.date", date6(event.on))
    more += [("A2", event.code, date6(event.on)) for event in facts.occurrences[len(OCCURRENCES) :]]
    for box, span in zip(SPANS, facts.occurrence_spans, strict=False):
        values.put(box, span.code)
        values.put(f"{box}.from", date6(span.start))
        values.put(f"{box}.through", date6(span.end))
    more += [("A3", span.code, date6(span.start) + date6(span.end)) for span in facts.occurrence_spans[len(SPANS) :]]
    for box, held in zip(VALUES, facts.values, strict=False):
        values.put(box, held.code)
        values.put(f"{box}.amount", dollars(held.amount))
        values.put(f"{box}.cents", cents(held.amount))
    more += [("A4", one.code, dollars(one.amount) + cents(one.amount)) for one in facts.values[len(VALUES) :]]
    if facts.treatment_codes:
        values.no_place("63", "treatment codes of a home health plan have no place here")


def _total(values: Values, claim: Claim, created_on: str) -> None:
    values.put("42.total", TOTAL)
    values.put("45.created", created_on)
    values.put("47.total", dollars(claim.total_charge))
    values.put("47.total.cents", cents(claim.total_charge))
    not_covered = [line.non_covered_amount for line in claim.lines if line.non_covered_amount is not None]
    amount = sum_of(not_covered)
    if amount != ZERO:
        values.put("48.total", dollars(amount))
        values.put("48.total.cents", cents(amount))


# Payers ------------------------------------------------------------------------------------------------------------


def _payers(values: Values, claim: Claim) -> None:
    rows: list[tuple[Coverage, PriorPayment | None]] = [(claim.coverage, None)]
    rows += [(prior.coverage, prior) for prior in claim.prior_payments]
    rows.sort(key=lambda row: ORDER.get(row[0].sequence, 99))
    if len(rows) > len(PAYER_ROWS):
        values.no_room("50", len(rows), len(PAYER_ROWS), "payers")
    values.put("56", claim.billing_provider.npi)
    for row, (coverage, prior) in zip(PAYER_ROWS, rows, strict=False):
        values.put(f"50{row}", plain(coverage.payer.name))
        values.put(f"51{row}", coverage.payer.payer_id)
        values.put(f"52{row}", coverage.release_of_information)
        values.put(f"53{row}", coverage.benefits_assigned)
        if prior is not None and prior.adjudicated:
            values.put(f"54{row}", dollars(prior.paid_amount))
            values.put(f"54{row}.cents", cents(prior.paid_amount))
        values.put(f"58{row}", _insured(claim, coverage))
        values.put(f"59{row}", coverage.relationship)
        values.put(f"60{row}", coverage.member_id)
        values.put(f"61{row}", plain(coverage.group_name))
        values.put(f"62{row}", coverage.group_number)
        authorization = claim.prior_authorization or claim.referral
        number = claim.payer_claim_number
        if prior is not None:
            authorization, number = prior.prior_authorization or prior.referral, prior.payer_claim_number
        values.put(f"63{row}", authorization)
        values.put(f"64{row}", number)
        if coverage.subscriber_is_organization:
            values.put(f"65{row}", plain(coverage.subscriber.last_name))
        if prior is None:
            values.put(f"57{row}", _payers_own_number(claim.billing_provider))
    if claim.coverage.relationship != SELF:
        values.put("8a", dict(claim.coverage.patient_ids).get("1W", ""))


def _payers_own_number(provider: Provider) -> str:
    return next((value for kind, value in provider.secondary_ids if kind in PAYER_IDS), "")


def _insured(claim: Claim, coverage: Coverage) -> str:
    person: Person = claim.patient if coverage.relationship == SELF else coverage.subscriber
    return plain(person.last_name) if coverage.subscriber_is_organization else name_with_commas(person)


# Diagnoses, procedures, people ---------------------------------------------------------------------------------------


def _dx(values: Values, boxes: Sequence[str], diagnoses: Sequence[Diagnosis], what: str) -> None:
    values.put_each(boxes, [no_dot(one.code) for one in diagnoses], what)
    for box, one in zip(boxes, diagnoses, strict=False):
        values.put(f"{box}.poa", one.present_on_admission)


def _diagnoses(values: Values, claim: Claim) -> None:
    facts = claim.institutional
    assert facts is not None
    if claim.diagnoses:
        values.put("66", "9" if claim.diagnoses[0].qualifier in ("BK", "BF") else "0")
    _dx(values, ["67"], claim.diagnoses[:1], "principal diagnosis")
    _dx(values, OTHER_DIAGNOSES, claim.diagnoses[1:], "other diagnoses")
    _dx(values, ["69"], [facts.admitting_diagnosis] if facts.admitting_diagnosis else [], "admitting diagnosis")
    _dx(values, REASONS, facts.visit_reasons, "reasons for the visit")
    values.put("71", facts.drg)
    _dx(values, EXTERNAL_CAUSES, facts.external_causes, "external causes")


def _procedures(values: Values, claim: Claim) -> None:
    facts = claim.institutional
    assert facts is not None
    if facts.principal_procedure is not None:
        values.put("74", no_dot(facts.principal_procedure.code))
        values.put("74.date", date6(facts.principal_procedure.performed))
    values.put_each(PROCEDURES, [no_dot(one.code) for one in facts.other_procedures], "procedures")
    for box, one in zip(PROCEDURES, facts.other_procedures, strict=False):
        values.put(f"{box}.date", date6(one.performed))


def _people(values: Values, claim: Claim) -> None:
    facts = claim.institutional
    assert facts is not None
    _person(values, "76", facts.attending)
    _person(values, "77", facts.operating)
    others = [("ZZ", facts.other_operating), ("82", claim.rendering), ("DN", claim.referring)]
    held = [(kind, provider) for kind, provider in others if provider is not None]
    for box, (kind, provider) in zip(("78", "79"), held, strict=False):
        values.put(f"{box}.kind", kind)
        _person(values, box, provider)
    if len(held) > 2:
        values.no_room("79", len(held), 2, "other providers")


def _person(values: Values, box: str, provider: Provider | None) -> None:
    if provider is None:
        return
    values.put(f"{box}.npi", provider.npi)
    values.put(f"{box}.last", plain(provider.last_name))
    values.put(f"{box}.first", plain(provider.first_name))
    for kind, value in provider.secondary_ids:
        if kind in PAYER_IDS:
            values.put(f"{box}.qualifier", kind)
            values.put(f"{box}.id", value)
            break


def _remarks(values: Values, claim: Claim) -> None:
    """Notes, then attachments, broken at blanks into the four lines of locator 80."""
    told = [note for note in (claim.note, *(further.text for further in claim.further_notes)) if note]
    told += [f"PWK{one.report_type}{one.transmission}{one.control_number}" for one in claim.attachments]
    words = " ".join([*told, *claim.file_information]).split()
    lines: list[str] = []
    current = ""
    for word in words:
        room = REMARK_CHARACTERS[min(len(lines), REMARK_LINES - 1)]
        if current and len(current) + 1 + len(word) > room:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}".strip()
    lines += [current] if current else []
    if len(lines) > REMARK_LINES:  # the last line takes what is left: it shrinks, and warns where that is not enough
        lines = [*lines[: REMARK_LINES - 1], " ".join(lines[REMARK_LINES - 1 :])]
    for number, text in enumerate(lines, 1):
        values.put(f"80.{number}", text)


def _more(values: Values, more: Sequence[tuple[str, str, str]]) -> None:
    for box, (qualifier, code, value) in zip(MORE, more, strict=False):
        values.put(f"{box}.qualifier", qualifier)
        values.put(f"{box}.code", code)
        values.put(f"{box}.value", value)
    if len(more) > len(MORE):
        values.no_room("81", len(more), len(MORE), "codes that have no room in their own locators")
