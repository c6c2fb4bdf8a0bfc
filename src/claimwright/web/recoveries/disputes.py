"""One letter for all variances of a group: made, looked at, sent, answered. What came of it the ledger says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import msgspec

from claimwright.billing import underpayments as rules
from claimwright.claims.nouns import ZERO
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.documents.letters import Column
from claimwright.documents.payer_letters import DISPUTE, DISPUTE_ASKS, PayerLetter, render_payer_letter
from claimwright.documents.statement import amount_text, short_date
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries.models import Dispute, Underpayment
from claimwright.web.recoveries.underpaid import RecoveryRefused, close_answered

COLUMNS = (
    Column(title="Your claim no."), Column(title="Our claim no.", wide=True), Column(title="Patient", wide=True),
    Column(title="Date"), Column(title="Service"), Column(title="Allowed", amount=True),
    Column(title="Agreement", amount=True), Column(title="Difference", amount=True),
)  # fmt: skip


def make_dispute(*, cases: Sequence[Underpayment], signer: str) -> Dispute:
    """A draft letter about open cases of one group. Raises RecoveryRefused, LetterIncomplete without a signer."""
    rows = list(
        Underpayment.objects.select_for_update(of=("self",))
        .filter(pk__in=[case.pk for case in cases])
        .select_related("payer", "version__claim__patient", "version__claim__practice")
        .order_by("version__date_of_service", "version__control_number", "line_id")
    )
    if not rows or any(row.state != "OPEN" or row.variance <= 0 for row in rows):
        raise RecoveryRefused("only open cases with too little allowed are disputed")
    if len({(row.payer_id, row.code, row.cause, row.contract_version) for row in rows}) > 1:
        raise RecoveryRefused("one letter is for one payer, code, cause and contract version")
    first = rows[0]
    practice = first.version.claim.practice
    if any(row.version.claim.practice_id != practice.pk for row in rows):
        raise RecoveryRefused("one letter is from one practice")
    number = f"D{next_number(name='dispute'):06d}"
    amount = sum((row.variance - row.recovered for row in rows), ZERO)
    dispute = Dispute.objects.create(
        number=number, practice=practice, payer=first.payer, code=first.code, cause=first.cause,
        contract_version=first.contract_version, amount=amount, made_on=clock.today(), made_by=actor(),
        letter=_letter(rows, practice, number, amount, signer),
    )  # fmt: skip
    Underpayment.objects.filter(pk__in=[row.pk for row in rows]).update(dispute=dispute, state="DISPUTED")
    raise_work_item(
        worklist="underpayments", key=f"dispute:{dispute.pk}", reason_code="DISPUTE", amount=amount,
        reason=f"Dispute {number} is written and not sent", what_to_do="Look at the letter, then send it",
        subject_type="dispute", subject_id=dispute.pk, practice_id=practice.pk,
    )  # fmt: skip
    resolve_work_items(keys=[f"underpayment:{row.pk}" for row in rows], resolution=f"In dispute {number}")
    record_audit(action="dispute.made", subject_type="dispute", subject_id=dispute.pk, detail=f"{len(rows)} lines")
    return dispute


def letterhead(practice: Practice) -> tuple[str, ...]:
    """The lines under a practice's name: address and telephone."""
    noun = msgspec.convert(practice.content, ProviderNoun) if practice.content else None
    address = noun.address if noun is not None else None
    place = (
        (address.line1, address.line2, f"{address.city}, {address.state} {address.postal_code}")
        if address is not None
        else ()
    )
    ids = f"NPI {practice.npi} · Tax id {practice.tax_id}"
    return tuple(filter(None, (*place, practice.statement_phone, ids)))


def _letter(rows: Sequence[Underpayment], practice: Practice, number: str, amount: Decimal, signer: str) -> bytes:
    first = rows[0]
    table = tuple(
        (
            row.version.payer_claim_number, row.version.control_number,
            f"{row.version.claim.patient.last_name}, {row.version.claim.patient.first_name}",
            short_date(row.version.date_of_service, "en") if row.version.date_of_service else "", row.code,
            amount_text(row.allowed), amount_text(row.expected), amount_text(row.variance - row.recovered),
        )
        for row in rows
    )  # fmt: skip
    return render_payer_letter(
        PayerLetter(
            subject=f"Payment below our agreement: {first.code}", written_on=clock.today(), practice_name=practice.name,
            practice_lines=letterhead(practice), recipient=(first.payer.name, "Provider disputes"),
            facts=(
                ("Our dispute no.", number), ("Lines", str(len(rows))), ("In dispute", amount_text(amount)),
                ("Agreement", first.contract_version), ("Reason", rules.CAUSES.get(first.cause, first.cause)),
            ),
            paragraphs=DISPUTE, asks=DISPUTE_ASKS, columns=COLUMNS, rows=table,
            signature=tuple(filter(None, (signer.strip(), practice.name))) if signer.strip() else (),
        )
    )  # fmt: skip


def send_dispute(*, dispute: Dispute) -> Dispute:
    """The letter went out today; an answer is expected within the days of the practice's policy."""
    dispute.refresh_from_db(from_queryset=Dispute.objects.select_for_update())
    if dispute.state != "DRAFT":
        raise RecoveryRefused("it went out before")
    days = policies_of(dispute.practice).dispute_answer_days
    dispute.state, dispute.sent_on = "SENT", clock.today()
    dispute.answer_due_on = clock.today() + timedelta(days=days)
    dispute.save(update_fields=["state", "sent_on", "answer_due_on"])
    resolve_work_items(keys=[f"dispute:{dispute.pk}"], resolution="Sent")
    record_audit(action="dispute.sent", subject_type="dispute", subject_id=dispute.pk)
    return dispute


def record_dispute_answer(*, dispute: Dispute, answer: str, agreed: bool, reference: str = "") -> Dispute:
    """What the payer said. Agreed: the cases wait for its money. Refused: they are open again, for a person to decide."""
    dispute.refresh_from_db(from_queryset=Dispute.objects.select_for_update())
    if dispute.state not in ("SENT", "ANSWERED") or not answer.strip():
        raise RecoveryRefused("an answer is to a dispute that was sent, and says something")
    dispute.state, dispute.answered_on, dispute.answer = "ANSWERED", clock.today(), answer.strip()
    dispute.reference = reference.strip()[:60]
    dispute.save(update_fields=["state", "answered_on", "answer", "reference"])
    resolve_work_items(keys=[f"dispute:{dispute.pk}", f"dispute-late:{dispute.pk}"], resolution="Answered")
    if not agreed:
        for case in dispute.cases.filter(state="DISPUTED"):
            case.state = "OPEN"
            case.save(update_fields=["state"])
            raise_work_item(
                worklist="underpayments", key=f"underpayment:{case.pk}", reason_code="REFUSED", amount=case.variance,
                reason=f"The payer refused dispute {dispute.number}", subject_type="underpayment", subject_id=case.pk,
                what_to_do="Accept it with the reason, correct our contract, or go to the next level",
                practice_id=case.practice_id, reopen=True,
            )  # fmt: skip
    record_audit(action="dispute.answered", subject_type="dispute", subject_id=dispute.pk, detail=str(agreed))
    return dispute


def list_late_disputes() -> int:
    """Disputes sent and not answered, or agreed and not paid, after their day: on the list. Says how many."""
    late = list(Dispute.objects.filter(state__in=["SENT", "ANSWERED"], answer_due_on__lt=clock.today()))
    listed = 0
    for dispute in late:
        open_cases = list(dispute.cases.filter(state="DISPUTED"))
        if not open_cases:
            close_answered(dispute.cases.first() or Underpayment())
            continue
        raise_work_item(
            worklist="underpayments", key=f"dispute-late:{dispute.pk}", reason_code="DISPUTE_LATE",
            amount=sum((case.variance - case.recovered for case in open_cases), ZERO), practice_id=dispute.practice_id,
            reason=f"Dispute {dispute.number} has brought no money by its day", due_date=dispute.answer_due_on,
            what_to_do="Call the payer with the dispute number, and write down the answer",
            subject_type="dispute", subject_id=dispute.pk,
        )  # fmt: skip
        listed += 1
    return listed
