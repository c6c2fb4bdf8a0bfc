"""A 278 from a visit passes the guide and reads back equal; answers of every kind become what is on file."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.billing.authorizations import Level, Wish, decision_due, level_of, settle
from claimwright.billing.lifecycle import State
from claimwright.billing.prior_authorization import Answer, Asked, RequestRefused, answer_of, request_of, traces_of
from claimwright.claims.authorization import (
    AuthorizationEvent,
    AuthorizationService,
    Decision,
    PriorAuthRequest,
    PriorAuthResponse,
)
from claimwright.claims.from_x12.authorization import prior_auth_request as read_request
from claimwright.claims.nouns import Coverage, Diagnosis, Encounter, Person
from claimwright.claims.parties import Delivery, Period, Rejection, Trace
from claimwright.claims.to_x12.authorization import prior_auth_request
from claimwright.claims.to_x12.transactions import build_interchange
from claimwright.x12 import read
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.builders import ENVELOPE, a_billing_provider, a_coverage, a_line, a_patient, a_rendering_provider

ON = date(2026, 10, 12)
ASKED = Asked(trace="PA0000001", created=date(2026, 9, 30), created_time="0930", on=ON, through=date(2026, 12, 31))


def a_visit(**changes: Any) -> Encounter:
    lines = (
        a_line(procedure_code="72148", units=Decimal(1), place_of_service="22"),
        a_line(number=2, procedure_code="97110", units=Decimal(12)),
    )
    visit = Encounter(
        patient=a_patient(), rendering=a_rendering_provider(), place_of_service="11", date_from=ON,
        diagnoses=(Diagnosis(code="M5416"), Diagnosis(code="M545")), lines=lines,
    )  # fmt: skip
    return msgspec.structs.replace(visit, **changes)


def request(asked: Asked = ASKED, coverage: Coverage | None = None, **changes: Any) -> PriorAuthRequest:
    return request_of(
        a_visit(**changes), patient=a_patient(), coverage=coverage or a_coverage(), requester=a_billing_provider(),
        asked=asked,
    )  # fmt: skip


def rendered(noun: PriorAuthRequest) -> bytes:
    return build_interchange(
        "278", "005010X217", [prior_auth_request(noun, "0001")], envelope=ENVELOPE, control_number=1,
        group_control_number=1, when=datetime(2026, 9, 30, 9, 30),
    )  # fmt: skip


CASES = {
    "services": (ASKED, a_coverage(), {}),
    "one service": (msgspec.structs.replace(ASKED, lines=(1,), visits=12), a_coverage(), {}),
    "referral without services": (
        msgspec.structs.replace(ASKED, kind="referral", visits=3),
        a_coverage(),
        {"lines": ()},
    ),
    "expedited renewal": (
        msgspec.structs.replace(ASKED, expedited=True, certification_type="R", previous_number="A0001"),
        a_coverage(),
        {},
    ),
    "a child": (ASKED, a_coverage(relationship="19", subscriber=Person(last_name="TESTER", first_name="ANNA")), {}),
    "an accident": (
        ASKED,
        a_coverage(),
        {"causes": ("AA",), "accident_state": "WI", "accident_date": date(2026, 9, 1)},
    ),
    "a stay": (ASKED, a_coverage(), {"lines": (a_line(procedure_code="", revenue_code="0120", unit_basis="DA"),)}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_request_passes_its_guide_and_reads_back_equal(name: str) -> None:
    asked, coverage, changes = CASES[name]
    noun = request(asked, coverage, **changes)
    data = rendered(noun)
    assert [(one.id, one.message) for one in check(data) if one.severity is Severity.REJECT] == []
    (transaction,) = read(data).transactions()
    back = read_request(transaction)
    assert not back.faults
    assert msgspec.structs.replace(back.noun, transaction_control_number="") == _numbered(noun)


def _numbered(noun: PriorAuthRequest) -> PriorAuthRequest:
    """With the positions of its levels, which only a file has."""

    def at(level: Any, place: int) -> Any:
        return msgspec.structs.replace(level, segment=place)

    (transaction,) = read(rendered(noun)).transactions()
    read_back = read_request(transaction).noun
    events = tuple(
        at(
            msgspec.structs.replace(
                event, services=tuple(at(s, b.segment) for s, b in zip(event.services, there.services, strict=True))
            ),
            there.segment,
        )
        for event, there in zip(noun.events, read_back.events, strict=True)
    )
    return msgspec.structs.replace(noun, events=events)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"member_id": ""}, "member id"),
        ({"payer": msgspec.structs.replace(a_coverage().payer, payer_id="")}, "payer's id"),
    ],
)
def test_what_is_missing_is_named_and_no_patient_is(changes: dict[str, Any], missing: str) -> None:
    with pytest.raises(RequestRefused, match=missing) as refused:
        request(coverage=a_coverage(**changes))
    assert "TESTER" not in str(refused.value)
    with pytest.raises(RequestRefused, match="a service"):
        request(lines=())
    with pytest.raises(RequestRefused, match="last day"):
        request(msgspec.structs.replace(ASKED, through=date(2026, 10, 1)))


def response(*decisions: Decision, event: Decision | None = None, **given: Any) -> PriorAuthResponse:
    services = tuple(AuthorizationService(decision=one, units=Decimal(6)) for one in decisions)
    return PriorAuthResponse(
        events=(
            AuthorizationEvent(
                traces=(Trace(kind="2", number="PA0000001"),), decision=event, services=services, **given
            ),
        )
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            response(event=Decision(action="A1", certification_number="A77"), dates=(Period(qualifier="007", start=ON, end=date(2026, 11, 30)),)),
            Answer(status="approved", number="A77", start=ON, through=date(2026, 11, 30)),
        ),
        (
            response(Decision(action="A1", certification_number="A78"), Decision(action="A3", reasons=("0F",))),
            Answer(status="partial", number="A78", reasons=("0F",), units=Decimal(6)),
        ),
        (response(event=Decision(action="A3", reasons=("0L",))), Answer(status="denied", reasons=("0L",))),
        (
            response(event=Decision(action="A4", certification_number="REF9", reasons=("0U",))),
            Answer(status="pended", reference="REF9", reasons=("0U",)),
        ),
        (
            response(
                event=Decision(action="A6", certification_number="A79"),
                deliveries=(Delivery(quantity_qualifier="VS", quantity=Decimal(8)),), dates=(Period(qualifier="036", start=ON),),
            ),
            Answer(status="partial", number="A79", visits=8, through=ON),
        ),
        (response(event=Decision(action="NA")), Answer(status="not_required")),
        (
            PriorAuthResponse(source_rejections=(Rejection(level="source", valid="Y", reason="42", follow_up="R"),)),
            Answer(status="rejected", reasons=("42",), may_go_again=True),
        ),
        (
            response(rejections=(Rejection(level="event", valid="N", reason="33", follow_up="C"),)),
            Answer(status="rejected", reasons=("33",)),
        ),
        (response(), None),
    ],
)  # fmt: skip
def test_answers(given: PriorAuthResponse, expected: Answer | None) -> None:
    assert answer_of(given) == expected


def test_an_answer_finds_its_request_by_the_trace_it_gives_back() -> None:
    assert traces_of(response(event=Decision(action="A1")))[0] == "PA0000001"


# When a decision is due, and what a claim's life asks ----------------------------------------------------------------

NOON = datetime(2026, 3, 2, 12)


@pytest.mark.parametrize(
    ("kind", "asked", "more", "due"),
    [
        ("medicare_advantage", NOON, {}, datetime(2026, 3, 9, 12)),
        ("medicaid", NOON, {}, datetime(2026, 3, 9, 12)),
        ("chip", NOON, {"expedited": True}, datetime(2026, 3, 5, 12)),
        ("medicaid", datetime(2025, 12, 31, 12), {}, datetime(2026, 1, 14, 12)),
        ("medicaid", datetime(2026, 1, 1), {}, datetime(2026, 1, 8)),
        ("medicaid", NOON, {"payer_days": 3}, datetime(2026, 3, 5, 12)),
        ("medicaid", NOON, {"payer_days": 30}, datetime(2026, 3, 9, 12)),
        ("commercial", NOON, {}, datetime(2026, 3, 17, 12)),
        ("commercial", NOON, {"payer_days": 5}, datetime(2026, 3, 7, 12)),
        ("commercial", NOON, {"expedited": True}, datetime(2026, 3, 5, 12)),
    ],
)
def test_when_a_decision_is_due(kind: str, asked: datetime, more: dict[str, Any], due: datetime) -> None:
    assert decision_due(kind, asked, **more) == due


@pytest.mark.parametrize(
    ("states", "level"),
    [
        ("DRAFT EDIT_HOLD AWAIT_PRIOR AWAIT_CROSSOVER CANCELLED CH_REJECTED PAYER_REJECTED VOIDED REPLACED", Level.FREE),
        ("READY BATCHED FILE_REJECTED", Level.RESERVED),
        (
            "SENT PAPER_SENT FILE_ACCEPTED CH_ACCEPTED PAYER_ACCEPTED PENDED TRANSFERRED ADJUDICATED REVERSED "
            "VOID_PENDING CLOSED", Level.USED,
        ),
    ],
)  # fmt: skip
def test_every_state_of_a_claim_has_its_level(states: str, level: Level) -> None:
    assert {level_of(state) for state in states.split()} == {level}


def test_no_state_is_forgotten() -> None:
    told = {s for s in State if level_of(s) is not Level.FREE}
    assert len(told) == 14
    assert level_of("ON_HOLD", "READY") is Level.RESERVED and level_of("ON_HOLD", "DRAFT") is Level.FREE


def test_settling_gives_back_first_and_takes_no_more_than_is_left() -> None:
    one = {"L1": Wish(quantity=Decimal(2), level=Level.USED)}
    first = settle(Decimal(2), (), one)
    assert [entry.movement for entry in first.entries] == ["use"]
    assert settle(Decimal(2), first.entries, one).entries == ()
    other = {"L2": Wish(quantity=Decimal(1), level=Level.RESERVED)}
    assert settle(Decimal(2), first.entries, other).refused == {"L2": "1 units wanted, 0 left"}
    both = {"L2": Wish(quantity=Decimal(2), level=Level.RESERVED), "L1": Wish(quantity=Decimal(2), level=Level.FREE)}
    swapped = settle(Decimal(2), first.entries, both)
    assert [entry.movement for entry in swapped.entries] == ["return", "reserve"] and not swapped.refused
    assert settle(None, first.entries, other).refused == {}


def test_a_reservation_becomes_use_and_the_rest_is_given_back() -> None:
    reserved = settle(Decimal(5), (), {"L1": Wish(quantity=Decimal(3), level=Level.RESERVED)}).entries
    used = settle(Decimal(5), reserved, {"L1": Wish(quantity=Decimal(2), level=Level.USED)})
    assert [(entry.movement.value, entry.units) for entry in used.entries] == [("release", 1), ("use", 2)]
