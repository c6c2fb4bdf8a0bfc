"""HL7 v2 PID, IN1 and XCN to patients, coverages and ids of providers."""

from __future__ import annotations

import re
from datetime import date, timedelta

import hl7

from claimwright.claims.from_hl7.reading import DELETED, Message, day, repetitions, value
from claimwright.claims.interface_maps import InterfaceMaps
from claimwright.claims.nouns import Address, Coverage, Patient, Payer, Person
from claimwright.codes.identifiers import Npi
from claimwright.codes.states import STATE_CODES

_DIGITS = re.compile(r"\D")
_RECORD_TYPES = ("MR", "PI", "")
# What of the patient a sender may delete by `""`: our field, PID field, component.
_DELETABLE = (("middle_name", 5, 3), ("suffix", 5, 4), ("phone", 13, 1), ("death_date", 29, 1))
LANGUAGES = {"ENGLISH": "en", "ENG": "en", "SPANISH": "es", "SPA": "es", "FRENCH": "fr", "FRE": "fr", "CHINESE": "zh",
             "VIETNAMESE": "vi", "RUSSIAN": "ru", "KOREAN": "ko", "TAGALOG": "tl", "GERMAN": "de"}  # fmt: skip
# IN1-17: table 0063 and the X12 codes and words that stand there instead.
RELATIONSHIPS = {
    "": "18", "SEL": "18", "SELF": "18", "S": "18", "18": "18", "1": "18", "SPO": "01", "SPOUSE": "01", "01": "01",
    "2": "01", "CHD": "19", "CHILD": "19", "C": "19", "19": "19", "3": "19", "NCH": "19", "SCH": "19", "FCH": "19",
    "EME": "20", "DOM": "53", "LIFE": "53", "53": "53", "UNK": "21",
}  # fmt: skip
OTHER_RELATIONSHIP = "G8"
PRIORITIES = {
    "1": "P",
    "P": "P",
    "PRIMARY": "P",
    "2": "S",
    "S": "S",
    "SECONDARY": "S",
    "3": "T",
    "T": "T",
    "TERTIARY": "T",
}
ORDER = ("P", "S", "T", "A", "B", "C", "D", "E", "F", "G", "H")


def upper(message: Message, segment: str, field: int, component: int = 1) -> str:
    return message.value(segment, field, component).upper()


def patient_of(message: Message) -> Patient:
    """The PID. The record number is the one of type MR, else PI, else one without type, else PID-2."""
    numbers = [
        (message.value("PID", 3, 5, repetition=number).upper(), message.value("PID", 3, repetition=number),
         message.value("PID", 3, 4, repetition=number))
        for number in range(message.repetitions("PID", 3))
    ]  # fmt: skip
    record = next((text for kind in _RECORD_TYPES for found, text, _ in numbers if found == kind and text), "")
    sex = upper(message, "PID", 8)[:1]
    at = _official_name(message)
    names = [message.value("PID", 5, part, repetition=at).upper() for part in (1, 2, 3, 4)]
    return Patient(
        record_number=record or message.value("PID", 2),
        last_name=names[0],
        first_name=names[1],
        middle_name=names[2],
        suffix=names[3],
        birth_date=day(message.value("PID", 7)),
        sex=sex if sex in ("F", "M") else "U",
        address=_address(message.segments("PID")[0], 11) if message.segments("PID") else Address(),
        phone=_phone(message),
        death_date=day(message.value("PID", 29)),
        language=_language(message.value("PID", 15), message.value("PID", 15, 2)),
        # Care ids only: PID-19 (social security) and PID-20 (driver's licence) are not taken in at all.
        external_ids=tuple(
            f"{owner}|{text}" for kind, text, owner in numbers if text and kind in ("MR", "PI", "PT", "AN")
        ),
    )


def cleared_of(message: Message) -> tuple[str, ...]:
    """Fields of the patient that the sender deletes: absent is no change, `""` is blank."""
    return tuple(name for name, field, part in _DELETABLE if message.is_deleted("PID", field, part))


def _official_name(message: Message) -> int:
    """PID-5 may repeat: the legal name (L), else the first that is no alias, maiden or nickname."""
    kinds = [message.value("PID", 5, 7, repetition=at).upper() for at in range(message.repetitions("PID", 5))]
    for wanted in ("L", "", "D"):
        if wanted in kinds:
            return kinds.index(wanted)
    return 0


def _address(segment: hl7.Segment, field: int) -> Address:
    """The first current address: a mailing, legal or home one before those of other kinds."""
    count = repetitions(segment, field)
    kinds = [value(segment, field, 7, repetition=at).upper() for at in range(count)]
    at = next((kinds.index(kind) for kind in ("H", "M", "L", "P", "") if kind in kinds), 0)
    parts = [value(segment, field, part, repetition=at).upper() for part in range(1, 7)]
    country = parts[5]
    return Address(
        line1=parts[0],
        line2=parts[1],
        city=parts[2],
        state=STATE_CODES.get(parts[3], parts[3]),
        postal_code=_DIGITS.sub("", parts[4])[:9],
        country="" if country in ("US", "USA", "UNITED STATES") else country,
    )


def _phone(message: Message) -> str:
    """PID-13 as one text, else area code and number apart (XTN-6, XTN-7); no fax, no mail address."""
    for at in range(message.repetitions("PID", 13)):
        if message.value("PID", 13, 3, repetition=at).upper() in ("FX", "INTERNET", "X.400", "BP"):
            continue
        digits = _DIGITS.sub("", message.value("PID", 13, repetition=at).split("X")[0])
        apart = message.value("PID", 13, 6, repetition=at) + message.value("PID", 13, 7, repetition=at)
        found = digits or _DIGITS.sub("", apart)
        if found:
            return found[-10:]
    return ""


def _language(code: str, words: str) -> str:
    text = code.strip().upper()
    return LANGUAGES.get(text) or LANGUAGES.get(words.strip().upper()) or (text.lower()[:2] if len(text) == 2 else "en")


# Covers --------------------------------------------------------------------------------------------------------------


def coverages_of(message: Message, patient: Patient, maps: InterfaceMaps) -> tuple[Coverage, ...]:
    """Each IN1 with the IN2 behind it, in payment order. An IN1 without payer or member number is left out."""
    groups: list[tuple[hl7.Segment, hl7.Segment | None]] = []
    for name, segment in message.in_order():
        if name == "IN1":
            groups.append((segment, None))
        elif name == "IN2" and groups and groups[-1][1] is None:
            groups[-1] = (groups[-1][0], segment)
    found = [_coverage(first, second, patient, maps) for first, second in groups]
    kept = [one for one in found if (one.payer.payer_id or one.payer.name) and one.member_id]
    return _in_places(kept)


def _in_places(covers: list[Coverage]) -> tuple[Coverage, ...]:
    """One place each: as IN1-22 says, and where it says nothing or the same twice the next that is free."""
    said = [cover for cover in covers if cover.sequence]
    taken: list[str] = []
    placed = []
    for cover in (*said, *(cover for cover in covers if not cover.sequence)):
        place = cover.sequence
        if not place or place in taken:
            place = next((one for one in ORDER if one not in taken), "U")
        taken.append(place)
        placed.append(_with(cover, sequence=place))
    return tuple(sorted(placed, key=lambda one: ORDER.index(one.sequence) if one.sequence in ORDER else len(ORDER)))


def _with(cover: Coverage, **changes: object) -> Coverage:
    fields = {name: getattr(cover, name) for name in Coverage.__struct_fields__} | changes
    return Coverage(**fields)


def _coverage(first: hl7.Segment, second: hl7.Segment | None, patient: Patient, maps: InterfaceMaps) -> Coverage:
    company, plan, name = value(first, 3), value(first, 2), value(first, 4)
    known = maps.payer(company, plan, name)
    relationship = value(first, 17).upper() or value(first, 17, 2).upper()
    code = RELATIONSHIPS.get(relationship, OTHER_RELATIONSHIP)
    end = day(value(first, 13))
    member = value(first, 36) or value(first, 49) or (value(second, 61) if second is not None else "")
    return Coverage(
        sequence=PRIORITIES.get(value(first, 22).upper(), ""),
        payer=known or Payer(payer_id=company or plan, name=name.upper()),
        member_id=member,
        group_number=value(first, 8),
        group_name=value(first, 9).upper(),
        relationship=code,
        subscriber=_own(patient) if code == "18" else _subscriber(first),
        start=day(value(first, 12)),
        end=end + timedelta(days=1)
        if end and end < date.max
        else None,  # theirs is the last day, ours the first without
    )


def _own(patient: Patient) -> Person:
    return Person(**{name: getattr(patient, name) for name in Person.__struct_fields__})


def _subscriber(segment: hl7.Segment) -> Person:
    sex = value(segment, 43).upper()[:1]
    return Person(
        last_name=value(segment, 16, 1).upper(),
        first_name=value(segment, 16, 2).upper(),
        middle_name=value(segment, 16, 3).upper(),
        suffix=value(segment, 16, 4).upper(),
        birth_date=day(value(segment, 18)),
        sex=sex if sex in ("F", "M") else "U",
        address=_address(segment, 19),
    )


def prior_authorization_of(message: Message) -> str:
    """IN1-14 of the first cover."""
    return message.value("IN1", 14)


# Providers -----------------------------------------------------------------------------------------------------------


def provider_ids(segment: hl7.Segment | None, field: int) -> tuple[str, ...]:
    """The ids of an XCN field, NPIs first: a provider is often told by several, each with its own authority."""
    if segment is None:
        return ()
    found = [value(segment, field, repetition=at) for at in range(repetitions(segment, field))]
    found = [one for one in found if one and one != DELETED]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: not Npi(one).is_valid))


def provider_name(segment: hl7.Segment, field: int) -> tuple[str, str]:
    """Last and first name of an XCN."""
    return value(segment, field, 2).upper(), value(segment, field, 3).upper()
