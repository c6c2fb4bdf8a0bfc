"""The search at the end of the day: only what is new or changed, against all others, and the same pairs as a whole one."""

from __future__ import annotations

from datetime import date

import pytest

from tests.lib.builders import a_patient
from tests.lib.practices import work_items

TODAY = {"last_name": "SAMPLE", "first_name": "JANE"}


def person(inside, number, **fields):
    import msgspec

    from claimwright.web.patients.services import save_patient

    noun = msgspec.structs.replace(a_patient(record_number=number), **({"birth_date": date(1970, 1, 1)} | fields))
    return save_patient(practice=inside.practice, patient=noun)


def search(inside, **how):
    from claimwright.web.patients.duplicates import scan_duplicates

    return scan_duplicates(practice=inside.practice, **({"only_changed": True} | how))


def pairs():
    from claimwright.web.patients.models import DuplicatePair

    rows = DuplicatePair.objects.select_related("first", "second")
    return {tuple(sorted((row.first.record_number, row.second.record_number))) for row in rows}


def compared(monkeypatch):
    """How many records were loaded to be compared."""
    from claimwright.web.patients import duplicates

    counts = []
    whole = duplicates.likenesses

    def counting(patients):
        counts.append(len(patients))
        return whole(patients)

    monkeypatch.setattr(duplicates, "likenesses", counting)
    return counts


def crowd(inside, count=30):
    """People of whom no two are alike, each with an address of their own."""
    from claimwright.claims.nouns import Address

    return [
        person(
            inside, f"C{n}", last_name=f"{chr(65 + n % 26)}{chr(75 + n // 26)}UNIQUE", first_name=f"{chr(65 + n % 26)}LMA",
            birth_date=date(1940 + n, 1 + n % 12, 1 + n % 28), phone="",
            address=Address(line1=f"{n} ROAD {n}", city="MADISON", state="WI", postal_code=f"537{n:02}"),
        )
        for n in range(count)
    ]  # fmt: skip


def test_new_records_are_compared_once(inside, monkeypatch):
    crowd(inside)
    counts = compared(monkeypatch)
    assert search(inside) == 0
    assert counts
    counts.clear()
    assert search(inside) == 0
    assert counts == []  # nothing changed, nothing was loaded
    person(inside, "J1", **TODAY)
    person(inside, "J2", **TODAY)
    assert search(inside) == 1
    assert pairs() == {("J1", "J2")}
    assert work_items() == [("duplicate_patients", "DUPLICATE_PATIENT")]
    assert max(counts) < 10, "the crowd was not loaded again"


@pytest.mark.parametrize("change", ["name", "phone_row", "member", "email", "ssn", "birth_date", "phone_of_noun"])
def test_whatever_changes_and_however_is_compared_again(inside, change):
    from claimwright.web.patients.models import Patient, PatientCoverage, PatientPhone
    from claimwright.web.practice.models import Payer

    crowd(inside, 5)
    one = person(inside, "J1", **TODAY, phone="6085550101")
    other = person(
        inside, "J2", last_name="SAMPLE", first_name="JOHANNA", birth_date=date(1970, 1, 2), phone="6085550199"
    )
    search(inside)
    from claimwright.web.patients.models import DuplicatePair

    DuplicatePair.objects.all().delete()
    payer = Payer.objects.get(key="NMUT")
    if change == "name":
        Patient.objects.filter(pk=other.pk).update(first_name="JANE", content=other.content | {"first_name": "JANE"})
    elif change == "birth_date":
        Patient.objects.filter(pk=other.pk).update(birth_date=one.birth_date)
    elif change == "phone_row":
        PatientPhone.objects.create(patient=other, kind="home", number="6085550101", start=date(2026, 1, 1))
    elif change == "phone_of_noun":
        Patient.objects.filter(pk=other.pk).update(content=other.content | {"phone": "6085550101"})
    elif change == "member":
        for row in (one, other):
            PatientCoverage.objects.create(patient=row, payer=payer, sequence="P", member_id="W1")
    elif change == "email":
        Patient.objects.filter(pk__in=[one.pk, other.pk]).update(details={"email": "j@example.org"})
    else:
        Patient.objects.filter(pk__in=[one.pk, other.pk]).update(ssn_index="k" * 64)
    before = Patient.objects.get(pk=other.pk).compared_as
    search(inside)
    assert Patient.objects.get(pk=other.pk).compared_as != before
    found = pairs()
    DuplicatePair.objects.all().delete()
    search(inside, only_changed=False)
    assert found == pairs()


def test_day_by_day_finds_what_one_whole_search_finds(inside):
    from claimwright.web.patients.models import DuplicatePair

    names = [
        ("SAMPLE", "JANE"),
        ("SAMPEL", "JANE"),
        ("O'BRIEN", "MARY"),
        ("OBRIEN", "MARIE"),
        ("LOPEZ", "JOSE"),
        ("LOPEZ", "JOE"),
    ]
    number = 0
    for day in range(3):
        for at, (last, first) in enumerate(names):
            born = [date(1970, 1, 1), date(1970, 1, 1), date(1980, 2, 3)][(day + at) % 3]
            person(
                inside,
                f"R{number:02}",
                last_name=last,
                first_name=first,
                birth_date=born,
                phone=f"60855501{number % 4:02}",
            )
            number += 1
        search(inside)
    daily = pairs()
    DuplicatePair.objects.all().delete()
    search(inside, only_changed=False)
    assert daily == pairs()
    assert len(daily) > 5


def test_the_end_of_the_day_searches_where_the_practices_policy_does_not_say_otherwise(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.day import end_day

    def ready(policies):
        with tenant_scope(tenant):
            clinic.practice.policies = policies
            clinic.practice.save(update_fields=["policies"])
        end_day(tenant=tenant)
        with tenant_scope(tenant):
            return pairs()

    with tenant_scope(tenant):
        person(clinic, "J1", **TODAY)
        person(clinic, "J2", **TODAY)
    assert ready({"duplicate_patients_searched": False}) == set()
    assert ready({}) == {("J1", "J2")}
    assert ready({}) == {("J1", "J2")}


def test_another_practice_or_tenant_is_not_searched(inside, other_tenant):
    from claimwright.web.patients.models import Patient
    from claimwright.web.practice.models import Practice

    person(inside, "J1", **TODAY)
    elsewhere = Practice.objects.create(name="Else", npi="1234567893", tax_id="1")
    twin = Patient.objects.get(record_number="J1")
    Patient.objects.create(
        practice=elsewhere, record_number="J2", last_name=twin.last_name, first_name=twin.first_name,
        birth_date=twin.birth_date, content=twin.content,
    )  # fmt: skip
    assert search(inside) == 0
    assert Patient.objects.get(record_number="J2").compared_as == ""
