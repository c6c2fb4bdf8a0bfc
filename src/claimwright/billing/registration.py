"""Registering a patient: text of a form to a record, or every fault with its field and what to do. Nothing half right.

A name is kept as typed but for blanks at its ends, so that the card and the claim agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from claimwright.claims.nouns import Address, Noun, Patient, Person
from claimwright.codes.dates import Period
from claimwright.codes.identifiers import Mbi, PostalCode, TaxId
from claimwright.codes.states import STATE_CODES

OLDEST_YEARS = 120
NEWBORN_DAYS = 28
STATES = frozenset(STATE_CODES.values())
SUFFIXES = ("JR", "SR", "I", "II", "III", "IV", "V")
SEXES = {"F": "Female", "M": "Male", "U": "Unknown"}
GENDER_IDENTITIES = {
    "": "Not asked", "female": "Female", "male": "Male", "transgender_female": "Transgender female",
    "transgender_male": "Transgender male", "nonbinary": "Nonbinary", "other": "Other", "declined": "Does not say",
}  # fmt: skip
MARITAL = {
    "": "Not known", "single": "Single", "married": "Married", "partner": "Life partner", "separated": "Separated",
    "divorced": "Divorced", "widowed": "Widowed",
}  # fmt: skip
EMPLOYMENT = {
    "": "Not known", "full_time": "Works full time", "part_time": "Works part time", "self_employed": "Self-employed",
    "retired": "Retired", "not_employed": "Does not work", "student": "Student", "military": "Active duty",
}  # fmt: skip
CHANNELS = {"mail": "Mail", "phone": "Telephone", "text": "Text message", "email": "Email", "portal": "Portal"}
PHONE_KINDS = {"mobile": "Mobile", "home": "Home", "work": "Work"}
LANGUAGES = {
    "en": "English", "es": "Spanish", "zh": "Chinese", "vi": "Vietnamese", "tl": "Tagalog", "ko": "Korean",
    "ar": "Arabic", "fr": "French", "ru": "Russian", "ht": "Haitian Creole", "pt": "Portuguese", "hmn": "Hmong",
    "so": "Somali", "de": "German", "pl": "Polish", "it": "Italian", "ja": "Japanese", "fa": "Persian", "hi": "Hindi",
    "ur": "Urdu", "bn": "Bengali", "gu": "Gujarati", "pa": "Punjabi", "ne": "Nepali", "am": "Amharic", "sw": "Swahili",
    "my": "Burmese", "uk": "Ukrainian", "ase": "American Sign Language",
}  # fmt: skip
# Years of age from which a person answers for their own bills; 18 in every state that is not named.
# Sources: Code of Alabama 26-1-1, Nebraska Revised Statutes 43-2101, Mississippi Code 1-3-27.
MAJORITY_YEARS = {"AL": 19, "NE": 19, "MS": 21}
MAJORITY_ELSEWHERE = 18
# How a payer wants a child without a name registered: the first name, with {sex} BOY or GIRL, {letter} A, B ... of
# several and {mother} the mother's first name. A payer's profile names its own; "standard" is what most accept.
NEWBORN_NAMES = {
    "standard": "BABY {sex} {letter}",
    "with_mother": "BABY {sex} {letter} OF {mother}",
    "newborn": "NEWBORN {letter}",
    "joined": "BABY{sex}{letter}",
}

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)
_AMERICAN = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})\Z", re.ASCII)
# The local part without what would need quotes (RFC 5322, 3.2.3): a comma there is a slip for a dot, or a second address.
_EMAIL = re.compile(r"[^@\s,;:\"<>()\[\]\\]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\Z")
_PHONE = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}\Z")
_LETTER = re.compile(r"[^\W\d_]")
_RECORD_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9.\-_/ ]{0,59}\Z")


class Fault(Noun, frozen=True, kw_only=True):
    """One field that cannot be taken: what is wrong and what to do. Never holds what was typed."""

    field: str
    says: str
    fix: str


class Phone(Noun, frozen=True, kw_only=True):
    """Ten digits, and what the person allowed us to do with them (47 CFR 64.1200); `consent_on` is when they said so."""

    kind: str = "mobile"
    number: str = ""
    may_call: bool = True
    may_text: bool = False
    may_leave_message: bool = False
    consent_on: date | None = None


class Guarantor(Noun, frozen=True, kw_only=True):
    """Who answers for the bills: the patient, or another person by relationship to the patient."""

    is_patient: bool = True
    relationship: str = ""
    person: Person = Person()


class Registered(Noun, frozen=True, kw_only=True):
    """What the front desk took down. `ssn` is blank when it was not given; it is never part of `patient`."""

    patient: Patient = Patient()
    gender_identity: str = ""
    ssn: str = ""
    email: str = ""
    phones: tuple[Phone, ...] = ()
    guarantor: Guarantor = Guarantor()
    marital: str = ""
    employment: str = ""
    employer: str = ""
    channel: str = "mail"
    mother_record_number: str = ""
    is_newborn: bool = False
    emancipated: bool = False


class _Form:
    """Reads cells, collecting faults."""

    def __init__(self, cells: Mapping[str, str], on: date) -> None:
        self.cells, self.on = cells, on
        self.faults: list[Fault] = []

    def fault(self, field: str, says: str, fix: str) -> None:
        self.faults.append(Fault(field=field, says=says, fix=fix))

    def text(self, field: str, longest: int, label: str) -> str:
        value = " ".join(self.cells.get(field, "").split())
        if len(value) > longest:
            self.fault(field, f"{label} has more than {longest} characters", "Shorten it as the payer's card does")
            return ""
        if any(not character.isprintable() for character in value):
            self.fault(field, f"{label} holds control characters", "Type it again")
            return ""
        return value

    def yes(self, field: str) -> bool:
        return self.cells.get(field, "").strip().lower() in ("on", "yes", "y", "true", "1")

    def choice(self, field: str, choices: Mapping[str, str], label: str, default: str = "") -> str:
        value = self.cells.get(field, "").strip() or default
        if value not in choices:
            self.fault(field, f"{label} is none of the choices", "Choose one of the list")
            return default
        return value

    def day(self, field: str, label: str) -> date | None:
        value = self.cells.get(field, "").strip()
        if not value:
            return None
        found = read_day(value)
        if found is None:
            self.fault(field, f"{label} is no day of the calendar", "Write it as 01/31/1980 or 1980-01-31")
        return found

    def name(self, field: str, longest: int, label: str) -> str:
        value = self.text(field, longest, label)
        if value and not _LETTER.search(value):
            self.fault(field, f"{label} has no letter", "Enter it as on the insurance card or an identity card")
            return ""
        if any(character.isdigit() for character in value):
            self.fault(field, f"{label} holds a digit", "Take the digit out; a suffix such as III has its own field")
            return ""
        return value


def read_day(text: str) -> date | None:
    """01/31/1980 or 1980-01-31; None for anything else, years of two digits too."""
    iso, american = _ISO.match(text), _AMERICAN.match(text)
    parts = (iso[1], iso[2], iso[3]) if iso else (american[3], american[1], american[2]) if american else None
    try:
        return date(*(int(part) for part in parts)) if parts else None
    except ValueError:
        return None


def age_on(born: date, on: date) -> int:
    """Whole years. Who was born on 29 February has the birthday on 1 March in other years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def majority_years(state: str) -> int:
    return MAJORITY_YEARS.get(state, MAJORITY_ELSEWHERE)


def read_registration(cells: Mapping[str, str], *, on: date) -> tuple[Registered, tuple[Fault, ...]]:
    """The record and every fault. With a fault the record is not to be saved. `on` is the day of registration."""
    form = _Form(cells, on)
    address = _address(form)
    born = _birth_date(form)
    is_newborn = form.yes("is_newborn")
    mother = form.text("mother_record_number", 60, "The mother's record number").upper()
    sex = form.cells.get("sex", "").strip().upper()
    if sex not in SEXES:
        form.fault("sex", "The sex the payer holds is missing", "Choose female, male or unknown, as on the card")
    last, first, suffix = _names(form, is_newborn, sex)
    death = form.day("death_date", "The date of death")
    if death is not None and ((born is not None and death < born) or death > on):
        form.fault("death_date", "The date of death is before birth or still to come", "Correct it, or leave it blank")
    phones = _phones(form)
    record = Registered(
        patient=Patient(
            last_name=last, first_name=first, middle_name=form.name("middle_name", 25, "The middle name"), suffix=suffix,
            birth_date=born, sex=sex if sex in SEXES else "", address=address, death_date=death,
            phone=phones[0].number if phones else "", record_number=_record_number(form),
            language=form.choice("language", LANGUAGES, "The language", "en"),
            preferred_name=form.text("preferred_name", 35, "The preferred name"),
        ),
        gender_identity=form.choice("gender_identity", GENDER_IDENTITIES, "The gender identity"),
        ssn=_ssn(form), email=_email(form), phones=phones, guarantor=_guarantor(form, born, address),
        marital=form.choice("marital", MARITAL, "The marital status"),
        employment=form.choice("employment", EMPLOYMENT, "The employment"),
        employer=form.text("employer", 60, "The employer"), channel=form.choice("channel", CHANNELS, "The way to write", "mail"),
        mother_record_number=mother, is_newborn=is_newborn, emancipated=form.yes("emancipated"),
    )  # fmt: skip
    _check_channel(form, record)
    _check_newborn(form, record)
    return record, tuple(form.faults)


def _names(form: _Form, is_newborn: bool, sex: str) -> tuple[str, str, str]:
    last = form.name("last_name", 60, "The last name")
    first = form.name("first_name", 35, "The first name")
    suffix = form.text("suffix", 10, "The suffix").upper().rstrip(".")
    if suffix and suffix not in SUFFIXES:
        form.fault("suffix", "The suffix is none we know", f"Choose one of {', '.join(SUFFIXES)}; a title is no suffix")
        suffix = ""
    if not form.cells.get("last_name", "").strip():
        form.fault("last_name", "The last name is missing", "Enter it as the payer holds it")
    words = last.replace(",", " ").split()
    if len(words) > 1 and words[-1].upper().rstrip(".") in SUFFIXES[:2] + SUFFIXES[3:]:
        form.fault(
            "last_name", "The last name ends in a suffix", "Put it in the field Suffix: payers compare the two apart"
        )
    if not form.cells.get("first_name", "").strip():
        if is_newborn:
            first = newborn_name(sex)
        else:
            form.fault("first_name", "The first name is missing", "Enter it; for a newborn without one tick Newborn")
    return last, first, suffix


def newborn_name(sex: str, *, rule: str = "standard", place: int = 0, mother_first_name: str = "") -> str:
    """How a child without a name is registered; `place` counts children of one birth from 1, 0 for an only one.

    Raises KeyError for a rule that is not in NEWBORN_NAMES.
    """
    letter = "ABCDEFGHIJ"[place - 1 : place] if place else ""
    word = {"F": "GIRL", "M": "BOY"}.get(sex, "")
    text = NEWBORN_NAMES[rule].format(sex=word, letter=letter, mother=mother_first_name.upper())
    return " ".join(text.split())[:35]


def is_placeholder_name(first_name: str) -> bool:
    """Whether the name is one of ours for a child without a name."""
    return first_name.upper().startswith(("BABY", "NEWBORN"))


def birth_place(first_name: str) -> int:
    """The place in the birth that a placeholder's letter tells: BABY BOY B is 2; 0 without a letter."""
    last = first_name.upper().split()[-1:] or [""]
    return "ABCDEFGHIJ".find(last[0]) + 1 if len(last[0]) == 1 else 0


def _birth_date(form: _Form) -> date | None:
    born = form.day("birth_date", "The date of birth")
    if born is None:
        if not form.cells.get("birth_date", "").strip():
            form.fault("birth_date", "The date of birth is missing", "Ask for it: no payer finds a member without it")
    elif born > form.on:
        form.fault("birth_date", "The date of birth is still to come", "Correct it")
        return None
    elif age_on(born, form.on) > OLDEST_YEARS:
        form.fault("birth_date", f"That would be more than {OLDEST_YEARS} years ago", "Check the year")
        return None
    return born


def _record_number(form: _Form) -> str:
    value = form.text("record_number", 60, "The record number").upper()
    if value and not _RECORD_NUMBER.match(value):
        form.fault("record_number", "The record number holds other signs", "Use letters, digits, point, dash, slash")
        return ""
    return value


def _address(form: _Form, prefix: str = "", required: bool = True) -> Address:
    line1 = form.text(f"{prefix}line1", 55, "The street")
    city = form.text(f"{prefix}city", 30, "The city")
    state = form.text(f"{prefix}state", 2, "The state").upper()
    postal = form.text(f"{prefix}postal_code", 10, "The ZIP code").replace("-", "").replace(" ", "")
    country = form.text(f"{prefix}country", 2, "The country").upper()
    given = bool(line1 or city or state or postal)
    if not given:
        if required and not form.yes("no_address"):
            form.fault(f"{prefix}line1", "The address is missing", "Enter it, or tick that the patient has none")
        return Address()
    if not line1:
        form.fault(f"{prefix}line1", "The street is missing", "Enter number and street")
    if not city:
        form.fault(f"{prefix}city", "The city is missing", "Enter it")
    if country in ("", "US") and state not in STATES:
        form.fault(f"{prefix}state", "This is no state of the United States", "Enter two letters, such as WI")
    if country in ("", "US") and not PostalCode(postal).is_valid:
        form.fault(f"{prefix}postal_code", "A ZIP code has five or nine digits", "Correct it; a leading zero counts")
    return Address(
        line1=line1, line2=form.text(f"{prefix}line2", 55, "The second line"), city=city, state=state,
        postal_code=postal, country="" if country == "US" else country,
    )  # fmt: skip


def phone_digits(text: str) -> str:
    """Ten digits of a North American number without the leading 1, or "" where it is none."""
    if any(character.isalpha() for character in text):
        return ""
    digits = "".join(character for character in text if character.isascii() and character.isdigit())
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return digits if _PHONE.match(digits) else ""


def _phones(form: _Form) -> tuple[Phone, ...]:
    phones = []
    for number in ("1", "2"):
        field = f"phone{number}"
        text = form.cells.get(field, "").strip()
        if not text:
            continue
        digits = phone_digits(text)
        if not digits:
            form.fault(field, "This is no telephone number of ten digits", "Enter area code and number: 608 555 0142")
            continue
        kind = form.choice(f"{field}_kind", PHONE_KINDS, "The kind of telephone", "mobile")
        may_text = form.yes(f"{field}_may_text")
        consent = form.day(f"{field}_consent_on", "The day of consent")
        if consent is not None and consent > form.on:
            form.fault(f"{field}_consent_on", "The consent lies in the future", "Enter the day it was given")
        if may_text and kind != "mobile":
            form.fault(f"{field}_may_text", "A text needs a mobile telephone", "Change the kind, or take consent back")
        if may_text and consent is None and not form.cells.get(f"{field}_consent_on", "").strip():
            form.fault(f"{field}_consent_on", "Consent to texts has no day", "Enter when the patient agreed (TCPA)")
        phones.append(
            Phone(
                kind=kind, number=digits, may_call=not form.yes(f"{field}_no_calls"), may_text=may_text,
                may_leave_message=form.yes(f"{field}_may_leave_message"), consent_on=consent,
            )
        )  # fmt: skip
    return tuple(phones)


def _ssn(form: _Form) -> str:
    value = form.cells.get("ssn", "").replace("-", "").replace(" ", "")
    if value and not TaxId(value).is_valid_as("SY"):
        form.fault(
            "ssn", "This is no social security number", "Enter its nine digits, or leave it blank: it is optional"
        )
        return ""
    return value


def _email(form: _Form) -> str:
    value = form.text("email", 254, "The email address")
    if value and not _EMAIL.match(value):
        form.fault("email", "This is no email address", "Write it as name@example.org")
        return ""
    return value


def _guarantor(form: _Form, born: date | None, address: Address) -> Guarantor:
    """A minor's guarantor is another, grown person; where they live decides when somebody is grown."""
    other = form.cells.get("guarantor", "").strip() == "other"
    age = majority_years(address.state)
    minor = born is not None and age_on(born, form.on) < age and not form.yes("emancipated")
    if not other:
        if minor:
            form.fault(
                "guarantor", f"The patient is under {age} and cannot be the guarantor", "Enter a parent or guardian"
            )
        return Guarantor()
    last = form.name("guarantor_last_name", 60, "The guarantor's last name")
    first = form.name("guarantor_first_name", 35, "The guarantor's first name")
    for field, value in (("guarantor_last_name", last), ("guarantor_first_name", first)):
        if not value and not form.cells.get(field, "").strip():
            form.fault(field, "The guarantor's name is not whole", "Enter last and first name")
    birthday = form.day("guarantor_birth_date", "The guarantor's date of birth")
    if birthday is None and minor and not form.cells.get("guarantor_birth_date", "").strip():
        form.fault(
            "guarantor_birth_date", "A minor's guarantor must be grown up", "Enter the guarantor's date of birth"
        )
    if birthday is not None and (birthday > form.on or age_on(birthday, form.on) < age):
        form.fault("guarantor_birth_date", f"A guarantor is {age} or older", "Enter another person, or correct the day")
    phone = form.cells.get("guarantor_phone", "").strip()
    if phone and not phone_digits(phone):
        form.fault("guarantor_phone", "This is no telephone number of ten digits", "Enter area code and number")
    home = _address(form, "guarantor_", required=False)
    relationship = form.text("guarantor_relationship", 30, "The relationship")
    person = Person(
        last_name=last, first_name=first, birth_date=birthday, phone=phone_digits(phone),
        address=address if home == Address() else home,
    )  # fmt: skip
    return Guarantor(is_patient=False, relationship=relationship, person=person)


def _check_channel(form: _Form, record: Registered) -> None:
    """The way the patient wants to be written to must be there."""
    texts = any(phone.may_text for phone in record.phones)
    missing = {
        "email": (not record.email, "email", "No email address is given", "Enter it, or choose another way"),
        "text": (not texts, "phone1_may_text", "No mobile telephone may be sent texts", "Record the consent, or choose mail"),
        "phone": (not any(p.may_call for p in record.phones), "phone1", "No telephone may be called", "Enter one, or choose mail"),
        "mail": (record.patient.address == Address(), "channel", "There is no address to write to", "Choose another way"),
    }.get(record.channel)  # fmt: skip
    told = {fault.field for fault in form.faults}
    if missing and missing[0] and not (record.channel == "mail" and told & {"line1", "city", "state", "postal_code"}):
        form.fault(*missing[1:])


def _check_newborn(form: _Form, record: Registered) -> None:
    born = record.patient.birth_date
    if not record.is_newborn:
        return
    if born is not None and form.on - born > timedelta(days=NEWBORN_DAYS):
        form.fault("is_newborn", f"The patient is older than {NEWBORN_DAYS} days", "Untick Newborn and enter the name")
    if not record.mother_record_number:
        form.fault("mother_record_number", "A newborn's mother is not named", "Enter the mother's record number")


# Covers --------------------------------------------------------------------------------------------------------------

RELATIONSHIPS = {
    "18": "Self", "01": "Spouse", "19": "Child", "20": "Employee", "21": "Unknown", "39": "Organ donor",
    "40": "Cadaver donor", "53": "Life partner", "G8": "Other",
}  # fmt: skip


class CoverFaultContext(Noun, frozen=True, kw_only=True):
    """What a cover is checked against: the payer's own rules and the patient."""

    payer_kind: str = ""
    member_id_is_right: bool = True  # by the payer's pattern
    patient_is_subscriber: bool = False  # the payer has no dependents
    born: date | None = None


def cover_faults(
    *, member_id: str, relationship: str, subscriber: Person, start: date | None, end: date | None,
    context: CoverFaultContext,
) -> tuple[Fault, ...]:  # fmt: skip
    """What keeps a cover from being used, field by field."""
    faults = []

    def fault(field: str, says: str, fix: str) -> None:
        faults.append(Fault(field=field, says=says, fix=fix))

    if not member_id:
        fault("member_id", "The member number is missing", "Enter it as on the card")
    elif context.payer_kind == "medicare" and not Mbi(member_id).is_valid:
        fault(
            "member_id",
            "This is no Medicare number (MBI)",
            "Enter the eleven signs of the card; S, L, O, I, B, Z never occur",
        )
    elif not context.member_id_is_right:
        fault("member_id", "The member number is not as this payer's numbers are", "Compare it with the card")
    if relationship not in RELATIONSHIPS:
        fault("relationship", "The relationship is none of the choices", "Choose one")
    elif relationship != "18":
        if context.patient_is_subscriber:
            fault("relationship", "With this payer everybody is their own subscriber", "Choose Self")
        if not subscriber.last_name or not subscriber.first_name:
            fault("subscriber_last_name", "The subscriber's name is missing", "Enter whose plan it is")
        if subscriber.birth_date is None:
            fault("subscriber_birth_date", "The subscriber's date of birth is missing", "Ask for it: payers compare it")
    if start is None:
        fault("start", "The cover has no first day", "Enter it as the card or the payer says")
    if start is not None and end is not None and end <= start:
        fault("end", "The cover ends before it begins", "The last day is the day before the end entered here")
    return tuple(faults)


def newborn_cover_ends(born: date, days: int | None) -> date | None:
    """The first day on which a newborn may no longer be billed under the mother's number; None where no rule is known."""
    return Period(days, "days").after(born) + timedelta(days=1) if days is not None else None


def next_of_birth(names: Sequence[str]) -> int:
    """The place of one more child of a birth, given the first names of those registered: 0 for the first."""
    return len(names) + 1 if names else 0
