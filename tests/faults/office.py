"""A practice whose claims went out and whose partner's answers lie in a folder; and all that receiving them changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from claimwright.claims.nouns import Person
from tests.lib import answers, practices, world

INTEREST = "-1.98"


class Office(msgspec.Struct, kw_only=True):
    """The tenant's clinic, the file its claims went out in, and the claims' versions by number."""

    tenant: Any
    clinic: practices.Clinic
    sent: Any
    versions: list[Any]

    @property
    def numbers(self) -> list[str]:
        return [version.control_number for version in self.versions]

    def put(self, name: str, content: bytes) -> None:
        (self.clinic.incoming / name).write_bytes(content)


def open_office(tenant: Any, root: Any, *, claims: int) -> Office:
    """`claims` visits of as many patients, one line of 150.00 each, sent to the first payer in one file."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        clinic = practices.set_up(root)
        Payer.objects.filter(key="NMUT").update(aliases=[world.PAYER_TRACE_ID])
        practices.take_in(clinic, *(row | {"dos_from": world.DAY.isoformat()} for row in practices.visits(claims)))
        scrub()
    (sent,) = submit_ready(tenant=tenant)
    with tenant_scope(tenant):
        versions = list(
            ClaimVersion.objects.select_related("claim__patient", "claim__encounter").order_by("control_number")
        )
    assert len(versions) == claims
    assert {version.state for version in versions} == {"SENT"}
    return Office(tenant=tenant, clinic=clinic, sent=sent, versions=versions)


def payment(version: Any, **changes: Any) -> Any:
    """The payer's CLP for one of the office's claims: 85.00 paid, 25.00 to the patient, the rest contractual."""
    patient = version.claim.patient
    person = Person(last_name=patient.last_name, first_name=patient.first_name)
    return msgspec.structs.replace(world.paid(version, **changes), patient=person)


def deliver_answers(office: Office) -> None:
    """A 999, two 277CAs and three remittances: paid, denied, held, reversed and corrected, with interest and FB."""
    from claimwright.claims.nouns import Adjustment, ProviderAdjustment

    numbers, versions = office.numbers, office.versions
    denied = msgspec.structs.replace(
        payment(versions[1], paid="0.00", patient="0.00"),
        lines=(
            msgspec.structs.replace(
                payment(versions[1]).lines[0], paid=Decimal("0.00"),
                adjustments=(Adjustment(group="CO", reason="16", amount=Decimal("150.00")),),
            ),
        ),
    )  # fmt: skip
    unknown = msgspec.structs.replace(payment(versions[2]), control_number="NOTOURS1", payer_claim_number="ELSE1")
    office.put("10.999", answers.functional(10, office.sent.group_control_number, {"0001": "A"}))
    office.put("20.277", answers.claims(20, dict.fromkeys(numbers, (True, ""))))
    office.put("30.277", answers.claims(30, {number: (True, f"ICN{number}") for number in numbers}, source="PR"))
    first = world.remittance(
        [payment(versions[0]), denied, unknown], trace="T1001",
        adjustments=[ProviderAdjustment(code="L6", reference="INT", amount=Decimal(INTEREST), provider_id=world.PAYEE_NPI)],
    )  # fmt: skip
    second = world.remittance([payment(version) for version in versions[3:6]], trace="T1002")
    third = world.remittance(
        [payment(versions[0], status="22"), payment(versions[0], paid="95.00")], trace="T1003",
        adjustments=[ProviderAdjustment(code="72", reference="ELSE", amount=Decimal("2.00"), provider_id=world.PAYEE_NPI)],
    )  # fmt: skip
    office.put("40.835", world.as_file([first, second], control_number=40))
    office.put("50.835", world.as_file([third], control_number=50))


# Everything that receiving and posting may change, by content and not by the ids, times and places in chains that
# any two runs differ in. Our own numbers of payments (R0000001) have gaps where a run died: they are said by trace.
def snapshot(tenant: Any) -> dict[str, list[Any]]:
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return _names(_rows())


def _rows() -> dict[str, list[Any]]:
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.charges.models import ChargeLine, Encounter
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials.models import Denial
    from claimwright.web.exchange.models import InboxDelivery, InboxFile, InboxPart, OutboxFile
    from claimwright.web.payments.models import AdjudicationRecord, ClaimPayment, ProviderAdjustment, Refund, Remittance
    from claimwright.web.submissions.models import ClaimEvent, ClaimVersion, EditFinding

    lines = list(ChargeLine.objects.order_by("line_id").values_list("line_id", flat=True))
    balances = line_balances(lines)
    questions = {
        "ledger": LedgerTransfer.objects.values_list(
            "key", "debit_kind", "debit_bucket", "debit_subject", "credit_kind", "credit_bucket", "credit_subject",
            "amount", "entry_type", "reason", "effective_date", "actor", "payment", "claim", "reverses"),
        "versions": ClaimVersion.objects.values_list(
            "control_number", "state", "outcome", "payer_claim_number", "proof_of_filing", "rejected", "touched",
            "file_acknowledged", "clearinghouse_acknowledged", "payer_acknowledged", "first_adjudicated",
            "last_adjudicated", "closed"),
        "events": ClaimEvent.objects.values_list(
            "version__control_number", "ordinal", "from_state", "to_state", "trigger", "moved", "actor",
            "evidence__file__name", "evidence_segment", "note"),
        "findings": EditFinding.objects.values_list("version__control_number", "edit_id", "path", "open"),
        "remittances": Remittance.objects.values_list(
            "number", "trace_payer_id", "trace_number", "payee_id", "amount", "state", "reason", "part__file__name",
            "payer__key", "bank_state"),
        "claim payments": ClaimPayment.objects.values_list(
            "remittance__number", "segment", "control_number", "status", "charge", "paid", "state", "outcome",
            "worklist", "reason", "record_id", "reversed_by__record_id", "version__control_number"),
        "adjustments": AdjudicationRecord.objects.values_list(
            "claim_payment__record_id", "line_id", "group", "carc", "amount"),
        "provider adjustments": ProviderAdjustment.objects.values_list(
            "remittance__number", "ordinal", "code", "reference", "amount", "state"),
        "denials": Denial.objects.values_list(
            "version__control_number", "line_id", "group", "carc", "amount", "category", "state"),
        "refunds": Refund.objects.values_list("amount", "state", "line_id"),
        "work items": WorkItem.objects.values_list(
            "worklist", "reason_code", "reason", "state", "claim_number", "segment", "amount", "file_name"),
        "encounters": Encounter.objects.values_list("external_id", "state", "statement_hold"),
        "parts": InboxPart.objects.values_list("file__name", "ordinal", "kind", "fate", "byte_start", "byte_end"),
        "files": InboxFile.objects.values_list("name", "sha256", "state"),
        "deliveries": InboxDelivery.objects.values_list("name", "repeat"),
        "outbox": OutboxFile.objects.values_list("name", "state", "attempts"),
    }  # fmt: skip
    found = {name: [[str(cell) for cell in row] for row in rows] for name, rows in questions.items()}
    found["balances"] = [
        [line, bucket, str(amount)] for line in lines for bucket, amount in sorted(balances[line].items())
    ]
    return found


def _names(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The rows with each payment's number replaced by what the payer calls it, in one order."""
    said = {row[0]: f"<{row[2]} {row[7]} {row[5]}>" for row in found["remittances"]}
    answer = {}
    for name, rows in found.items():
        named = [tuple(_said(cell, said) for cell in row) for row in rows]
        answer[name] = sorted(named)
    return answer


def _said(cell: str, said: dict[str, str]) -> str:
    for number, name in said.items():
        cell = cell.replace(number, name)
    return cell


def differences(expected: dict[str, list[Any]], found: dict[str, list[Any]]) -> list[str]:
    """Which tables differ and by which rows; empty for the same state."""
    answer = []
    for name in expected:
        missing, more = list(expected[name]), []
        for row in found[name]:
            if row in missing:
                missing.remove(row)
            else:
                more.append(row)
        if missing or more:
            answer.append(f"{name}: missing {missing[:3]}, more {more[:3]} ({len(missing)}/{len(more)})")
    return answer


def audit_faults(tenant: Any) -> list[Any]:
    """What the independent auditor finds wrong in the tenant's books."""
    from claimwright.auditor import audit
    from claimwright.web.bootstrap import connection_text

    return list(audit(connection_text(), str(tenant.pk)).faults)


def run(office: Office) -> None:
    """What a practice does every morning."""
    from claimwright.web.operations.post import post
    from claimwright.web.operations.receive import receive

    receive(tenant=office.tenant)
    post(tenant=office.tenant)
