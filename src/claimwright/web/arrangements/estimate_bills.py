"""Estimates that are due, and bills against their estimates: warned of, looked at, disputed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from claimwright.billing import good_faith_estimates as rules
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.arrangements.estimates import content_of, scheduled_on, visit_key
from claimwright.web.arrangements.holds import set_visit_hold
from claimwright.web.arrangements.models import EstimateDispute, EstimateExcess, GoodFaithEstimate
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import PatientCoverage
from claimwright.web.payments.models import Statement

CHARGED = (Encounter.State.CHARGES_LOCKED, Encounter.State.CLAIMED)
# The patient's money and the agency's: they pay a bill and do not make it less.
NOT_BILLED = (Kind.CREDIT.value, Kind.PATIENT_CASH.value, Kind.BAD_DEBT.value)


def is_self_pay(encounter: Encounter) -> bool:
    """Whether no coverage of the patient is in force on the day of the visit."""
    on = encounter.date_from
    rows = PatientCoverage.objects.filter(patient_id=encounter.patient_id)
    held = rows.filter(Q(start=None) | Q(start__lte=on)).filter(Q(end=None) | Q(end__gt=on))
    return not held.exists()


def list_due_estimates() -> int:
    """Each scheduled visit of a patient without insurance that must get an estimate is listed with its last day.

    Items whose visit was cancelled, covered or answered close. Says how many are open.
    """
    today = clock.today()
    visits = Encounter.objects.filter(
        state=Encounter.State.SCHEDULED, date_from__gte=today, patient__isnull=False, practice__isnull=False
    ).filter(estimates=None)  # fmt: skip
    wanted: set[str] = set()
    for visit in visits.order_by("date_from", "pk"):
        due = rules.estimate_clock(scheduled_on=scheduled_on(visit), service_on=visit.date_from)
        if due.due_on is None or not is_self_pay(visit):
            continue
        wanted.add(visit_key(visit.pk))
        raise_work_item(
            worklist=Worklist.GFE_DUE, key=visit_key(visit.pk), reason_code=due.owed.value.upper(),
            reason="A scheduled patient without insurance has no estimate", due_date=due.due_on, reopen=True,
            what_to_do="Issue the estimate before its last day, or add the coverage", subject_type="patient",
            subject_id=visit.patient_id, practice_id=visit.practice_id,
        )  # fmt: skip
        WorkItem.objects.filter(key=visit_key(visit.pk)).exclude(due_date=due.due_on).update(due_date=due.due_on)
    held = WorkItem.objects.filter(
        worklist=Worklist.GFE_DUE, key__startswith="gfe-visit:", state__in=["open", "snoozed"]
    )
    gone = [key for key in held.values_list("key", flat=True) if key not in wanted]
    resolve_work_items(keys=gone, resolution="no longer owed")
    return len(wanted)


def billed_of(encounter: Encounter) -> Decimal:
    """What the patient is billed for a visit: all that is in the patient's bucket, before what was paid on it."""
    lines = list(encounter.lines.values_list("line_id", flat=True))
    held = Kind.RECEIVABLE.value
    rows = LedgerTransfer.objects.filter(
        Q(debit_kind=held, debit_bucket="PAT", debit_subject__in=lines)
        | Q(credit_kind=held, credit_bucket="PAT", credit_subject__in=lines)
    )
    total = ZERO
    for row in rows:
        into = row.debit_kind == held and row.debit_bucket == "PAT" and row.debit_subject in lines
        if (row.credit_kind if into else row.debit_kind) not in NOT_BILLED:
            total += row.amount if into else -row.amount
    return total


def estimate_for(encounter: Encounter) -> GoodFaithEstimate | None:
    """The version in force for a visit: given for it, else for the patient and that day, the newest one."""
    rows = GoodFaithEstimate.objects.filter(replaced_by=None).select_related("patient__practice")
    own = rows.filter(encounter=encounter).order_by("-issued_on", "-version").first()
    if own is not None:
        return own
    return (
        rows.filter(patient_id=encounter.patient_id, encounter=None, service_on=encounter.date_from)
        .order_by("-issued_on", "-version")
        .first()
    )


def compare_bill(*, encounter: Encounter) -> tuple[rules.Excess, ...]:
    """Our bill of a visit against its estimate; nothing where none was given or an insurer was billed."""
    estimate = estimate_for(encounter)
    if estimate is None or encounter.practice is None or encounter.claims.exists():
        return ()
    billed = billed_of(encounter)
    if billed <= 0:
        return ()
    return rules.compare(rules.by_provider(content_of(estimate).items), {encounter.practice.npi: billed})


@transaction.atomic
def compare_bills() -> list[EstimateExcess]:
    """Each day: bills that the patient could dispute are listed, and no statement asks for them before a person looked.

    A bill that was lowered below the line since then is released by itself.
    """
    found = []
    held = Encounter.objects.filter(state__in=CHARGED, claims=None).filter(
        Q(estimates__isnull=False) | Q(patient__estimates__service_on__isnull=False)
    )
    for visit in held.select_related("practice", "patient").distinct().order_by("date_from", "pk"):
        over = [one for one in compare_bill(encounter=visit) if one.may_be_disputed]
        known = EstimateExcess.objects.filter(encounter=visit, state=EstimateExcess.State.WARNED)
        for row in known.exclude(provider_npi__in=[one.provider_npi for one in over]):
            _review(row, EstimateExcess.State.LOWERED, "the bill was lowered")
        estimate = estimate_for(visit)
        for one in over:
            assert estimate is not None  # nothing is over without one
            row, fresh = EstimateExcess.objects.get_or_create(
                encounter=visit, provider_npi=one.provider_npi,
                defaults={
                    "estimate": estimate, "estimated_amount": one.estimated, "billed_amount": one.billed,
                    "found_on": clock.today(),
                },
            )  # fmt: skip
            if fresh or (row.state != EstimateExcess.State.WARNED and row.billed_amount < one.billed):
                _warn(row, one)
            found.append(row)
    return found


def _warn(row: EstimateExcess, one: rules.Excess) -> None:
    row.estimated_amount, row.billed_amount, row.state = one.estimated, one.billed, EstimateExcess.State.WARNED
    row.save()
    set_visit_hold(encounter=row.encounter)
    raise_work_item(
        worklist=Worklist.ESTIMATE_EXCEEDED, key=f"gfe-excess:{row.pk}", reason_code="ESTIMATE_EXCEEDED", amount=one.over,
        reason=f"The bill is {one.over} above its estimate: the patient may dispute it",
        what_to_do="Lower the bill, or confirm it with the reason; only then a statement goes out",
        subject_type="estimate", subject_id=row.estimate_id, practice_id=row.encounter.practice_id, reopen=True,
    )  # fmt: skip


def _review(row: EstimateExcess, state: str, note: str) -> None:
    row.state, row.note, row.decided_by, row.decided_on = state, note[:300], actor(), clock.today()
    row.save()
    set_visit_hold(encounter=row.encounter)
    resolve_work_items(keys=[f"gfe-excess:{row.pk}"], resolution=state.lower())
    record_audit(action="estimate.excess_reviewed", subject_type="estimate", subject_id=row.estimate_id, detail=state)


@transaction.atomic
def confirm_excess(*, excess: EstimateExcess, note: str) -> EstimateExcess:
    """A person says why the bill stands above its estimate; statements may ask for it. Raises EstimateRefused without why."""
    row = EstimateExcess.objects.select_for_update(of=("self",)).select_related("encounter").get(pk=excess.pk)
    if not note.strip():
        raise rules.EstimateRefused("note: say why the bill stands")
    if row.state != EstimateExcess.State.WARNED:
        raise rules.EstimateRefused("bill: it was looked at already")
    _review(row, EstimateExcess.State.CONFIRMED, note.strip())
    return row


def first_billed_on(encounter: Encounter) -> date | None:
    """The day of the first statement that asked for the visit: the first after its charges that did not leave it out."""
    charged = encounter.lines.order_by("charged_on").values_list("charged_on", flat=True).first()
    if charged is None:
        return None
    rows = Statement.objects.filter(patient_id=encounter.patient_id, issued_on__gte=charged).order_by("issued_on")
    for issued_on, content in rows.values_list("issued_on", "content"):
        if str(encounter.pk) not in content.get("held_visits", ()):
            return issued_on
    return None


@transaction.atomic
def file_dispute(
    *, excess: EstimateExcess, reference: str, filed_on: date | None = None, billed_on: date | None = None
) -> EstimateDispute:
    """The patient started a dispute with HHS: nothing of the visit is collected until it is closed.

    `billed_on` is the day of the first bill where statements do not tell it. Raises EstimateRefused when it is too late,
    the bill is not high enough, or one is open.
    """
    row = EstimateExcess.objects.select_for_update(of=("self",)).select_related("encounter").get(pk=excess.pk)
    if not reference.strip():
        raise rules.EstimateRefused("reference: the number of the dispute")
    if row.disputes.filter(state=rules.DisputeState.OPEN.value).exists():
        raise rules.EstimateRefused("dispute: one is open already")
    on, first = filed_on or clock.today(), billed_on or first_billed_on(row.encounter)
    over = rules.Excess(
        provider_npi=row.provider_npi, estimated=row.estimated_amount, billed=row.billed_amount,
        may_be_disputed=row.billed_amount - row.estimated_amount >= rules.DISPUTE_EXCESS_AMOUNT,
    )  # fmt: skip
    rules.check_dispute(excesses=[over], filed_on=on, first_billed_on=first)
    assert first is not None  # checked
    dispute = EstimateDispute.objects.create(
        excess=row, reference=reference.strip()[:60], filed_on=on, last_day_to_file=rules.dispute_deadline(first)
    )
    set_visit_hold(encounter=row.encounter)
    record_audit(action="estimate.dispute_filed", subject_type="estimate", subject_id=row.estimate_id)
    return dispute


@transaction.atomic
def close_dispute(
    *, dispute: EstimateDispute, outcome: str, decided_amount: Decimal | None = None, note: str = ""
) -> EstimateDispute:
    """It was decided, settled or withdrawn: the visit may be billed again. What is above the decision is written off apart.

    Raises EstimateRefused for an outcome of no list, or a decision without its amount.
    """
    row = EstimateDispute.objects.select_for_update(of=("self",)).select_related("excess__encounter").get(pk=dispute.pk)
    if row.state != rules.DisputeState.OPEN.value:
        raise rules.EstimateRefused("dispute: it is closed already")
    if outcome not in list(rules.DisputeState) or outcome == rules.DisputeState.OPEN:
        raise rules.EstimateRefused("outcome: SETTLED, DECIDED or WITHDRAWN")
    if outcome != rules.DisputeState.WITHDRAWN and (decided_amount is None or decided_amount < 0):
        raise rules.EstimateRefused("amount: what the patient is to pay")
    row.state, row.decided_amount, row.note = outcome, decided_amount, note.strip()[:300]
    row.closed_on, row.closed_by = clock.today(), actor()
    row.save()
    set_visit_hold(encounter=row.excess.encounter)
    billed = row.excess.billed_amount
    if decided_amount is not None and decided_amount < billed:
        raise_work_item(
            worklist=Worklist.ESTIMATE_EXCEEDED, key=f"gfe-decided:{row.pk}", reason_code="DISPUTE_DECIDED",
            amount=billed - decided_amount, reason="A dispute lowered the bill",
            what_to_do="Write off what is above the decision, or give it back", subject_type="estimate",
            subject_id=row.excess.estimate_id, practice_id=row.excess.encounter.practice_id,
        )  # fmt: skip
    record_audit(action="estimate.dispute_closed", subject_type="estimate", subject_id=row.excess.estimate_id)
    return row


def open_disputes(patient_ids: Iterable[object]) -> list[EstimateDispute]:
    return list(
        EstimateDispute.objects.filter(state="OPEN", excess__encounter__patient_id__in=list(patient_ids))
        .select_related("excess__encounter")
        .order_by("filed_on")
    )
