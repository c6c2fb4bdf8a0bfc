"""Answers to what we sent: applied once, in any order, whatever breaks; what concerns nobody is listed, never lost."""

from __future__ import annotations

import pytest

from tests.lib import answers
from tests.lib.killing import KILLED, run_and_die
from tests.lib.practices import states, take_in, visits, work_items


@pytest.fixture
def sent(tenant, clinic):
    """Three claims in one file that went out."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(3))
        scrub()
    (file,) = submit_ready(tenant=tenant)
    assert file.state == "sent"
    return file


def put(clinic, name, content):
    (clinic.incoming / name).write_bytes(content)


def run(tenant):
    from claimwright.web.operations.receive import receive

    return receive(tenant=tenant)


def see(tenant, question=states, **match):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return question(**match)


def snapshot(tenant):
    """Everything that receiving may change."""
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxDelivery, InboxFile, InboxPart, OutboxFile
    from claimwright.web.submissions.models import ClaimEvent, ClaimVersion

    with tenant_scope(tenant):
        return {
            "versions": sorted(ClaimVersion.objects.values_list(
                "control_number", "state", "payer_claim_number", "proof_of_filing", "rejected", "file_acknowledged")),
            "events": sorted(ClaimEvent.objects.values_list(
                "version__control_number", "ordinal", "trigger", "to_state", "moved")),
            "parts": sorted(InboxPart.objects.values_list("file__name", "ordinal", "kind", "fate")),
            "files": sorted(InboxFile.objects.values_list("name", "state")),
            "deliveries": sorted(InboxDelivery.objects.values_list("name", "repeat")),
            "outbox": sorted(OutboxFile.objects.values_list("name", "state")),
            "items": sorted(WorkItem.objects.values_list("worklist", "reason_code", "state")),
        }  # fmt: skip


def numbers(tenant):
    from claimwright.web.submissions.models import ClaimVersion

    return see(
        tenant, lambda: list(ClaimVersion.objects.order_by("control_number").values_list("control_number", flat=True))
    )


def all_answers(tenant, clinic, file):
    one, two, three = numbers(tenant)
    put(clinic, "1.ta1", answers.ta1(1, file.interchange_control_number))
    put(clinic, "2.999", answers.functional(2, file.group_control_number, {"0001": "A"}))
    put(clinic, "3.277", answers.claims(3, {one: (True, ""), two: (True, ""), three: (False, "")}))
    put(clinic, "4.277", answers.claims(4, {one: (True, "PCN1"), two: (False, "")}, source="PR"))


EXPECTED = {"PAYER_ACCEPTED": 1, "PAYER_REJECTED": 1, "CH_REJECTED": 1}
ITEMS = [("clearinghouse_rejections", "A3:21:IL"), ("payer_rejections", "A3:21:IL")]


def test_the_answers_move_the_claims_and_a_second_run_changes_nothing(tenant, other_tenant, clinic, sent):
    all_answers(tenant, clinic, sent)
    report = run(tenant)
    assert report.parts == {"TA1": 1, "999": 1, "277CA": 2}
    assert (report.acknowledged, report.orphans, report.rejected, report.problems) == (4, 0, 2, ())
    assert see(tenant) == EXPECTED
    assert see(tenant, work_items) == ITEMS
    held = snapshot(tenant)
    (accepted,) = [row for row in held["versions"] if row[1] == "PAYER_ACCEPTED"]
    assert accepted[2] == "PCN1"
    assert "2026-09-01" in accepted[3]
    assert held["outbox"] == [(sent.name, "acked")]
    assert {state for _, state in held["files"] if _ != "visits.csv"} == {"done"}
    run(tenant)
    assert snapshot(tenant) == held
    assert see(other_tenant) == {}
    assert see(other_tenant, work_items) == []


def test_the_order_of_the_answers_does_not_matter(tenant, clinic, sent):
    one, _, three = numbers(tenant)
    put(clinic, "1.277", answers.claims(4, {one: (True, "PCN1")}, source="PR"))
    run(tenant)
    put(clinic, "2.277", answers.claims(3, {one: (True, ""), three: (False, "")}))
    run(tenant)
    put(clinic, "3.999", answers.functional(2, sent.group_control_number, {"0001": "A"}))
    run(tenant)
    assert see(tenant) == {"PAYER_ACCEPTED": 1, "FILE_ACCEPTED": 1, "CH_REJECTED": 1}
    late = [row for row in snapshot(tenant)["events"] if not row[4]]
    assert {(row[0], row[2]) for row in late} == {(one, "ch_accept"), (one, "file_accept"), (three, "file_accept")}


@pytest.mark.parametrize(
    "point",
    ["receive.after_fetch", "receive.after_split:2", "receive.after_acknowledgement:3", "receive.after_part:2",
     "exchange.after_store:3"],
)  # fmt: skip
def test_a_kill_anywhere_ends_as_one_clean_run(tenant, clinic, sent, point):
    all_answers(tenant, clinic, sent)
    code = (
        "from claimwright.web.core.models import Tenant\n"
        "from claimwright.web.operations.receive import receive\n"
        f"receive(tenant=Tenant.objects.get(pk='{tenant.pk}'))\n"
    )
    assert run_and_die(code, fail_at=point) == KILLED
    run(tenant)
    assert see(tenant) == EXPECTED
    assert see(tenant, work_items) == ITEMS
    found = snapshot(tenant)
    assert [row[3] for row in found["parts"] if row[2] != "CSV"] == ["acknowledged"] * 4
    assert not any(repeat for _, repeat in found["deliveries"])
    steps = [(row[0], row[2]) for row in found["events"] if row[4]]
    assert len(steps) == len(set(steps))


def test_a_rejected_file_goes_again_with_new_numbers(tenant, clinic, sent):
    from claimwright.web.submissions.models import ClaimVersion, Submission
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import return_to_ready

    put(clinic, "2.999", answers.functional(2, sent.group_control_number, {"0001": "R"}))
    assert run(tenant).rejected == 3
    assert see(tenant) == {"FILE_REJECTED": 3}
    assert see(tenant, work_items) == [("file_rejections", "999 R")]
    assert snapshot(tenant)["outbox"] == [(sent.name, "rejected")]
    loaded = see(tenant, lambda: [list(ClaimVersion.objects.all()) for _ in range(2)])  # by two who press
    assert see(tenant, lambda: return_to_ready(versions=loaded[0], reason="profile put right")) == 3
    assert see(tenant) == {"READY": 3}
    assert see(tenant, work_items) == []
    (again,) = submit_ready(tenant=tenant)
    assert again.interchange_control_number > sent.interchange_control_number
    assert see(tenant, lambda: return_to_ready(versions=loaded[1], reason="pressed too late")) == 0
    assert see(tenant) == {"SENT": 3}
    assert see(tenant, lambda: Submission.objects.filter(file=again, resend_of__file=sent).count()) == 3
    put(clinic, "3.999", answers.functional(5, sent.group_control_number, {"0001": "R"}))  # late, of the first sending
    run(tenant)
    assert see(tenant) == {"SENT": 3}
    put(clinic, "4.999", answers.functional(6, again.group_control_number, {"0001": "A"}))
    run(tenant)
    assert see(tenant) == {"FILE_ACCEPTED": 3}


def test_a_ta1_rejection_rejects_the_file(tenant, clinic, sent):
    put(clinic, "1.ta1", answers.ta1(1, sent.interchange_control_number, "R", "006"))
    run(tenant)
    assert see(tenant) == {"FILE_REJECTED": 3}
    assert see(tenant, work_items) == [("file_rejections", "TA1 R 006")]


def test_an_answer_that_overtakes_our_own_confirmation_repairs_it(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(2))
        scrub()
    code = (
        "from claimwright.web.core.models import Tenant\n"
        "from claimwright.web.submissions.sending import submit_ready\n"
        f"submit_ready(tenant=Tenant.objects.get(pk='{tenant.pk}'))\n"
    )
    assert run_and_die(code, fail_at="exchange.after_rename") == KILLED
    assert see(tenant) == {"BATCHED": 2}
    file = see(tenant, lambda: OutboxFile.objects.get())
    (clinic.outgoing / file.name).unlink()  # the partner took it at once
    put(clinic, "2.999", answers.functional(2, file.group_control_number, {"0001": "A"}))
    run(tenant)
    assert see(tenant) == {"FILE_ACCEPTED": 2}
    assert snapshot(tenant)["outbox"] == [(file.name, "acked")]


def test_answers_to_nothing_of_ours_are_listed_and_change_nothing(tenant, clinic, sent):
    before = snapshot(tenant)["versions"]
    put(clinic, "1.ta1", answers.ta1(1, 777))
    put(clinic, "2.999", answers.functional(2, 777, {"0001": "R"}))
    put(clinic, "3.277", answers.claims(3, {"NOTOURS": (False, "")}))
    put(clinic, "4.999", answers.functional(4, sent.group_control_number, {"0001": "A", "0002": "R"}))
    report = run(tenant)
    assert report.orphans >= 4
    codes = {code for worklist, code in see(tenant, work_items) if worklist == "orphan_acknowledgements"}
    assert codes >= {"UNKNOWN_TA1", "UNKNOWN_999", "UNKNOWN_CLAIM", "UNKNOWN_SET"}
    fates = {row[0]: row[3] for row in snapshot(tenant)["parts"]}
    assert (fates["1.ta1"], fates["2.999"], fates["3.277"], fates["4.999"]) == ("held", "held", "held", "acknowledged")
    assert [row[0] for row in snapshot(tenant)["versions"]] == [row[0] for row in before]
    assert see(tenant) == {"FILE_ACCEPTED": 3}


def test_the_same_numbers_again_are_a_duplicate_or_wait_for_a_person(tenant, clinic, sent):
    first = answers.functional(2, sent.group_control_number, {"0001": "A"})
    put(clinic, "1.999", first)
    put(clinic, "2.999", first + b"\n")  # the same transaction in other bytes
    put(clinic, "3.999", answers.functional(2, sent.group_control_number, {"0001": "R"}))
    report = run(tenant)
    assert (report.duplicates, report.held) == (1, 1)
    assert see(tenant) == {"FILE_ACCEPTED": 3}
    assert see(tenant, work_items) == [("orphan_acknowledgements", "REUSED_CONTROL_NUMBER")]


BAD = [
    (b"", "ENV-EMPTY", "empty"),
    (b"<html><body>Log in</body></html>", "WRAPPED", "web page"),
    (b"\x1f\x8b\x08\x00rest", "WRAPPED", "gzip"),
    (b"PK\x03\x04rest", "WRAPPED", "zip"),
    (b"503 Service Unavailable", "ENV-NOT-X12", "ISA"),
    (b"ISA*00*          *00*", "ENV-ISA", "ISA"),
]


@pytest.mark.parametrize(("content", "code", "word"), BAD, ids=[code + word for _, code, word in BAD])
def test_what_is_no_interchange_is_quarantined_with_what_to_do(tenant, clinic, sent, content, code, word):
    from claimwright.web.core.models import WorkItem

    before = snapshot(tenant)["versions"]
    put(clinic, "bad.999", content)
    assert run(tenant).quarantined == 1
    run(tenant)
    assert see(tenant, work_items) == [("quarantined_files", code)]
    item = see(tenant, lambda: WorkItem.objects.get(state="open"))
    assert word in item.reason
    assert item.what_to_do
    assert item.file_name == "bad.999"
    assert [row[3] for row in snapshot(tenant)["parts"] if row[0] == "bad.999"] == ["quarantined"]
    assert snapshot(tenant)["versions"] == before


def test_a_broken_or_production_acknowledgement_moves_nothing(tenant, clinic, sent):
    whole = answers.functional(2, sent.group_control_number, {"0001": "R"})
    put(
        clinic,
        "1.999",
        whole.replace(b"SE*6*0001", b"SE*9*0001") if b"SE*6*" in whole else whole.replace(b"~SE*", b"~SE*9"),
    )
    put(clinic, "2.999", answers.functional(3, sent.group_control_number, {"0001": "R"}, usage="P"))
    put(clinic, "3.999", whole[: len(whole) - 40])
    report = run(tenant)
    assert report.quarantined == 3
    assert see(tenant) == {"SENT": 3}
    assert {worklist for worklist, _ in see(tenant, work_items)} == {"quarantined_files"}


def test_remittances_wait_for_posting_and_unknown_kinds_are_kept(tenant, clinic, sent):
    from claimwright.x12 import InterchangeBuilder, Segment
    from tests.lib.builders import ENVELOPE, WHEN

    builder = InterchangeBuilder(ENVELOPE, 9, WHEN)
    for set_id, guide in (("835", "005010X221A1"), ("820", "005010X218")):
        body = [Segment(["ST", set_id, "0001", guide]), Segment(["BHT", "1"]), Segment(["SE", "3", "0001"])]
        builder.add_group(set_id, 1, guide, [body])
    put(clinic, "mixed.edi", builder.build())
    report = run(tenant)
    assert report.parts == {"835": 1, "OTHER": 1}
    assert report.remittances_waiting == 1
    fates = [(row[2], row[3]) for row in snapshot(tenant)["parts"] if row[0] == "mixed.edi"]
    assert fates == [("835", "pending"), ("OTHER", "quarantined")]
    assert see(tenant, work_items) == [("quarantined_files", "UNKNOWN_KIND")]


def test_parts_cover_the_bytes_of_their_transactions(tenant, clinic, sent):
    from claimwright.web.exchange.models import InboxPart

    put(clinic, "1.999", answers.functional(2, sent.group_control_number, {"0001": "A"}))
    run(tenant)
    part = see(tenant, lambda: InboxPart.objects.select_related("file").get(kind="999"))
    piece = bytes(part.file.content)[part.byte_start : part.byte_end]
    assert piece.startswith(b"ST*999*0001")
    assert piece.endswith(b"*0001~")
    assert (part.interchange_control_number, part.group_control_number) == ("000000002", "2")


def test_a_connection_that_does_not_work_is_listed_and_the_others_go_on(tenant, clinic, sent):
    import shutil

    put(clinic, "1.999", answers.functional(2, sent.group_control_number, {"0001": "A"}))
    moved = clinic.incoming.with_name("away")
    shutil.move(clinic.incoming, moved)
    report = run(tenant)
    assert len(report.problems) == 1
    assert see(tenant, work_items) == [("connection_problems", "NOT_FETCHED")]
    shutil.move(moved, clinic.incoming)
    run(tenant)
    assert see(tenant) == {"FILE_ACCEPTED": 3}
    assert see(tenant, work_items) == []


def test_two_runs_at_once_are_as_one(tenant, clinic, sent):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    all_answers(tenant, clinic, sent)

    def worker(_):
        try:
            return run(tenant)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(worker, range(3)))
    run(tenant)
    assert sum(report.files for report in reports) >= 4
    assert see(tenant) == EXPECTED
    assert see(tenant, work_items) == ITEMS
    found = snapshot(tenant)
    assert [row[3] for row in found["parts"] if row[2] != "CSV"] == ["acknowledged"] * 4
    steps = [(row[0], row[2]) for row in found["events"] if row[4]]
    assert len(steps) == len(set(steps))
