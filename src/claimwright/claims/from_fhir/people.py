"""FHIR Patient, Practitioner, Organization and Coverage to our nouns (domain.md section 11)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from claimwright.claims.from_fhir.reading import Index, Resource, child, codings, items, text, texts
from claimwright.claims.nouns import Address, Coverage, Patient, Payer, Person, Provider
from claimwright.codes.states import STATE_CODES

NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
SSN_SYSTEM = "http://hl7.org/fhir/sid/us-ssn"

CARE_IDENTIFIERS = {"MR", "PI", "PT", "AN", "MB"}  # v2 table 0203: record, patient, account and member numbers

SEXES = {"male": "M", "female": "F"}  # other and unknown become U
RELATIONSHIPS = {"self": "18", "spouse": "01", "child": "19", "other": "G8", "common": "53"}
SEQUENCES = {1: "P", 2: "S", 3: "T"}
SUFFIXES = ("JR", "SR", "II", "III", "IV", "V")

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T|\Z)", re.ASCII)


def day(value: str) -> date | None:
    """The calendar date of a FHIR date or dateTime as its author wrote it; None when the day is not given."""
    match = _ISO_DATE.match(value)
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def patient_of(resource: Resource) -> Patient:
    name = _name(resource)
    number = _identifier(resource, "MR") or text(resource, "id")
    ids = [
        f"{text(identifier, 'system')}|{text(identifier, 'value')}"
        for identifier in items(resource, "identifier")
        if text(identifier, "value") and _is_of_care(identifier)
    ]
    return Patient(
        last_name=name["last_name"],
        first_name=name["first_name"],
        middle_name=name["middle_name"],
        suffix=name["suffix"],
        birth_date=day(text(resource, "birthDate")),
        sex=SEXES.get(text(resource, "gender"), "U"),
        address=address_of(resource),
        phone=_phone(resource),
        death_date=day(text(resource, "deceasedDateTime")),
        record_number=number,
        language=_language(resource),
        external_ids=tuple(ids),
    )


def _is_of_care(identifier: Resource) -> bool:
    """Whether an identifier serves care: social security, passport and licence numbers are not taken in at all."""
    kinds = {code for _, code in codings(child(identifier, "type"))}
    return text(identifier, "system") != SSN_SYSTEM and kinds <= CARE_IDENTIFIERS


def provider_of(resource: Resource) -> Provider:
    """A Practitioner as a person, an Organization or Location as an organization."""
    npi = next((text(i, "value") for i in items(resource, "identifier") if text(i, "system") == NPI_SYSTEM), "")
    if text(resource, "resourceType") != "Practitioner":
        return Provider(
            npi=npi, is_organization=True, last_name=text(resource, "name"), address=address_of(resource),
            phone=_phone(resource),
        )  # fmt: skip
    name = _name(resource)
    taxonomy = next(
        (code for qualification in items(resource, "qualification") for _, code in codings(child(qualification, "code"))
         if re.fullmatch(r"[0-9A-Z]{9}X", code)),
        "",
    )  # fmt: skip
    return Provider(
        npi=npi,
        last_name=name["last_name"],
        first_name=name["first_name"],
        middle_name=name["middle_name"],
        suffix=name["suffix"],
        taxonomy=taxonomy,
        address=address_of(resource),
    )


def coverages_of(index: Index, patient_resource: Resource, patient: Patient, on: date, shift: int) -> list[Coverage]:
    """The active coverages of the patient in force on `on` (dates as they came), shifted with the encounter."""
    found: list[tuple[int, Coverage]] = []
    for resource in index.of_type("Coverage"):
        if text(resource, "status") != "active":
            continue
        if index.resolve(resource, resource.get("beneficiary")) is not patient_resource:
            continue
        order = resource.get("order")
        coverage = _coverage(index, resource, patient)
        if coverage.in_force(on):
            found.append((order if isinstance(order, int) else len(found) + 1, coverage))
    found.sort(key=lambda pair: pair[0])
    return [_placed(coverage, place, shift) for place, (_, coverage) in enumerate(found, 1)]


def _placed(coverage: Coverage, place: int, days: int) -> Coverage:
    """In its place among the coverages, its dates moved by `days`. The letters after T run from A (SBR01)."""
    fields = {name: getattr(coverage, name) for name in Coverage.__struct_fields__}
    fields["sequence"] = SEQUENCES.get(place) or chr(ord("A") + place - len(SEQUENCES) - 1)
    for name in ("start", "end"):
        if fields[name]:
            fields[name] = fields[name] + timedelta(days=days)
    return Coverage(**fields)


def _coverage(index: Index, resource: Resource, patient: Patient) -> Coverage:
    payors = items(resource, "payor")
    payor = payors[0] if payors else {}
    organization = index.resolve(resource, payor) or {}
    payer_id = next((text(i, "value") for i in items(organization, "identifier") if text(i, "value")), "")
    relationship = next((code for _, code in codings(child(resource, "relationship")) if code), "self")
    subscriber_resource = index.resolve(resource, resource.get("subscriber"))
    own = relationship == "self"
    subscriber = patient if own or subscriber_resource is None else patient_of(subscriber_resource)
    period = child(resource, "period")
    end = day(text(period, "end"))
    return Coverage(
        payer=Payer(payer_id=payer_id, name=text(organization, "name") or text(payor, "display")),
        member_id=text(resource, "subscriberId") or _member_number(resource),
        group_number=_class(resource, "group"),
        group_name=_class(resource, "group", "name"),
        relationship=RELATIONSHIPS.get(relationship, "G8"),
        subscriber=Person(**{name: getattr(subscriber, name) for name in Person.__struct_fields__}),
        start=day(text(period, "start")),
        end=end + timedelta(days=1) if end else None,  # FHIR's period ends inclusive, ours exclusive
    )


def _member_number(resource: Resource) -> str:
    for identifier in items(resource, "identifier"):
        if any(code == "MB" for _, code in codings(child(identifier, "type"))):
            return text(identifier, "value")
    return ""


def _class(resource: Resource, kind: str, member: str = "value") -> str:
    for item in items(resource, "class"):
        if any(code == kind for _, code in codings(child(item, "type"))):
            return text(item, member)
    return ""


def _identifier(resource: Resource, kind: str) -> str:
    for identifier in items(resource, "identifier"):
        if any(code == kind for _, code in codings(child(identifier, "type"))):
            return text(identifier, "value")
    return ""


def _name(resource: Resource) -> dict[str, str]:
    """The official name, else the usual one, else the first; a suffix that stands in the family name is taken out."""
    names = items(resource, "name")
    rank = {"official": 0, "usual": 1, "": 2}
    best = min(names, key=lambda name: rank.get(text(name, "use"), 3), default={})
    family, given = text(best, "family").strip(), texts(best, "given")
    suffix = " ".join(texts(best, "suffix"))
    head, _, tail = family.rpartition(" ")
    if not suffix and head and tail.rstrip(".").upper() in SUFFIXES:
        family, suffix = head.rstrip(","), tail.rstrip(".")
    return {
        "last_name": family,
        "first_name": given[0] if given else "",
        "middle_name": " ".join(given[1:]),
        "suffix": suffix if suffix.rstrip(".").upper() in SUFFIXES else "",
    }


def address_of(resource: Resource) -> Address:
    """The home (or first current) address; the state by its two letters, the ZIP as digits."""
    addresses = [one for one in items(resource, "address") if text(one, "use") != "old"]
    if not addresses:
        return Address()
    best = next((one for one in addresses if text(one, "use") == "home"), addresses[0])
    lines = [*texts(best, "line"), "", ""]
    state = text(best, "state").strip()
    country = text(best, "country").upper()
    return Address(
        line1=lines[0],
        line2=lines[1],
        city=text(best, "city"),
        state=STATE_CODES.get(state.upper(), state.upper()),
        postal_code="".join(character for character in text(best, "postalCode") if character.isdigit()),
        country="" if country in ("US", "USA") else country,
    )


def _phone(resource: Resource) -> str:
    for contact in items(resource, "telecom"):
        if text(contact, "system") == "phone":
            digits = "".join(character for character in text(contact, "value") if character.isdigit())
            return digits[-10:] if len(digits) == 11 and digits[0] == "1" else digits
    return ""


def _language(resource: Resource) -> str:
    for communication in items(resource, "communication"):
        for _, code in codings(child(communication, "language")):
            if code:
                return code.split("-")[0].lower()
    return "en"
