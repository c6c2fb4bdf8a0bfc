"""The worked scenarios of the domain, step by step, on a book in memory: every cell of every table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.authorizations import Authorization, AuthorizationRefused, Movement, covers, move, units
from claimwright.billing.bad_debt import PlacementRefused, agency_recovery, place
from claimwright.billing.capitation import check_capitation
from claimwright.billing.denials import appeal_outcome
from claimwright.billing.lifecycle import State
from claimwright.billing.patient import (
    PatientLine,
    RefusedPayment,
    apply_credit,
    check_refund,
    credit_account,
    issue_refund,
    pay,
    returned_payment,
    small_balance,
)
from claimwright.billing.payment_plans import Plan, plan_standing
from claimwright.billing.policies import DEFAULT_POLICIES
from claimwright.billing.posting import ClaimOutcome, Fate, post
from claimwright.billing.posting.secondary import secondary_claim
from claimwright.billing.write_offs import WriteOffRefused, WriteOffRequest, approve
from claimwright.claims.nouns import Claim, Coverage, Line, Payer
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.book import Book
from claimwright.ledger.invariants import offsets_are_conserved
from claimwright.ledger.transfers import EntryType, Transfer
from tests.unit.billing.desk import DOS, TIN, TODAY, Desk, clp, d, era, plb, reversed_clp, svc


def row(desk: Desk, chain: str = "") -> tuple:
    return desk.bucket("INS1", chain), desk.bucket("INS2", chain), desk.bucket("PAT", chain), desk.book.cash()


def test_s1_medicare_crosses_over_by_itself():
    desk = Desk()
    desk.visit("S1", ("99214", 200), payers=("MEDICARE", "MEDIGAP"))
    assert row(desk) == (d(200), d(0), d(0), d(0))
    first = clp(
        "S1", 19, svc("99214", 200, "101.92", "CO-45", 70, "CO-253", "2.08", "PR-2", 26),
        forwarded_to=Payer(payer_id="MEDIGAP"),
    )  # fmt: skip
    remittance = era("T1", "MEDICARE", first)
    assert remittance.amount == d("101.92")
    plan = desk.receive(remittance)
    kinds = [(t.entry_type.value, t.reason, t.amount) for t in plan.transfers]
    assert kinds == [
        ("INS_PAY", "", d("101.92")), ("ADJ", "CO-45", d(70)), ("ADJ", "CO-253", d("2.08")), ("XFER", "PR-2", d(26)),
    ]  # fmt: skip
    assert row(desk) == (d(0), d(26), d(0), d("101.92"))
    assert [a.kind.value for a in plan.next_payer] == ["await_crossover"]
    assert desk.state("S1") is State.ADJUDICATED and desk.state("S1-S") is State.AWAIT_CROSSOVER
    assert plan.items == ()
    second = era("T2", "MEDIGAP", clp("S1", 2, svc("99214", 200, 26, "OA-23", 174)))
    plan = desk.receive(second)
    assert plan.items == (), "174.00 is what Medicare paid and adjusted"
    assert row(desk) == (d(0), d(0), d(0), d("127.92"))
    assert desk.state("S1-S") is State.ADJUDICATED
    before = len(desk.book)
    assert desk.receive(second).fate is Fate.DUPLICATE
    assert len(desk.book) == before


def test_s3_missing_data_is_corrected_and_paid_with_interest():
    desk = Desk()
    desk.visit("S3", ("99204", 280))
    plan = desk.receive(
        era("T1", "CARRIER", clp("S3", 1, svc("99204", 280, 0, "CO-16", 280, remarks=("N290", "MA130"))))
    )
    assert plan.transfers == ()
    assert desk.bucket("INS1") == d(280)
    (denial,) = plan.denials
    assert (denial.category, denial.appeal_allowed, denial.new_claim_required) == ("TECH", False, True)
    assert plan.claims[0].outcome is ClaimOutcome.DENIED
    desk.resubmit("S3", "S3B")
    second = era(
        "T2", "CARRIER", clp("S3B", 1, svc("99204", 280, 160, "CO-45", 90, "PR-3", 30)), plbs=(plb("L6", "-1.98"),)
    )
    assert second.amount == d("161.98")
    plan = desk.receive(second)
    assert (desk.bucket("INS1"), desk.bucket("PAT")) == (d(0), d(30))
    assert desk.book.total(Kind.INTEREST) == d("-1.98")
    assert desk.book.cash() == d("161.98")
    assert [(u.state, u.outcome_amount) for u in plan.denial_updates] == [("OVERTURNED", d(190))]
    assert desk.state("S3") is State.REPLACED and desk.state("S3B") is State.ADJUDICATED
    assert plan.items == ()


def test_s4_reversal_and_reprocessing():
    desk = Desk()
    desk.visit("S4", ("99215", 320))
    first = clp("S4", 1, svc("99215", 320, 168, "CO-45", 110, "PR-2", 42))
    desk.receive(era("T1", "CARRIER", first))
    assert row(desk) == (d(0), d(0), d(42), d(168))
    again = era(
        "T2", "CARRIER", reversed_clp(first), clp("S4", 1, svc("99215", 320, 184, "CO-45", 90, "PR-2", 46))
    )  # fmt: skip
    assert again.amount == d(16)
    plan = desk.receive(again)
    assert plan.items == ()
    assert row(desk) == (d(0), d(0), d(46), d(184))
    assert desk.state("S4") is State.ADJUDICATED


def open_patient_lines(desk: Desk, chain: str) -> list[PatientLine]:
    return [
        PatientLine(
            line_id=line.line_id, date_of_service=DOS, balance=desk.book.balance(receivable(line.line_id, "PAT"))
        )
        for line in desk.visits[chain].chain.lines
    ]


def patient_pays(desk: Desk, chain: str, amount: object, receipt: str, method: str = "card") -> None:
    desk.book.extend(
        pay(
            patient_id=f"patient-{chain}",
            practice_id="north",
            amount=d(amount),
            method=method,
            receipt_id=receipt,
            on=TODAY,
            lines=open_patient_lines(desk, chain),
        )  # fmt: skip
    )


def credit(desk: Desk, chain: str):
    return desk.book.balance(credit_account(f"patient-{chain}"))


def test_s2_two_commercial_payers_and_a_copay():
    desk = Desk()
    desk.visit("S2", ("99213", 150), ("87880", 40), payers=("FIRST", "SECOND"))
    patient_pays(desk, "S2", 25, "copay")
    assert (desk.bucket("INS1"), credit(desk, "S2")) == (d(190), d(-25))
    first = clp("S2", 1, svc("99213", 150, 85, "CO-45", 40, "PR-3", 25), svc("87880", 40, 0, "CO-45", 18, "PR-1", 22))
    assert (first.charge, first.paid, first.patient_responsibility) == (d(190), d(85), d(47))
    plan = desk.receive(era("T1", "FIRST", first))
    assert (desk.bucket("INS1"), desk.bucket("INS2"), credit(desk, "S2")) == (d(0), d(47), d(-25))
    assert desk.book.accounts_receivable() == d(22)
    assert desk.bucket("PAT") == d(0), "nothing is the patient's before the second payer"
    assert desk.state("S2-S") is State.DRAFT
    assert [(a.kind.value, a.amount) for a in plan.next_payer] == [("file", d(47))]

    told = secondary_claim(
        Claim(
            control_number="S2", total_charge=d(190), coverage=Coverage(sequence="P", payer=Payer(payer_id="FIRST")),
            lines=(
                Line(number=1, control_number="S2L1", procedure_code="99213", charge=d(150)),
                Line(number=2, control_number="S2L2", procedure_code="87880", charge=d(40)),
            ),
        ),
        Coverage(sequence="S", payer=Payer(payer_id="SECOND")),
        [posting.record for posting in desk.visits["S2"].postings],
        {"P": Coverage(sequence="P", payer=Payer(payer_id="FIRST")), "S": Coverage(sequence="S")},
        control_number="S2-S",
    )  # fmt: skip
    to_medicare = secondary_claim(
        msgspec.structs.replace(told, coverage=Coverage(sequence="P", payer=Payer(payer_id="FIRST"))),
        Coverage(sequence="S", payer=Payer(payer_id="SECOND"), insurance_type="12"),
        [posting.record for posting in desk.visits["S2"].postings],
        {"P": Coverage(sequence="P", payer=Payer(payer_id="FIRST")), "S": Coverage(sequence="S")},
        control_number="S2-M",
    )
    assert to_medicare.obligated_amount == d(132), "the charge of 190 less 40 and 18 by contract (CO-45)"
    assert [line.obligated_amount for line in to_medicare.lines] == [d(110), d(22)]
    assert told.obligated_amount is None, "only Medicare computes with it"
    assert told.prior_payments[0].paid_amount == d(85)
    adjudications = [line.adjudications[0] for line in told.lines]
    assert [(a.payer_id, a.paid_amount) for a in adjudications] == [("FIRST", d(85)), ("FIRST", d(0))]
    assert [[x.amount for x in a.adjustments] for a in adjudications] == [[d(40), d(25)], [d(18), d(22)]]
    for line, a in zip(told.lines, adjudications, strict=True):
        assert line.charge == a.paid_amount + sum(x.amount for x in a.adjustments)
    assert told.total_charge == told.prior_payments[0].paid_amount + sum(
        x.amount for a in adjudications for x in a.adjustments
    )
    assert all(a.adjudication_date for a in adjudications) and told.prior_payments[0].adjudication_date is None

    desk.visits["S2"].versions["v-S2-S"] = msgspec.structs.replace(
        desk.visits["S2"].versions["v-S2-S"], state=State.PAYER_ACCEPTED
    )
    second = clp(
        "S2-S", 2, svc("99213", 150, 10, "OA-23", 125, "PR-3", 15), svc("87880", 40, 20, "OA-23", 18, "CO-45", 2)
    )
    assert (second.charge, second.paid, second.patient_responsibility) == (d(190), d(30), d(15))
    plan = desk.receive(era("T2", "SECOND", second))
    assert plan.items == ()
    assert (desk.bucket("INS2"), desk.bucket("PAT")) == (d(0), d(15))
    desk.book.extend(
        apply_credit(
            patient_id="patient-S2", available=d(25), lines=open_patient_lines(desk, "S2"), key="apply", on=TODAY
        )
    )
    assert (desk.bucket("PAT"), credit(desk, "S2")) == (d(0), d(-10))
    desk.book.extend(issue_refund(patient_id="patient-S2", practice_id="north", amount=d(10), refund_id="r1", on=TODAY))
    assert desk.book.accounts_receivable() == d(0)
    assert desk.book.cash() == d("130.00")


def test_s3_the_patient_pays_the_rest():
    desk = Desk()
    desk.visit("S3", ("99204", 280))
    desk.receive(
        era("T1", "CARRIER", clp("S3", 1, svc("99204", 280, 160, "CO-45", 90, "PR-3", 30)), plbs=(plb("L6", "-1.98"),))
    )
    patient_pays(desk, "S3", 30, "r1")
    assert desk.book.accounts_receivable() == d(0)
    assert desk.book.cash() == d("191.98")


def test_s4_the_patient_had_paid_and_the_rest_is_small():
    desk = Desk()
    desk.visit("S4", ("99215", 320))
    first = clp("S4", 1, svc("99215", 320, 168, "CO-45", 110, "PR-2", 42))
    desk.receive(era("T1", "CARRIER", first))
    patient_pays(desk, "S4", 42, "r1", "check")
    assert (desk.book.accounts_receivable(), desk.book.cash()) == (d(0), d(210))
    fixed = clp("S4", 1, svc("99215", 320, 184, "CO-45", 90, "PR-2", 46))
    remittance = era("T2", "CARRIER", reversed_clp(first), fixed)
    assert remittance.amount == d("16.00")
    plan = post(remittance, desk.context(remittance), desk)
    halfway = Book([*desk.book, *(t for t in plan.transfers if t.entry_type is EntryType.REVERSAL)])
    line = desk.visits["S4"].chain.lines[0].line_id
    assert halfway.line_balances(line) == {"INS1": d(320), "PAT": d(-42)}
    desk.save(plan, remittance)
    assert (desk.bucket("INS1"), desk.bucket("PAT"), desk.book.cash()) == (d(0), d("4.00"), d(226))
    written_off = small_balance(open_patient_lines(desk, "S4"), practice_id="north", on=TODAY, key="small")
    desk.book.extend(written_off)
    assert desk.bucket("PAT") == d(0)
    assert [t.reason for t in written_off] == ["WO-SMALL-BALANCE"]


def test_s4_a_reversal_alone_holds_the_refund():
    desk = Desk()
    desk.visit("S4", ("99215", 320))
    first = clp("S4", 1, svc("99215", 320, 168, "CO-45", 110, "PR-2", 42))
    desk.receive(era("T1", "CARRIER", first))
    patient_pays(desk, "S4", 42, "r1", "check")
    plan = desk.receive(era("T2", "CARRIER", reversed_clp(first), plbs=(plb("FB", -168, "S4"),)))
    assert (desk.bucket("INS1"), desk.bucket("PAT")) == (d(320), d(-42))
    assert [(h.amount, (h.until - TODAY).days) for h in plan.refund_holds] == [(d(42), 30)]
    assert desk.state("S4") is State.REVERSED
    assert "reversed_without_correction" in desk.worklists(plan)
    with pytest.raises(RefusedPayment, match="on hold"):
        check_refund(
            amount=d(42),
            credit=d(42),
            requested_by="a",
            approved_by="b",
            on=TODAY,
            hold_until=plan.refund_holds[0].until,
        )


def test_s5_takeback_by_forwarding_balance():
    desk = Desk()
    offset = Account(Kind.PAYER_OFFSET, f"CARRIER|{TIN}")
    for chain, code, charge in (("A", "99214", 150), ("B", "99213", 110), ("C", "99213", 140)):
        desk.visit(chain, (code, charge))
    first = clp("A", 1, svc("99214", 150, 80, "CO-45", 50, "PR-2", 20))
    desk.receive(era("T1", "CARRIER", first))
    patient_pays(desk, "A", 20, "r1")
    second = era(
        "T2", "CARRIER", reversed_clp(first), clp("A", 1, svc("99214", 150, 0, "PR-27", 150)),
        clp("B", 1, svc("99213", 110, 55, "CO-45", 35, "PR-2", 20)), plbs=(plb("FB", "-25.00", "CHAIN1"),),
    )  # fmt: skip
    assert second.amount == d(0)
    plan = desk.receive(second)

    def table() -> tuple:
        return (
            desk.bucket("INS1", "A"), desk.bucket("PAT", "A"), desk.bucket("INS1", "B"), desk.bucket("PAT", "B"),
            desk.book.balance(offset), desk.book.cash(),
        )  # fmt: skip

    assert table() == (d(150), d(-20), d(0), d(20), d(-25), d(100))
    assert [(n.reason, n.group, n.category) for n in plan.denials] == [("27", "PR", "ELIG")], "PR-27 does not bill"
    assert [h.amount for h in plan.refund_holds] == [d(20)], "A's credit is not refunded"
    assert desk.bucket("INS1", "B") == 0, "B is paid in full although no cash arrived"
    line = desk.visits["A"].chain.lines[0].line_id
    desk.write(receivable(line, "PAT"), receivable(line, "INS1"), 150, EntryType.XFER)
    assert table() == (d(0), d(130), d(0), d(20), d(-25), d(100))
    third = era("T3", "CARRIER", clp("C", 1, svc("99213", 140, 100, "CO-45", 40)), plbs=(plb("FB", 25, "CHAIN1"),))
    assert third.amount == d(75)
    plan = desk.receive(third)
    assert table() == (d(0), d(130), d(0), d(20), d(0), d(175))
    assert plan.items == () and desk.offsets == [], "the FB pair is closed"
    assert plan.offsets[0].matched_payment == desk.plans[1].payment_id
    assert offsets_are_conserved(desk.book, {f"CARRIER|{TIN}": d(0)}) == []


def test_s6_bundling_denial_is_appealed():
    desk = Desk()
    desk.visit("S6", ("99213-25", 150), ("20610-RT", 180))
    second_line = svc("20610-RT", 180, 84, "CO-45", 75, "PR-2", 21)
    first = clp("S6", 1, svc("99213-25", 150, 0, "CO-97", 150), second_line)
    assert (first.charge, first.paid, first.patient_responsibility) == (d(330), d(84), d(21))
    plan = desk.receive(era("T1", "CARRIER", first))
    assert (desk.bucket("INS1"), desk.bucket("PAT")) == (d(150), d(21))
    assert plan.claims[0].outcome is ClaimOutcome.PARTIAL
    (denial,) = plan.denials
    assert (denial.category, denial.reason, denial.appeal_allowed) == ("BUNDLE", "97", True)
    appealed = desk.visits["S6"].denials["S6L1/P/97"]
    desk.visits["S6"].denials["S6L1/P/97"] = msgspec.structs.replace(appealed, under_appeal=True)
    fixed = clp("S6", 1, svc("99213-25", 150, 70, "CO-45", 55, "PR-3", 25), second_line)
    remittance = era("T2", "CARRIER", reversed_clp(first), fixed)
    assert remittance.amount == d(70)
    plan = desk.receive(remittance)
    assert (desk.bucket("INS1"), desk.bucket("PAT"), desk.book.cash()) == (d(0), d(46), d(154))
    update = plan.denial_updates[-1]
    assert (update.state, update.outcome_amount, update.paid, update.patient_share) == (
        "OVERTURNED",
        d(95),
        d(70),
        d(25),
    )
    won = appeal_outcome(denied=d(150), contractual=d(55), paid=update.paid, patient_share=update.patient_share)
    assert (won.state.value, won.amount) == ("OVERTURNED_FULL", d(95))


def test_s7_a_duplicate_then_the_original_zero_paid():
    desk = Desk()
    desk.visit("S7", ("99203", 250))
    desk.resubmit("S7", "S7D")
    plan = desk.receive(era("T1", "CARRIER", clp("S7D", 1, svc("99203", 250, 0, "OA-18", 250))))
    assert desk.bucket("INS1") == d(250)
    assert plan.denials == () and plan.transfers == ()
    assert plan.claims[0].related_control_number == "S7"
    assert desk.state("S7") is State.PAYER_ACCEPTED
    plan = desk.receive(era("T2", "CARRIER", clp("S7", 1, svc("99203", 250, 0, "CO-45", 80, "PR-1", 170))))
    assert plan.claims[0].outcome is ClaimOutcome.ZERO_PAID
    assert plan.denials == () and plan.items == ()
    assert (desk.bucket("INS1"), desk.bucket("PAT"), desk.book.cash()) == (d(0), d(170), d(0))


def test_s8a_missing_authorization_is_found_and_used():
    desk = Desk()
    desk.visit("S8", ("72148", 1200))
    authorization = Authorization(
        number="A1", payer_key="CARRIER", procedure_codes=("72148",), units=Decimal(1), start=DOS, end=DOS
    )
    assert covers(authorization, procedure_code="72148", on=DOS) == ""
    plan = desk.receive(
        era("T1", "CARRIER", clp("S8", 1, svc("72148", 1200, 0, "CO-197", 1200), payer_claim_number="ICN1"))
    )
    assert [(n.category, n.reason) for n in plan.denials] == [("AUTH", "197")]
    assert plan.payer_claim_numbers == (("v-S8", "ICN1"),)
    assert desk.bucket("INS1") == d(1200)
    entries = [move(authorization, [], Movement.USE, quantity=Decimal(1), subject="S8L1", key="use")]
    with pytest.raises(AuthorizationRefused):
        move(authorization, entries, Movement.USE, quantity=Decimal(1), subject="other", key="again")
    desk.resubmit("S8", "S8B", "7")
    first = clp("S8", 1, svc("72148", 1200, 0, "CO-197", 1200), payer_claim_number="ICN1")
    fixed = clp("S8B", 1, svc("72148", 1200, 304, "CO-45", 720, "PR-1", 100, "PR-2", 76), payer_claim_number="ICN2")
    remittance = era("T2", "CARRIER", reversed_clp(first), fixed)
    assert remittance.amount == d(304)
    plan = desk.receive(remittance)
    assert (desk.bucket("INS1"), desk.bucket("PAT"), desk.book.cash()) == (d(0), d(176), d(304))
    assert (desk.state("S8"), desk.state("S8B")) == (State.REVERSED, State.ADJUDICATED)
    assert units(authorization, entries).used == 1 and units(authorization, entries).unused == 0
    assert [u.state for u in plan.denial_updates] == ["PENDING", "OVERTURNED"]


def test_s8b_a_missing_referral_is_written_off_by_two():
    desk = Desk()
    desk.visit("S8R", ("99243", 210))
    plan = desk.receive(era("T1", "CARRIER", clp("S8R", 1, svc("99243", 210, 0, "CO-288", 210))))
    assert [n.category for n in plan.denials] == ["REF"]
    asked = WriteOffRequest(
        chain_id="S8R",
        line_id="S8RL1",
        bucket="INS1",
        amount=d(210),
        reason="REFERRAL",
        requested_by="ann",
        requested_on=TODAY,
    )
    given = {"open_balance": d(210), "practice_id": "north", "key": "wo1", "on": TODAY}
    with pytest.raises(WriteOffRefused, match="needs a supervisor"):
        approve(asked, approved_by="bob", role="biller", **given)
    with pytest.raises(WriteOffRefused, match="does not approve"):
        approve(asked, approved_by="ann", role="supervisor", **given)
    desk.book.append(approve(asked, approved_by="sue", role="supervisor", **given))
    assert desk.book.accounts_receivable() == d(0)
    assert not any(a.bucket == "PAT" for a in desk.book.balances()), "the patient was never billed"


def test_s9_a_plan_defaults_and_an_agency_collects():
    book = Book()
    line = receivable("S9L1", "PAT")
    book.append(
        Transfer(
            debit=line,
            credit=Account(Kind.REVENUE, "north"),
            amount=d(600),
            entry_type=EntryType.CHARGE,
            key="c",
            effective_date=TODAY,
        )
    )
    plan = Plan(balance=d(600), amount=d(100), start=date(2026, 1, 31), count=6)
    assert plan_standing(plan, d(0), date(2026, 1, 1)).regulation_z

    def pay_instalment(receipt: str, method: str) -> tuple:
        written = pay(
            patient_id="p9", practice_id="north", amount=d(100), method=method, receipt_id=receipt, on=TODAY,
            lines=[PatientLine(line_id="S9L1", date_of_service=DOS, balance=book.balance(line))],
        )  # fmt: skip
        book.extend(written)
        return written

    pay_instalment("1", "card")
    pay_instalment("2", "card")
    assert book.balance(line) == d(400)
    check = pay_instalment("3", "check")
    assert book.balance(line) == d(300)
    undone = returned_payment(
        check,
        practice_id="north",
        patient_id="p9",
        on=TODAY,
        key="nsf",
        fee=DEFAULT_POLICIES.nsf_fee_amount,
        account_line="S9FEE",
    )
    book.extend(undone)
    assert book.balance(line) == d(400)
    assert (book.total(Kind.RECEIVABLE), book.cash()) == (d(425), d(200))
    assert plan_standing(plan, d(200), date(2026, 3, 31)).state.value == "GRACE"
    assert plan_standing(plan, d(200), date(2026, 4, 15)).missed == 1
    standing = plan_standing(plan, d(200), date(2026, 5, 15))
    assert (standing.state.value, standing.missed) == ("DEFAULTED", 2)
    owed = {"S9L1": d(400), "S9FEE": d(25)}
    with pytest.raises(PlacementRefused):
        place(owed, final_notice_sent=False, flags=(), key="bd", on=TODAY)
    book.extend(place(owed, final_notice_sent=True, flags=(), key="bd", on=TODAY))
    assert (book.total(Kind.BAD_DEBT), book.accounts_receivable()) == (d(425), d(0))
    book.extend(agency_recovery(owed, gross=d(200), fee_share=Decimal("0.25"), practice_id="north", key="ag", on=TODAY))
    assert (book.total(Kind.BAD_DEBT), book.cash()) == (d(225), d(350))
    assert book.balance(Account(Kind.FEE, "north", "agency")) == d(50)


def test_s10_capitation_and_a_carve_out():
    desk = Desk()
    desk.visit("S10", ("99213", 150))
    desk.visit("S10X", ("20610", 180))
    patient_pays(desk, "S10", 15, "copay")
    remittance = era(
        "T1", "CARRIER", clp("S10", 1, svc("99213", 150, 0, "CO-24", 135, "PR-3", 15)),
        clp("S10X", 1, svc("20610", 180, 100, "CO-45", 80)), plbs=(plb("CT", -4500),),
    )  # fmt: skip
    assert remittance.amount == d("4600.00")
    plan = desk.receive(remittance)
    assert plan.denials == (), "capitation is no denial"
    assert plan.claims[0].outcome is ClaimOutcome.ZERO_PAID
    desk.book.extend(
        apply_credit(
            patient_id="patient-S10", available=d(15), lines=open_patient_lines(desk, "S10"), key="apply", on=TODAY
        )
    )
    assert desk.book.accounts_receivable() == d(0)
    assert desk.book.cash() == d(4615)
    assert desk.book.total(Kind.CAPITATION_REVENUE) == d(-4500)
    assert check_capitation(members=250, rate=d(18), received=d(4500)).difference == 0
    desk.visit("S10Y", ("20610", 180))
    following = era("T2", "CARRIER", clp("S10Y", 1, svc("20610", 180, 100, "CO-45", 80)), plbs=(plb("CT", -4464),))
    assert following.amount == d("4564.00")
    desk.receive(following)
    assert check_capitation(members=248, rate=d(18), received=d(4464)).expected == d(4464)
    assert desk.book.total(Kind.CAPITATION_REVENUE) == d(-8964)
