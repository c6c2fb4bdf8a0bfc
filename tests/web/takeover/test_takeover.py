"""A set loaded, worked on and taken back: the books tie to the old total, the auditor stays clean, nothing is left."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.claims.nouns import Adjustment, ClaimPayment, Person, RemittanceLine
from tests.faults import office as offices
from tests.lib import takeover_sets as sets
from tests.lib import world
from tests.web.payments.test_release import at_work

MONEY = Decimal


@pytest.fixture
def office(tenant: Any, clinic: Any) -> Any:
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer

    with tenant_scope(tenant):
        Payer.objects.filter(key="NMUT").update(aliases=[world.PAYER_TRACE_ID])
    return offices.Office(tenant=tenant, clinic=clinic, sent=None, versions=[])


def buckets(number: str) -> dict[str, Decimal]:
    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.takeover.models import TakeoverClaim

    row = TakeoverClaim.objects.filter(old_number=number).order_by("-load_number").first()
    lines = list(row.encounter.lines.order_by("number").values_list("line_id", flat=True))
    found: dict[str, Decimal] = {}
    for held in line_balances(lines).values():
        for bucket, amount in held.items():
            found[bucket] = found.get(bucket, MONEY(0)) + amount
    return {bucket: amount for bucket, amount in found.items() if amount}


def versions() -> dict[str, Any]:
    from claimwright.web.submissions.models import ClaimVersion

    return {version.control_number: version for version in ClaimVersion.objects.select_related("claim__payer")}


def test_a_set_comes_over_in_its_states_ties_and_takes_the_answers_to_its_old_numbers(office):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials.models import Appeal, Denial
    from claimwright.web.payments.models import Refund
    from claimwright.web.reports.books import rolled_forward
    from claimwright.web.takeover import selectors, services

    with at_work(office):
        takeover = sets.save(office.clinic.practice)
        report = services.check_takeover(takeover=takeover)
        assert [f"{p.place}: {p.message}" for p in report.faults] == []
        assert report.good
        done = services.load_takeover(takeover=takeover)
        assert (done.changed, done.claims, done.lines, done.denials, done.plans) == (True, 8, 9, 2, 1)
        assert all(not row.difference for row in done.ties)
    assert offices.audit_faults(office.tenant) == []

    with at_work(office):
        found = versions()
        states = {n: found[n].state for n in ("old-A1", "A2", "A3", "A4", "A6", "A8")}
        assert states == {
            "old-A1": "SENT",
            "A2": "ADJUDICATED",
            "A3": "CLOSED",
            "A4": "SENT",
            "A6": "ADJUDICATED",
            "A8": "CLOSED",
        }
        assert found["A5"].state in ("READY", "EDIT_HOLD")  # it was checked by the edits like any claim of ours
        assert found["A4"].claim.bucket == "INS2"
        assert found["old-A1"].first_sent == date(2026, 8, 5)
        assert {n: buckets(n) for n in ("old-A1", "A3", "A4", "A7", "A8")} == {
            "old-A1": {"INS1": MONEY("150.00")}, "A3": {"PAT": MONEY("120.00")}, "A4": {"INS2": MONEY("30.00")},
            "A7": {"PAT": MONEY("60.00")}, "A8": {"INS1": MONEY("-10.00")},
        }  # fmt: skip
        rolled = rolled_forward(start=date(2026, 9, 1), end=date(2026, 9, 30), by=())
        assert rolled.ties
        total = rolled.total
        assert (total.charges, total.payments, total.adjustments) == (0, 0, 0)  # none of it is the new system's doing
        assert total.closing == total.other == sets.TOTALS.receivable

        denial = Denial.objects.get(version=found["A2"])
        assert (denial.carc, denial.appeal_deadline, denial.received_on) == (
            "197",
            date(2026, 11, 20),
            date(2026, 8, 20),
        )
        assert WorkItem.objects.filter(key=f"denial:{denial.pk}", state="open").exists()
        assert Appeal.objects.get().denial.version == found["A6"]
        refunds = dict(Refund.objects.values_list("cause", "amount"))
        assert refunds == {"copay paid twice": MONEY("25.00"), "paid above contract": MONEY("10.00")}
        due = {(row.kind, row.claim_number): row.on for row in selectors.work_in_motion(takeover)}
        assert due["Last day to appeal", "A2"] == date(2026, 11, 20)
        assert due["Answer to an appeal", "A6"] == date(2026, 10, 31)
        assert due["Call again", "old-A1"] == date(2026, 10, 10)
        assert due["Answer of the payer expected", "old-A1"] == date(2026, 8, 26)
        assert ("Last day to file", "A5") in due
        assert any(kind == "Instalment due" and on == date(2026, 10, 15) for (kind, _), on in due.items())

        assert services.load_takeover(takeover=takeover).changed is False
        assert sets.save(office.clinic.practice).state == "loaded"  # the same set again is no change
        with pytest.raises(services.TakeoverRefused, match="same content is loaded as Old system"):
            services.load_takeover(takeover=sets.save(office.clinic.practice, name="Once more"))

    _answer(office, "old-A1")
    with at_work(office):
        assert buckets("old-A1") == {"PAT": MONEY("25.00")}
        assert versions()["old-A1"].state in ("ADJUDICATED", "CLOSED")
    assert offices.audit_faults(office.tenant) == []
    with at_work(office):
        with pytest.raises(services.TakeoverRefused) as refused:
            services.undo_takeover(takeover=takeover, reason="wrong file")
        assert any("INS_PAY of 85.00" in reason for reason in refused.value.reasons)
        assert any("claim old-A1: it was SENT and is" in reason for reason in refused.value.reasons)


def _answer(office: Any, number: str) -> None:
    """The payer's 835 for a claim that the old system sent: it knows nothing of our line ids."""
    line = RemittanceLine(
        procedure_code="99213", charge=MONEY("150.00"), paid=MONEY("85.00"), units_paid=MONEY(1),
        date_from=date(2026, 8, 3),
        adjustments=(
            Adjustment(group="CO", reason="45", amount=MONEY("40.00")),
            Adjustment(group="PR", reason="3", amount=MONEY("25.00")),
        ),
    )  # fmt: skip
    payment = ClaimPayment(
        control_number=number, status="1", charge=MONEY("150.00"), paid=MONEY("85.00"),
        patient_responsibility=MONEY("25.00"), filing_indicator="CI", payer_claim_number="ICNOLD1", facility_code="11",
        frequency="1", patient=Person(last_name="TAKENANNA", first_name="ANNA"), lines=(line,),
    )  # fmt: skip
    office.put("10.835", world.as_file([world.remittance([payment], trace="T10")], control_number=10))
    offices.run(office)


def test_a_loading_is_taken_back_whole_and_can_be_made_again(office):
    from claimwright.web.accounts.selectors import balances
    from claimwright.web.arrangements.models import PaymentPlan
    from claimwright.web.charges.models import Encounter
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials.models import Denial
    from claimwright.web.takeover import selectors, services

    with at_work(office):
        takeover = sets.save(office.clinic.practice)
        services.load_takeover(takeover=takeover)
        with pytest.raises(services.TakeoverRefused, match="reason"):
            services.undo_takeover(takeover=takeover, reason=" ")
        assert services.undo_takeover(takeover=takeover, reason="wrong month") == 9
        assert not any(balances().values())
        assert {version.state for version in versions().values()} == {"CANCELLED"}
        assert "A2" not in versions()  # the old numbers are free again
        assert not Denial.objects.exists()
        assert set(PaymentPlan.objects.values_list("state", flat=True)) == {"CANCELLED"}
        assert not WorkItem.objects.filter(state="open").exclude(worklist__startswith="possible").exists()
        assert selectors.work_in_motion(takeover) == ()
    assert offices.audit_faults(office.tenant) == []

    with at_work(office):
        fixed = sets.rows()
        fixed["open_lines"][0] |= {"charge": "160.00", "balance": "160.00"}
        more = msgspec.structs.replace(sets.TOTALS, insurance=MONEY("640.00"), by_payer={})
        again = sets.save(office.clinic.practice, fixed, totals=more)
        assert services.load_takeover(takeover=again).changed
        assert again.load_number == 2
        assert versions()["old-A1"].state == "SENT"
        assert buckets("old-A1") == {"INS1": MONEY("160.00")}
    assert offices.audit_faults(office.tenant) == []
    with at_work(office):  # the steps of a takeover are no way round for other claims
        Encounter.objects.filter(claims__versions__control_number="A2").update(source="csv")
    assert {(fault.invariant, fault.subject) for fault in offices.audit_faults(office.tenant)} == {("I10", "claim A2")}


def test_nothing_is_loaded_while_a_row_is_wrong_or_a_cent_is_missing(office):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.patients.models import Patient
    from claimwright.web.takeover import services

    with at_work(office):
        short = msgspec.structs.replace(sets.TOTALS, patient=MONEY("180.01"))
        takeover = sets.save(office.clinic.practice, totals=short)
        with pytest.raises(services.TakeoverRefused) as refused:
            services.load_takeover(takeover=takeover)
        assert "Patient: stated 180.01, found 180.00" in refused.value.reasons
        Patient.objects.create(
            practice=office.clinic.practice, record_number="OLD-1", last_name="SOMEBODY", first_name="ELSE",
            content={"record_number": "OLD-1", "last_name": "SOMEBODY", "first_name": "ELSE"},
        )  # fmt: skip
        report = services.check_takeover(takeover=sets.save(office.clinic.practice))
        assert [fault.place for fault in report.faults] == ["patients.csv row 2, column mrn"]
        assert not report.good
        assert LedgerTransfer.objects.count() == 0
        assert Patient.objects.count() == 1
