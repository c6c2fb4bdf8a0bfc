"""Books of everything the auditor looks at, made through the services and from raw files, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from claimwright.claims.nouns import ClaimPayment, ProviderAdjustment
from tests.lib import answers, practices, world

SERVICE_DAY = date(2026, 8, 31)
FORWARDED = Decimal("25.00")
UNKNOWN = "NOTOURS1"


def build(tenant: Any, root: Path) -> None:
    """Two months of a small practice; call outside any transaction."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from claimwright.web.operations.receive import receive
    from claimwright.web.statements.services import issue_due_statements
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        clinic = practices.set_up(root)
        medicare = practices.superbill_row(external_id="M1", mrn="MRN90001", payer="MEDB", member_id="1EG4TE5MK73")
        practices.take_in(clinic, *practices.visits(6), medicare)
        scrub()
        _overpay(clinic)
    (file,) = submit_ready(tenant=tenant)
    assert file.state == "sent"
    with tenant_scope(tenant):
        sent = list(
            ClaimVersion.objects.filter(state="SENT").select_related("claim__patient").order_by("control_number")
        )
    assert len(sent) == 7
    commercial = [version for version in sent if version.claim.patient.record_number != "MRN90001"]
    _acknowledge(clinic, file, [version.control_number for version in sent])
    receive(tenant=tenant)
    for name, content in payments(commercial).items():
        (clinic.incoming / name).write_bytes(content)
        receive(tenant=tenant)
        post(tenant=tenant)
    with tenant_scope(tenant):
        _patients_and_bank(clinic, commercial)
    tenant.fixed_date = date(2026, 9, 30)
    tenant.save()
    with tenant_scope(tenant):
        brother = commercial[3].claim.patient  # two patients whose bills one person pays
        brother.guarantor = commercial[1].claim.patient
        brother.save(update_fields=["guarantor"])
        assert issue_due_statements(as_of=tenant.fixed_date).issued


def _overpay(clinic: practices.Clinic) -> None:
    """A federal payer's bucket below zero: more was written off than was charged."""
    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType, Transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.charges.models import ChargeLine
    from claimwright.web.payments.credits import list_credits

    line = ChargeLine.objects.get(patient__record_number="MRN90001")
    post_transfers(
        transfers=[
            Transfer(
                debit=Account(Kind.ADJUSTMENT, str(clinic.practice.pk), "CO-45"), credit=receivable(line.line_id, "INS1"),
                amount=line.charge + 10, entry_type=EntryType.ADJ, key="overpaid", effective_date=SERVICE_DAY,
            )
        ]
    )  # fmt: skip
    list_credits(encounter_ids=[line.encounter_id])


def _acknowledge(clinic: practices.Clinic, file: Any, numbers: Sequence[str]) -> None:
    control = file.interchange_control_number
    replies = {
        "a.ta1": answers.ta1(501, control),
        "b.999": answers.functional(502, file.group_control_number, {"0001": "A"}),
        "c.277": answers.claims(
            503, {number: (True, f"ICN{number}") for number in numbers}, batch=f"B{control:09d}"
        ),
    }  # fmt: skip
    for name, content in replies.items():
        (clinic.incoming / name).write_bytes(content)


def clp(version: Any, **fields: Any) -> ClaimPayment:
    made = world.paid(version, **fields)
    lines = tuple(msgspec.structs.replace(line, date_from=SERVICE_DAY) for line in made.lines)
    patient = msgspec.structs.replace(made.patient, first_name="ANNA")
    return msgspec.structs.replace(made, lines=lines, patient=patient)


def payments(sent: Sequence[Any]) -> dict[str, bytes]:
    """Files in the order they come: a payment with an unknown claim and interest, a takeback and correction carried
    forward, the balance brought in, the first again, and one that does not balance."""
    first, second, third, fourth, *_ = sent
    denied = clp(third, paid="0.00", patient="0.00", status="4")
    denied = msgspec.structs.replace(
        denied, lines=tuple(msgspec.structs.replace(line, adjustments=world.DENIED) for line in denied.lines)
    )
    stranger = msgspec.structs.replace(
        clp(first, paid="50.00"), control_number=UNKNOWN, payer_claim_number="ICN9", lines=(),
        adjustments=(world.Adjustment(group="CO", reason="45", amount=Decimal("75.00")),
                     world.Adjustment(group="PR", reason="3", amount=Decimal("25.00"))),
    )  # fmt: skip
    interest = _plb("L6", "-1.98", f"ICN{first.control_number}")
    paid = world.remittance([clp(first), clp(second), denied, stranger], trace="T1", adjustments=[interest])
    taken_back = world.remittance(
        [clp(second, status="22"), clp(second, paid="60.00")], trace="T2", adjustments=[_plb("FB", "-25.00", "FB77")]
    )
    brought_in = world.remittance(
        [clp(fourth, paid="100.00", patient="50.00")], trace="T3", adjustments=[_plb("FB", "25.00", "FB77")]
    )
    unbalanced = world.as_file([world.remittance([clp(fourth, paid="10.00")], trace="T4")], control_number=605)
    return {
        "1.835": world.as_file([paid], control_number=601), "2.835": world.as_file([taken_back], control_number=602),
        "3.835": world.as_file([brought_in], control_number=603), "4.835": world.as_file([paid], control_number=604),
        "5.835": unbalanced.replace(b"BPR*I*10", b"BPR*I*11"),
    }  # fmt: skip


def _plb(code: str, amount: str, reference: str) -> ProviderAdjustment:
    return ProviderAdjustment(
        code=code, reference=reference, amount=Decimal(amount), provider_id=world.PAYEE_NPI,
        fiscal_period_end=date(2026, 12, 31),
    )  # fmt: skip


def _patients_and_bank(clinic: practices.Clinic, sent: Sequence[Any]) -> None:
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments.models import Remittance
    from claimwright.web.payments.services import receive_patient_payment, record_deposit

    amount = Remittance.objects.get(trace_number="T1", state="partial").amount
    with acting_as("front desk"):
        receive_patient_payment(
            patient=sent[0].claim.patient, practice=clinic.practice, amount=Decimal("40.00"), method="card", key="k1"
        )
        for trace, money in (("T1", amount), ("T99", Decimal("12.34"))):
            record_deposit(
                kind="EFT", trace_number=trace, trace_payer_id=world.PAYER_TRACE_ID, amount=money,
                effective_date=date(2026, 9, 16), practice=clinic.practice,
            )  # fmt: skip
        _statement(amount)


def _statement(amount: Decimal) -> None:
    """A bank statement: the first payment's money, and a line that nothing explains."""
    from claimwright.web.bank.services import import_bank_file, open_account
    from tests.lib.bank_lines import Row, as_bai2

    rows = [
        Row(code="142", amount=amount, text=f"TRN*1*T1*{world.PAYER_TRACE_ID}\\", reference="B1"),
        Row(code="174", amount=Decimal("3.00"), text="DEPOSIT", reference="B2"),
    ]
    done = import_bank_file(
        name="day.bai", content=as_bai2(date(2026, 9, 16), rows), account=open_account(name="Operating")
    )  # fmt: skip
    assert (done.matched, done.open) == (1, 1)
