"""The boxes of the CMS-1500 (02/12) from a professional claim: mapping only, as plain text by box number.

Sources: NUCC 1500 instructions (02/12) for what goes in which box, Medicare Claims Processing Manual 100-04 chapter 26
section 10 where Medicare departs from them (boxes 4, 7, 11 and 29). Service lines are boxes `24.<line>.<letter>`, their
shaded upper half `24.<line>.shaded`.
"""

from __future__ import annotations

import msgspec

from claimwright.claims.nouns import Claim, Coverage, Person, Provider
from claimwright.documents.cms1500_lines import put_lines
from claimwright.documents.paper import FormRefused, PaperWarning, Values
from claimwright.documents.paper_text import (
    ORDER,
    cents,
    city_line,
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

LINES_A_PAGE = 6
CONTINUED = "CONTINUED"
ON_FILE = "SIGNATURE ON FILE"
ON_LAST_PAGE = ("28", "28.cents", "29", "29.cents")
MEDICARE = ("MB", "MA")
NOT_MEDICARES = ("17a", "32b", "33b")  # payers' own numbers and taxonomies
HOME = "12"  # place of service: box 32 stays blank, for care was given at the patient's own address

# SBR09 to box 1. What is not here is "other"; a plan of a group is "group" whatever its kind.
PROGRAMS = {"MB": "MEDICARE", "MA": "MEDICARE", "MC": "MEDICAID", "CH": "TRICARE", "VA": "CHAMPVA", "OF": "FECA"}
GROUP_PLANS = ("CI", "BL", "HM", "12", "13", "14", "15", "FI")
RELATIONSHIPS = {"18": "SELF", "01": "SPOUSE", "19": "CHILD"}
LETTERS = "ABCDEFGHIJKL"
REPLACING = ("7", "8")

# Box 17 takes one provider: the referring before the ordering before the supervising.
SOURCES = (("DN", "referring"), ("DK", "ordering"), ("DQ", "supervising"))
# REF01 of a provider to the qualifiers of boxes 17a, 24I, 32b and 33b.
PAYER_IDS = {"0B": "0B", "1G": "1G", "G2": "G2", "LU": "LU"}

# Box 15 takes one date, the first of these that the claim has; an accident's day comes first where there was one.
OTHER_DATES = (
    ("454", "initial_treatment_date"), ("304", "last_seen_date"), ("453", "acute_manifestation_date"),
    ("439", "accident_date"), ("455", "last_xray_date"), ("471", "prescription_date"), ("090", "assumed_care_date"),
    ("091", "relinquished_care_date"), ("444", "first_contact_date"),
)  # fmt: skip


class Mapped(msgspec.Struct, frozen=True):
    """All boxes of a claim, whatever number of pages they need, and what has no place in them."""

    boxes: dict[str, str]
    lines: int
    warnings: tuple[PaperWarning, ...] = ()


def boxes(claim: Claim) -> dict[str, str]:
    """Box to text: `1a`, `10a`, `24.1.D`. Raises FormRefused for a claim of another kind."""
    return mapped(claim).boxes


def mapped(claim: Claim, *, signed_on: str = "") -> Mapped:
    """The boxes and what has no place in them. `signed_on` is the day beside the signature in box 31, as printed."""
    if claim.kind != "P":
        raise FormRefused("a CMS-1500 is made of a professional claim: print this one as a UB-04 or send it as 837")
    values = Values()
    _payer(values, claim)
    _patient(values, claim)
    _insured(values, claim)
    _other_insured(values, claim)
    _condition(values, claim)
    _dates(values, claim)
    _source(values, claim)
    _claim_facts(values, claim)
    _diagnoses(values, claim)
    put_lines(values, claim)
    _money(values, claim)
    _providers(values, claim, signed_on)
    if claim.coverage.payer.filing_indicator in MEDICARE:
        _as_medicare_wants(values)
    return Mapped(values.boxes, len(claim.lines), tuple(values.warnings))


def pages(found: Mapped) -> list[dict[str, str]]:
    """The boxes of each page: six lines, the totals on the last, CONTINUED in box 28 before it."""
    whole = {box: text for box, text in found.boxes.items() if not box.startswith("24.")}
    last = max(1, -(-found.lines // LINES_A_PAGE))
    made = []
    for page in range(last):
        own = {box: text for box, text in whole.items() if page == last - 1 or box not in ON_LAST_PAGE}
        if page < last - 1:
            own["28"] = CONTINUED
        made.append(own)
    for box, text in found.boxes.items():
        if box.startswith("24."):
            _, line, part = box.split(".", 2)
            page, row = divmod(int(line) - 1, LINES_A_PAGE)
            made[page][f"24.{row + 1}.{part}"] = text
    return made


def _as_medicare_wants(values: Values) -> None:
    """Medicare knows providers by NPI alone, and asks for the relationship only where box 4 is filled."""
    for box in list(values.boxes):
        if box.startswith(NOT_MEDICARES) or (box.startswith("24.") and box.endswith((".I", ".J.other"))):
            del values.boxes[box]
    if "4" not in values.boxes:
        values.boxes.pop("6", None)


# Who pays, who is treated -------------------------------------------------------------------------------------------


def _payer(values: Values, claim: Claim) -> None:
    payer = claim.coverage.payer
    lines = [plain(payer.name), plain(payer.address.line1), plain(payer.address.line2), city_line(payer.address)]
    for number, text in enumerate(filter(None, lines), 1):
        values.put(f"carrier.{number}", text)
    values.put("1", _program(claim.coverage))
    values.put("1a", claim.coverage.member_id)


def _program(coverage: Coverage) -> str:
    indicator = coverage.payer.filing_indicator
    if indicator in PROGRAMS:
        return PROGRAMS[indicator]
    return "GROUP" if indicator in GROUP_PLANS and (coverage.group_number or coverage.group_name) else "OTHER"


def _patient(values: Values, claim: Claim) -> None:
    patient = claim.patient
    values.put("2", name_with_commas(patient))
    _birth(values, "3", patient)
    _address(values, "5", patient)
    values.put("6", RELATIONSHIPS.get(claim.coverage.relationship, "OTHER" if claim.coverage.relationship else ""))


def _birth(values: Values, box: str, person: Person) -> None:
    day = date8(person.birth_date)
    for part, text in (("month", day[:2]), ("day", day[2:4]), ("year", day[4:])):
        values.put(f"{box}.{part}", text)
    values.put(f"{box}.sex", person.sex if person.sex in ("M", "F") else "")


def _address(values: Values, box: str, person: Person) -> None:
    address, phone = person.address, "".join(filter(str.isdigit, person.phone))
    values.put(box, street(address))
    values.put(f"{box}.city", plain(address.city))
    values.put(f"{box}.state", address.state)
    values.put(f"{box}.zip", zip_code(address))
    area, number = (phone[:3], phone[3:]) if len(phone) == 10 else ("", phone)
    values.put(f"{box}.area", area)
    values.put(f"{box}.phone", number)


def _subscriber(claim: Claim, coverage: Coverage) -> Person:
    """The patient where the cover is their own: a claim to another payer tells the subscriber in fewer words."""
    return claim.patient if coverage.relationship == "18" else coverage.subscriber


def _earlier(claim: Claim) -> list[Coverage]:
    """The covers that pay before the claim's own."""
    own = ORDER.get(claim.coverage.sequence, 0)
    return [prior.coverage for prior in claim.prior_payments if ORDER.get(prior.coverage.sequence, 99) < own]


def _insured(values: Values, claim: Claim) -> None:
    """Boxes 4, 7 and 11. Medicare wants them of the cover that pays before it, and NONE where there is none."""
    if claim.coverage.payer.filing_indicator in MEDICARE:
        earlier = _earlier(claim)
        if not earlier:
            values.put("11", "NONE")
            return
        coverage = earlier[0]
    else:
        coverage = claim.coverage
    person = _subscriber(claim, coverage)
    values.put("4", plain(person.last_name) if coverage.subscriber_is_organization else name_with_commas(person))
    _address(values, "7", person)
    values.put("11", coverage.group_number or (coverage.member_id if coverage is not claim.coverage else ""))
    if not coverage.subscriber_is_organization:
        _birth(values, "11a", person)
    if claim.coverage.property_claim_number:
        values.put("11b.qualifier", "Y4")
        values.put("11b", claim.coverage.property_claim_number)
    values.put("11c", plain(coverage.group_name or coverage.payer.name))


def _other_insured(values: Values, claim: Claim) -> None:
    """Boxes 9 and 11d: the first other cover; for Medicare box 9 is a Medigap plan's alone, which a claim does not tell."""
    if claim.coverage.payer.filing_indicator in MEDICARE:
        return
    others = [prior.coverage for prior in claim.prior_payments]
    values.put("11d", "YES" if others else "NO")
    if not others:
        return
    other = others[0]
    person = _subscriber(claim, other)
    values.put("9", plain(person.last_name) if other.subscriber_is_organization else name_with_commas(person))
    values.put("9a", other.group_number or other.member_id)
    values.put("9d", plain(other.group_name or other.payer.name))
    if len(others) > 1:
        values.no_room("9", len(others), 1, "other covers")


def _condition(values: Values, claim: Claim) -> None:
    """Boxes 10, 12 and 13: what caused it, and which signatures are on file."""
    for box, cause in (("10a", "EM"), ("10b", "AA"), ("10c", "OA")):
        values.put(box, "YES" if cause in claim.causes else "NO")
    if "AA" in claim.causes:
        values.put("10b.state", claim.accident_state)
    values.put("10d", " ".join(claim.condition_codes))
    values.put("12", ON_FILE if claim.coverage.release_of_information == "Y" else "")
    values.put("13", ON_FILE if claim.coverage.benefits_assigned == "Y" else "")


# When and on whose word ----------------------------------------------------------------------------------------------


def _day(values: Values, box: str, day: str) -> None:
    """A day of eight digits in the three fields of a box."""
    for part, text in (("month", day[:2]), ("day", day[2:4]), ("year", day[4:])):
        values.put(f"{box}.{part}", text)


def _dates(values: Values, claim: Claim) -> None:
    professional = claim.professional
    pregnancy_first = professional is not None and professional.pregnant
    starts = [("431", claim.onset_date), ("484", claim.last_menstrual_period)]
    if pregnancy_first:
        starts.reverse()
    held = [(qualifier, day) for qualifier, day in starts if day]
    if held:
        _day(values, "14", date8(held[0][1]))
        values.put("14.qualifier", held[0][0])
    if len(held) > 1:
        values.no_room("14", len(held), 1, "dates")
    others = []
    for qualifier, field in OTHER_DATES:
        day = getattr(claim, field, None) or (getattr(professional, field, None) if professional else None)
        if day:
            others.append((qualifier, day))
    if claim.causes:  # an accident's day decides who pays first
        others.sort(key=lambda one: one[0] != "439")
    if others:
        values.put("15.qualifier", others[0][0])
        _day(values, "15", date8(others[0][1]))
    if len(others) > 1:
        values.no_room("15", len(others), 1, "dates")
    if professional is not None:
        _day(values, "16.from", date8(professional.disability_start or professional.last_worked_date))
        _day(values, "16.to", date8(professional.disability_end or professional.return_to_work_date))
    _day(values, "18.from", date8(claim.admission_date))
    _day(values, "18.to", date8(claim.discharge_date))


def _source(values: Values, claim: Claim) -> None:
    found: list[tuple[str, Provider]] = []
    for qualifier, field in SOURCES:
        own = getattr(claim, field, None)
        lines = [getattr(line, field) for line in claim.lines if getattr(line, field)]
        for provider in dict.fromkeys(filter(None, (own, *lines))):
            found.append((qualifier, provider))
    if not found:
        return
    qualifier, provider = found[0]
    values.put("17.qualifier", qualifier)
    values.put("17", provider_name(provider))
    values.put("17b", provider.npi)
    _other_id(values, "17a", provider)
    if len(found) > 1:
        values.no_room("17", len(found), 1, "providers")


def _other_id(values: Values, box: str, provider: Provider, *, joined: bool = False, taxonomy: bool = False) -> None:
    """A payer's own number of a provider, else the taxonomy where it is wanted; `joined` in boxes without a field
    for the qualifier."""
    ids = [(PAYER_IDS[kind], value) for kind, value in provider.secondary_ids if kind in PAYER_IDS]
    if not ids and taxonomy and provider.taxonomy:
        ids = [("ZZ", provider.taxonomy)]
    if not ids:
        return
    qualifier, value = ids[0]
    if joined:
        values.put(box, f"{qualifier}{value}")
    else:
        values.put(f"{box}.qualifier", qualifier)
        values.put(box, value)


def _claim_facts(values: Values, claim: Claim) -> None:
    """Boxes 19, 20, 22, 23, 25 to 27."""
    told = [f"PWK{one.report_type}{one.transmission}{one.control_number}" for one in claim.attachments]
    told += [note for note in (claim.note, *(further.text for further in claim.further_notes)) if note]
    values.put("19", "   ".join([*told, *claim.file_information]))
    _outside_laboratory(values, claim)
    if claim.frequency in REPLACING:
        values.put("22", claim.frequency)
        values.put("22.reference", claim.payer_claim_number)
    numbers = [claim.prior_authorization, claim.referral, claim.clia]
    if claim.professional is not None:
        numbers.append(claim.professional.mammography_certification)
    numbers += [number for line in claim.lines for number in (line.prior_authorization, line.referral, line.clia)]
    given = list(dict.fromkeys(filter(None, numbers)))
    values.put("23", given[0] if given else "")
    if len(given) > 1:
        values.no_room("23", len(given), 1, "authorization, referral and CLIA numbers")
    billing = claim.billing_provider
    values.put("25", billing.tax_id.replace("-", ""))
    if billing.tax_id:
        values.put("25.kind", "SSN" if billing.tax_id_qualifier == "SY" else "EIN")
    values.put("26", claim.control_number)
    accepts = claim.coverage.accepts_assignment
    values.put("27", "YES" if accepts == "A" else "NO" if accepts else "")
    if accepts == "B":
        values.no_place("27", "assignment of laboratory services alone has no place here")


def _outside_laboratory(values: Values, claim: Claim) -> None:
    bought = [
        line.professional.purchased_service_amount
        for line in claim.lines
        if line.professional is not None and line.professional.purchased_service_amount is not None
    ]
    values.put("20", "YES" if bought else "NO")
    if bought:
        amount = sum_of(bought)
        values.put("20.charge", dollars(amount))
        values.put("20.cents", cents(amount))


def _diagnoses(values: Values, claim: Claim) -> None:
    if not claim.diagnoses:
        return
    values.put("21.version", "9" if claim.diagnoses[0].qualifier in ("BK", "BF") else "0")
    codes = [no_dot(one.code) for one in claim.diagnoses]
    values.put_each([f"21.{letter}" for letter in LETTERS], codes, "diagnoses")


# Money and providers -------------------------------------------------------------------------------------------------


def _money(values: Values, claim: Claim) -> None:
    """Box 29 is what patient and other payers paid; Medicare wants the patient's alone."""
    values.put("28", dollars(claim.total_charge))
    values.put("28.cents", cents(claim.total_charge))
    paid = [claim.patient_paid] if claim.patient_paid is not None else []
    if claim.coverage.payer.filing_indicator not in MEDICARE:
        paid += [prior.paid_amount for prior in claim.prior_payments if prior.adjudicated]
    if paid:
        amount = sum_of(paid)
        values.put("29", dollars(amount))
        values.put("29.cents", cents(amount))


def _providers(values: Values, claim: Claim, signed_on: str) -> None:
    billing = claim.billing_provider
    signs = claim.rendering or (billing if not billing.is_organization else None)
    if claim.provider_signature == "Y":
        values.put("31", provider_name(signs) if signs else ON_FILE)
        values.put("31.name", ON_FILE if signs else "")
    values.put("31.date", signed_on)
    facility = claim.facility or (billing if claim.place_of_service != HOME else None)
    if facility is not None:
        values.put("32.1", provider_name(facility))
        values.put("32.2", street(facility.address))
        values.put("32.3", city_line(facility.address))
        values.put("32a", facility.npi)
        if claim.facility is not None:
            _other_id(values, "32b", facility, joined=True)
    phone = "".join(filter(str.isdigit, billing.phone))
    area, number = (phone[:3], phone[3:]) if len(phone) == 10 else ("", phone)
    values.put("33.area", area)
    values.put("33.phone", number)
    values.put("33.1", provider_name(billing))
    values.put("33.2", street(billing.address))
    values.put("33.3", city_line(billing.address))
    values.put("33a", billing.npi)
    _other_id(values, "33b", billing, joined=True, taxonomy=True)
