"""A question asked at once over HTTP of the sandbox: answered, late, refused, broken off; each ends where a person sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from claimwright.sandbox.plan import EligibilityManners, Every, RealTimeManners
from tests.lib.core_door import PASSWORD, USERNAME, sandbox_door
from tests.lib.practices import work_items
from tests.web.eligibility.conftest import MEMBER, TODAY, Office, plan
from tests.web.eligibility.test_eligibility import inquiries, snapshots

ONCE = Every(offset=1)


@contextmanager
def real_time(
    office: Office, kind: str = "mime", password: str = PASSWORD, fates: Any = None, **manners: Any
) -> Iterator[Any]:
    """The payer's door with these manners, and the connection of the office to it."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import save_payer_check
    from claimwright.web.exchange.services import create_connection

    ours = msgspec.structs.replace(
        plan(), real_time=RealTimeManners(**manners), eligibility=EligibilityManners(answer_days=0, fates=fates or {})
    )
    with sandbox_door(office.root, ours) as address:
        with tenant_scope(office.tenant):
            way = create_connection(
                name="Payer at once", kind=kind, address=address, username=USERNAME, secret=password, batches=False,
                sender_id="LAKESIDE01", receiver_id="NORTHERN",
            )  # fmt: skip
            save_payer_check(payer=office.payer, real_time_connection=way)
        yield way


def ask_at_once(office: Office, **given: Any) -> Any:
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import ask
    from claimwright.web.operations.real_time import ask_question

    with tenant_scope(office.tenant):
        fields = {"patient": office.patient, "payer": office.payer, "coverage": office.coverage, "on": TODAY} | given
        row = ask(**fields, in_real_time=True)
    return ask_question(tenant=office.tenant, inquiry_id=row.pk)


def pass_time(office: Office, minutes: int, *, seconds_at_least: int = 90) -> Any:
    """Nothing goes before its minute; then the clock stands there and the job has run."""
    from claimwright.web.core import clock
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.models import EligibilityInquiry
    from claimwright.web.operations.real_time import ask_due_again

    assert ask_due_again(tenant=office.tenant).asked == 0
    with tenant_scope(office.tenant):
        (row,) = EligibilityInquiry.objects.filter(state="waiting")
        wait = (row.next_try_at - row.file.exchange.started_at).total_seconds()
        assert max(seconds_at_least, minutes * 60) <= wait <= max(seconds_at_least, minutes * 60) + 20
        EligibilityInquiry.objects.filter(pk=row.pk).update(next_try_at=clock.now())
    return ask_due_again(tenant=office.tenant)


@pytest.mark.parametrize("kind", ["mime", "soap"])
def test_a_question_is_answered_at_once_and_kept_as_it_came(office: Office, kind: str):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxDelivery, RealTimeExchange
    from claimwright.web.exchange.real_time import send_real_time
    from claimwright.web.operations.receive import receive
    from claimwright.web.submissions.sending import send_prepared

    with real_time(office, kind):
        row = ask_at_once(office)
        assert (row.state, row.tries) == ("answered", 1)
        with tenant_scope(office.tenant):
            (found,) = snapshots()
            (exchange,) = RealTimeExchange.objects.all()
            assert (found.status, found.member_id, found.source) == ("active", MEMBER, "271")
            assert exchange.outcome == "answered" and exchange.http_status == 200 and exchange.milliseconds < 20_000
            assert bytes(exchange.answer.content).startswith(b"ISA") and found.part.file_id == exchange.answer_id
            assert b"X12_271_Response_005010X279A1" in bytes(exchange.answer_bytes)
            assert (row.file.state, row.file.in_real_time, work_items()) == ("sent", True, [])
        told = send_real_time(file=row.file)
        assert told.answered and told.inbox_id == exchange.answer_id, "asked again it gives back what it got"
        assert send_prepared(tenant=office.tenant) == [] and receive(tenant=office.tenant).quarantined == 0
        with tenant_scope(office.tenant):
            assert InboxDelivery.objects.count() == 1 and len(snapshots()) == 1


def test_a_silence_is_asked_again_and_the_late_answer_is_attached(office: Office, monkeypatch: Any):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange import core_http

    monkeypatch.setattr(core_http, "TIMEOUT_SECONDS", 0.4)
    with real_time(office, silent=ONCE, silent_seconds=5):
        row = ask_at_once(office)
        with tenant_scope(office.tenant):
            assert (row.state, row.file.state, snapshots(), work_items()) == ("waiting", "unanswered", [], [])
        monkeypatch.setattr(core_http, "TIMEOUT_SECONDS", 20.0)
        assert pass_time(office, 1).answered == 1
        office.sandbox_day()  # what it had to say first comes with the files
        with tenant_scope(office.tenant):
            (row,) = inquiries()
            assert (row.state, row.tries, work_items()) == ("answered", 2, [])
            assert [one.status for one in snapshots()] == ["active", "active"], "late and kept all the same"


def test_an_unavailable_payer_is_asked_after_1_5_and_30_minutes_then_a_person(office: Office):
    from claimwright.web.core.tenancy import tenant_scope

    with real_time(office, fates={MEMBER: "80"}):
        assert ask_at_once(office).reasons == ["80"]
        for minutes in (1, 5, 30):
            assert pass_time(office, minutes).asked == 1
        with tenant_scope(office.tenant):
            (row,) = inquiries()
            assert (row.state, row.tries) == ("refused", 4)
            assert {one.status for one in snapshots()} == {"unknown"}
            assert work_items() == [("eligibility_queue", "AAA-80")]


@pytest.mark.parametrize(
    ("manners", "state", "items"),
    [
        ({"refuse_interchange": ONCE}, "refused", ("eligibility_queue", "FILE")),
        ({"refuse_transaction": ONCE}, "refused", ("eligibility_queue", "FILE")),
        ({"password": "another"}, "refused", ("eligibility_set_up", "SET_UP")),
        ({"envelope_error": ONCE, "envelope_error_code": "SenderIDIllegal"}, "refused", ("eligibility_set_up", "SET_UP")),
        ({"envelope_error": ONCE}, "waiting", None),
    ],
)  # fmt: skip
def test_what_refuses_the_question_is_where_a_person_sees_it(office: Office, manners: Any, state: str, items: Any):
    from claimwright.web.core.tenancy import tenant_scope

    with real_time(office, **manners):
        row = ask_at_once(office)
        with tenant_scope(office.tenant):
            assert row.state == state and snapshots() == [], "nothing is inactive because somebody refused"
            assert items is None or items in work_items()


def test_a_patient_who_is_not_found_is_asked_otherwise_in_the_same_minute(office: Office):
    from claimwright.claims.nouns import Patient
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(office.tenant):
        noun = msgspec.convert(office.patient.content, Patient)
        office.patient.content = msgspec.to_builtins(msgspec.structs.replace(noun, suffix="JR"))
        office.patient.save(update_fields=["content"])
    with real_time(office, fates={MEMBER: "75"}):
        row = ask_at_once(office)
        with tenant_scope(office.tenant):
            assert [one.state for one in inquiries()] == ["refused", "refused"] and row.follows_id is not None


KILLS = {  # where it breaks off: what the next run makes of it, answers kept then
    "real_time.after_start": ("waiting", "unanswered", 0),
    "real_time.after_answer": ("answered", "sent", 1),
}


@pytest.mark.parametrize("point", KILLS)
def test_an_exchange_that_broke_off_is_taken_up(office: Office, point: str, monkeypatch: Any):
    from claimwright.web.core import clock
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange import real_time as module
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.operations.real_time import ask_due_again

    def broken(passed: str) -> None:
        if passed == point:
            raise KeyboardInterrupt

    with real_time(office):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(module, "failpoint", broken)
            ask_at_once(office)
        assert ask_due_again(tenant=office.tenant).taken_up == 0, "it may still be under way"
        with tenant_scope(office.tenant):
            OutboxFile.objects.update(prepared_at=clock.now() - timedelta(minutes=5))
        assert ask_due_again(tenant=office.tenant).taken_up == 1
        with tenant_scope(office.tenant):
            (row,) = inquiries()
            assert (row.state, row.file.state, len(snapshots())) == KILLS[point]
