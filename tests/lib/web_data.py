"""A small practice at work, as rows: patients, claims in several states, a remittance half posted, worklists.

Everything is made through the models and the ledger's own service, inside an open tenant scope.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgspec

from claimwright.claims.nouns import Address, Claim, Diagnosis, Patient, ProviderAdjustment
from claimwright.claims.to_x12 import professional, remittance
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer
from tests.lib.builders import (
    COMMERCIAL,
    ENVELOPE,
    MEDICARE,
    RECEIVER,
    SUBMITTER,
    WHEN,
    a_billing_provider,
    a_claim,
    a_claim_payment,
    a_coverage,
    a_line,
    a_patient,
    a_remittance,
    a_remittance_line,
    person_of,
)

TODAY = date(2026, 9, 30)
PASSWORD = "a long enough passphrase"
LIFE = {
    "DRAFT": (),
    "EDIT_HOLD": ("EDIT_HOLD",),
    "READY": ("READY",),
    "SENT": ("READY", "BATCHED", "SENT"),
    "PAYER_REJECTED": ("READY", "BATCHED", "SENT", "FILE_ACCEPTED", "CH_ACCEPTED", "PAYER_REJECTED"),
    "ADJUDICATED": ("READY", "BATCHED", "SENT", "FILE_ACCEPTED", "CH_ACCEPTED", "PAYER_ACCEPTED", "ADJUDICATED"),
}


def a_user(tenant: Any, username: str = "biller", role: str = "biller", **fields: Any) -> Any:
    from claimwright.web.core.models import User

    return User.objects.create_user(username, password=PASSWORD, tenant=tenant, role=role, **fields)


def _json(noun: Any) -> Any:
    return msgspec.to_builtins(noun)


def a_practice() -> Any:
    from claimwright.web.practice.models import Practice

    return Practice.objects.create(
        name="Lakeside Family Medicine", npi="1000000004", tax_id="391234567", content=_json(a_billing_provider())
    )


def put_on_file(practice: Any) -> None:
    """The practice's numbers with their dates, and a price for what was denied: what the edits look for."""
    from claimwright.web.practice.models import Charge, PracticeIdentifier

    start = date(2020, 1, 1)
    for kind, value in (("NPI", practice.npi), ("EI", practice.tax_id)):
        PracticeIdentifier.objects.create(practice=practice, kind=kind, value=value, start=start)
    Charge.objects.create(practice=practice, code="99204", amount=Decimal("280.00"), start=start)


def a_payer(noun: Any = COMMERCIAL, **fields: Any) -> Any:
    from claimwright.web.practice.models import Payer

    return Payer.objects.create(
        key=noun.payer_id, name=noun.name.title(), payer_id=noun.payer_id, profile={"payer_id": noun.payer_id}, **fields
    )


def a_connection() -> Any:
    from claimwright.web.exchange.models import Connection

    return Connection.objects.create(
        name="Clearinghouse", kind="folder", sender_id="LAKESIDE01", receiver_id="CLEARHOUSE"
    )


def a_patient_row(practice: Any, payer: Any, noun: Patient, member_id: str = "W12345678") -> Any:
    from claimwright.web.patients.models import Patient as Row
    from claimwright.web.patients.models import PatientCoverage

    row = Row.objects.create(
        practice=practice, record_number=noun.record_number, last_name=noun.last_name, first_name=noun.first_name,
        birth_date=noun.birth_date, language=noun.language, content=_json(noun),
    )  # fmt: skip
    coverage = a_coverage(subscriber=person_of(noun), member_id=member_id)
    PatientCoverage.objects.create(
        patient=row, payer=payer, sequence="P", member_id=member_id, start=date(2026, 1, 1), content=_json(coverage)
    )
    return row


def a_claim_row(practice: Any, payer: Any, patient: Any, noun: Claim, *, state: str = "DRAFT", **fields: Any) -> Any:
    """The encounter, its charge lines with their CHARGE entries, the claim and one version that lived up to `state`."""
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.charges.models import ChargeLine, Encounter
    from claimwright.web.submissions.models import Claim as Row
    from claimwright.web.submissions.models import ClaimEvent, ClaimVersion

    dos = noun.date_of_service
    encounter = Encounter.objects.create(
        practice=practice, patient=patient, external_id=f"visit|{noun.control_number}", source="csv", state="CLAIMED",
        date_from=dos, date_to=dos, received_on=dos,
    )  # fmt: skip
    for line in noun.lines:
        ChargeLine.objects.create(
            encounter=encounter, practice=practice, patient=patient, line_id=line.control_number, number=line.number,
            code=line.procedure_code, modifiers=list(line.modifiers), units=line.units, charge=line.charge,
            date_of_service=dos, charged_on=dos,
        )  # fmt: skip
    post_transfers(
        transfers=[
            entry(receivable(line.control_number, "INS1"), Account(Kind.REVENUE, str(practice.pk)), line.charge,
                  EntryType.CHARGE, f"charge/{line.control_number}", noun, dos)
            for line in noun.lines
        ]
    )  # fmt: skip
    claim = Row.objects.create(
        encounter=encounter, practice=practice, patient=patient, payer=payer, sequence="P", bucket="INS1",
        coverage=patient.coverages.first(),
    )  # fmt: skip
    version = ClaimVersion.objects.create(
        claim=claim, control_number=noun.control_number, state="DRAFT", content=_json(noun),
        total_charge=noun.total_charge, date_of_service=dos, created_on=dos,
        filing_deadline=fields.pop("filing_deadline", date(2027, 3, 1)), **fields,
    )  # fmt: skip
    before = "DRAFT"
    for ordinal, after in enumerate(LIFE[state], 1):
        ClaimVersion.objects.filter(pk=version.pk).update(state=after)
        ClaimEvent.objects.create(
            version=version, ordinal=ordinal, from_state=before, to_state=after, trigger=after.lower(), actor="system",
            at=datetime(2026, 9, 10 + ordinal, 9, tzinfo=UTC), on=date(2026, 9, 10 + ordinal),
        )  # fmt: skip
        before = after
    version.refresh_from_db()
    return version


def entry(
    debit: Account,
    credit: Account,
    amount: Decimal | str,
    kind: EntryType,
    key: str,
    noun: Claim,
    on: date,
    **more: str,
) -> Transfer:
    return Transfer(
        debit=debit, credit=credit, amount=Decimal(amount), entry_type=kind, key=key, effective_date=on,
        claim=noun.control_number, **more,
    )  # fmt: skip


def a_sent_file(connection: Any, versions: list[Any], number: int = 1) -> Any:
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.submissions.models import Submission

    nouns = [msgspec.convert(version.content, Claim, strict=False) for version in versions]
    content = professional.build_interchange(
        nouns, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=number,
        group_control_number=number, reference=f"B{number}", when=WHEN,
    )  # fmt: skip
    file = OutboxFile.objects.create(
        connection=connection, name=f"LAKESIDE01_{number:09d}.837", content=content,
        sha256=hashlib.sha256(content).hexdigest(), sender="LAKESIDE01", receiver="CLEARHOUSE",
        interchange_control_number=number, group_control_number=number, usage="T", state="sent", attempts=1,
        prepared_at=datetime(2026, 9, 12, 9, tzinfo=UTC), sent_on=date(2026, 9, 12),
    )  # fmt: skip
    for version in versions:
        Submission.objects.create(version=version, file=file, transaction_control_number="0001")
    return file


def a_received_file(content: bytes, name: str, kind: str, fate: str = "posted", reason: str = "") -> Any:
    """The file, one delivery and one part. Gives the part."""
    from claimwright.web.exchange.models import InboxDelivery, InboxFile, InboxPart

    at = datetime(2026, 9, 20, 9, tzinfo=UTC)
    file = InboxFile.objects.create(
        source="Clearinghouse", name=name, kind="x12", size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        content=content, received_at=at, received_on=at.date(), state="done",
    )  # fmt: skip
    InboxDelivery.objects.create(file=file, name=name, source="Clearinghouse", at=at)
    return InboxPart.objects.create(
        file=file, ordinal=1, kind=kind, transaction_control_number="0001", byte_start=content.find(b"ST*"),
        byte_end=len(content), fate=fate, reason=reason,
    )  # fmt: skip


def a_remittance_row(practice: Any, payer: Any, noun: Any, versions: dict[str, Any], number: str = "R1") -> Any:
    """The 835 as received, with one row a CLP: posted where its claim is known, else held."""
    from claimwright.web.payments.models import ClaimPayment, Remittance
    from claimwright.web.payments.models import ProviderAdjustment as AdjustmentRow

    content = remittance.build_interchange(
        [noun], envelope=ENVELOPE, control_number=7, group_control_number=7, when=WHEN
    )
    part = a_received_file(content, f"{noun.trace_number}.835", "835")
    known = all(claim.control_number in versions for claim in noun.claims)
    row = Remittance.objects.create(
        part=part, payer=payer, practice=practice, number=number, trace_payer_id=noun.trace_payer_id,
        trace_number=noun.trace_number, payee_id=noun.payee_npi, fingerprint="f" * 64, handling=noun.handling,
        method=noun.method, amount=noun.amount, payment_date=noun.payment_date, received_on=date(2026, 9, 20),
        state="posted" if known else "partial", content=_json(noun), posted_at=datetime(2026, 9, 20, 9, tzinfo=UTC),
    )  # fmt: skip
    text = content.decode("latin-1")
    for claim in noun.claims:
        version = versions.get(claim.control_number)
        segment = text[part.byte_start : text.find(f"CLP*{claim.control_number}*")].count("~") + 1
        ClaimPayment.objects.create(
            remittance=row, practice=practice, version=version, encounter=version.claim.encounter if version else None,
            payer=payer, segment=segment, control_number=claim.control_number, status=claim.status,
            charge=claim.charge, paid=claim.paid, patient_responsibility=claim.patient_responsibility,
            payer_claim_number=claim.payer_claim_number, state="posted" if version else "held",
            outcome="" if version is None else version.outcome, worklist="" if version else "unmatched_payments",
            reason="" if version else "No claim of ours has this control number", fingerprint=claim.control_number,
            record_id=f"{number}/CLP{segment}", content=_json(claim),
        )  # fmt: skip
    for ordinal, adjustment in enumerate(noun.provider_adjustments, 1):
        AdjustmentRow.objects.create(
            remittance=row, ordinal=ordinal, code=adjustment.code, reference=adjustment.reference,
            amount=adjustment.amount, state="posted",
        )  # fmt: skip
    return row


def a_work_item(worklist: str, key: str, **fields: Any) -> Any:
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import raise_work_item

    base = {"reason_code": "X1", "reason": "Something is not right", "what_to_do": "Put it right"}
    raise_work_item(worklist=worklist, key=key, **(base | fields))
    return WorkItem.objects.get(key=key)


def _claim(
    number: int, patient: Patient, code: str = "99213", charge: str = "150.00", dos: date | None = None
) -> Claim:
    line = a_line(
        control_number=f"L{number}", procedure_code=code, charge=Decimal(charge), date_from=dos or date(2026, 8, 31)
    )
    return a_claim(control_number=f"CW{number}", patient=patient, lines=(line,))


def a_practice_at_work() -> SimpleNamespace:
    """All of it, in the open tenant scope; the parts by name."""
    practice, payer, medicare, connection = a_practice(), a_payer(), a_payer(MEDICARE, kind="medicare"), a_connection()
    anna = a_patient(phone="6085550177")
    luz = a_patient(first_name="Luz", last_name="RIVERA", record_number="MRN1007", language="es")
    peter = a_patient(first_name="Peter", last_name="NOVAK", record_number="MRN1009", sex="M")
    rows = {
        noun.record_number: a_patient_row(practice, payer, noun, f"W{at}2345678")
        for at, noun in enumerate((anna, luz, peter), 1)
    }
    two_lines = a_claim(
        control_number="CW1001",
        diagnoses=(Diagnosis(code="J069", qualifier="ABK"), Diagnosis(code="E119", qualifier="ABF")),
        patient=anna,
        lines=(
            a_line(modifiers=("25",), diagnosis_pointers=(1, 2)),
            a_line(number=2, control_number="L1002", procedure_code="87880", charge=Decimal("40.00")),
        ),
    )
    paid = a_claim_row(practice, payer, rows["MRN1001"], two_lines, state="ADJUDICATED", outcome="PARTIAL", payer_claim_number="PCN1001", first_sent=date(2026, 9, 12))  # fmt: skip
    denied = a_claim_row(practice, payer, rows["MRN1007"], _claim(1003, luz, "99204", "280.00"), state="ADJUDICATED", outcome="DENIED")  # fmt: skip
    held = a_claim_row(practice, medicare, rows["MRN1009"], _claim(1004, peter, "99214", "200.00"), state="EDIT_HOLD", filing_deadline=date(2026, 10, 5))  # fmt: skip
    ready = a_claim_row(practice, payer, rows["MRN1009"], _claim(1005, peter, dos=date(2026, 9, 24)), state="READY")
    sent = a_claim_row(practice, payer, rows["MRN1001"], _claim(1006, anna, dos=date(2026, 9, 22)), state="SENT")
    rejected = a_claim_row(practice, medicare, rows["MRN1007"], _claim(1008, luz, dos=date(2026, 9, 2)), state="PAYER_REJECTED")  # fmt: skip
    outgoing = a_sent_file(connection, [paid, denied, sent, rejected])
    remit = _post(practice, payer, two_lines, paid, denied)
    _findings_and_lists(held, rejected, denied, remit)
    statement = _statement(practice, rows["MRN1001"], two_lines)
    return SimpleNamespace(
        practice=practice, payer=payer, medicare=medicare, patients=rows, paid=paid, denied=denied, held=held,
        ready=ready, sent=sent, rejected=rejected, outgoing=outgoing, remittance=remit, statement=statement,
        connection=connection,
    )  # fmt: skip


def two_offices() -> tuple[SimpleNamespace, SimpleNamespace]:
    """(mine, theirs): the parts of each of two tenants' practices, with `tenant` and `user`."""
    from claimwright.web.core.tenancy import tenant_scope
    from tests.conftest import _two_tenants

    made = []
    for tenant, username in zip(_two_tenants(), ("biller", "stranger"), strict=True):
        with tenant_scope(tenant):
            office = a_practice_at_work()
        office.tenant, office.user = tenant, a_user(tenant, username)
        made.append(office)
    return made[0], made[1]


def _post(practice: Any, payer: Any, noun: Claim, paid: Any, denied: Any) -> Any:
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.denials.models import Denial
    from claimwright.web.payments.models import PatientReceipt

    second = a_remittance_line(
        "87880", "40.00", "0.00", (("CO", "45", "18.00"), ("PR", "1", "22.00")), control_number="L1002"
    )
    refused = a_remittance_line(
        "99204", "280.00", "0.00", (("CO", "16", "280.00"),), control_number="L1003", allowed=None, remarks=("N290", "MA130")
    )  # fmt: skip
    unknown = a_claim_payment(
        (a_remittance_line(control_number="Z9"),), control_number="ZZ404", payer_claim_number="PCN9"
    )
    message = a_remittance(
        (
            a_claim_payment((a_remittance_line(), second)),
            a_claim_payment((refused,), control_number="CW1003", payer_claim_number="PCN1003"),
            unknown,
        ),
        provider_adjustments=(
            ProviderAdjustment(code="L6", reference="PCN1001", amount=Decimal("-1.98"), provider_id="1000000004", fiscal_period_end=date(2026, 12, 31)),
        ),
    )  # fmt: skip
    row = a_remittance_row(practice, payer, message, {"CW1001": paid, "CW1003": denied})
    cash, on = Account(Kind.REMITTANCE, "R1"), date(2026, 9, 20)
    written_off = Account(Kind.ADJUSTMENT, str(practice.pk), "CO-45")
    patient = Account(Kind.CREDIT, str(paid.claim.patient_id))
    drawer = Account(Kind.PATIENT_CASH, str(practice.pk), "card")
    first, other = receivable("L1001", "INS1"), receivable("L1002", "INS1")
    moves = (
        (cash, first, "85.00", EntryType.INS_PAY, ""), (written_off, first, "40.00", EntryType.ADJ, "CO-45"),
        (receivable("L1001", "PAT"), first, "25.00", EntryType.XFER, "PR-3"),
        (written_off, other, "18.00", EntryType.ADJ, "CO-45"),
        (receivable("L1002", "PAT"), other, "22.00", EntryType.XFER, "PR-1"),
        (cash, Account(Kind.SUSPENSE, "R1", "CLP3"), "85.00", EntryType.HOLD, ""),
        (cash, Account(Kind.INTEREST, str(practice.pk)), "1.98", EntryType.INTEREST, "L6"),
    )  # fmt: skip
    post_transfers(
        transfers=[
            entry(debit, credit, amount, kind, f"R1/{at}", noun, on, reason=reason, payment="R1")
            for at, (debit, credit, amount, kind, reason) in enumerate(moves)
        ]
    )
    PatientReceipt.objects.create(
        patient=paid.claim.patient, practice=practice, method="card", amount=Decimal("12.00"), received_on=date(2026, 8, 31),
        key="copay-1", reference="ends 4242",
    )  # fmt: skip
    post_transfers(
        transfers=[
            entry(drawer, patient, "12.00", EntryType.PAT_PAY, "copay-1", noun, on, payment="copay-1"),
            entry(patient, receivable("L1001", "PAT"), "10.00", EntryType.APPLY, "copay-1/L1001", noun, on, payment="copay-1"),
        ]
    )  # fmt: skip
    Denial.objects.create(
        practice=practice, version=denied, payer=payer, line_id="L1003", group="CO", carc="16", rarcs=["N290", "MA130"],
        amount=Decimal("280.00"), category="TECH", received_on=on, corrected_deadline=date(2026, 12, 20), appealable=False,
    )  # fmt: skip
    return row


def _findings_and_lists(held: Any, rejected: Any, denied: Any, remit: Any) -> None:
    from claimwright.web.submissions.models import EditFinding

    for edit_id, severity, path, message, fix in (
        ("BIL05", "R", "billing_provider.address", "Billing address is a PO box", "Move the box to pay-to and give a street address"),
        ("TFL02", "H", "", "The filing limit is near", "Send it today, or keep proof of an earlier filing"),
    ):  # fmt: skip
        EditFinding.objects.create(version=held, edit_id=edit_id, severity=severity, path=path, message=message, fix=fix, found_on=TODAY)  # fmt: skip
    unmatched = remit.claim_payments.get(state="held")
    a_work_item("edit_holds", "edit/CW1004", claim_number=held.control_number, amount=held.total_charge, due_date=TODAY,
                reason_code="BIL05", reason="Billing address is a PO box", what_to_do="Give a street address, then release")  # fmt: skip
    a_work_item("payer_rejections", "rej/CW1008", claim_number=rejected.control_number, amount=rejected.total_charge,
                reason_code="A7:164", reason="The payer does not know the member id", what_to_do="Check the card, correct the coverage, send again")  # fmt: skip
    a_work_item("denials", "denial/L1003", claim_number=denied.control_number, amount=Decimal("280.00"), due_date=date(2026, 12, 20),
                reason_code="CO-16", reason="Information is missing on the claim", what_to_do="Send a new claim with the missing NPI; do not appeal")  # fmt: skip
    a_work_item("unmatched_payments", "clp/R1/3", subject_type="remittance", subject_id=remit.pk, amount=unmatched.paid,
                file_id=remit.part.file_id, file_name=remit.part.file.name, segment=unmatched.segment,
                reason_code="NO_MATCH", reason="No claim of ours has this control number", what_to_do="Find the claim by patient and date, or return the money")  # fmt: skip


def _statement(practice: Any, patient: Any, noun: Claim) -> Any:
    from claimwright.documents.statement import StatementDocument, StatementVisit, render
    from claimwright.web.payments.models import Statement

    document = StatementDocument(
        number="ST-1001", issued_on=TODAY, due_on=date(2026, 10, 28), practice_name=practice.name,
        practice_address=Address(line1="400 Main St", city="Madison", state="WI", postal_code="53703"),
        practice_phone="6085550142", patient_name="Anna Tester",
        visits=(
            StatementVisit(
                date_of_service=noun.date_of_service or TODAY, service="Office visit", charge=Decimal("190.00"),
                insurer_paid=Decimal("85.00"), discount=Decimal("58.00"), already_paid=Decimal("10.00"),
                amount_owed=Decimal("37.00"),
            ),
        ),
        total_due=Decimal("37.00"),
    )  # fmt: skip
    pdf = render(document)
    return Statement.objects.create(
        practice=practice, patient=patient, number=document.number, issued_on=TODAY, due_on=document.due_on,
        amount_due=document.total_due, content=_json(document), pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(),
        ledger_sequence=0,
    )  # fmt: skip


def log_is_free(tenant: Any) -> bool:
    """Whether another process could write to the tenant's audit log now: no transaction holds its chain."""
    import threading

    from django.db import connection

    free: list[bool] = []

    def ask() -> None:
        with connection.cursor() as cursor:
            name = f"core_auditevent:{tenant.pk}"
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
            free.append(cursor.fetchone()[0])
        connection.close()

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    return free[0]
