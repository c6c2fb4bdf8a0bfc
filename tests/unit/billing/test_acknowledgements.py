"""TA1, 999 and 277CA: right, late, twice, reordered, and for nobody."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.billing.acknowledgements import SentVersion, claims, group, interchange
from claimwright.billing.lifecycle import Recorded, Refused, State, Transition, Trigger
from claimwright.claims.nouns import (
    ClaimAcknowledgement,
    ClaimAcknowledgementReport,
    ClaimStatus,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    TransactionAcknowledgement,
)


def sent(number: int, state: State = State.SENT, **more: object) -> SentVersion:
    fields = {
        "version_id": f"v{number}", "control_number": f"C{number}", "state": state, "interchange": "000000007",
        "group": "7", "transaction": "0001", "batch_reference": "B7", "provider_npi": "1000000004",
    }  # fmt: skip
    return SentVersion(**{**fields, **more})


def item(number: int, accepted: bool, category: str = "A1", **more: object) -> ClaimAcknowledgement:
    return ClaimAcknowledgement(
        control_number=f"C{number}", accepted=accepted, statuses=(ClaimStatus(category=category, code="20"),), **more
    )


def report(source: str, *items: ClaimAcknowledgement) -> ClaimAcknowledgementReport:
    return ClaimAcknowledgementReport(source_qualifier=source, trace_number="B7", reference="R1", items=items)


def targets(result) -> list[tuple[str, str]]:
    return [(e.version_id, e.outcome.target.value) for e in result.events if isinstance(e.outcome, Transition)]


def test_a_rejected_interchange_rejects_all_its_claims():
    both = [sent(1), sent(2), sent(3, interchange="000000008")]
    assert targets(interchange(InterchangeAcknowledgement(control_number="7", code="R"), both)) == [
        ("v1", "FILE_REJECTED"), ("v2", "FILE_REJECTED"),
    ]  # fmt: skip
    for code in ("A", "E"):
        assert interchange(InterchangeAcknowledgement(control_number="000000007", code=code), both).events == ()


@pytest.mark.parametrize(
    ("code", "target"), [("A", "FILE_ACCEPTED"), ("E", "FILE_ACCEPTED"), *[(c, "FILE_REJECTED") for c in "RMWX"]]
)
def test_each_set_has_its_own_verdict(code: str, target: str):
    answer = GroupAcknowledgement(
        control_number="7", code="P", included=2,
        transactions=(
            TransactionAcknowledgement(control_number="0001", code=code),
            TransactionAcknowledgement(control_number="0002", code="A"),
        ),
    )  # fmt: skip
    result = group(answer, [sent(1), sent(2, transaction="0002")])
    assert targets(result) == [("v1", target), ("v2", "FILE_ACCEPTED")] and result.orphans == ()


def test_a_group_verdict_covers_sets_not_named_unless_partial():
    assert targets(group(GroupAcknowledgement(control_number="7", code="A"), [sent(1)])) == [("v1", "FILE_ACCEPTED")]
    assert [o.code for o in group(GroupAcknowledgement(control_number="7", code="P"), [sent(1)]).orphans] == ["PARTIAL"]


def test_counts_and_sets_that_disagree_are_listed():
    answer = GroupAcknowledgement(
        control_number="7",
        code="A",
        included=2,
        transactions=(TransactionAcknowledgement(control_number="0009", code="A"),),
    )
    assert [o.code for o in group(answer, [sent(1)]).orphans] == ["UNKNOWN_SET", "COUNT"]


def test_answers_to_nothing_of_ours_are_orphans():
    assert (
        interchange(InterchangeAcknowledgement(control_number="9", code="R"), [sent(1)]).orphans[0].code
        == "UNKNOWN_TA1"
    )
    assert group(GroupAcknowledgement(control_number="9", code="A"), [sent(1)]).orphans[0].code == "UNKNOWN_999"
    result = claims(report("PR", item(9, True)), [sent(1)])
    assert [o.code for o in result.orphans] == ["UNKNOWN_CLAIM"] and result.events == ()


def test_clearinghouse_and_payer_are_told_apart():
    for source, good, bad in (("AY", "CH_ACCEPTED", "CH_REJECTED"), ("PR", "PAYER_ACCEPTED", "PAYER_REJECTED")):
        result = claims(report(source, item(1, True), item(2, False, "A7")), [sent(1), sent(2)])
        assert targets(result) == [("v1", good), ("v2", bad)]


def test_a_payers_acceptance_proves_filing_and_brings_its_number():
    accepted = item(1, True, "A2", payer_claim_number="ICN1", effective_date=date(2026, 8, 5))
    (event,) = claims(report("PR", accepted), [sent(1, State.CH_ACCEPTED)]).events
    assert (event.payer_claim_number, event.proof_of_filing) == ("ICN1", date(2026, 8, 5))
    (event,) = claims(report("AY", accepted), [sent(1)]).events
    assert event.proof_of_filing is None, "a clearinghouse proves nothing"


@pytest.mark.parametrize("category", ["A3", "A4", "A6", "A7", "A8"])
def test_a_rejecting_category_rejects_even_when_accepted_is_said(category: str):
    assert targets(claims(report("PR", item(1, True, category)), [sent(1)])) == [("v1", "PAYER_REJECTED")]


@pytest.mark.parametrize("level", ["receiver", "provider"])
def test_a_rejection_above_the_claims_goes_to_all_beneath(level: str):
    verdict = ClaimAcknowledgement(level=level, accepted=False, statuses=(ClaimStatus(category="A8"),))
    versions = [sent(1), sent(2), sent(3, batch_reference="B8")]
    assert targets(claims(report("AY", verdict), versions)) == [("v1", "CH_REJECTED"), ("v2", "CH_REJECTED")]
    spoken = claims(report("AY", verdict, item(1, False, "A7")), versions)
    assert [e.version_id for e in spoken.events] == ["v1", "v2"], "a claim named has its own verdict once"


def test_late_and_repeated_answers_do_not_move_a_claim_back():
    for state in (State.PAYER_ACCEPTED, State.ADJUDICATED):
        (event,) = claims(report("AY", item(1, False, "A7")), [sent(1, state)]).events
        assert isinstance(event.outcome, Recorded)
    (event,) = group(GroupAcknowledgement(control_number="7", code="R"), [sent(1, State.CH_ACCEPTED)]).events
    assert isinstance(event.outcome, Recorded)


def test_an_answer_before_our_own_confirmation_counts():
    (event,) = group(GroupAcknowledgement(control_number="7", code="A"), [sent(1, State.BATCHED)]).events
    assert event.confirmed_first and isinstance(event.outcome, Transition)
    assert (event.outcome.source, event.outcome.target) == (State.SENT, State.FILE_ACCEPTED)


def test_an_answer_for_a_draft_is_refused():
    (event,) = claims(report("PR", item(1, True)), [sent(1, State.DRAFT)]).events
    assert event.trigger is Trigger.PAYER_ACCEPT and isinstance(event.outcome, Refused)
