"""What may not post: each case ends on a named worklist and moves no receivable, adjustment, credit or income."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.lifecycle import State
from claimwright.billing.posting import Fate
from claimwright.claims.nouns import Person
from claimwright.ledger.accounts import Kind
from tests.unit.billing.desk import DOS, OTHER_NPI, OTHER_TIN, Desk, cas, clp, d, era, plb, reversed_clp, svc

EFFECTLESS = (Kind.RECEIVABLE, Kind.ADJUSTMENT, Kind.CREDIT, Kind.INTEREST, Kind.CAPITATION_REVENUE, Kind.OTHER_INCOME,
              Kind.BAD_DEBT, Kind.PAYER_OFFSET)  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.visit("A", ("99213", 100))
    made.visit("B", ("99214", 200))
    return made


def good(paid: object = 60, adjusted: object = 40, chain: str = "A"):
    return clp(chain, 1, svc("99213", 100, paid, "CO-45", adjusted))


def effect(desk: Desk) -> dict:
    return {kind: desk.book.total(kind) for kind in EFFECTLESS}


def assert_held(desk: Desk, remittance, worklist: str, code: str):
    """Only this payment's money moved, and only between Remittance and Suspense."""
    before = effect(desk)
    plan = desk.receive(remittance)
    assert effect(desk) == before
    assert plan.fate is Fate.POSTED
    items = [item for item in plan.items if item.holds]
    assert [(i.worklist.value, i.code) for i in items] == [(worklist, code)]
    assert items[0].segment and items[0].fix
    assert desk.book.total(Kind.REMITTANCE, subject=plan.payment_id) == remittance.amount
    assert desk.book.total(Kind.SUSPENSE, subject=plan.payment_id) == -remittance.amount
    return plan


def assert_refused(desk: Desk, remittance, fate: Fate, worklist: str, code: str):
    before = len(desk.book)
    plan = desk.receive(remittance)
    assert (plan.fate, plan.transfers, len(desk.book)) == (fate, (), before)
    assert [(i.worklist.value, i.code) for i in plan.items][0] == (worklist, code)
    assert plan.reason and plan.place and plan.fix
    return plan


@pytest.mark.parametrize("cent", ["0.01", "-0.01"])
def test_a_payment_off_by_a_cent_is_quarantined(desk: Desk, cent: str):
    right = era("T1", "CARRIER", good())
    wrong = msgspec.structs.replace(right, amount=right.amount + Decimal(cent))
    plan = assert_refused(desk, wrong, Fate.QUARANTINED, "quarantined_remittances", "PAYMENT_BALANCE")
    assert str(-Decimal(cent)) in plan.reason


@pytest.mark.parametrize("cent", ["0.01", "-0.01"])
def test_a_service_off_by_a_cent_names_its_segment_and_the_difference(desk: Desk, cent: str):
    claim = good()
    line = msgspec.structs.replace(claim.lines[0], adjustments=cas("CO-45", Decimal(40) + Decimal(cent)))
    wrong = era("T1", "CARRIER", msgspec.structs.replace(claim, lines=(line,)))
    plan = assert_refused(desk, wrong, Fate.QUARANTINED, "quarantined_remittances", "LINE_BALANCE")
    assert "segment 11" in plan.reason and str(-Decimal(cent)) in plan.reason


def test_services_that_do_not_sum_to_the_claim_are_quarantined(desk: Desk):
    claim = good()
    wrong = msgspec.structs.replace(claim, charge=d(110), adjustments=cas("CO-45", 10))
    plan = assert_refused(
        desk, era("T1", "CARRIER", wrong), Fate.QUARANTINED, "quarantined_remittances", "CLAIM_CHARGE"
    )
    assert "-10.00" in plan.reason


def test_another_currency_is_quarantined(desk: Desk):
    assert_refused(
        desk, era("T1", "CARRIER", good(), currency="CAD"), Fate.QUARANTINED, "quarantined_remittances", "CURRENCY"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trace_number": "  "}, "TRACE"),
        ({"trace_payer_id": "", "payer": None}, "PAYER"),
        ({"handling": "P"}, "HANDLING"),
        ({"credit_debit": "D"}, "DEBIT"),
        ({"handling": "H"}, "NO_PAYMENT_WITH_AMOUNT"),
        ({"method": "NON"}, "NO_PAYMENT_WITH_AMOUNT"),
        ({"payee_npi": "1999999992", "payee_tax_id": "555555555"}, "PAYEE"),
        ({"payee_npi": "", "payee_tax_id": ""}, "PAYEE"),
        ({"payee_tax_id": OTHER_TIN}, "PAYEE"),
    ],
)
def test_an_envelope_fault_quarantines_the_whole(desk: Desk, changes: dict, code: str):
    right = era("T1", "CARRIER", good())
    if changes.get("payer", 0) is None:
        changes = {**changes, "payer": type(right.payer)()}
    assert_refused(desk, msgspec.structs.replace(right, **changes), Fate.QUARANTINED, "quarantined_remittances", code)


def test_the_same_payment_with_one_byte_changed_is_held(desk: Desk):
    right = era("T1", "CARRIER", good())
    desk.receive(right)
    changed = era("T1", "CARRIER", good(59, 41))
    assert_refused(desk, changed, Fate.HELD, "remittance_conflicts", "IDENTITY_CONFLICT")
    assert_refused(desk, right, Fate.DUPLICATE, "duplicate_remittances", "DUPLICATE")


def test_the_same_trace_of_another_payer_is_another_payment(desk: Desk):
    desk.receive(era("T1", "CARRIER", good()))
    plan = desk.receive(era("T1", "OTHER"))
    assert plan.fate is Fate.POSTED and plan.transfers == ()


def test_a_claim_of_another_practice_is_held_alone(desk: Desk):
    desk.visit("SOUTH", ("99213", 100), practice="south")
    remittance = era("T1", "CARRIER", good(chain="SOUTH"), good())
    plan = desk.receive(remittance)
    assert [(i.worklist.value, i.code) for i in plan.items if i.holds] == [("other_practice", "OTHER_PRACTICE")]
    assert desk.bucket("INS1", "SOUTH") == d(100) and desk.bucket("INS1", "A") == d(0)
    assert desk.book.total(Kind.SUSPENSE) == d(-60)
    assert desk.book.total(Kind.REMITTANCE) == remittance.amount


def test_a_payment_to_the_other_practice_finds_its_own_claims(desk: Desk):
    desk.visit("SOUTH", ("99213", 100), practice="south")
    plan = desk.receive(era("T1", "CARRIER", good(chain="SOUTH"), payee_npi=OTHER_NPI, payee_tax_id=OTHER_TIN))
    assert plan.practice_id == "south" and desk.bucket("INS1", "SOUTH") == d(0)


def test_a_former_tax_id_still_matches(desk: Desk):
    desk.receive(era("T1", "CARRIER", good(), payee_npi="", payee_tax_id="111223333"))
    assert desk.bucket("INS1", "A") == d(0)


def test_an_unknown_reason_code_holds_the_claim_and_opens_no_denial(desk: Desk):
    remittance = era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-999", 40)))
    plan = assert_held(desk, remittance, "unknown_reason_codes", "UNKNOWN_CARC")
    assert plan.denials == () and desk.state("A") is State.PAYER_ACCEPTED
    assert [(r.posted, r.outcome) for r in plan.records] == [(False, "HELD")]


def test_a_reversal_without_an_original_holds_it_and_what_follows(desk: Desk):
    remittance = era("T1", "CARRIER", reversed_clp(good()), good(70, 30))
    before = effect(desk)
    plan = desk.receive(remittance)
    assert effect(desk) == before
    assert [i.code for i in plan.items if i.holds] == ["REVERSAL_WITHOUT_ORIGINAL", "REVERSAL_HELD"]
    assert desk.book.total(Kind.SUSPENSE) == -remittance.amount == d(-10)
    later = desk.receive(era("T2", "CARRIER", good(70, 30)))
    assert [i.code for i in later.items if i.holds] == ["REVERSAL_HELD"], "still waiting in a later payment"


@pytest.mark.parametrize("paid", [59, 61])
def test_a_reversal_of_other_amounts_is_held(desk: Desk, paid: int):
    desk.receive(era("T1", "CARRIER", good()))
    remittance = era("T2", "CARRIER", reversed_clp(good(paid, 100 - paid)), plbs=(plb("FB", -paid, "X"),))
    before = {k: v for k, v in effect(desk).items() if k is not Kind.PAYER_OFFSET}
    plan = desk.receive(remittance)
    assert {k: v for k, v in effect(desk).items() if k is not Kind.PAYER_OFFSET} == before
    assert [i.code for i in plan.items if i.holds] == ["REVERSAL_WITHOUT_ORIGINAL"]


def test_a_second_reversal_is_held(desk: Desk):
    first = good()
    desk.receive(era("T1", "CARRIER", first))
    desk.receive(era("T2", "CARRIER", reversed_clp(first), plbs=(plb("FB", -60, "X"),)))
    before = desk.bucket("INS1", "A")
    plan = desk.receive(era("T3", "CARRIER", reversed_clp(first), plbs=(plb("FB", -60, "Y"),)))
    assert [i.code for i in plan.items if i.holds] == ["REVERSAL_WITHOUT_ORIGINAL"]
    assert desk.bucket("INS1", "A") == before == d(100)


def test_a_second_decision_without_reversal_is_held(desk: Desk):
    desk.receive(era("T1", "CARRIER", good()))
    assert_held(desk, era("T2", "CARRIER", good()), "second_remittances", "SECOND_REMITTANCE")


def test_an_identical_claim_in_one_payment_posts_once(desk: Desk):
    plan = desk.receive(era("T1", "CARRIER", good(), good()))
    assert [i.code for i in plan.items if i.holds] == ["SECOND_REMITTANCE"]
    assert desk.bucket("INS1", "A") == d(0)


def test_an_unknown_provider_adjustment_stands_in_suspense(desk: Desk):
    assert_held(desk, era("T1", "CARRIER", plbs=(plb("ZZ", -10),)), "provider_adjustments", "UNKNOWN_PLB")


def test_a_refund_answer_without_a_refund_stands_in_suspense(desk: Desk):
    assert_held(desk, era("T1", "CARRIER", plbs=(plb("72", -10),)), "provider_adjustments", "REFUND_UNKNOWN")


@pytest.mark.parametrize("status", ["5", "10", "13", "15", "16", "17", "27", "", "99"])
def test_a_legacy_status_is_held(desk: Desk, status: str):
    claim = msgspec.structs.replace(good(), status=status)
    assert_held(desk, era("T1", "CARRIER", claim), "claim_status_on_hold", "CLAIM_STATUS")


def test_a_number_reused_by_another_patient_is_a_partial_match(desk: Desk):
    claim = msgspec.structs.replace(good(), patient=Person(last_name="OTHERNAME", first_name="KIM"))
    plan = assert_held(desk, era("T1", "CARRIER", claim), "partial_matches", "PARTIAL_MATCH")
    assert "OTHERNAME" not in str(plan.items)


@pytest.mark.parametrize(
    ("services", "what"),
    [
        ((svc("99213", 90, 50, "CO-45", 40),), "charge"),
        ((svc("99213", 100, 60, "CO-45", 40, date_from=DOS.replace(day=4)),), "date of service"),
    ],
)
def test_another_charge_or_date_is_a_partial_match(desk: Desk, services: tuple, what: str):
    plan = assert_held(desk, era("T1", "CARRIER", clp("A", 1, *services)), "partial_matches", "PARTIAL_MATCH")
    assert what in plan.items[0].reason


def test_an_unknown_number_without_a_fit_is_unmatched(desk: Desk):
    claim = msgspec.structs.replace(good(), control_number="NOBODY")
    assert_held(desk, era("T1", "CARRIER", claim), "unmatched_payments", "UNMATCHED")


def test_two_visits_that_fit_alike_stay_unmatched(desk: Desk):
    desk.visit("A2", ("99213", 100))
    claim = msgspec.structs.replace(good(), control_number="NOBODY", subscriber_id="MCARRIER")
    assert_held(desk, era("T1", "CARRIER", claim), "unmatched_payments", "UNMATCHED")


def test_one_visit_that_fits_is_found_without_its_number(desk: Desk):
    claim = msgspec.structs.replace(good(), control_number="LOST", subscriber_id="MCARRIER")
    plan = desk.receive(era("T1", "CARRIER", claim))
    assert plan.items == () and desk.bucket("INS1", "A") == d(0) and desk.state("A") is State.ADJUDICATED


def test_a_payer_on_no_cover_is_held(desk: Desk):
    assert_held(desk, era("T1", "STRANGER", good()), "payer_not_on_claim", "PAYER_NOT_ON_CLAIM")


def test_an_alias_finds_the_payer(desk: Desk):
    desk.context_fields["payer_aliases"] = {"stranger-plan": "CARRIER"}
    plan = desk.receive(era("T1", "STRANGER", good()))
    assert plan.items == () and plan.payer_key == "CARRIER"


def test_an_adjustment_below_zero_holds_the_claim():
    desk = Desk()
    desk.visit("A", ("99213", 100), payers=("FIRST", "SECOND"))
    desk.receive(era("T1", "FIRST", clp("A", 19, svc("99213", 100, 50, "CO-45", 30, "PR-2", 20))))
    repeated = clp("A", 2, svc("99213", 100, 10, "OA-23", 50, "CO-45", 40))
    assert_held(desk, era("T2", "SECOND", repeated), "would_go_negative", "BELOW_ZERO")


def test_more_to_the_patient_than_is_left_holds_the_claim():
    desk = Desk()
    desk.visit("A", ("99213", 100), payers=("FIRST", "SECOND"))
    desk.receive(era("T1", "FIRST", clp("A", 19, svc("99213", 100, 50, "CO-45", 30, "PR-2", 20))))
    assert_held(
        desk, era("T2", "SECOND", clp("A", 2, svc("99213", 100, 0, "OA-23", 75, "PR-1", 25))),
        "would_go_negative", "BELOW_ZERO",
    )  # fmt: skip


def test_a_later_payer_before_the_first_is_held():
    desk = Desk()
    desk.visit("A", ("99213", 100), payers=("FIRST", "SECOND"))
    assert_held(
        desk,
        era("T1", "SECOND", clp("A", 2, svc("99213", 100, 20, "OA-23", 80))),
        "claim_not_sent",
        "BEFORE_PRIOR_PAYER",
    )


@pytest.mark.parametrize("state", [State.DRAFT, State.READY, State.EDIT_HOLD, State.CANCELLED, State.CH_REJECTED])
def test_a_version_that_was_not_sent_is_held(desk: Desk, state: State):
    visit = desk.visits["A"]
    visit.versions["v-A"] = msgspec.structs.replace(visit.versions["v-A"], state=state)
    assert_held(desk, era("T1", "CARRIER", good()), "claim_not_sent", "CLAIM_STATE")


@pytest.mark.parametrize(
    ("flags", "posts"),
    [({}, False), ({"out_of_network": True}, True), ({"out_of_network": True, "nsa_protected": True}, False),
     ({"out_of_network": True, "qmb": True}, False)],
)  # fmt: skip
def test_a_patients_45_needs_an_open_network(flags: dict, posts: bool):
    desk = Desk()
    desk.visit("A", ("99213", 100), flags=flags)
    remittance = era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "PR-45", 40)))
    if posts:
        assert desk.receive(remittance).items == () and desk.bucket("PAT") == d(40)
    else:
        assert_held(desk, remittance, "posting_review", "PR_45")


def test_services_that_fit_no_line_are_held():
    desk = Desk()
    desk.visit("A", ("99213", 60), ("87880", 40))
    three = clp(
        "A", 1, svc("G0001", 30, 0, "CO-45", 30), svc("G0002", 30, 0, "CO-45", 30), svc("G0003", 40, 0, "CO-45", 40)
    )
    assert_held(desk, era("T1", "CARRIER", three), "unmatched_lines", "LINE_UNMATCHED")


def test_a_report_that_pays_is_held(desk: Desk):
    assert_held(desk, era("T1", "CARRIER", clp("A", 25, svc("99213", 100, 60, "CO-45", 40))),
                "claim_status_on_hold", "REPORT_WITH_MONEY")  # fmt: skip


def test_a_held_claim_is_released_out_of_suspense(desk: Desk):
    remittance = era("T1", "STRANGER", good())
    desk.receive(remittance)
    assert desk.release(remittance, remittance.claims[0].segment).fate is Fate.HELD, "nothing has changed yet"
    desk.context_fields["payer_aliases"] = {"STRANGER": "CARRIER"}
    plan = desk.release(remittance, remittance.claims[0].segment)
    assert plan.fate is Fate.POSTED
    assert desk.book.total(Kind.SUSPENSE) == d(0) and desk.bucket("INS1", "A") == d(0)
    assert desk.book.total(Kind.REMITTANCE) == d(60)
    again = desk.release(remittance, remittance.claims[0].segment, attempt=2)
    assert again.fate is Fate.HELD and again.transfers == (), "released once"
