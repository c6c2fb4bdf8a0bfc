"""A 278 out of a visit, through the outbox, answered through the inbox; what fits nothing is listed, never lost."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.claims.authorization import AuthorizationEvent, AuthorizationService, Decision, PriorAuthResponse
from claimwright.claims.nouns import Encounter
from claimwright.claims.parties import Period, Rejection, Trace
from claimwright.claims.to_x12.authorization import prior_auth_response
from claimwright.claims.to_x12.transactions import build_interchange
from claimwright.x12 import Envelope
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.builders import a_coverage, a_line, a_rendering_provider
from tests.lib.practices import work_items
from tests.web.authorizations.conftest import asking, register

ON = date(2026, 10, 12)


def ask(clinic: Any, **given: Any) -> Any:
    from claimwright.web.authorizations.requests import request_authorization
    from claimwright.web.practice.models import Payer

    visit = Encounter(
        rendering=a_rendering_provider(), place_of_service="11", date_from=ON,
        lines=(a_line(procedure_code="87880", units=Decimal(4)),),
    )  # fmt: skip
    fields = {
        "patient": register(clinic), "payer": Payer.objects.get(key="NMUT"), "coverage": a_coverage(), "encounter": visit,
        "on": ON, "through": date(2026, 12, 31),
    } | given  # fmt: skip
    return request_authorization(**fields)


def answer(request: Any, decision: Decision | None, **given: Any) -> PriorAuthResponse:
    from claimwright.claims.authorization import PriorAuthRequest

    asked = msgspec.convert(request.content, PriorAuthRequest)
    event = asked.event
    traces = tuple(msgspec.structs.replace(one, kind="2") for one in event.traces)
    services = tuple(
        AuthorizationService(
            kind=one.kind, procedure=one.procedure, unit_basis=one.unit_basis, units=given.get("units", one.units),
            dates=one.dates,
        )
        for one in event.services
    )  # fmt: skip
    return PriorAuthResponse(
        reference=asked.reference, created=date(2026, 10, 1), created_time="0800", kind="18", organization=asked.organization,
        requesters=asked.requesters, subscriber=given.get("subscriber", asked.subscriber),
        events=(
            AuthorizationEvent(
                traces=given.get("traces", traces), review=msgspec.structs.replace(event.review, causes=()), decision=decision,
                dates=given.get("dates", ()), services=services, rejections=given.get("rejections", ()),
            ),
        ),
    )  # fmt: skip


def as_file(response: PriorAuthResponse, number: int = 1) -> bytes:
    return build_interchange(
        "278", "005010X217", [prior_auth_response(response, "0001")],
        envelope=Envelope(sender_id="CLEARHOUSE", receiver_id="LAKESIDE01"), control_number=number,
        group_control_number=number, when=datetime(2026, 10, 1, 8),
    )  # fmt: skip


APPROVED = Decision(action="A1", certification_number="A4711")
HELD_FROM = Period(qualifier="007", start=ON, end=date(2026, 11, 30))


def test_a_request_goes_out_as_a_file_that_its_guide_accepts(inside):
    request = ask(inside)
    row = request.authorization
    assert (row.status, row.units_requested, row.codes, row.method) == ("requested", 4, [{"first": "87880"}], "278")
    assert row.decision_due is not None and row.provider_npis == ["1234567893"]
    content = bytes(request.file.content)
    assert request.file.kind == "278" and request.file.name.endswith(".278")
    assert [one for one in check(content) if one.severity is Severity.REJECT] == []
    assert f"TRN*1*{request.trace}*9391234567".encode() in content


def test_without_what_the_guide_asks_for_nothing_is_made(inside):
    from claimwright.web.authorizations.models import Authorization
    from claimwright.web.authorizations.requests import RequestRefused
    from claimwright.web.exchange.models import OutboxFile

    with pytest.raises(RequestRefused, match="member id"):
        ask(inside, coverage=a_coverage(member_id=""))
    assert not Authorization.objects.exists() and not OutboxFile.objects.exists()


@pytest.mark.parametrize(
    ("decision", "given", "expected"),
    [
        (APPROVED, {"dates": (HELD_FROM,)}, ("approved", "A4711", Decimal(4), ON, date(2026, 12, 1))),
        (
            Decision(action="A6", certification_number="A9"),
            {"units": Decimal(2)},
            ("partial", "A9", Decimal(2), ON, date(2027, 1, 1)),
        ),
        (Decision(action="A3", reasons=("0L",)), {}, ("denied", "", None, ON, date(2027, 1, 1))),
        (Decision(action="A4", certification_number="REF1"), {}, ("pended", "", None, ON, date(2027, 1, 1))),
        (Decision(action="NA"), {}, ("not_required", "", None, ON, date(2027, 1, 1))),
    ],
)
def test_the_answer_changes_what_is_on_file_and_keeps_what_it_was(tenant, clinic, decision, given, expected):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxPart
    from claimwright.web.operations.receive import receive

    with tenant_scope(tenant):
        asking(clinic)
        request = ask(clinic)
        (clinic.incoming / "1.278").write_bytes(as_file(answer(request, decision, **given)))
    report = receive(tenant=tenant)
    assert (report.acknowledged, report.quarantined) == (1, 0)
    with tenant_scope(tenant):
        row = request.authorization
        row.refresh_from_db()
        assert (row.status, row.number, row.units_approved, row.start, row.end) == expected
        (change,) = row.changes.all()
        part = InboxPart.objects.get()
        assert (change.source, change.evidence_id, part.fate) == ("278", part.pk, "acknowledged")
        request.refresh_from_db()
        assert request.state == "answered" and request.answer_part_id == part.pk
    (clinic.incoming / "2.278").write_bytes(as_file(answer(request, decision, **given), 2))
    receive(tenant=tenant)
    with tenant_scope(tenant):
        assert row.changes.count() == 1, "the same answer again changes nothing"


def test_a_pended_request_takes_the_later_answer(inside):
    from claimwright.web.authorizations.requests import take_answer

    request = ask(inside)
    take_answer(response=answer(request, Decision(action="A4", certification_number="REF1")))
    take_answer(response=answer(request, APPROVED))
    row = request.authorization
    row.refresh_from_db()
    assert (row.status, row.number, row.payer_reference, row.changes.count()) == ("approved", "A4711", "REF1", 2)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"traces": (Trace(kind="2", number="ELSE", originator="9391234567"),), "reference": "ELSE"}, "NO_REQUEST"),
        ({"subscriber": "other"}, "NO_REQUEST"),
        ({"decision": None}, "NO_DECISION"),
    ],
)
def test_what_fits_nothing_is_listed_and_changes_nothing(tenant, clinic, given, code):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxPart
    from claimwright.web.operations.receive import receive

    with tenant_scope(tenant):
        asking(clinic)
        request = ask(clinic)
        decision = given.pop("decision", APPROVED)
        reference = given.pop("reference", "")
        if given.get("subscriber"):
            given["subscriber"] = msgspec.structs.replace(
                answer(request, decision).subscriber, identifier="SOMEBODYELSE"
            )
        response = answer(request, decision, **given)
        if reference:
            response = msgspec.structs.replace(response, reference=reference)
        (clinic.incoming / "1.278").write_bytes(as_file(response))
    receive(tenant=tenant)
    with tenant_scope(tenant):
        assert work_items() == [("authorization_answers", code)]
        assert InboxPart.objects.get().fate == "held"
        request.authorization.refresh_from_db()
        assert (request.authorization.status, request.authorization.changes.count()) == ("requested", 0)


def test_a_rejected_request_is_listed_and_goes_again_under_a_new_trace(inside):
    from claimwright.web.authorizations.requests import RequestRefused, ask_again, take_answer

    request = ask(inside)
    with pytest.raises(RequestRefused, match="only a rejected"):
        ask_again(request=request, connection=inside.connection)
    rejected = answer(request, None, rejections=(Rejection(level="event", valid="N", reason="33", follow_up="C"),))
    take_answer(response=rejected)
    request.refresh_from_db()
    assert request.state == "rejected" and work_items() == [("authorization_answers", "REJECTED")]
    following = ask_again(request=request, connection=inside.connection)
    assert following.trace != request.trace and work_items() == []
    take_answer(response=answer(following, APPROVED))
    request.authorization.refresh_from_db()
    assert request.authorization.status == "approved"


def test_a_request_of_theirs_is_not_an_answer(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.receive import receive

    with tenant_scope(tenant):
        asking(clinic)
        content = bytes(ask(clinic).file.content).replace(
            b"LAKESIDE01     *ZZ*CLEARHOUSE     ", b"CLEARHOUSE     *ZZ*LAKESIDE01     "
        )
        (clinic.incoming / "1.278").write_bytes(content)
    report = receive(tenant=tenant)
    assert report.quarantined == 1
