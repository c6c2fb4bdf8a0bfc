"""Coverages by date: one primary on every day, the order confirmed by a person, what was billed on stays."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

JAN, JUL, OCT = date(2026, 1, 1), date(2026, 7, 1), date(2026, 10, 1)
MBI = "1EG4TE5MK73"


@pytest.fixture
def patient(inside):
    from tests.web.patients.test_registration import register

    return register(inside).patient


def new(key="NMUT", **fields):
    from claimwright.web.patients.coverages import NewCoverage
    from claimwright.web.practice.models import Payer

    return NewCoverage(**({"payer": Payer.objects.get(key=key), "member_id": "W12345678", "start": JAN} | fields))


def add(patient, key="NMUT", **fields):
    from claimwright.web.patients.coverages import add_coverage

    return add_coverage(patient=patient, new=new(key, **fields))


def spouse(**fields):
    from claimwright.claims.nouns import Person

    person = Person(last_name="Sample", first_name="Paul", birth_date=date(1975, 2, 3))
    return {"relationship": "01", "subscriber": person} | fields


def confirm(patient, on, *rows, **more):
    from claimwright.web.patients.coverages import confirm_order

    return confirm_order(patient=patient, on=on, order=[row.pk for row in rows], **more)


def places(patient, on):
    """Payer and place in force on a day."""
    from claimwright.web.patients.coverages import _in_force, rows_of

    rows = [row for row in rows_of(patient) if _in_force(row, on)]
    return sorted((row.sequence, row.payer.key) for row in rows)


def refused(call, *arguments, match, **more):
    from claimwright.web.patients.coverages import CoverageRefused

    with pytest.raises(CoverageRefused, match=match):
        call(*arguments, **more)


def test_the_only_coverage_is_primary(patient):
    row = add(patient)
    assert (row.sequence, row.content["sequence"]) == ("P", "P")
    assert row.reasons == ["The only coverage on its days"]
    assert add(patient).pk == row.pk  # the same again is the same


def test_a_second_coverage_waits_for_a_person(patient):
    from tests.lib.practices import work_items

    add(patient)
    later = add(patient, "PRAIRIE", member_id="P1", start=JUL, **spouse())
    assert later.sequence == "U"
    assert places(patient, JUL) == [("P", "NMUT"), ("U", "PRAIRIE")]
    assert work_items() == [("coverage_order", "COVERAGE_ORDER")]


def test_the_order_holds_from_its_day_and_earlier_days_keep_theirs(patient):
    from claimwright.web.patients.coverages import proposed_order
    from tests.lib.practices import work_items

    first = add(patient, **spouse())
    second = add(patient, "PRAIRIE", member_id="P1", start=JUL)
    proposal, rows = proposed_order(patient=patient, on=JUL)
    assert [rows[key].payer.key for key in proposal.order] == ["PRAIRIE", "NMUT"]
    assert proposal.reasons[0].rule == "own_before_dependent"
    confirm(patient, JUL, second, first, reasons={str(second.pk): proposal.reasons[0].says})
    assert places(patient, date(2026, 6, 30)) == [("P", "NMUT")]
    assert places(patient, JUL) == [("P", "PRAIRIE"), ("S", "NMUT")]
    first.refresh_from_db()
    assert (first.sequence, first.end) == ("P", JUL)  # what was billed on it says what it said
    assert work_items() == []


def test_medicare_second_gets_its_type(patient):
    medicare = add(patient, "MEDB", member_id=MBI)
    plan = add(patient, member_id="W12345678", standing={"employer_size": 50})
    confirm(patient, JAN, plan, medicare, insurance_type="12")
    row = patient.coverages.get(payer__key="MEDB", sequence="S")
    assert row.content["insurance_type"] == "12"
    assert places(patient, JUL) == [("P", "NMUT"), ("S", "MEDB")]


def test_when_the_primary_ends_the_next_moves_up(patient):
    from claimwright.web.patients.coverages import end_coverage

    first, second = add(patient), add(patient, "PRAIRIE", member_id="P1", **spouse())
    confirm(patient, JAN, first, second)
    first = patient.coverages.get(payer__key="NMUT", sequence="P")
    end_coverage(coverage=first, end=JUL, because="lost the job")
    assert places(patient, date(2026, 6, 30)) == [("P", "NMUT"), ("S", "PRAIRIE")]
    assert places(patient, JUL) == [("P", "PRAIRIE")]
    refused(end_coverage, coverage=first, end=OCT, because="again", match="earlier already")


def test_a_new_card_takes_the_place_of_the_old(patient):
    from claimwright.web.patients.coverages import replace_coverage

    old = add(patient)
    row = replace_coverage(coverage=old, new=new(member_id="W99999999", start=JUL), because="new plan year")
    assert (row.sequence, row.start, row.member_id) == ("P", JUL, "W99999999")
    old.refresh_from_db()
    assert (old.end, old.ended_because) == (JUL, "new plan year")
    assert places(patient, OCT) == [("P", "NMUT")]
    refused(replace_coverage, coverage=old, new=new(member_id="X", start=OCT), match="not in force")


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"member_id": ""}, "member number"),
        ({"start": None}, "first day"),
        ({"end": JAN}, "ends before"),
        ({"relationship": "01"}, "subscriber"),
        ({"key": "MEDB", "member_id": "1SG4TE5MK73"}, "Medicare number"),
        ({"key": "MEDB", "member_id": MBI, **spouse()}, "own subscriber"),
    ],
)
def test_a_wrong_coverage_is_refused(patient, fields, match):
    refused(add, patient, match=match, **fields)
    assert not patient.coverages.exists()


def test_one_number_does_not_overlap_itself(patient):
    add(patient, end=OCT)
    refused(add, patient, match="on file", start=JUL)
    assert add(patient, start=OCT).sequence == "P"


def test_who_stands_behind_a_coverage_that_ends_moves_up_on_that_day(patient):
    first = add(patient, end=OCT)
    second = add(patient, "PRAIRIE", member_id="P1", **spouse())
    confirm(patient, JAN, first, second)
    assert places(patient, date(2026, 9, 30)) == [("P", "NMUT"), ("S", "PRAIRIE")]
    assert places(patient, OCT) == [("P", "PRAIRIE")]


def test_a_refused_order_changes_nothing(patient):
    from django.db import transaction

    first = add(patient)
    second = add(patient, "PRAIRIE", member_id="P1", start=JUL, end=OCT, **spouse())
    third = add(patient, "WIMCD", member_id="1234567890", start=OCT)
    confirm(patient, OCT, first, third)
    before = list(patient.coverages.order_by("pk").values())
    gone = type(second)(pk=first.pk)
    with transaction.atomic():
        refused(confirm, patient, JUL, second, gone, gone, match="twice")
        refused(confirm, patient, JAN, second, match="not in force")
    assert list(patient.coverages.order_by("pk").values()) == before


def test_visits_are_billed_as_the_front_desk_says(inside, patient):
    """What is registered here wins over the row of a superbill with the record number."""
    from claimwright.web.submissions.models import Claim
    from tests.lib import practices

    first = add(patient, **spouse())
    second = add(patient, "PRAIRIE", member_id="P1", start=JUL)
    confirm(patient, JUL, second, first)
    practices.take_in(
        inside,
        practices.superbill_row(
            mrn=patient.record_number, last="SAMPLE", first="JANE", dob="1980-05-17", dos_from="2026-08-31"
        ),
    )
    assert sorted(Claim.objects.values_list("sequence", "payer__key")) == [("P", "PRAIRIE"), ("S", "NMUT")]


def test_an_interface_does_not_undo_what_a_person_confirmed(inside, patient):
    from claimwright.claims.nouns import Coverage
    from claimwright.web.patients.services import save_coverages
    from claimwright.web.practice.selectors import payer_noun, payers_by_name

    row = add(patient)
    came = Coverage(sequence="S", payer=payer_noun(row.payer), member_id="W12345678")
    ((_, saved),) = save_coverages(patient=patient, coverages=[came], payers=payers_by_name())
    assert saved.pk == row.pk and patient.coverages.count() == 1
    row.refresh_from_db()
    assert row.sequence == "P"


def test_a_newborn_under_the_mothers_number(inside, patient):
    from claimwright.web.practice.models import Payer
    from tests.web.patients.test_registration import register

    payer = Payer.objects.get(key="NMUT")
    payer.profile = {**payer.profile, "newborn_days": 30, "newborn_naming": "with_mother"}
    payer.save()
    add(patient)
    baby = register(
        inside, first_name="", birth_date="09/25/2026", is_newborn="on", ssn="", email="", phone1="", decided_new=True,
        mother_record_number=patient.record_number, guarantor_record_number=patient.record_number,
    ).patient  # fmt: skip
    from claimwright.claims.nouns import Person

    mother = Person(last_name="Sample", first_name="Jane", birth_date=date(1980, 5, 17))
    row = add(baby, relationship="19", subscriber=mother, start=date(2026, 9, 25))
    row.refresh_from_db()
    baby.refresh_from_db()
    assert baby.flags == ["under_mothers_id"] and row.end == date(2026, 10, 26)
    assert baby.first_name == baby.content["first_name"] == "BABY GIRL OF JANE"  # as this payer wants it


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "end", "order", "replace"]), st.integers(0, 3), st.integers(0, 700), st.integers(1, 400)
    ),
    max_size=10,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_every_day_has_one_primary(patient, steps):
    """Beside what waits for its place, the places of every day are P, S, T."""
    import contextlib
    from datetime import timedelta

    from django.db import transaction

    from claimwright.web.patients import coverages as room

    keys = ["NMUT", "PRAIRIE", "WIMCD", "NMUT"]
    with transaction.atomic():
        for what, at, offset, length in steps:
            on = date(2025, 1, 1) + timedelta(days=offset)
            current = [row for row in room.rows_of(patient) if room._in_force(row, on)]
            with contextlib.suppress(room.CoverageRefused), transaction.atomic():
                if what == "add":
                    fields = {"member_id": f"M{at}{length}", "start": on, "end": on + timedelta(days=length)}
                    add(patient, keys[at], **fields)
                elif what == "order" and current:
                    confirm(patient, on, *sorted(current, key=lambda row: (str(row.pk), at)))
                elif what == "end" and current:
                    room.end_coverage(coverage=current[at % len(current)], end=on, because="x")
                elif what == "replace" and current:
                    room.replace_coverage(coverage=current[0], new=new(member_id=f"R{at}{length}", start=on))
            assert room.faults_of(patient) == ()
        transaction.set_rollback(True)
