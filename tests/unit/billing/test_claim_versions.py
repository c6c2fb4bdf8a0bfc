"""Replacement, void, new claim and the next payer's: what each holds, and where each is refused."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.claim_versions import (
    OutOfBalance,
    Standing,
    VersionRefused,
    after_rejection,
    check_balance,
    must_be_new,
    new_claim,
    out_of_balance,
    replacement,
    void,
)
from claimwright.billing.lifecycle import State
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.medicare_b import MEDICARE_B
from tests.lib.builders import a_claim, a_line, a_secondary_claim

DECIDED = Standing(state=State.ADJUDICATED, payer_takes=COMMERCIAL.frequency_codes, payer_claim_number="ICN1")
NEXT = {"control_number": "CW1001B", "version": 2}
UNDECIDED = [state for state in State if state not in (State.ADJUDICATED, State.CLOSED)]


def standing(**changes):
    return msgspec.structs.replace(DECIDED, **changes)


def two_lines(**changes):
    return a_claim(
        lines=(a_line(), a_line(number=2, control_number="L1002", procedure_code="87880", charge=Decimal("40.00"))),
        **changes,
    )


def test_a_replacement_states_every_line_under_the_payers_number():
    claim = two_lines()
    made = replacement(claim, DECIDED, **NEXT)
    assert (made.frequency, made.payer_claim_number, made.control_number, made.version) == ("7", "ICN1", "CW1001B", 2)
    assert made.lines == claim.lines and made.total_charge == claim.total_charge


def test_a_correction_is_what_the_replacement_says():
    claim = two_lines()
    right = msgspec.structs.replace(
        claim, lines=(msgspec.structs.replace(claim.lines[0], modifiers=("25",)), claim.lines[1])
    )
    assert replacement(claim, DECIDED, corrected=right, **NEXT).lines == right.lines


def test_a_replacement_that_lacks_a_line_is_refused():
    claim = two_lines()
    with pytest.raises(VersionRefused, match="line 2 of the claim is missing"):
        replacement(claim, DECIDED, corrected=msgspec.structs.replace(claim, lines=claim.lines[:1]), **NEXT)


def test_a_void_is_the_claim_as_it_was_under_the_payers_number():
    claim = two_lines()
    made = void(claim, standing(state=State.CLOSED), **NEXT)
    blank = {"frequency": "", "payer_claim_number": "", "control_number": "", "version": 0}
    assert (made.frequency, made.payer_claim_number) == ("8", "ICN1")
    assert msgspec.structs.replace(made, **blank) == msgspec.structs.replace(claim, **blank)


@pytest.mark.parametrize("make", [replacement, void])
@pytest.mark.parametrize("state", UNDECIDED)
def test_what_no_payer_has_decided_is_neither_replaced_nor_voided(make, state):
    with pytest.raises(VersionRefused, match="new claim|not decided"):
        make(a_claim(), standing(state=state), **NEXT)


@pytest.mark.parametrize("make", [replacement, void])
def test_medicare_part_b_takes_first_claims_only(make):
    with pytest.raises(VersionRefused, match=r"only 1: ask it for a reopening, or appeal"):
        make(a_claim(), standing(payer_takes=MEDICARE_B.frequency_codes), **NEXT)


@pytest.mark.parametrize("make", [replacement, void])
@pytest.mark.parametrize("number", ["", "  "])
def test_the_payers_own_number_must_be_known(make, number):
    with pytest.raises(VersionRefused, match="REF"):
        make(a_claim(), standing(payer_claim_number=number), **NEXT)


@pytest.mark.parametrize("remark", ["N142", "MA130"])
def test_what_the_payer_could_not_process_is_sent_anew_and_not_replaced(remark):
    told = standing(remarks=("N19", remark))
    assert must_be_new(told.remarks) == remark
    with pytest.raises(VersionRefused, match=remark):
        replacement(a_claim(), told, **NEXT)
    made = new_claim(a_claim(), told, **NEXT)
    assert (made.frequency, made.payer_claim_number) == ("1", "")


def test_a_decided_claim_is_not_sent_anew_unasked():
    with pytest.raises(VersionRefused, match="duplicate"):
        new_claim(a_claim(), standing(remarks=("N380",)), **NEXT)
    with pytest.raises(VersionRefused, match="nothing is decided"):
        new_claim(a_claim(), standing(state=State.SENT), **NEXT)


@pytest.mark.parametrize("state", [State.FILE_REJECTED, State.CH_REJECTED, State.PAYER_REJECTED])
def test_a_rejected_claim_goes_again_as_a_first_one(state):
    made = after_rejection(a_claim(payer_claim_number="OLD"), standing(state=state), **NEXT)
    assert (made.frequency, made.payer_claim_number, made.control_number) == ("1", "", "CW1001B")
    with pytest.raises(VersionRefused, match="not rejected"):
        after_rejection(a_claim(), DECIDED, **NEXT)


def test_no_number_is_used_twice():
    with pytest.raises(VersionRefused, match="of its own"):
        replacement(a_claim(), DECIDED, control_number="CW1001", version=2)


# Balance -------------------------------------------------------------------------------------------------------------


def test_a_balanced_secondary_claim_passes():
    assert out_of_balance(a_secondary_claim()) == ()
    check_balance(a_secondary_claim())


def test_a_line_and_the_claim_that_are_a_cent_off_are_named():
    claim = a_secondary_claim()
    line = claim.lines[0]
    one = line.adjudications[0]
    off = msgspec.structs.replace(one, paid_amount=one.paid_amount + Decimal("0.01"))
    wrong = msgspec.structs.replace(
        claim, lines=(msgspec.structs.replace(line, adjudications=(off,)), *claim.lines[1:])
    )
    assert out_of_balance(wrong) == (OutOfBalance(payer_id="60054", line=1, off=Decimal("0.01")),)
    prior = msgspec.structs.replace(claim.prior_payments[0], paid_amount=Decimal("84.99"))
    assert out_of_balance(msgspec.structs.replace(claim, prior_payments=(prior,))) == (
        OutOfBalance(payer_id="60054", off=Decimal("-0.01")),
    )
    with pytest.raises(VersionRefused, match=r"line 1 is \+0.01 off the charge"):
        check_balance(wrong)


def test_a_payer_that_decided_nothing_is_not_judged():
    claim = a_secondary_claim()
    waiting = msgspec.structs.replace(claim.prior_payments[0], adjudicated=False, paid_amount=Decimal("0.00"))
    assert out_of_balance(msgspec.structs.replace(claim, prior_payments=(waiting,))) == ()
