"""The registration form: what is right is kept as typed, what is wrong is named with its field and a fix."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.duplicates import NICKNAMES, SAYS, WEIGHTS, Likeness, compare
from claimwright.billing.registration import (
    NEWBORN_NAMES,
    CoverFaultContext,
    age_on,
    cover_faults,
    newborn_cover_ends,
    newborn_name,
    phone_digits,
    read_registration,
)
from claimwright.claims.nouns import Person

ON = date(2026, 9, 30)
CLEAN = {
    "last_name": "Sample", "first_name": "Jane", "birth_date": "05/17/1980", "sex": "F", "line1": "12 Birch St",
    "city": "Madison", "state": "wi", "postal_code": "53703-4321", "phone1": "(608) 555-0142",
}  # fmt: skip
CHILD = CLEAN | {"birth_date": "2015-05-17"}
PARENT = {
    "guarantor": "other", "guarantor_last_name": "Sample", "guarantor_first_name": "Paul",
    "guarantor_birth_date": "01/02/1980", "guarantor_relationship": "father",
}  # fmt: skip
BABY = (
    CLEAN | PARENT | {"first_name": "", "birth_date": "09/25/2026", "is_newborn": "on", "mother_record_number": "MRN1"}
)


def faults(cells):
    return sorted({fault.field for fault in read_registration(cells, on=ON)[1]})


def test_a_clean_form_is_a_record():
    record, found = read_registration(CLEAN | {"ssn": "123-45-6789", "preferred_name": "JJ", "suffix": "jr."}, on=ON)
    assert found == ()
    patient = record.patient
    assert (patient.last_name, patient.first_name, patient.suffix, patient.sex) == ("Sample", "Jane", "JR", "F")
    assert patient.birth_date == date(1980, 5, 17) and patient.preferred_name == "JJ"
    assert (patient.address.state, patient.address.postal_code) == ("WI", "537034321")
    assert patient.phone == "6085550142" and record.ssn == "123456789" and record.guarantor.is_patient
    assert "123456789" not in str(patient)


FAULTS = [
    ({"last_name": ""}, "last_name"),
    ({"last_name": "Sample Jr"}, "last_name"),
    ({"last_name": "Sample III."}, "last_name"),
    ({"last_name": "..."}, "last_name"),
    ({"last_name": "S4mple"}, "last_name"),
    ({"last_name": "X" * 61}, "last_name"),
    ({"first_name": ""}, "first_name"),
    ({"first_name": "Jane\x07"}, "first_name"),
    ({"suffix": "DR"}, "suffix"),
    ({"birth_date": ""}, "birth_date"),
    ({"birth_date": "02/30/1980"}, "birth_date"),
    ({"birth_date": "1/2/80"}, "birth_date"),
    ({"birth_date": "10/01/2026"}, "birth_date"),
    ({"birth_date": "1899-01-01"}, "birth_date"),
    ({"sex": ""}, "sex"),
    ({"sex": "X"}, "sex"),
    ({"gender_identity": "?"}, "gender_identity"),
    ({"ssn": "123-45-678"}, "ssn"),
    ({"ssn": "666-45-6789"}, "ssn"),
    ({"ssn": "900-45-6789"}, "ssn"),
    ({"ssn": "111-11-1111"}, "ssn"),
    ({"line1": ""}, "line1"),
    ({"city": ""}, "city"),
    ({"state": "ZZ"}, "state"),
    ({"postal_code": "5370"}, "postal_code"),
    ({"postal_code": "00000"}, "postal_code"),
    ({"phone1": "555-0142"}, "phone1"),
    ({"phone1": "608 555 01A2"}, "phone1"),
    ({"phone1": "108 555 0142"}, "phone1"),
    ({"phone1_may_text": "on"}, "phone1_consent_on"),
    ({"phone1_may_text": "on", "phone1_consent_on": "2027-01-01"}, "phone1_consent_on"),
    ({"phone1_kind": "home", "phone1_may_text": "on", "phone1_consent_on": "2026-01-01"}, "phone1_may_text"),
    ({"email": "jane@example"}, "email"),
    ({"email": "jane,doe@example.org"}, "email"),  # no mail server takes it: Django's raises ValueError
    ({"email": "Jane<jane@example.org"}, "email"),
    ({"channel": "email"}, "email"),
    ({"channel": "text"}, "phone1_may_text"),
    ({"channel": "pigeon"}, "channel"),
    ({"language": "xx"}, "language"),
    ({"marital": "x"}, "marital"),
    ({"employment": "x"}, "employment"),
    ({"death_date": "1979-01-01"}, "death_date"),
    ({"death_date": "2026-10-01"}, "death_date"),
    ({"record_number": "MRN|1"}, "record_number"),
    ({"birth_date": "05/17/2015"}, "guarantor"),
    (PARENT | {"guarantor_birth_date": "01/02/2010"}, "guarantor_birth_date"),
    (PARENT | {"guarantor_first_name": ""}, "guarantor_first_name"),
    (PARENT | {"guarantor_phone": "1"}, "guarantor_phone"),
    ({"birth_date": "05/17/2015"} | PARENT | {"guarantor_birth_date": ""}, "guarantor_birth_date"),
    ({"is_newborn": "on", "mother_record_number": "M1"}, "is_newborn"),
]


@pytest.mark.parametrize(("change", "field"), FAULTS)
def test_a_wrong_field_is_named_alone(change, field):
    _, found = read_registration(CLEAN | change, on=ON)
    assert {fault.field for fault in found} == {field}
    assert all(fault.says and fault.fix for fault in found)


def test_every_fault_is_told_at_once():
    assert faults({}) == ["birth_date", "first_name", "last_name", "line1", "sex"]


def test_no_fault_holds_what_was_typed():
    typed = CLEAN | {"last_name": "Secretname9", "ssn": "987654321", "email": "secretmail", "phone1": "12345secret"}
    told = " ".join(f"{fault.says} {fault.fix}" for fault in read_registration(typed, on=ON)[1])
    assert not [value for value in ("Secretname9", "987654321", "secretmail", "12345secret") if value in told]


@given(st.dictionaries(st.sampled_from(sorted(CLEAN | PARENT | BABY)), st.text(max_size=80)))
def test_junk_never_raises(cells):
    read_registration(CLEAN | cells, on=ON)


@pytest.mark.parametrize(
    ("state", "born", "is_minor"),
    [
        ("WI", "09/30/2008", False), ("WI", "10/01/2008", True), ("NE", "09/30/2008", True), ("NE", "09/30/2007", False),
        ("AL", "09/30/2007", False), ("MS", "10/01/2005", True), ("MS", "09/30/2005", False),
    ],
)  # fmt: skip
def test_a_minor_by_the_law_of_the_state_is_no_guarantor(state, born, is_minor):
    assert faults(CLEAN | {"state": state, "birth_date": born}) == (["guarantor"] if is_minor else [])


def test_a_minor_with_a_grown_guarantor_is_taken():
    record, found = read_registration(CHILD | PARENT, on=ON)
    assert found == () and not record.guarantor.is_patient
    assert record.guarantor.person.address == record.patient.address
    assert faults(CHILD | {"emancipated": "on"}) == []


def test_a_newborn_without_a_name_is_named_by_the_rule():
    record, found = read_registration(BABY, on=ON)
    assert found == () and record.patient.first_name == "BABY GIRL"
    assert faults(BABY | {"mother_record_number": ""}) == ["mother_record_number"]
    assert newborn_name("M", place=2) == "BABY BOY B"
    assert newborn_name("U") == "BABY"
    assert newborn_name("F", rule="with_mother", mother_first_name="Anna") == "BABY GIRL OF ANNA"
    assert newborn_name("M", rule="joined") == "BABYBOY"
    assert all(newborn_name(sex, rule=rule, mother_first_name="X" * 60) for rule in NEWBORN_NAMES for sex in "FMU")


def test_a_newborn_is_billed_under_the_mother_for_the_payers_days():
    assert newborn_cover_ends(date(2026, 9, 1), 30) == date(2026, 10, 2)
    assert newborn_cover_ends(date(2026, 9, 1), None) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("608-555-0142", "6085550142"),
        ("+1 (608) 555-0142", "6085550142"),
        ("608555014", ""),
        ("6081550142", ""),
        ("", ""),
    ],
)
def test_telephone_numbers(text, digits):
    assert phone_digits(text) == digits


@pytest.mark.parametrize(("born", "age"), [(date(2008, 2, 29), 18), (date(2007, 10, 1), 18), (date(2007, 9, 30), 19)])
def test_age_in_whole_years(born, age):
    assert age_on(born, ON) == age


COVER = {
    "member_id": "W1", "relationship": "18", "subscriber": Person(), "start": date(2026, 1, 1), "end": None,
    "context": CoverFaultContext(),
}  # fmt: skip
MEDICARE = CoverFaultContext(payer_kind="medicare")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"member_id": ""}, ["member_id"]),
        ({"context": MEDICARE}, ["member_id"]),
        ({"context": MEDICARE, "member_id": "1EG4TE5MK73"}, []),
        ({"context": MEDICARE, "member_id": "1SG4TE5MK73"}, ["member_id"]),
        ({"context": CoverFaultContext(member_id_is_right=False)}, ["member_id"]),
        ({"relationship": "99"}, ["relationship"]),
        ({"relationship": "01"}, ["subscriber_last_name", "subscriber_birth_date"]),
        ({"relationship": "01", "subscriber": Person(last_name="A", first_name="B", birth_date=ON)}, []),
        ({"relationship": "01", "subscriber": Person(last_name="A", first_name="B", birth_date=ON),
          "context": CoverFaultContext(patient_is_subscriber=True)}, ["relationship"]),
        ({"start": None}, ["start"]),
        ({"end": date(2026, 1, 1)}, ["end"]),
    ],
)  # fmt: skip
def test_a_cover_is_checked(change, fields):
    assert [fault.field for fault in cover_faults(**(COVER | change))] == fields


# Duplicates ----------------------------------------------------------------------------------------------------------

ANNA = Likeness(
    key="1", last_name="Tester", first_name="Anna", birth_date=date(1980, 5, 7), sex="F", street="12 Birch St",
    postal_code="53703",
)  # fmt: skip


def like(**changes):
    import msgspec

    return msgspec.structs.replace(ANNA, key="2", **changes)


@pytest.mark.parametrize(
    ("other", "kind", "reason"),
    [
        (like(), "exact", "birth_date_same"),
        (like(last_name="TESTER", first_name="ANNA "), "exact", "last_name_same"),
        (like(first_name="Nancy"), "likely", "first_name_nickname"),
        (like(first_name="Anne", last_name="Tester-Miller"), "possible", "last_name_close"),
        (like(birth_date=date(1980, 7, 5)), "possible", "birth_date_swapped"),
        (like(birth_date=date(1980, 5, 8)), "possible", "birth_date_one_digit"),
        (like(sex="M"), "likely", "sex_differs"),
        (like(first_name="Bella"), "no", "twins"),
        (like(first_name="Bella", ssn="s"), "no", "twins"),
        (like(suffix="JR"), "exact", "last_name_same"),
        (like(birth_date=date(1955, 11, 23)), "no", "birth_date_differs"),
        (like(last_name="Robinson", first_name="Peter", street=""), "no", "first_name_differs"),
    ],
)
def test_how_alike_two_records_are(other, kind, reason):
    match = compare(ANNA, other)
    found = "exact" if match.exact else "likely" if match.is_likely else "possible" if match.is_possible else "no"
    assert (found, reason in match.reasons) == (kind, True), match
    assert compare(other, ANNA) == match


def test_father_and_son_are_two_people():
    match = compare(like(suffix="SR"), like(suffix="JR"))
    assert not match.exact and "suffix_differs" in match.reasons


def test_another_social_security_number_is_another_person():
    match = compare(like(ssn="a"), like(ssn="b"))
    assert not match.exact and not match.is_likely
    assert compare(like(ssn="a", birth_date=None), like(ssn="a", first_name="A")).is_likely


LIKENESSES = st.builds(
    Likeness,
    last_name=st.text(max_size=12), first_name=st.sampled_from(["Bob", "ROBERT", "R", "", "Ann"]),
    birth_date=st.none() | st.dates(), sex=st.sampled_from(["F", "M", "U", ""]), suffix=st.sampled_from(["", "JR", "SR"]),
    ssn=st.sampled_from(["", "a", "b"]), street=st.text(max_size=8), postal_code=st.sampled_from(["53703", "1"]),
)  # fmt: skip


@given(LIKENESSES, LIKENESSES)
def test_the_order_of_two_makes_no_difference(one, other):
    match = compare(one, other)
    assert match == compare(other, one)
    assert 0 <= match.points <= 100 and set(match.reasons) <= set(SAYS)


def test_every_reason_has_words():
    assert set(WEIGHTS) <= set(SAYS)
    assert all(name.isupper() for group in NICKNAMES for name in group)
