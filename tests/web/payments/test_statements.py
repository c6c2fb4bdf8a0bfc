"""Statements: who gets one, what it asks for, and that the auditor finds the same in the ledger by its own path."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer
from tests.lib.builders import a_claim, a_line, a_patient
from tests.lib.web_data import a_claim_row, a_patient_row, a_payer, a_practice

TODAY = date(2026, 9, 30)
ADJUDICATED_ON = date(2026, 9, 14)


class Desk:
    """One practice and payer, a patient, and visits whose money moves as told."""

    def __init__(self, tenant):
        self.tenant, self.number = tenant, 0
        with self.scope():
            self.practice, self.payer = a_practice(), a_payer()
        self.patient = self.add_patient()

    def scope(self):
        from claimwright.web.core.tenancy import tenant_scope

        return tenant_scope(self.tenant)

    def add_patient(self, **fields):
        self.number += 1
        noun = a_patient(record_number=f"MRN{self.number}", **fields)
        with self.scope():
            return a_patient_row(self.practice, self.payer, noun, f"W{self.number}")

    def visit(self, *moves, charge="150.00", patient=None, on=ADJUDICATED_ON, dos=date(2026, 8, 31)):
        """A charged visit; `moves` are (debit, credit, amount) between the names of `account`."""
        self.number += 1
        line_id = f"L{self.number}"
        line = a_line(control_number=line_id, charge=Decimal(charge), date_from=dos)
        claim = a_claim(control_number=f"C{self.number}", lines=(line,))
        patient = patient or self.patient
        with self.scope():
            version = a_claim_row(self.practice, self.payer, patient, claim, state="ADJUDICATED")
            self.post(
                [(self.account(d, line_id, patient), self.account(c, line_id, patient), a) for d, c, a in moves], on
            )
            return version.claim.encounter, line_id

    def account(self, name, line_id, patient):
        practice = str(self.practice.pk)
        return {
            "INS1": receivable(line_id, "INS1"), "INS2": receivable(line_id, "INS2"), "PAT": receivable(line_id, "PAT"),
            "paid": Account(Kind.REMITTANCE, "R1"), "adjusted": Account(Kind.ADJUSTMENT, practice, "CO-45"),
            "cash": Account(Kind.PATIENT_CASH, practice, "card"), "credit": Account(Kind.CREDIT, str(patient.pk)),
            "fee": Account(Kind.FEE, practice, "nsf"), "account": receivable(f"account-{patient.pk}", "PAT"),
        }[name]  # fmt: skip

    def post(self, moves, on=ADJUDICATED_ON):
        from claimwright.web.accounts.services import post_transfers

        entries = []
        for debit, credit, amount in moves:
            self.number += 1
            entries.append(
                Transfer(
                    debit=debit, credit=credit, amount=Decimal(amount), entry_type=EntryType.XFER,
                    key=f"move/{self.number}", effective_date=on,
                )
            )  # fmt: skip
        post_transfers(transfers=entries)

    def issue(self, as_of=TODAY):
        from claimwright.web.payments.statements import issue_statements

        with self.scope():
            return issue_statements(as_of=as_of)

    def statements(self):
        from claimwright.web.payments.models import Statement

        with self.scope():
            return list(Statement.objects.order_by("number"))

    def audit_faults(self):
        """What the auditor says of lines and statements; the remittances behind the payments are not part of it."""
        from django.db import connection

        from claimwright.auditor import audit

        held = connection.settings_dict
        report = audit(f"host={held['HOST']} dbname={held['NAME']} user={held['USER']}", str(self.tenant.pk))
        checks = [check for check in report.checks if check.invariant in ("I2", "I13", "I15")]
        examined = {check.title: check.examined for check in checks}
        assert examined["Statements are the ledger as of the entry they were made at"] == len(self.statements()) > 0
        return [fault for check in checks for fault in check.faults]


PAID = (("paid", "INS1", "85.00"), ("adjusted", "INS1", "40.00"), ("PAT", "INS1", "25.00"))


@pytest.fixture
def desk(tenant):
    return Desk(tenant)


def test_a_statement_asks_for_the_patients_part_and_keeps_what_was_printed(desk):
    desk.visit(*PAID)
    run = desk.issue()
    (row,) = desk.statements()
    assert run.issued == [(row.number, Decimal("25.00"))]
    assert row.number == "ST0000001"
    assert (row.amount_due, row.issued_on, row.language) == (Decimal("25.00"), TODAY, "en")
    assert bytes(row.pdf).startswith(b"%PDF")
    assert hashlib.sha256(bytes(row.pdf)).hexdigest() == row.sha256
    from claimwright.documents.statement import StatementDocument, render

    document = msgspec.convert(row.content, StatementDocument)
    (visit,) = document.visits
    assert (visit.charge, visit.insurer_paid, visit.discount, visit.amount_owed) == tuple(
        map(Decimal, ("150.00", "85.00", "40.00", "25.00"))
    )
    assert render(document) == bytes(row.pdf)
    assert desk.audit_faults() == []


def test_the_same_day_and_the_same_cycle_again_issue_nothing(desk):
    desk.visit(*PAID)
    desk.issue()
    for day in (TODAY, date(2026, 10, 27)):
        again = desk.issue(day)
        assert again.issued == []
        assert again.not_sent == {"a statement went out within the cycle": 1}
    assert len(desk.issue(date(2026, 10, 28)).issued) == 1
    assert [row.number for row in desk.statements()] == ["ST0000001", "ST0000002"]


def test_every_statement_is_in_the_audit_log(desk):
    from claimwright.web.core.models import AuditEvent

    desk.visit(*PAID)
    desk.issue()
    (row,) = desk.statements()
    with desk.scope():
        event = AuditEvent.objects.get(action="statement.issued")
    assert (event.subject_id, event.detail) == (str(row.pk), "ST0000001 25.00")


def test_a_visit_that_a_payer_still_has_is_shown_and_not_asked_for(desk):
    desk.visit(*PAID)
    desk.visit(("paid", "INS1", "60.00"), ("PAT", "INS1", "20.00"))  # 70.00 still with the payer
    desk.issue()
    (row,) = desk.statements()
    assert row.amount_due == Decimal("25.00")
    assert sorted((visit["amount_owed"], visit.get("insurance_pending", "0.00")) for visit in row.content["visits"]) == [
        ("0.00", "90.00"), ("25.00", "0.00"),
    ]  # fmt: skip
    assert desk.audit_faults() == []


def test_nothing_goes_out_before_the_payer_has_decided(desk):
    desk.visit(("PAT", "INS1", "25.00"))
    assert desk.issue().not_sent == {"a payer has not decided yet": 1}
    assert desk.statements() == []


def test_a_visit_on_hold_is_left_out_and_the_rest_asked_for(desk):
    held, _ = desk.visit(*PAID)
    with desk.scope():
        held.statement_hold = "remark N830"
        held.save()
    assert desk.issue().not_sent == {"the visits are on hold": 1}
    desk.visit(("paid", "INS1", "140.00"), ("PAT", "INS1", "10.00"))
    desk.issue()
    (row,) = desk.statements()
    assert row.amount_due == Decimal("10.00")
    assert row.content["held_visits"] == [str(held.pk)]
    assert len(row.content["visits"]) == 1
    with desk.scope():  # the hold ends later: the statement was right as it stood
        held.statement_hold = ""
        held.save()
    assert desk.audit_faults() == []


@pytest.mark.parametrize("flag", ["qmb", "bankruptcy", "bad_address", "disclosure_restricted", "dispute"])
def test_a_flag_that_forbids_billing_is_obeyed(desk, flag):
    desk.visit(*PAID)
    with desk.scope():
        desk.patient.flags = [flag]
        desk.patient.save()
    run = desk.issue()
    assert run.issued == []
    assert sum(run.not_sent.values()) == 1


def test_the_dead_get_no_statement(desk):
    patient = desk.add_patient(death_date=date(2026, 9, 1))
    desk.visit(*PAID, patient=patient)
    assert desk.issue().not_sent == {"the estate is asked": 1}


def test_below_the_practices_own_minimum_nothing_is_mailed(desk):
    desk.visit(("paid", "INS1", "145.00"), ("PAT", "INS1", "5.00"))
    with desk.scope():
        desk.practice.policies = {"minimum_statement_amount": "5.01"}
        desk.practice.save()
    assert desk.issue().not_sent == {"below the minimum balance": 1}
    with desk.scope():
        desk.practice.policies = {}
        desk.practice.save()
    assert [due for _, due in desk.issue().issued] == [Decimal("5.00")]


def test_a_statement_waits_three_days_after_posting(desk):
    encounter, _ = desk.visit(*PAID)
    with desk.scope():
        _claim_payment(desk, encounter, posted_on=date(2026, 9, 28))
    assert desk.issue(date(2026, 9, 30)).not_sent == {"a remittance was posted within the last days": 1}
    assert len(desk.issue(date(2026, 10, 1)).issued) == 1


def _claim_payment(desk, encounter, posted_on):
    from claimwright.billing.posting.state import AdjudicationRecord, LineRecord
    from claimwright.claims.nouns import Adjustment
    from claimwright.web.payments.models import ClaimPayment, Remittance
    from tests.lib.web_data import a_received_file

    line = encounter.lines.get()
    record = AdjudicationRecord(
        record_id="R1/CLP1", payment="R1", segment=1, sequence="P",
        lines=(LineRecord(line_id=line.line_id, adjustments=(Adjustment(group="PR", reason="3", amount=Decimal("25.00")),)),),
    )  # fmt: skip
    remittance = Remittance.objects.create(
        part=a_received_file(b"ST*835*0001~", "r.835", "835"), number="R1", trace_payer_id="1", trace_number="T1",
        payee_id="1", fingerprint="f", amount=Decimal("85.00"), received_on=posted_on, state="posted", content={},
    )  # fmt: skip
    return ClaimPayment.objects.create(
        remittance=remittance, encounter=encounter, segment=1, control_number="C", status="1", charge=Decimal("150.00"),
        paid=Decimal("85.00"), state="posted", fingerprint="f", record_id="R1/CLP1", content={},
        working=msgspec.to_builtins(record), posted_on=posted_on,
    )  # fmt: skip


def test_the_statement_says_why_in_the_patients_language(desk):
    patient = desk.add_patient(language="es")
    encounter, _ = desk.visit(*PAID, patient=patient)
    with desk.scope():
        _claim_payment(desk, encounter, posted_on=date(2026, 9, 14))
    desk.issue()
    (row,) = desk.statements()
    from claimwright.codes.denials import plain_words

    assert row.language == "es"
    assert row.content["visits"][0]["reasons"] == [plain_words("3", audience="patient", language="es")]


def test_a_language_without_words_falls_back_to_english(desk):
    patient = desk.add_patient(language="fr")
    desk.visit(*PAID, patient=patient)
    desk.issue()
    assert [row.language for row in desk.statements()] == ["en"]


def test_money_of_the_patient_that_lies_unused_is_applied_before_asking(desk):
    _, line_id = desk.visit(*PAID)
    with desk.scope():
        desk.post(
            [(desk.account("cash", line_id, desk.patient), desk.account("credit", line_id, desk.patient), "10.00")]
        )
    assert [due for _, due in desk.issue().issued] == [Decimal("15.00")]
    (row,) = desk.statements()
    assert row.content["visits"][0]["already_paid"] == "10.00"
    assert desk.audit_faults() == []


def test_a_fee_on_the_account_is_asked_for_and_audited(desk):
    _, line_id = desk.visit(*PAID)
    with desk.scope():
        desk.post(
            [(desk.account("account", line_id, desk.patient), desk.account("fee", line_id, desk.patient), "25.00")]
        )
    desk.issue()
    (row,) = desk.statements()
    assert row.amount_due == Decimal("50.00")
    assert len(row.content["visits"]) == 2
    assert desk.audit_faults() == []


def test_a_payers_overpayment_is_no_business_of_the_patient(desk):
    desk.visit(("paid", "INS1", "135.00"), ("PAT", "INS1", "25.00"))  # 10.00 too much from the payer
    desk.issue()
    (row,) = desk.statements()
    (visit,) = row.content["visits"]
    assert (visit["insurer_paid"], visit["amount_owed"]) == ("125.00", "25.00")
    assert row.amount_due == Decimal("25.00")


def test_later_entries_do_not_change_what_was_asked(desk):
    _, line_id = desk.visit(*PAID)
    desk.issue()
    with desk.scope():
        desk.post([(desk.account("cash", line_id, desk.patient), desk.account("PAT", line_id, desk.patient), "25.00")])
    assert desk.audit_faults() == []


@pytest.mark.parametrize("change", [{"amount_due": Decimal("26.00")}, {"pdf": b"%PDF other"}])
def test_the_auditor_sees_a_statement_that_was_changed(desk, change):
    from claimwright.web.payments.models import Statement

    desk.visit(*PAID)
    desk.issue()
    with desk.scope():
        Statement.objects.update(**change)
    assert [fault.invariant for fault in desk.audit_faults()] == ["I15"]


def test_figures_that_do_not_add_are_listed_and_not_mailed(desk):
    from claimwright.web.core.models import WorkItem

    _, line_id = desk.visit(*PAID)
    with desk.scope():  # interest booked on a charge line has no column on a statement
        desk.post([(receivable(line_id, "PAT"), Account(Kind.INTEREST, str(desk.practice.pk)), "3.00")])
    run = desk.issue()
    assert run.issued == []
    assert run.problems == [str(desk.patient.pk)]
    with desk.scope():
        assert WorkItem.objects.filter(worklist="posting_review", reason_code="STATEMENT").count() == 1


def test_another_tenants_patients_get_nothing(desk, other_tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.statements import issue_statements

    desk.visit(*PAID)
    with tenant_scope(other_tenant):
        assert issue_statements(as_of=TODAY).issued == []
    assert desk.statements() == []
