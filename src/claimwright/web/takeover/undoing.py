"""Taking a loading back, and whether that may still be done: only while nothing has happened to what it made."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from claimwright.billing.lifecycle import ANY_UNSENT, State, Trigger
from claimwright.ledger.reversal import reverse
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.arrangements.plans import cancel_plan
from claimwright.web.charges.models import Encounter
from claimwright.web.core.services import next_number, resolve_work_items
from claimwright.web.denials.models import Appeal, Denial
from claimwright.web.followup.contacts import close_contact
from claimwright.web.followup.models import PayerContact
from claimwright.web.payments.credits import list_credits, list_patient_credits
from claimwright.web.payments.models import ClaimPayment, Refund, Statement
from claimwright.web.submissions.building import control_number
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.takeover.loading import ledger_prefix
from claimwright.web.takeover.models import Takeover, TakeoverPlan
from claimwright.web.takeover.selectors import claims_of, credit_owners, entries_of, line_ids_of

NAMED = 20  # happenings named; the rest are counted
UNSENT = tuple(state.value for state in ANY_UNSENT if state not in (State.AWAIT_PRIOR, State.AWAIT_CROSSOVER))


def what_happened(takeover: Takeover) -> tuple[str, ...]:
    """What was posted, sent or worked on since the loading, by claim or patient account; () where it may be undone."""
    _lock(takeover)
    found = list(
        dict.fromkeys([*_money(takeover), *_claims(takeover), *_denials(takeover), *_credits(takeover),
                       *_plans(takeover), *_statements(takeover)])
    )  # fmt: skip
    return tuple(found[:NAMED]) + ((f"and {len(found) - NAMED} more",) if len(found) > NAMED else ())


def _lock(takeover: Takeover) -> None:
    """As postings do: whoever is about to touch these visits waits, or we do."""
    visits = claims_of(takeover).values("encounter")
    list(Encounter.objects.select_for_update().filter(pk__in=visits).order_by("pk").values_list("pk"))


def _money(takeover: Takeover) -> Iterator[str]:
    lines, owners, prefix = line_ids_of(takeover), credit_owners(takeover), ledger_prefix(takeover)
    moved = LedgerTransfer.objects.filter(
        Q(debit_kind__in=["RECEIVABLE", "BAD_DEBT"], debit_subject__in=lines)
        | Q(credit_kind__in=["RECEIVABLE", "BAD_DEBT"], credit_subject__in=lines)
    ).exclude(key__startswith=prefix)
    for row in moved.order_by("sequence"):
        line = row.debit_subject if row.debit_subject in lines else row.credit_subject
        yield f"line {line}: {row.entry_type} of {row.amount} on {row.posted_on}"
    used = LedgerTransfer.objects.filter(debit_kind="CREDIT", debit_subject__in=owners).exclude(key__startswith=prefix)
    first = entries_of(takeover).values_list("sequence", flat=True).first() or 0
    for row in used.filter(sequence__gt=first).order_by("sequence"):
        yield f"a patient's credit was used: {row.entry_type} of {row.amount} on {row.posted_on}"


def _claims(takeover: Takeover) -> Iterator[str]:
    rows = claims_of(takeover).filter(version__isnull=False).select_related("version")
    brought = {row.version_id: row for row in rows}
    for row in brought.values():
        version = row.version
        assert version is not None
        unsent = row.loaded_state == State.DRAFT and version.state in UNSENT
        if version.state != row.loaded_state and not unsent:
            yield f"claim {version.control_number}: it was {row.loaded_state} and is {version.state}"
        elif version.submissions.exists() or version.prints.exists():
            yield f"claim {version.control_number}: it was sent from here"
    visits = claims_of(takeover).values("encounter")
    later = ClaimVersion.objects.filter(claim__encounter__in=visits).exclude(pk__in=list(brought))
    for version in later.order_by("control_number"):
        yield f"claim {version.control_number}: it was made since"
    held = ClaimPayment.objects.filter(encounter__in=visits).order_by("posting_order", "segment")
    for payment in held.select_related("remittance"):
        yield f"remittance {payment.remittance.number} has a payment of claim {payment.control_number}"


def _denials(takeover: Takeover) -> Iterator[str]:
    for denial in _denials_of(takeover).prefetch_related("appeals", "records_requests").select_related("version"):
        brought = {"NEW": 0, "ACTION_SENT": 1}.get(denial.state)
        if (
            brought is None
            or len(denial.appeals.all()) != brought
            or any(one.packet_id for one in denial.appeals.all())
        ):
            yield f"claim {denial.version.control_number}: its denial {denial.carc} was worked on"
        elif any(request.state != "open" for request in denial.records_requests.all()):
            yield f"claim {denial.version.control_number}: records were sent"


def _denials_of(takeover: Takeover) -> QuerySet[Denial]:
    return Denial.objects.filter(version__in=claims_of(takeover).filter(version__isnull=False).values("version"))


def _credits(takeover: Takeover) -> Iterator[str]:
    rows = Refund.objects.filter(Q(line_id__in=line_ids_of(takeover)) | Q(patient_id__in=credit_owners(takeover)))
    for row in rows.exclude(state__in=["IDENTIFIED", "HOLD"]).exclude(amount=0):
        yield f"a credit of {row.amount} is {row.state.lower()}"


def _plans(takeover: Takeover) -> Iterator[str]:
    for row in _plans_of(takeover):
        if row.plan.state not in ("ACTIVE", "OFFERED", "GRACE"):
            yield f"plan {row.plan.number}: it is {row.plan.get_state_display().lower()}"


def _plans_of(takeover: Takeover) -> QuerySet[TakeoverPlan]:
    rows = TakeoverPlan.objects.filter(takeover=takeover, load_number=takeover.load_number)
    return rows.select_related("plan__patient__practice")


def _statements(takeover: Takeover) -> Iterator[str]:
    """A patient who was told of the balance has to be told of anything else too: by a person."""
    first = entries_of(takeover).values_list("sequence", flat=True).first() or 0
    patients = claims_of(takeover).values("encounter__patient")
    for row in Statement.objects.filter(patient__in=patients, ledger_sequence__gte=first).order_by("number"):
        yield f"statement {row.number} was issued on {row.issued_on}"


# Giving back ---------------------------------------------------------------------------------------------------------


def give_back(takeover: Takeover) -> None:
    """Reverse and cancel everything of the last loading. The caller has asked what happened."""
    owners, visits = credit_owners(takeover), list(claims_of(takeover).values_list("encounter", flat=True).distinct())
    for row in _plans_of(takeover):
        cancel_plan(plan=row.plan, reason=f"takeover {takeover.name} undone")
    _forget_denials(takeover)
    _close_contacts(takeover)
    entries = [as_transfer(row) for row in entries_of(takeover).filter(reverses="")]
    post_transfers(
        transfers=[
            reverse(entry, key=f"{entry.key}/undone", effective_date=entry.effective_date, note="takeover undone")
            for entry in reversed(entries)
        ]
    )  # fmt: skip
    _cancel(takeover)
    list_credits(encounter_ids=visits)
    list_patient_credits(patient_ids=owners)


def _forget_denials(takeover: Takeover) -> None:
    """They never were this system's: no trend, chance or worklist is to count them."""
    rows = list(_denials_of(takeover))
    Appeal.objects.filter(denial__in=rows).delete()
    for row in rows:
        resolve_work_items(subject_type="denial", subject_id=str(row.pk), resolution="takeover undone")
        row.records_requests.all().delete()
        row.delete()


def _close_contacts(takeover: Takeover) -> None:
    versions = claims_of(takeover).filter(version__isnull=False).values("version")
    for contact in PayerContact.objects.filter(version__in=versions, closed_on__isnull=True):
        close_contact(contact=contact, because="takeover undone")


def _cancel(takeover: Takeover) -> None:
    """Claims end, and give the old numbers back: an answer to one belongs to the claim of the next loading, or nobody's."""
    rows = claims_of(takeover).filter(version__isnull=False).select_related("version").order_by("old_number", "pk")
    versions = [row.version for row in rows if row.version is not None]
    record_events(
        events=[
            EventRow(
                version_id=str(version.pk), source=version.state, target=State.CANCELLED.value,
                trigger=(Trigger.CANCEL if version.state in UNSENT else Trigger.TAKEOVER_UNDONE).value,
                note=f"takeover {takeover.name} undone: it was {version.control_number}",
            )
            for version in versions
            if version.state != State.CANCELLED
        ]
    )  # fmt: skip
    number = next_number(name="claim", count=max(1, len(versions)))
    for at, version in enumerate(versions):
        version.control_number, version.payer_claim_number = control_number(number + at, 1), ""
        version.save(update_fields=["control_number", "payer_claim_number"])
        resolve_work_items(subject_type="claim_version", subject_id=str(version.pk), resolution="takeover undone")
