"""Schedules in: each appointment once, in the order of the sender, with what cannot be used on a worklist."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.lib.practices import store, superbill_row, take_in, work_items
from tests.unit.claims.test_schedule import HEADER, ROW, S12, bundle


@pytest.fixture
def inside(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def take(clinic, text, kind="hl7", name="siu.hl7", interface=""):
    from claimwright.web.operations.schedule import take_in_schedule

    content = text if isinstance(text, bytes) else text.encode()
    return take_in_schedule(file=store(content, name), practice=clinic.practice, kind=kind, interface=interface)


def encounters():
    from claimwright.web.charges.models import Encounter

    return list(Encounter.objects.order_by("appointment_id").values_list("appointment_id", "state"))


def later(trigger, stamp="20260821", **changes):
    text = S12.replace("S12", trigger).replace("20260820101500-0500", stamp)
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_an_appointment_is_scheduled_once(inside, other_tenant):
    from claimwright.web.charges.models import Encounter

    assert take(inside, S12).scheduled == 1
    again = take(inside, S12 + S12, name="again.hl7")
    assert (again.scheduled, again.changed, again.unchanged) == (0, 0, 2)
    assert encounters() == [("hl7|F200", "SCHEDULED")]
    row = Encounter.objects.get()
    assert row.scheduled_at == datetime(2026, 8, 31, 13, tzinfo=UTC)  # 9:00 in New York, where the tenant is
    assert (row.date_from, row.rendering_npi, row.patient.record_number) == (date(2026, 8, 31), "1234567893", "MRN1001")


def test_moved_cancelled_and_booked_again(inside):
    from claimwright.web.charges.models import Encounter

    take(inside, S12)
    moved = take(inside, later("S13", "20260821").replace("20260831090000", "20260902100000"), name="b")
    assert moved.changed == 1 and Encounter.objects.get().date_from == date(2026, 9, 2)
    assert take(inside, later("S12", "20260819"), name="old").stale == 1  # an older message comes late
    assert Encounter.objects.get().date_from == date(2026, 9, 2)
    assert take(inside, later("S15", "20260822"), name="c").cancelled == 1
    assert take(inside, later("S15", "20260822") + "\r", name="c2").unchanged == 1
    assert encounters() == [("hl7|F200", "CANCELLED")]
    assert take(inside, later("S12", "20260823"), name="d").changed == 1
    assert take(inside, later("S26", "20260901"), name="e").no_shows == 1
    assert encounters() == [("hl7|F200", "NO_SHOW")]
    assert take(inside, later("S14", "20260902", BOOKED="ARRIVED"), name="f").arrived == 1
    assert encounters() == [("hl7|F200", "ARRIVED")]


def test_what_was_seen_is_not_undone(inside):
    take(inside, later("S14", "20260821", BOOKED="ARRIVED"))
    for number, text in enumerate((later("S15", "20260822"), later("S13", "20260823").replace("31090000", "30090000"))):
        report = take(inside, text, name=f"n{number}")
        assert (report.cancelled, report.changed, report.problems) == (0, 0, 1)
    assert encounters() == [("hl7|F200", "ARRIVED")]
    assert work_items(worklist="schedule_problems") == [("schedule_problems", "ALREADY_SEEN")] * 2


def test_bad_messages_are_listed_and_the_others_taken(inside):
    from claimwright.web.core.models import WorkItem

    bad = S12.replace("F200", "").replace("P100", "")
    report = take(inside, bad + S12 + later("S15").replace("F200", "F999"))
    assert (report.scheduled, report.problems) == (1, 2)
    assert work_items() == [("schedule_problems", "NO_APPOINTMENT_ID"), ("schedule_problems", "UNKNOWN_APPOINTMENT")]
    item = WorkItem.objects.get(reason_code="NO_APPOINTMENT_ID")
    assert item.file_name == "siu.hl7" and "message 1" in item.reason and item.what_to_do


def test_a_patient_of_another_name_is_no_appointment(inside):
    take(inside, S12)
    other = S12.replace("F200", "F201").replace("TESTER^ANNA^M", "OTHER^BOB").replace("19800517", "19550101")
    report = take(inside, other, name="b")
    assert (report.scheduled, report.problems) == (0, 1)
    assert work_items() == [("schedule_problems", "PATIENT_CONFLICT")]


def test_a_file_of_no_use_is_quarantined(inside):
    from claimwright.web.exchange.models import InboxPart

    for kind, text in (("hl7", "hello"), ("fhir", "{}"), ("csv", "a,b\n1,2\n")):
        report = take(inside, text, kind=kind, name=f"x.{kind}")
        assert report.refused and report.scheduled == 0
    assert {part.fate for part in InboxPart.objects.all()} == {"quarantined"}
    assert encounters() == []
    with pytest.raises(ValueError, match="one of hl7"):
        take(inside, "x", kind="xls", name="y")


def test_fhir_and_csv_and_two_systems_with_one_id(inside):
    import json

    assert take(inside, json.dumps(bundle()), kind="fhir", name="b.json").scheduled == 1
    assert take(inside, HEADER + ROW, kind="csv", name="s.csv").scheduled == 1
    assert take(inside, S12, interface="epic").scheduled == 1
    assert encounters() == [("csv|F200", "SCHEDULED"), ("epic|F200", "SCHEDULED"), ("fhir|F200", "SCHEDULED")]


def test_from_the_schedule_to_the_claim(inside):
    from claimwright.web.charges.models import Encounter

    take(inside, S12)
    report = take_in(inside, superbill_row())
    assert (report.encounters, report.claims) == (1, 1)
    assert encounters() == [("hl7|F200", "CLAIMED")]
    assert Encounter.objects.get().scheduled_minutes == 30
    assert take(inside, later("S14", "20260901", BOOKED="COMPLETE"), name="late").unchanged == 1
