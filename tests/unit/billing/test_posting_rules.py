"""The posting tables and rulings, one case per cell."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from claimwright.billing.lifecycle import State
from claimwright.billing.posting import ClaimOutcome
from claimwright.billing.posting.decide import spread
from claimwright.billing.posting.provider_adjustments import ACCOUNTS
from claimwright.billing.posting.secondary import net_latest
from claimwright.billing.posting.state import IssuedRefund
from claimwright.claims.nouns import Payer
from claimwright.codes.denials import carc_rules
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer
from tests.unit.billing.desk import TIN, TODAY, Desk, cas, clp, d, era, plb, reversed_clp, svc


def desk_with(*, flags: dict | None = None, payers: tuple[str, ...] = ("CARRIER",)) -> Desk:
    desk = Desk()
    desk.visit("A", ("99213", 100), payers=payers, flags=flags)
    return desk


def received(desk: Desk, *parts: object, paid: object = 60, status: object = 1, **more: object):
    return desk.receive(era("T1", "CARRIER", clp("A", status, svc("99213", 100, paid, *parts, **more))))


def codes(plan) -> list[str]:
    return [item.code for item in plan.items]


CONTRACTUAL = sorted(
    code for code, rule in carc_rules().items() if rule.first_action == "CA" and code not in ("45", "104")
)
PATIENT = sorted(code for code, rule in carc_rules().items() if rule.category == "PATRESP")
SILENT = ("23", "101", "133", "187", "192", "193")
DENYING = sorted(
    code
    for code, rule in carc_rules().items()
    if rule.first_action != "CA" and rule.category not in ("PATRESP", "NONDENIAL") and code != "B11"
)


def test_the_table_is_whole():
    assert len(CONTRACTUAL) > 12 and len(PATIENT) > 8 and len(DENYING) > 110
    everything = {*CONTRACTUAL, *PATIENT, *SILENT, *DENYING, "45", "104", "100", "B11"}
    assert everything == set(carc_rules())


@pytest.mark.parametrize("code", CONTRACTUAL)
@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI", "CR"])
def test_a_contractual_code_adjusts_with_its_own_reason(code: str, group: str):
    desk = desk_with()
    plan = received(desk, f"{group}-{code}", 40)
    assert desk.book.total(Kind.ADJUSTMENT, bucket=f"{group}-{code}") == d(40)
    assert desk.bucket("INS1") == d(0) and plan.denials == ()
    assert ("PAYER_INITIATED" in codes(plan)) is (group == "PI")


@pytest.mark.parametrize("code", PATIENT)
def test_a_patient_share_goes_to_the_patient_or_the_next_payer(code: str):
    desk = desk_with()
    assert received(desk, f"PR-{code}", 40).denials == ()
    assert (desk.bucket("INS1"), desk.bucket("PAT")) == (d(0), d(40))
    desk = desk_with(payers=("CARRIER", "SECOND"))
    received(desk, f"PR-{code}", 40)
    assert (desk.bucket("INS1"), desk.bucket("INS2"), desk.bucket("PAT")) == (d(0), d(40), d(0))


@pytest.mark.parametrize("group", ["CO", "OA", "PI"])
def test_a_patient_share_in_another_group_stays_and_is_reviewed(group: str):
    desk = desk_with()
    plan = received(desk, f"{group}-1", 40)
    assert desk.bucket("INS1") == d(40) and plan.denials == ()
    assert "PATIENT_SHARE_NOT_PR" in codes(plan)


@pytest.mark.parametrize("code", DENYING)
@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI"])
def test_a_denial_keeps_the_balance_and_opens(code: str, group: str):
    desk = desk_with()
    plan = received(desk, f"{group}-{code}", 100, paid=0)
    assert desk.bucket("INS1") == d(100) and plan.transfers == ()
    if (group, code) == ("OA", "18"):
        assert plan.denials == () and "DUPLICATE_CLAIM" in codes(plan)
    else:
        (denial,) = plan.denials
        assert (denial.reason, denial.group, denial.amount) == (code, group, d(100))
        assert denial.category == carc_rules()[code].category or denial.category == "UNCLASSIFIED"
        assert denial.patient_billing_blocked is (group != "PR")
    assert plan.claims[0].outcome is ClaimOutcome.DENIED


@pytest.mark.parametrize("code", ["23", "133", "187", "192", "193"])
def test_an_informational_code_posts_nothing(code: str):
    desk = desk_with()
    plan = received(desk, f"OA-{code}", 40)
    assert desk.bucket("INS1") == d(40) and plan.denials == ()
    assert [t.entry_type for t in plan.transfers] == [EntryType.INS_PAY]


@pytest.mark.parametrize("group", ["CO", "PR"])
def test_45_for_the_whole_charge_is_a_contract_denial(group: str):
    desk = desk_with()
    plan = received(desk, f"{group}-45", 100, paid=0)
    assert desk.bucket("INS1") == d(100)
    assert [n.category for n in plan.denials] == ["CONTRACT"] and "WHOLE_CHARGE_45" in codes(plan)
    assert plan.claims[0].outcome is ClaimOutcome.DENIED


def test_a_withhold_is_kept_outside_receivables():
    desk = desk_with()
    received(desk, "CO-104", 10, "CO-45", 30)
    assert desk.book.total(Kind.WITHHOLD) == d(10)
    assert desk.book.accounts_receivable() == d(0)


def test_paid_to_the_patient_is_the_patients_and_zero_paid():
    desk = desk_with(payers=("CARRIER", "SECOND"))
    plan = received(desk, "OA-100", 80, "CO-45", 20, paid=0)
    assert (desk.bucket("PAT"), desk.bucket("INS2")) == (d(80), d(0))
    assert plan.claims[0].outcome is ClaimOutcome.ZERO_PAID and "PAID_TO_PATIENT" in codes(plan)


@pytest.mark.parametrize(("status", "reason"), [(25, "OA-101"), (1, "OA-101"), (25, "CO-45")])
def test_a_predetermination_only_reports(status: int, reason: str):
    desk = desk_with()
    plan = received(desk, reason, 100, paid=0, status=status)
    assert plan.transfers == () and plan.denials == ()
    assert plan.claims[0].outcome is ClaimOutcome.REPORT_ONLY and desk.state("A") is State.ADJUDICATED
    real = desk.receive(era("T2", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-45", 40))))
    assert real.claims[0].outcome is ClaimOutcome.PAID and desk.bucket("INS1") == d(0)
    assert [e.trigger.value for e in real.events] == ["further_remittance"]


@pytest.mark.parametrize(("status", "reason"), [(23, "OA-B11"), (1, "OA-B11"), (23, "CO-45")])
def test_a_claim_sent_on_is_transferred_and_no_denial(status: int, reason: str):
    desk = desk_with()
    plan = received(desk, reason, 100, paid=0, status=status)
    assert plan.transfers == () and plan.denials == ()
    assert desk.state("A") is State.TRANSFERRED and plan.claims[0].outcome is ClaimOutcome.TRANSFERRED


def test_paid_above_charge_posts_signed():
    desk = Desk()
    desk.visit("A", ("99213", 541))
    plan = desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 541, 516, "CO-45", 34, "OA-94", -9))))
    assert desk.bucket("INS1") == d(0) and plan.items == ()
    assert desk.book.total(Kind.ADJUSTMENT, bucket="OA-94") == d(-9)


def test_97_matched_by_94_is_a_move_between_lines():
    desk = Desk()
    desk.visit("A", ("80001", 100), ("80002", 50))
    bundled = svc("80099", 100, 0, "CO-97", 100, original_procedure_code="80001", control_number="AL1")
    paid = svc("80099", 50, 120, "CO-45", 30, "OA-94", -100, original_procedure_code="80002", control_number="AL2")
    plan = desk.receive(era("T1", "CARRIER", clp("A", 1, bundled, paid)))
    assert plan.denials == () and desk.bucket("INS1") == d(0)
    assert [(t.amount, t.debit.subject, t.credit.subject) for t in plan.transfers if t.reason == "BUNDLED"] == [
        (d(100), "AL2", "AL1")
    ]
    assert plan.claims[0].outcome is ClaimOutcome.PAID
    assert [line.procedure_code for line in plan.records[0].lines] == ["80099", "80099"], "the adjudicated code is kept"


def test_97_and_94_of_unequal_sums_are_no_move():
    desk = Desk()
    desk.visit("A", ("80001", 100), ("80002", 50))
    bundled = svc("80099", 100, 0, "CO-97", 100, original_procedure_code="80001", control_number="AL1")
    paid = svc("80099", 50, 60, "OA-94", -10, original_procedure_code="80002", control_number="AL2")
    plan = desk.receive(era("T1", "CARRIER", clp("A", 1, bundled, paid)))
    assert [n.reason for n in plan.denials] == ["97"] and desk.bucket("INS1") == d(100)


def test_a_split_line_is_summed_onto_its_charge_line():
    desk = desk_with()
    halves = [svc("99213", 50, 30, "CO-45", 20, control_number="AL1") for _ in range(2)]
    plan = desk.receive(era("T1", "CARRIER", clp("A", 1, *halves)))
    assert desk.bucket("INS1") == d(0) and plan.items == ()
    (record,) = plan.records[0].lines
    assert (record.charge, record.paid, record.adjustments) == (d(100), d(60), cas("CO-45", 40))


def test_lines_without_control_numbers_match_by_content_then_order():
    desk = Desk()
    desk.visit("A", ("99213", 100), ("87880", 40), ("87880", 40))
    services = (svc("87880", 40, 10, "CO-45", 30), svc("99213", 100, 60, "CO-45", 40), svc("87880", 40, 0, "CO-50", 40))
    plan = desk.receive(era("T1", "CARRIER", clp("A", 1, *services)))
    assert desk.book.line_balances("AL1") == {} and desk.book.line_balances("AL2") == {}
    assert desk.book.line_balances("AL3") == {"INS1": d(40)}
    assert [n.line_id for n in plan.denials] == ["AL3"]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [("10", ["1", "1", "1"], ["3.33", "3.33", "3.34"]), ("-10", ["1", "1", "1"], ["-3.33", "-3.33", "-3.34"]),
     ("5", ["0", "0"], ["0", "5"]), ("0.01", ["50", "50"], ["0.01", "0.00"]), ("7", ["7"], ["7"]), ("1", [], [])],
)  # fmt: skip
def test_spreading_gives_the_last_the_remainder(amount: str, weights: list[str], parts: list[str]):
    assert list(spread(d(amount), [d(w) for w in weights])) == [d(part) for part in parts]


def test_a_claim_level_adjustment_is_spread_over_the_lines():
    desk = Desk()
    desk.visit("A", ("99213", 100), ("87880", 50))
    claim = clp("A", 1, svc("99213", 100, 60, "CO-45", 40), svc("87880", 50, 30, "CO-45", 20))
    claim = msgspec.structs.replace(claim, adjustments=cas("CO-253", "1.79"), paid=d("88.21"))
    plan = desk.receive(era("T1", "CARRIER", claim))
    assert desk.bucket("INS1") == d(0) and desk.book.cash() == d("88.21")
    assert [t.amount for t in plan.transfers if t.reason == "CO-253"] == [d("1.19"), d("0.60")]


def test_a_claim_without_services_closes_every_line_to_the_cent():
    desk = Desk()
    desk.visit("A", ("99213", "33.33"), ("87880", "33.33"), ("20610", "33.34"))
    claim = clp("A", 1, charge=d(100), paid=d(50), adjustments=cas("CO-45", "29.99", "PR-2", "20.01"),
                patient_responsibility=d("20.01"))  # fmt: skip
    plan = desk.receive(era("T1", "CARRIER", claim))
    assert all(set(desk.book.line_balances(f"AL{n}")) == {"PAT"} for n in (1, 2, 3))
    assert desk.bucket("PAT") == d("20.01") and desk.book.cash() == d(50)
    assert plan.records[0].adjustments and plan.records[0].lines == ()


def test_a_denied_line_beside_a_copay_is_partial():
    desk = Desk()
    desk.visit("A", ("99213", 100), ("87880", 50))
    plan = desk.receive(
        era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 0, "PR-3", 100), svc("87880", 50, 0, "CO-50", 50)))
    )
    assert plan.claims[0].outcome is ClaimOutcome.PARTIAL


def test_allowed_is_as_sent_or_counted():
    desk = desk_with()
    assert received(desk, "CO-45", 30, "PR-2", 10).claims[0].allowed == d(70)
    desk = desk_with()
    assert received(desk, "CO-45", 30, "PR-2", 10, allowed=d(71)).claims[0].allowed == d(71)


# QMB, unknown next payer ----------------------------------------------------------------------------------------------


def test_a_qmb_without_medicaid_keeps_the_share_with_the_payer():
    desk = desk_with(flags={"qmb": True})
    plan = received(desk, "PR-2", 40)
    assert (desk.bucket("INS1"), desk.bucket("PAT")) == (d(40), d(0))
    assert "QMB_NO_MEDICAID" in codes(plan)


def test_a_qmb_with_medicaid_goes_on_to_it_and_never_to_the_patient():
    desk = desk_with(flags={"qmb": True}, payers=("CARRIER", "MEDICAID"))
    received(desk, "PR-2", 40, status=19)
    assert desk.bucket("INS2") == d(40)
    plan = desk.receive(era("T2", "MEDICAID", clp("A", 2, svc("99213", 100, 0, "OA-23", 60, "PR-3", 40))))
    assert (desk.bucket("INS2"), desk.bucket("PAT")) == (d(40), d(0)) and "QMB_NO_MEDICAID" in codes(plan)


def test_forwarded_to_a_payer_we_do_not_know_is_held_from_the_statement():
    desk = desk_with()
    plan = received(desk, "PR-2", 40, status=19)
    assert desk.bucket("PAT") == d(40)
    assert [h.reason for h in plan.statement_holds] and "UNKNOWN_NEXT_PAYER" in codes(plan)


def test_a_remark_against_billing_holds_the_statement():
    plan = received(desk_with(), "PR-2", 40, remarks=("N192",))
    assert [h.reason for h in plan.statement_holds] == ["remark N192"]


# The next payer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "remarks", "state"),
    [
        (1, (), State.DRAFT), (19, (), State.AWAIT_CROSSOVER), (1, ("MA18",), State.AWAIT_CROSSOVER),
        (1, ("MA07",), State.AWAIT_CROSSOVER), (19, ("N8",), State.DRAFT), (19, ("MA08",), State.DRAFT),
    ],
)  # fmt: skip
def test_who_files_the_next_claim(status: int, remarks: tuple, state: State):
    desk = desk_with(payers=("CARRIER", "SECOND"))
    received(desk, "PR-2", 40, status=status, remarks=remarks)
    assert desk.state("A-S") is state


def test_nothing_left_cancels_the_waiting_claim():
    desk = desk_with(payers=("CARRIER", "SECOND"))
    plan = received(desk, "CO-45", 40)
    assert desk.state("A-S") is State.CANCELLED and plan.next_payer[0].kind.value == "cancel"


def test_a_denial_keeps_the_next_claim_waiting():
    desk = desk_with(payers=("CARRIER", "SECOND"))
    received(desk, "CO-197", 100, paid=0)
    assert desk.state("A-S") is State.AWAIT_PRIOR


def test_forwarded_elsewhere_is_a_task():
    desk = desk_with(payers=("CARRIER", "SECOND"))
    claim = clp("A", 19, svc("99213", 100, 60, "PR-2", 40), forwarded_to=Payer(payer_id="THIRD"))
    assert "OTHER_NEXT_PAYER" in codes(desk.receive(era("T1", "CARRIER", claim)))


def test_a_changed_primary_replaces_what_the_second_payer_has():
    desk = desk_with(payers=("CARRIER", "SECOND"))
    first = clp("A", 1, svc("99213", 100, 60, "PR-2", 40))
    desk.receive(era("T1", "CARRIER", first))
    visit = desk.visits["A"]
    visit.versions["v-A-S"] = msgspec.structs.replace(visit.versions["v-A-S"], state=State.PAYER_ACCEPTED)
    desk.receive(era("T2", "SECOND", clp("A-S", 2, svc("99213", 100, 40, "OA-23", 60))))
    plan = desk.receive(era("T3", "CARRIER", reversed_clp(first), plbs=(plb("FB", -60, "X"),)))
    assert desk.bucket("INS2") == d(-40) and "PRIMARY_CHANGED" in codes(plan)
    fixed = clp("A", 1, svc("99213", 100, 65, "PR-2", 35))
    plan = desk.receive(era("T4", "CARRIER", fixed, plbs=(plb("FB", 60, "X"),)))
    assert desk.bucket("INS2") == d(-5) and [a.kind.value for a in plan.next_payer] == ["replace"]
    records = [posting.record for posting in desk.visits["A"].postings]
    reversed_ids = [posting.record.record_id for posting in desk.visits["A"].postings if posting.reversed]
    assert net_latest(records, reversed_ids)["P"].paid == d(65)


# Flags that do not hold -------------------------------------------------------------------------------------------


def test_prior_impact_that_differs_is_posted_and_flagged():
    desk = desk_with(payers=("CARRIER", "SECOND"))
    received(desk, "CO-45", 30, "PR-2", 10, status=19)
    plan = desk.receive(era("T2", "SECOND", clp("A", 2, svc("99213", 100, 10, "OA-23", 90))))
    assert codes(plan) == []
    desk = desk_with(payers=("CARRIER", "SECOND"))
    received(desk, "CO-45", 25, "PR-2", 15, status=19)
    plan = desk.receive(era("T2", "SECOND", clp("A", 2, svc("99213", 100, 10, "OA-23", 90))))
    assert codes(plan) == ["PRIOR_IMPACT"] and "5.00" in plan.items[0].reason and desk.bucket("INS2") == d(5)


def test_an_overpaying_second_payer_makes_a_flagged_credit():
    desk = desk_with(payers=("CARRIER", "SECOND"))
    received(desk, "CO-45", 30, "PR-2", 10, status=19)
    plan = desk.receive(era("T2", "SECOND", clp("A", 2, svc("99213", 100, 70, "OA-23", 30))))
    assert desk.bucket("INS2") == d(-60) and "PAYER_CREDIT" in codes(plan)


def test_a_retired_code_posts_and_warns():
    desk = Desk(retired_reasons={"59": date(2026, 1, 1)})
    desk.visit("A", ("99213", 100))
    plan = desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-59", 40))))
    assert codes(plan) == ["RETIRED_CARC"] and desk.bucket("INS1") == d(0)


def test_a_wrong_patient_total_warns_only():
    claim = msgspec.structs.replace(clp("A", 1, svc("99213", 100, 60, "PR-2", 40)), patient_responsibility=d(39))
    desk = desk_with()
    plan = desk.receive(era("T1", "CARRIER", claim))
    assert codes(plan) == ["PATIENT_SHARE"] and desk.bucket("PAT") == d(40)


@pytest.mark.parametrize(("amount", "flagged"), [("2.08", False), ("2.09", False), ("2.50", True)])
def test_sequestration_is_two_percent_of_the_payment(amount: str, flagged: bool):
    paid = d("104.00") - d(amount)
    desk = Desk()
    desk.visit("A", ("99214", 200))
    plan = desk.receive(
        era("T1", "CARRIER", clp("A", 1, svc("99214", 200, paid, "CO-253", amount, "CO-45", 70, "PR-2", 26)))
    )
    assert ("SEQUESTRATION" in codes(plan)) is flagged and desk.bucket("INS1") == d(0)


def test_a_code_that_needs_a_remark_and_has_none_asks_for_a_call():
    assert "REMARK_MISSING" in codes(received(desk_with(), "CO-16", 100, paid=0))
    assert "REMARK_MISSING" in codes(received(desk_with(), "CO-16", 100, paid=0, remarks=("MA01",))), "an alert is none"
    assert codes(received(desk_with(), "CO-16", 100, paid=0, remarks=("N290",))) == []


# Lifecycle while posting ----------------------------------------------------------------------------------------------


def test_an_answer_before_our_own_confirmation_repairs_it():
    desk = desk_with()
    desk.visits["A"].versions["v-A"] = msgspec.structs.replace(desk.visits["A"].versions["v-A"], state=State.BATCHED)
    plan = received(desk, "CO-45", 40)
    assert [(e.source.value, e.target.value) for e in plan.events] == [("BATCHED", "SENT"), ("SENT", "ADJUDICATED")]


def test_a_reversal_reopens_a_closed_claim_and_voids_a_void():
    for state, target in ((State.CLOSED, State.REVERSED), (State.VOID_PENDING, State.VOIDED)):
        desk = desk_with()
        first = clp("A", 1, svc("99213", 100, 60, "CO-45", 40))
        desk.receive(era("T1", "CARRIER", first))
        desk.visits["A"].versions["v-A"] = msgspec.structs.replace(desk.visits["A"].versions["v-A"], state=state)
        desk.receive(era("T2", "CARRIER", reversed_clp(first), plbs=(plb("FB", -60, "X"),)))
        assert desk.state("A") is target and desk.bucket("INS1") == d(100)


def test_a_correction_before_its_reversal_in_one_payment_is_right():
    desk = desk_with()
    first = clp("A", 1, svc("99213", 100, 60, "CO-45", 40))
    desk.receive(era("T1", "CARRIER", first))
    plan = desk.receive(era("T2", "CARRIER", clp("A", 1, svc("99213", 100, 70, "CO-45", 30)), reversed_clp(first)))
    assert plan.items == () and desk.bucket("INS1") == d(0) and desk.book.cash() == d(70)


# Provider adjustments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(ACCOUNTS))
@pytest.mark.parametrize("amount", ["-12.34", "12.34"])
def test_every_mapped_code_posts_to_its_account(code: str, amount: str):
    desk = desk_with()
    remittance = era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-45", 40)), plbs=(plb(code, amount),))
    plan = desk.receive(remittance)
    assert plan.items == ()
    assert desk.book.total(ACCOUNTS[code][0]) == d(amount)
    assert desk.book.cash() == remittance.amount == d(60) - d(amount)


def test_a_practice_may_map_a_code_of_its_own():
    desk = Desk(provider_adjustment_accounts={"ZZ": Account(Kind.FEE, "north", "card")})
    assert desk.receive(era("T1", "CARRIER", plbs=(plb("ZZ", -5),))).items == ()
    assert desk.book.total(Kind.FEE) == d(-5)


def offset(desk: Desk):
    return desk.book.balance(Account(Kind.PAYER_OFFSET, f"CARRIER|{TIN}"))


def test_a_forwarded_balance_is_closed_in_parts_and_chained():
    desk = desk_with()
    for chain in ("B", "C", "D"):
        desk.visit(chain, ("99213", 100))
    first = clp("A", 1, svc("99213", 100, 60, "CO-45", 40))
    desk.receive(era("T1", "CARRIER", first))
    desk.receive(era("T2", "CARRIER", reversed_clp(first), plbs=(plb("FB", -60, "F1"),)))
    assert offset(desk) == d(-60)
    paid = [clp(chain, 1, svc("99213", 100, amount, "CO-45", 100 - amount)) for chain, amount in (("B", 20), ("C", 50))]
    plan = desk.receive(era("T3", "CARRIER", paid[0], plbs=(plb("FB", 60, "F1"), plb("FB", -40, "F2"))))
    assert plan.items == () and offset(desk) == d(-40) and plan.amount == 0
    plan = desk.receive(era("T4", "CARRIER", paid[1], plbs=(plb("FB", 40, "F2"),)))
    assert plan.items == () and offset(desk) == d(0) and desk.offsets == [] and plan.amount == d(10)
    plan = desk.receive(
        era("T5", "CARRIER", clp("D", 1, svc("99213", 100, 30, "CO-45", 70)), plbs=(plb("FB", 5, "F9"),))
    )
    assert codes(plan) == ["UNIDENTIFIED_TAKEBACK"] and offset(desk) == d(5), "no history: the payer holds our money"


def test_a_payer_that_takes_more_than_it_carried_is_told():
    desk = desk_with()
    desk.visit("B", ("99213", 100))
    first = clp("A", 1, svc("99213", 100, 60, "CO-45", 40))
    desk.receive(era("T1", "CARRIER", first))
    desk.receive(era("T2", "CARRIER", reversed_clp(first), plbs=(plb("FB", -60, "F1"),)))
    plan = desk.receive(
        era("T3", "CARRIER", clp("B", 1, svc("99213", 100, 90, "CO-45", 10)), plbs=(plb("FB", 65, "F1"),))
    )
    assert [(i.code, i.amount) for i in plan.items] == [("UNIDENTIFIED_TAKEBACK", d(5))] and offset(desk) == d(5)


def test_a_deferred_recovery_is_settled_by_the_later_one():
    desk = desk_with()
    desk.visit("B", ("99213", 100))
    first = clp("A", 1, svc("99213", 100, 60, "CO-45", 40))
    desk.receive(era("T1", "CARRIER", first))
    desk.receive(era("T2", "CARRIER", reversed_clp(first), plbs=(plb("WO", -60, "A"),)))
    assert offset(desk) == d(-60) and desk.bucket("INS1", "A") == d(100)
    plan = desk.receive(
        era("T3", "CARRIER", clp("B", 1, svc("99213", 100, 90, "CO-45", 10)), plbs=(plb("WO", 60, "A"),))
    )
    assert plan.items == () and offset(desk) == d(0) and desk.bucket("INS1", "A") == d(100) and plan.amount == d(30)


@pytest.mark.parametrize("reference", ["A", "A 20260803 ICN7", "ICN7"])
def test_a_recovery_without_reversal_takes_the_payment_back(reference: str):
    desk = desk_with()
    desk.visit("B", ("99213", 100))
    desk.receive(
        era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-45", 30, "PR-2", 10), payer_claim_number="ICN7"))
    )
    paid = clp("B", 1, svc("99213", 100, 90, "CO-45", 10))
    plan = desk.receive(era("T2", "CARRIER", paid, plbs=(plb("WO", 60, reference),)))
    assert (desk.bucket("INS1", "A"), desk.bucket("PAT", "A")) == (d(60), d(10))
    assert offset(desk) == d(0) and codes(plan) == ["TAKEBACK"] and plan.amount == d(30)


def taken_back_by_a_recovery():
    desk = desk_with()
    desk.visit("B", ("99213", 100))
    first = clp("A", 1, svc("99213", 100, 60, "CO-45", 30, "PR-2", 10))
    desk.receive(era("T1", "CARRIER", first))
    paid = clp("B", 1, svc("99213", 100, 90, "CO-45", 10))
    desk.receive(era("T2", "CARRIER", paid, plbs=(plb("WO", 60, "A"),)))
    return desk, first


def test_a_payment_is_taken_back_once():
    desk, _ = taken_back_by_a_recovery()
    desk.visit("C", ("99213", 200))
    paid = clp("C", 1, svc("99213", 200, 150, "CO-45", 50))
    plan = desk.receive(era("T3", "CARRIER", paid, plbs=(plb("WO", 60, "A"), plb("WO", 60, "C"))))
    assert plan.fate.value == "posted" and codes(plan) == ["UNIDENTIFIED_TAKEBACK"] * 2
    assert desk.bucket("INS1", "A") == d(60) and offset(desk) == d(120)


def test_two_recoveries_of_one_payment_name_the_same_claim():
    desk = desk_with()
    desk.visit("B", ("99213", 200))
    desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-45", 40))))
    paid = clp("B", 1, svc("99213", 200, 150, "CO-45", 50))
    plan = desk.receive(era("T2", "CARRIER", paid, plbs=(plb("WO", 60, "A"), plb("WO", 60, "A"))))
    assert plan.fate.value == "posted" and sorted(codes(plan)) == ["TAKEBACK", "UNIDENTIFIED_TAKEBACK"]
    assert desk.bucket("INS1", "A") == d(60) and offset(desk) == d(60)


@pytest.mark.parametrize("given_back", [0, 60])
def test_a_reversal_after_the_recovery_leaves_what_it_takes_twice_with_the_payer(given_back: int):
    desk, first = taken_back_by_a_recovery()
    right = clp("A", 1, svc("99213", 100, 70, "CO-45", 20, "PR-2", 10))
    plan = desk.receive(
        era("T3", "CARRIER", reversed_clp(first), right, plbs=(plb("WO", -given_back, "A"),) if given_back else ())
    )
    assert plan.fate.value == "posted" and codes(plan) == ["TAKEN_TWICE"]
    assert [item.amount for item in plan.items] == [d(60)] and offset(desk) == d(60 - given_back)
    assert (desk.bucket("INS1", "A"), desk.bucket("PAT", "A")) == (d(0), d(10))


@pytest.mark.parametrize(("reference", "amount"), [("NOBODY", 60), ("", 60), ("A", 59)])
def test_a_recovery_that_fits_no_payment_is_unidentified(reference: str, amount: int):
    desk = desk_with()
    desk.visit("B", ("99213", 100))
    desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-45", 40))))
    paid = clp("B", 1, svc("99213", 100, 90, "CO-45", 10))
    plan = desk.receive(era("T2", "CARRIER", paid, plbs=(plb("WO", amount, reference),)))
    assert codes(plan) == ["UNIDENTIFIED_TAKEBACK"] and offset(desk) == d(amount)
    assert desk.bucket("INS1", "A") == d(0)


def test_a_refund_check_is_acknowledged_against_the_reversal():
    desk = desk_with()
    first = clp("A", 1, svc("99213", 100, 60, "CO-45", 40))
    desk.receive(era("T1", "CARRIER", first))
    refund = Account(Kind.REFUND, f"CARRIER|{TIN}", "r1")
    leg = Transfer(debit=receivable("AL1", "INS1"), credit=refund, amount=d(60), entry_type=EntryType.REFUND, key="r1/1",
                   effective_date=TODAY)  # fmt: skip
    check = Transfer(debit=refund, credit=Account(Kind.BANK, "north"), amount=d(60), entry_type=EntryType.REFUND,
                     key="r1/2", effective_date=TODAY)  # fmt: skip
    desk.book.extend((leg, check))
    desk.refunds.append(IssuedRefund(refund_id="r1", reference="CHK9", amount=d(60), transfers=(leg,)))
    plan = desk.receive(era("T2", "CARRIER", reversed_clp(first), plbs=(plb("72", -60, "CHK9"),)))
    assert plan.acknowledged_refunds == ("r1",) and plan.amount == d(0)
    assert (desk.bucket("INS1"), desk.book.balance(refund), desk.book.cash()) == (d(100), d(0), d(0))


# Versions against each other ---------------------------------------------------------------------------------------


def test_a_replacement_paid_before_the_old_payment_is_taken_back_is_held():
    desk = desk_with()
    desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 60, "CO-45", 40))))
    desk.resubmit("A", "A2", "7")
    plan = desk.receive(era("T2", "CARRIER", clp("A2", 1, svc("99213", 100, 70, "CO-45", 30))))
    assert [i.code for i in plan.items if i.holds] == ["SECOND_REMITTANCE"] and desk.book.cash() == d(130)
    assert desk.book.total(Kind.SUSPENSE) == d(-70) and desk.bucket("INS1") == d(0)


def test_a_copy_refused_after_the_original_replaces_nothing():
    desk = desk_with()
    desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 0, "CO-197", 100))))
    desk.resubmit("A", "A2")
    plan = desk.receive(era("T2", "CARRIER", clp("A2", 1, svc("99213", 100, 0, "OA-18", 100))))
    assert desk.state("A") is State.ADJUDICATED and desk.state("A2") is State.ADJUDICATED
    assert plan.denial_updates == (), "the original's denial stays open"
    assert plan.claims[0].related_control_number == "A"


@pytest.mark.parametrize(("appealed", "updates"), [(False, []), (True, ["UPHELD"])])
def test_the_same_denial_again_is_upheld_only_when_it_was_appealed(appealed: bool, updates: list):
    desk = desk_with()
    desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 0, "CO-50", 100))))
    denials = desk.visits["A"].denials
    denials["AL1/P/50"] = msgspec.structs.replace(denials["AL1/P/50"], under_appeal=appealed)
    desk.resubmit("A", "A2", "7")
    plan = desk.receive(era("T2", "CARRIER", clp("A2", 1, svc("99213", 100, 0, "CO-50", 100))))
    assert [u.state for u in plan.denial_updates] == updates
    assert [n.reason for n in plan.denials] == ["50"]


def test_another_denial_of_the_line_upholds_the_first():
    desk = desk_with()
    desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 100, 0, "CO-50", 100))))
    desk.resubmit("A", "A2", "7")
    plan = desk.receive(era("T2", "CARRIER", clp("A2", 1, svc("99213", 100, 0, "CO-29", 100))))
    assert [(u.denial_id, u.state) for u in plan.denial_updates] == [("AL1/P/50", "UPHELD")]


def test_a_service_that_charges_another_amount_than_its_line_is_held():
    desk = Desk()
    desk.visit("A", ("99213", 60), ("87880", 40))
    swapped = clp("A", 1, svc("99213", 50, 0, "CO-45", 50, control_number="AL1"),
                  svc("87880", 50, 0, "CO-45", 50, control_number="AL2"))  # fmt: skip
    plan = desk.receive(era("T1", "CARRIER", swapped))
    assert [(i.code, i.worklist.value) for i in plan.items] == [("LINE_CHARGE", "unmatched_lines")]
    assert "-10.00" in plan.items[0].reason and desk.bucket("INS1") == d(100)


def test_a_void_confirmed_by_its_reversal_ends_both_versions():
    desk = desk_with()
    first = clp("A", 1, svc("99213", 100, 60, "CO-45", 40))
    desk.receive(era("T1", "CARRIER", first))
    desk.resubmit("A", "A8", "8")
    desk.visits["A"].versions["v-A"] = msgspec.structs.replace(
        desk.visits["A"].versions["v-A"], state=State.VOID_PENDING
    )
    desk.receive(era("T2", "CARRIER", reversed_clp(first, control_number="A8"), plbs=(plb("FB", -60, "X"),)))
    assert (desk.state("A"), desk.state("A8")) == (State.VOIDED, State.ADJUDICATED)
