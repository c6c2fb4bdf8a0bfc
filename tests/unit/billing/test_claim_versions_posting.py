"""A visit whose claim was split: each part is decided on its own, and the next payer gets one claim with all of it."""

from __future__ import annotations

import msgspec
import pytest

from claimwright.billing.claim_versions import out_of_balance
from claimwright.billing.lifecycle import State
from claimwright.billing.posting.secondary import net_latest, secondary_claim, standing_records
from claimwright.claims.nouns import Claim, Coverage, Line, Payer
from tests.unit.billing.desk import Desk, clp, d, era, plb, reversed_clp, svc

FIRST, SECOND = (
    Coverage(sequence="P", payer=Payer(payer_id="FIRST")),
    Coverage(sequence="S", payer=Payer(payer_id="SECOND")),
)
VISIT = svc("99213", 150, 85, "CO-45", 40, "PR-3", 25, control_number="VL1")
TEST = svc("87880", 40, 0, "CO-45", 18, "PR-1", 22, control_number="VL2")


@pytest.fixture
def desk() -> Desk:
    """V is the first part (150.00), W the second (40.00); one claim waits for the second payer."""
    made = Desk()
    made.visit("V", ("99213", 150), ("87880", 40), payers=("FIRST", "SECOND"))
    versions = made.visits["V"].versions
    versions["v-V"] = msgspec.structs.replace(versions["v-V"], charge=d(150), claim_id="one")
    versions["v-V-S"] = msgspec.structs.replace(versions["v-V-S"], claim_id="later")
    made.version("V", "W", sequence="P", state=State.PAYER_ACCEPTED, charge=d(40), claim_id="two")
    return made


def content() -> Claim:
    return Claim(
        control_number="V", total_charge=d(190), coverage=FIRST,
        lines=(
            Line(number=1, control_number="VL1", procedure_code="99213", charge=d(150)),
            Line(number=2, control_number="VL2", procedure_code="87880", charge=d(40)),
        ),
    )  # fmt: skip


def told(desk: Desk) -> Claim:
    records = [posting.record for posting in desk.visits["V"].postings if not posting.reversed]
    return secondary_claim(content(), SECOND, records, {"P": FIRST, "S": SECOND}, control_number="V-S")


@pytest.mark.parametrize("together", [False, True])
def test_both_parts_are_posted_and_the_next_payer_waits_for_the_last(desk, together):
    claims = (clp("V", 1, VISIT, payer_claim_number="I1"), clp("W", 1, TEST, payer_claim_number="I2"))
    if together:
        plan = desk.receive(era("T1", "FIRST", *claims))
        assert not plan.items, plan.items
    else:
        plan = desk.receive(era("T1", "FIRST", claims[0]))
        assert not plan.items and not plan.next_payer
        assert (desk.state("V"), desk.state("W")) == (State.ADJUDICATED, State.PAYER_ACCEPTED)
        assert desk.state("V-S") is State.AWAIT_PRIOR, "the second part is not decided"
        plan = desk.receive(era("T2", "FIRST", claims[1]))
        assert not plan.items, plan.items
    assert (desk.state("V"), desk.state("W"), desk.state("V-S")) == (State.ADJUDICATED, State.ADJUDICATED, State.DRAFT)
    assert [(one.kind.value, one.amount) for one in plan.next_payer] == [("file", d(47))]
    assert (desk.bucket("INS1"), desk.bucket("INS2")) == (d(0), d(47))


def test_the_next_payer_is_told_what_was_decided_on_every_part(desk):
    desk.receive(era("T1", "FIRST", clp("V", 1, VISIT), clp("W", 1, TEST)))
    claim = told(desk)
    assert claim.prior_payments[0].paid_amount == d(85)
    assert [line.adjudications[0].paid_amount for line in claim.lines] == [d(85), d(0)]
    assert out_of_balance(claim) == ()


def test_a_part_that_is_taken_back_and_decided_anew_leaves_the_other(desk):
    first = clp("V", 1, VISIT)
    desk.receive(era("T1", "FIRST", first, clp("W", 1, TEST)))
    anew = clp("V", 1, svc("99213", 150, 95, "CO-45", 40, "PR-3", 15, control_number="VL1"))
    plan = desk.receive(era("T2", "FIRST", reversed_clp(first), anew))
    assert not [item for item in plan.items if item.worklist.value in ("reversal", "second_remittance")], plan.items
    assert (desk.state("V"), desk.state("W")) == (State.ADJUDICATED, State.ADJUDICATED)
    claim = told(desk)
    assert claim.prior_payments[0].paid_amount == d(95) and out_of_balance(claim) == ()


def test_a_second_decision_on_a_part_is_held_as_on_any_claim(desk):
    desk.receive(era("T1", "FIRST", clp("V", 1, VISIT), clp("W", 1, TEST)))
    plan = desk.receive(era("T2", "FIRST", clp("W", 1, TEST)))
    assert [item.code for item in plan.items] == ["SECOND_REMITTANCE"]


def test_a_remittance_without_our_number_finds_the_part_of_its_charge(desk):
    plan = desk.receive(era("T1", "FIRST", clp("?", 1, TEST)))
    assert (desk.state("V"), desk.state("W")) in (
        (State.PAYER_ACCEPTED, State.ADJUDICATED), (State.PAYER_ACCEPTED, State.PAYER_ACCEPTED),
    ), "never the other part"  # fmt: skip
    assert plan.fate.value == "posted"


def test_a_void_of_one_part_ends_that_part_only(desk):
    first, other = clp("V", 1, VISIT), clp("W", 1, TEST)
    desk.receive(era("T1", "FIRST", first, other))
    versions = desk.visits["V"].versions
    versions["v-V"] = msgspec.structs.replace(versions["v-V"], state=State.VOID_PENDING)
    desk.version("V", "V8", number=2, frequency="8", state=State.PAYER_ACCEPTED, charge=d(150), claim_id="one")
    desk.version("V", "W8", number=2, frequency="8", state=State.PAYER_ACCEPTED, charge=d(40), claim_id="two")
    desk.receive(era("T2", "FIRST", reversed_clp(first, control_number="V8"), plbs=(plb("FB", -85, "X"),)))
    assert [desk.state(number) for number in ("V", "V8", "W", "W8")] == [
        State.VOIDED, State.ADJUDICATED, State.ADJUDICATED, State.PAYER_ACCEPTED,
    ]  # fmt: skip


def test_records_of_a_visit_with_one_claim_stand_alone(desk):
    desk.receive(era("T1", "FIRST", clp("V", 1, VISIT)))
    (record,) = (posting.record for posting in desk.visits["V"].postings)
    old = msgspec.structs.replace(record, claim_id="", record_id="old", paid=d(1))
    assert standing_records((old, record))["P"] == (record,)
    assert net_latest((old, record))["P"] == record
