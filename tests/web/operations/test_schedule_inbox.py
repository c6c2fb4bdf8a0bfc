"""Schedules that arrive like any other file: raw bytes in the partner's folder, visits on the schedule, faults listed."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.lib.practices import store, work_items
from tests.unit.claims.test_schedule import HEADER, ROW, S12, bundle
from tests.web.operations.test_schedule import encounters, later


def put(clinic, name, content):
    (clinic.incoming / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def run(tenant):
    from claimwright.web.operations.receive import receive

    return receive(tenant=tenant)


def see(tenant, question, **match):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return question(**match)


def parts():
    from claimwright.web.exchange.models import InboxFile, InboxPart

    assert not InboxFile.objects.exclude(parts__isnull=False).exists()
    rows = InboxPart.objects.order_by("file__name")
    return list(rows.values_list("file__name", "file__kind", "kind", "fate", "file__state"))


def test_each_kind_is_taken_in_once_by_the_connection_it_came_over(tenant, other_tenant, clinic):
    put(clinic, "a.hl7", "\x0b" + S12 + "\x1c\r")
    put(clinic, "b.json", json.dumps(bundle()).replace("F200", "F201"))
    put(clinic, "c.csv", HEADER + ROW.replace("F200", "F202"))
    put(clinic, "d.gz", gzip.compress(S12.replace("F200", "F203").encode()))
    report = run(tenant)
    assert (report.appointments, report.schedule_problems, report.quarantined, report.failed) == (4, 0, 0, 0)
    assert report.parts == {"HL7": 2, "FHIR": 1, "CSV": 1}
    expected = [(f"Clearinghouse|F20{n}", "SCHEDULED") for n in range(4)]
    assert see(tenant, encounters) == expected
    held = see(tenant, parts)
    assert [row[:4] for row in held if row[0] != "d.gz"] == [
        ("a.hl7", "hl7", "SIU", "taken_in"), ("b.json", "fhir", "FHIR", "taken_in"), ("c.csv", "csv", "CSV", "taken_in"),
        ("d", "hl7", "SIU", "taken_in"),
    ]  # fmt: skip
    assert {row[4] for row in held} == {"done"}
    put(clinic, "again.hl7", "\x0b" + S12 + "\x1c\r")  # the same bytes under another name
    assert run(tenant).appointments == 0
    assert run(tenant).files == 0
    assert see(tenant, encounters) == expected
    assert see(tenant, parts) == held
    assert see(tenant, work_items) == []
    assert see(other_tenant, encounters) == []


def test_messages_in_files_of_their_own_follow_each_other(tenant, clinic):
    put(clinic, "1.hl7", S12)
    put(clinic, "2.hl7", later("S13", "20260821").replace("20260831090000", "20260902100000"))
    put(clinic, "3.hl7", later("S12", "20260819"))  # older, and came late
    assert run(tenant).appointments == 2
    put(clinic, "4.hl7", later("S15", "20260822"))
    assert run(tenant).appointments == 1
    assert see(tenant, encounters) == [("Clearinghouse|F200", "CANCELLED")]


def test_faults_are_listed_and_what_is_good_is_taken(tenant, clinic):
    from claimwright.web.core.models import WorkItem

    put(clinic, "a.hl7", S12.replace("F200", "").replace("P100", "") + S12)
    put(
        clinic,
        "b.csv",
        HEADER + ROW.replace("F200", "F201") + ROW.replace("F200", "F202").replace("2026-08-31", "2026-02-31"),
    )
    put(clinic, "c.json", json.dumps(bundle()).replace('"booked"', '"dreamt"'))
    report = run(tenant)
    assert (report.appointments, report.schedule_problems, report.quarantined) == (2, 3, 1)
    assert see(tenant, work_items) == [
        ("quarantined_files", "UNKNOWN_STATUS"), ("schedule_problems", "BAD_DATE"), ("schedule_problems", "NO_APPOINTMENT_ID"),
    ]  # fmt: skip
    item = see(tenant, lambda: WorkItem.objects.get(reason_code="BAD_DATE"))
    assert item.file_name == "b.csv"
    assert "row 3" in item.reason
    assert item.what_to_do
    run(tenant)
    assert len(see(tenant, work_items)) == 3


@pytest.mark.parametrize(
    ("content", "word"),
    [('{"resourceType": "Patient"}', "JSON"), ('{"appointments": []}', "JSON")],
)
def test_what_is_like_a_schedule_and_is_none_is_quarantined_with_what_to_do(tenant, clinic, content, word):
    from claimwright.web.core.models import WorkItem

    put(clinic, "x.txt", content)
    assert run(tenant).quarantined == 1
    item = see(tenant, lambda: WorkItem.objects.get(state="open"))
    assert (item.worklist, item.reason_code) == ("quarantined_files", "WRAPPED")
    assert word in item.reason
    assert item.what_to_do
    assert see(tenant, encounters) == []


def test_of_several_practices_one_must_say_that_it_is_its_own(tenant, clinic):
    from tests.lib.builders import a_billing_provider
    from tests.lib.practices import START

    def second():
        from claimwright.web.practice.services import save_practice

        return save_practice(provider=a_billing_provider(npi="1000000012"), start=START)

    practice = see(tenant, second)
    put(clinic, "a.hl7", S12)
    assert run(tenant).appointments == 0
    assert run(tenant).appointments == 0
    assert see(tenant, encounters) == []
    assert see(tenant, work_items) == [("schedule_problems", "UNKNOWN_PRACTICE")]

    def claim_it():
        practice.policies = {"schedule_sources": ["Clearinghouse"]}
        practice.save(update_fields=["policies"])

    see(tenant, claim_it)
    assert run(tenant).appointments == 1
    assert see(tenant, work_items) == []

    def owner():
        from claimwright.web.charges.models import Encounter

        return Encounter.objects.get().practice_id

    assert see(tenant, owner) == practice.pk


def test_a_run_that_dies_after_a_schedule_is_gone_on_with(tenant, clinic):
    from tests.lib.killing import KILLED, run_and_die

    put(clinic, "a.hl7", S12)
    put(clinic, "b.hl7", S12.replace("F200", "F201"))
    code = (
        "from claimwright.web.core.models import Tenant\n"
        "from claimwright.web.operations.receive import receive\n"
        f"receive(tenant=Tenant.objects.get(pk='{tenant.pk}'))\n"
    )
    assert run_and_die(code, fail_at="receive.after_part") == KILLED
    assert see(tenant, encounters) == [("Clearinghouse|F200", "SCHEDULED")]
    run(tenant)
    assert len(see(tenant, encounters)) == 2
    assert {row[3] for row in see(tenant, parts)} == {"taken_in"}


def test_a_fault_of_ours_leaves_the_file_for_the_next_run(tenant, clinic, monkeypatch):
    from claimwright.web.operations import receive as module

    put(clinic, "a.hl7", S12)
    with monkeypatch.context() as patch:

        def broken(**_):
            raise RuntimeError("TESTER")

        patch.setattr(module, "take_in_received", broken)
        assert run(tenant).failed == 1
    assert see(tenant, work_items) == [("quarantined_files", "RuntimeError")]
    assert run(tenant).appointments == 1
    assert see(tenant, work_items) == []


def test_bytes_that_wait_are_taken_by_hand_under_the_same_ids(tenant, clinic):
    """What `schedule import` does with a file that a connection brought."""
    from claimwright.web.operations.schedule import take_in_schedule

    def by_hand():
        file = store(S12.encode(), "a.hl7", "Clearinghouse")
        return take_in_schedule(file=file, practice=clinic.practice, kind="hl7", interface=file.source)

    assert see(tenant, by_hand).scheduled == 1
    assert see(tenant, by_hand).known
    put(clinic, "b.hl7", later("S15", "20260822"))
    run(tenant)
    assert see(tenant, encounters) == [("Clearinghouse|F200", "CANCELLED")]
