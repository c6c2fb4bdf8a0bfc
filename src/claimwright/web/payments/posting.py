"""Posting: one 835 transaction, one database transaction. Rows in, `billing` decides, all of its plan saved or none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count

from claimwright.billing import denials as denial_rules
from claimwright.billing.appeals import appeal_levels
from claimwright.billing.lifecycle import State
from claimwright.billing.posting.identity import identity_parts, payment_identity
from claimwright.billing.posting.plan import (
    ClaimOutcome,
    DenialUpdate,
    Fate,
    Item,
    NewDenial,
    OffsetMovement,
    PostedClaim,
    PostingPlan,
)
from claimwright.billing.posting.post import post
from claimwright.billing.posting.provider_adjustments import place_of
from claimwright.billing.posting.state import AdjudicationRecord
from claimwright.claims.from_x12.remittance import RemittanceRead
from claimwright.claims.nouns import ClaimPayment, Remittance
from claimwright.codes.denials import ACTIONS
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.accounts.services import post_transfers
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.events import Event, EventKind, announce
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.services import next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.denials.appeals import OUT as UNDECIDED_OUT
from claimwright.web.denials.appeals import open_next_level
from claimwright.web.denials.models import Denial
from claimwright.web.denials.records import open_request
from claimwright.web.exchange.models import InboxPart
from claimwright.web.payments import models
from claimwright.web.payments.bank import match_waiting_deposits
from claimwright.web.payments.credits import acknowledge_checks, list_credits
from claimwright.web.payments.denial_scores import rescore
from claimwright.web.payments.positions import OPEN_DENIALS, DatabaseLookup, posting_context
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import payer_profile
from claimwright.web.submissions.authorizing import any_on_file, settle_decided
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion

RECORDS_CLOCK = "D"  # codes.denials.CLOCKS: the payer asked for records

FATES = {
    Fate.POSTED: InboxPart.Fate.POSTED,
    Fate.DUPLICATE: InboxPart.Fate.DUPLICATE,
    Fate.HELD: InboxPart.Fate.HELD,
    Fate.QUARANTINED: InboxPart.Fate.QUARANTINED,
}


class PartPosted(msgspec.Struct, frozen=True):
    """What became of one 835 transaction; `follow_up` are the next-payer actions that submissions must carry out."""

    part_id: UUID
    fate: Fate
    number: str
    amount: str
    lines: int
    exceptions: int
    plan: PostingPlan


def post_part(
    *, part: InboxPart, read: RemittanceRead, envelope_problem: str = "", place: str = "", doubt: str = "",
    looked_at: bool = False,
) -> PartPosted:  # fmt: skip
    """Post one waiting 835 part, in the caller's transaction, which must hold the part's row lock.

    `envelope_problem` says what is wrong with ISA, GS, ST or SE: nothing of it posts. `doubt` holds a payment that
    would post, for a person. `looked_at`: a person has it before them, and nothing waits for a first look.
    """
    remittance = read.remittance
    payer_id, trace, payee = identity_parts(payment_identity(remittance))
    with connection.cursor() as cursor:  # two files with one payment take turns
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", ["|".join((payer_id, trace, payee))])
    number = f"R{next_number(name='remittance'):07d}"
    problem, where = envelope_problem, place
    if not problem and (rejecting := [fault for fault in read.faults if fault.severity == "reject"]):
        problem, where = rejecting[0].message, rejecting[0].place()
    if problem:
        plan = _quarantined(problem, where, number)
    else:
        context = posting_context(remittance, payment_id=number, looked_at=looked_at)
        plan = post(remittance, context, DatabaseLookup(remittance))
        if doubt and plan.fate is Fate.POSTED:
            plan = _held(doubt, number)
    failpoint("posting.before_transfers")
    row = _save_remittance(part, remittance, plan, number, (payer_id, trace, payee))
    if plan.fate is Fate.POSTED:
        save_plan(row, part, remittance, plan)
    save_items(row, part, plan, prefix=row.number)
    part.fate, part.reason, part.decided_at = FATES[plan.fate], plan.reason, clock.now()
    part.save(update_fields=["fate", "reason", "decided_at"])
    record_audit(action=f"remittance.{plan.fate}", subject_type="remittance", subject_id=row.pk, detail=number)
    announce_payment(row)
    failpoint("posting.before_commit")
    return PartPosted(
        part_id=part.pk, fate=plan.fate, number=number, amount=str(remittance.amount),
        lines=sum(claim.auto_posted_lines for claim in plan.claims),
        exceptions=sum(1 for item in plan.items if item.holds) + (plan.fate in (Fate.HELD, Fate.QUARANTINED)), plan=plan,
    )  # fmt: skip


def announce_payment(row: models.Remittance) -> None:
    """Tell that a remittance was posted or is held; of one that came again there is nothing to tell."""
    state = models.Remittance.State
    kinds = {
        state.POSTED: EventKind.REMITTANCE_POSTED, state.PARTIAL: EventKind.REMITTANCE_POSTED,
        state.HELD: EventKind.REMITTANCE_HELD, state.QUARANTINED: EventKind.REMITTANCE_HELD,
    }  # fmt: skip
    if row.state in kinds:
        announce(
            [
                Event(
                    kind=kinds[state(row.state)], subject_type="remittance", subject_id=str(row.pk),
                    practice_id=row.practice_id, says={"state": str(row.state)},
                )
            ]
        )  # fmt: skip


def _quarantined(problem: str, place: str, number: str) -> PostingPlan:
    return PostingPlan(
        fate=Fate.QUARANTINED, payment_id=number, reason=problem, place=place,
        fix="Ask the sender for a whole and corrected file; nothing of this transaction was posted",
    )  # fmt: skip


def _held(doubt: str, number: str) -> PostingPlan:
    return PostingPlan(
        fate=Fate.HELD, payment_id=number, reason=doubt, place="ISA13",
        fix="Ask the sender which of the two files counts; nothing of this one was posted",
    )  # fmt: skip


def _save_remittance(
    part: InboxPart, remittance: Remittance, plan: PostingPlan, number: str, identity: tuple[str, str, str]
) -> models.Remittance:
    state = models.Remittance.State
    held = any(item.holds for item in plan.items)
    states = {
        Fate.POSTED: state.PARTIAL if held else state.POSTED,
        Fate.HELD: state.HELD,
        Fate.DUPLICATE: state.DUPLICATE,
        Fate.QUARANTINED: state.QUARANTINED,
    }
    payer = Payer.objects.filter(key=plan.payer_key).first() if plan.payer_key else None
    payer_id, trace, payee = identity
    return models.Remittance.objects.create(
        part=part, payer=payer, practice_id=plan.practice_id or None, number=number, trace_payer_id=payer_id[:30],
        trace_number=trace[:50], payee_id=payee[:80], fingerprint=remittance.fingerprint, handling=remittance.handling[:2],
        method=remittance.method[:3], amount=remittance.amount, payment_date=remittance.payment_date,
        received_on=clock.today(), state=states[plan.fate], reason=" ".join(filter(None, (plan.reason, plan.place))),
        content=msgspec.to_builtins(remittance), posted_at=clock.now() if plan.fate is Fate.POSTED else None,
        bank_state="AWAITING_FUNDS" if remittance.amount else "NO_FUNDS",
    )  # fmt: skip


def save_plan(row: models.Remittance, part: InboxPart, remittance: Remittance, plan: PostingPlan) -> None:
    """Everything a plan decides, and the rows of what was received; shared with the decision on a held payment."""
    post_transfers(transfers=plan.transfers)
    failpoint("posting.after_transfers")
    payments = _save_claim_payments(row, remittance, plan)
    _save_provider_adjustments(row, remittance, plan)
    failpoint("posting.after_claim")
    save_decisions(plan, evidence=part)
    match_waiting_deposits(trace_number=row.trace_number)
    for record_id in plan.reversed_records:
        original = models.ClaimPayment.objects.get(record_id=record_id)
        original.reversed_by = reversal_of(plan, record_id, payments)
        original.save(update_fields=["reversed_by"])


def reversal_of(
    plan: PostingPlan, record_id: str, payments: dict[str, models.ClaimPayment]
) -> models.ClaimPayment | None:
    for record in plan.records:
        if record.reverses == record_id:
            return payments[record.record_id]
    return None


def claim_payment_fingerprint(claim: ClaimPayment, trace: str) -> str:
    """What makes two CLPs the same payment: payer and own numbers, status, amounts, lines, trace."""
    lines = hashlib.sha256(msgspec.json.encode(claim.lines)).hexdigest()
    parts = (
        claim.payer_claim_number,
        claim.control_number,
        claim.status,
        str(claim.charge),
        str(claim.paid),
        lines,
        trace,
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _save_claim_payments(
    row: models.Remittance, remittance: Remittance, plan: PostingPlan
) -> dict[str, models.ClaimPayment]:
    """Every CLP received, whatever became of it, with its adjustments as data."""
    by_segment = {claim.segment: claim for claim in plan.claims}
    records = {record.segment: record for record in plan.records}
    held = {item.segment: item for item in plan.items if item.holds}
    order = next_number(name="claim_payment", count=len(remittance.claims) or 1)
    rows: dict[str, models.ClaimPayment] = {}
    for position, claim in enumerate(remittance.claims):
        posted = by_segment.get(claim.segment)
        record = records.get(claim.segment)
        item = held.get(claim.segment)
        fingerprint = claim_payment_fingerprint(claim, "|".join((row.trace_payer_id, row.trace_number)))
        payment = models.ClaimPayment(
            remittance=row, practice_id=row.practice_id, version_id=_uuid(posted and posted.version_id),
            encounter_id=_uuid((record and record.chain_id) or (posted and posted.chain_id)), payer_id=row.payer_id,
            segment=claim.segment, control_number=claim.control_number[:40], status=claim.status[:2],
            charge=claim.charge, paid=claim.paid, patient_responsibility=claim.patient_responsibility,
            payer_claim_number=claim.payer_claim_number[:80], state=_claim_state(posted, item),
            outcome=posted.outcome.value if posted and not item else "", worklist=item.worklist.value if item else "",
            reason=item.reason if item else "", fingerprint=fingerprint, untouched=item is None,
            record_id=record.record_id if record else f"{row.number}/CLP{claim.segment}",
            content=msgspec.to_builtins(claim), working=msgspec.to_builtins(record) if record else {},
            posted_on=None if item else clock.today(), posting_order=order + position,
        )  # fmt: skip
        rows[payment.record_id] = payment
    models.ClaimPayment.objects.bulk_create(rows.values(), batch_size=1000)
    save_records(rows, plan.records)
    return rows


def _claim_state(posted: PostedClaim | None, item: Item | None) -> str:
    if item is not None or posted is None or posted.outcome is ClaimOutcome.HELD:
        return "held"
    return "report_only" if posted.outcome is ClaimOutcome.REPORT_ONLY else "posted"


def _uuid(text: str | None) -> str | None:
    return text or None


def save_records(rows: dict[str, models.ClaimPayment], records: Iterable[AdjudicationRecord]) -> None:
    """Group, CARC, RARC, amount and quantity per line, and on the claim where the payer put them there."""
    saved = []
    for record in records:
        payment = rows.get(record.record_id)
        if payment is None:
            continue
        levels = [("", record.adjustments, record.remarks)]
        levels += [(line.line_id, line.adjustments, line.remarks) for line in record.lines]
        saved += [
            models.AdjudicationRecord(
                claim_payment=payment, line_id=line_id[:30], group=adjustment.group[:2], carc=adjustment.reason[:5],
                rarcs=list(remarks), amount=adjustment.amount, quantity=adjustment.quantity,
            )
            for line_id, adjustments, remarks in levels
            for adjustment in adjustments
        ]  # fmt: skip
    models.AdjudicationRecord.objects.bulk_create(saved, batch_size=2000)


def _save_provider_adjustments(row: models.Remittance, remittance: Remittance, plan: PostingPlan) -> None:
    held = {item.place for item in plan.suspense}
    movements = {movement.place: movement for movement in plan.offsets}
    for ordinal, entry in enumerate(remittance.provider_adjustments, 1):
        place = place_of(entry, ordinal)
        movement = movements.get(place)
        models.ProviderAdjustment.objects.create(
            remittance=row, ordinal=ordinal, code=entry.code[:4], reference=entry.reference[:80], amount=entry.amount,
            state="held" if place in held else "posted", offset_subject=plan.offset_subject[:80],
            settles=offset_settled(movement) if movement else None,
        )  # fmt: skip


def offset_settled(movement: OffsetMovement) -> models.ProviderAdjustment | None:
    """The carried balance that a movement brings in: of two in one payment the one under the matched reference."""
    if not movement.matched_payment:
        return None
    carried = models.ProviderAdjustment.objects.filter(
        remittance__number=movement.matched_payment, code=movement.code, amount__lt=0,
        reference=movement.matched_reference[:80],
    )  # fmt: skip
    return carried.annotate(parts=Count("settlements")).order_by("parts", "ordinal").first()


def save_decisions(plan: PostingPlan, *, evidence: InboxPart | None) -> None:
    """What a plan says of claims, denials, refunds: shared by first posting and by the release of a held item."""
    record_events(
        events=[
            EventRow(
                version_id=event.version_id, source=event.source.value, target=event.target.value,
                trigger=event.trigger.value, moved=event.moved, segment=event.segment, note=event.note,
            )
            for event in plan.events
        ],
        evidence=evidence,
    )  # fmt: skip
    _save_outcomes(plan)
    # A reversal leaves its denials pending; what the correction says of them comes after, and stands.
    for update in plan.denial_updates:
        if update.state == "PENDING":
            _update_denial(update, plan)
    if plan.denials:
        save_denials(plan.denials)
    for update in plan.denial_updates:
        if update.state != "PENDING":
            _update_denial(update, plan)
    if any_on_file():
        settle_decided(_denied_lines(plan))
    acknowledge_checks(refund_ids=plan.acknowledged_refunds)
    list_credits(encounter_ids=chains_touched(plan), holds=plan.refund_holds)
    _lift_reversed_holds(plan)
    for hold in plan.statement_holds:
        encounter = Encounter.objects.get(pk=hold.chain_id)
        encounter.statement_hold = hold.reason[:120]
        encounter.save(update_fields=["statement_hold"])


def _update_denial(update: DenialUpdate, plan: PostingPlan) -> None:
    """What a payer's new decision says of an open denial and of its appeal."""
    denial = Denial.objects.get(pk=update.denial_id)
    denial.state = update.state
    if update.state == "OVERTURNED":
        denial.outcome_amount = update.outcome_amount
        still_denied = any(new.line_id == denial.line_id for new in plan.denials)
        denial.appeals.filter(state__in=UNDECIDED_OUT).update(
            state=denial_rules.overturned_state(still_denied=still_denied).value, decided_on=clock.today(),
            allowed_amount=update.outcome_amount,
        )  # fmt: skip
    elif update.state == "UPHELD":
        lost = denial.appeals.filter(state__in=UNDECIDED_OUT).update(state="UPHELD", decided_on=clock.today())
    denial.save(update_fields=["state", "outcome_amount"])
    if update.state == "UPHELD" and lost:
        open_next_level(denial=denial)
    if update.state == "OVERTURNED":
        resolve_work_items(keys=[f"denial:{denial.pk}"], resolution="overturned")


def _lift_reversed_holds(plan: PostingPlan) -> None:
    """A visit of which no decision stands any more is not held by one."""
    taken_back = {claim.chain_id for claim in plan.claims if claim.outcome is ClaimOutcome.REVERSED}
    if not taken_back:
        return
    standing = models.ClaimPayment.objects.filter(
        encounter__in=taken_back, state__in=["posted", "released"], reversed_by__isnull=True
    ).exclude(status="22")
    # This plan's own decisions say below what they hold; those it takes back are not marked yet.
    standing = standing.exclude(record_id__in=[*plan.reversed_records, *(record.record_id for record in plan.records)])
    kept = {str(encounter_id) for encounter_id in standing.values_list("encounter_id", flat=True)}
    Encounter.objects.filter(pk__in=taken_back - kept).exclude(statement_hold="").update(statement_hold="")


def _denied_lines(plan: PostingPlan) -> dict[UUID, frozenset[str]]:
    """Of each version decided now, the lines that are denied as a whole: an authorization gets their units back."""
    decided = {UUID(event.version_id) for event in plan.events if event.target in (State.ADJUDICATED, State.REVERSED)}
    decided |= {UUID(denial.version_id) for denial in plan.denials}
    found: dict[UUID, frozenset[str]] = dict.fromkeys(decided, frozenset())
    charges = dict(
        ChargeLine.objects.filter(encounter__claims__versions__in=decided).values_list("line_id", "charge").distinct()
    )
    denials = Denial.objects.filter(version__in=decided).exclude(state="OVERTURNED")
    for version_id, line_id, amount in denials.values_list("version_id", "line_id", "amount"):
        if amount >= charges.get(line_id, amount):
            found[version_id] |= {line_id}
    return found


def _save_outcomes(plan: PostingPlan) -> None:
    numbers = dict(plan.payer_claim_numbers)
    outcomes = {
        claim.version_id: claim.outcome.value
        for claim in plan.claims
        if claim.version_id and claim.outcome not in (ClaimOutcome.HELD, ClaimOutcome.REVERSED)
    }
    ids = sorted({*numbers, *outcomes})
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE submissions_claimversion v
               SET outcome = coalesce(nullif(s.outcome, ''), v.outcome),
                   payer_claim_number = coalesce(nullif(s.number, ''), v.payer_claim_number)
               FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS s(id, outcome, number) WHERE v.id = s.id""",
            [ids, [outcomes.get(i, "") for i in ids], [numbers.get(i, "")[:80] for i in ids]],
        )


def save_denials(new: Sequence[NewDenial]) -> None:
    """Open a denial, or bring the one of the same line and CARC up to date."""
    versions = {
        str(version.pk): version
        for version in ClaimVersion.objects.select_related("claim__payer").filter(pk__in={d.version_id for d in new})
    }
    rows, opened = [], []
    for denial in new:
        version = versions[denial.version_id]
        payer = version.claim.payer
        due = _deadlines(denial, payer_profile(payer), version.date_of_service or denial.received)
        row, is_new = Denial.objects.update_or_create(
            version=version, line_id=denial.line_id, carc=denial.reason,
            defaults={
                "practice_id": version.claim.practice_id, "payer": payer, "group": denial.group,
                "rarcs": list(denial.remarks), "amount": denial.amount, "category": denial.category,
                "actions": list(denial.actions), "appealable": denial.appeal_allowed, "state": "NEW",
                "received_on": denial.received, "corrected_deadline": due.corrected, "appeal_deadline": due.appeal,
            },
        )  # fmt: skip
        rows.append(row)
        if is_new:
            opened.append(
                Event(
                    kind=EventKind.DENIAL_OPENED, subject_type="denial", subject_id=str(row.pk),
                    practice_id=row.practice_id,
                    says={"claim_id": str(version.claim_id), "version_id": str(version.pk), "category": row.category},
                )
            )  # fmt: skip
        list_denial(row, version)
        _denied_again(row, version)
        if denial.clock == RECORDS_CLOCK:
            open_request(denial=row, requested_on=denial.received)
    rescore(rows)
    announce(opened)


def _denied_again(denial: Denial, version: ClaimVersion) -> None:
    """The same line and CARC of an earlier version: upheld by this decision, and worked on as this one."""
    earlier = Denial.objects.filter(
        version__claim=version.claim_id, version__number__lt=version.number, line_id=denial.line_id, carc=denial.carc,
        state__in=OPEN_DENIALS,
    )  # fmt: skip
    keys = [f"denial:{old.pk}" for old in earlier]
    if keys:
        earlier.update(state="UPHELD")
        resolve_work_items(keys=keys, resolution=f"denied again as {version.control_number}")


def list_denial(denial: Denial, version: ClaimVersion) -> None:
    raise_work_item(
        worklist="denials", key=f"denial:{denial.pk}", reason_code=denial.carc, amount=denial.amount,
        reason=f"{denial.group}-{denial.carc} {denial_rules.refine(denial.group, denial.carc, tuple(denial.rarcs)).label}",
        what_to_do=" or ".join(ACTIONS.get(token, token) for token in denial.actions) or "Ask the payer what it means",
        subject_type="denial", subject_id=denial.pk, practice_id=denial.practice_id,
        claim_number=version.control_number, due_date=denial.corrected_deadline or denial.appeal_deadline, reopen=True,
    )  # fmt: skip


def _deadlines(denial: NewDenial, profile: PayerProfile, service_day: date) -> denial_rules.DenialDeadlines:
    limit = profile.timely_filing.corrected if profile.timely_filing else None
    start = denial.received if limit and limit.runs_from == "original" else service_day
    levels = appeal_levels(profile, denial.received) if denial.appeal_allowed else ()
    # What plans must grant at least is no promise of this one: a day is only shown where it is known.
    first = levels[0] if levels and not levels[0].typical else None
    return denial_rules.deadlines(
        received=denial.received, date_of_service=service_day,
        corrected_days=(limit.period.after(start) - service_day).days if limit else None,
        appeal_days=(first.period.after(denial.received) - denial.received).days if first else None,
        presumed_receipt_days=first.presumed_receipt_days if first else 0,
    )  # fmt: skip


def save_items(row: models.Remittance, part: InboxPart, plan: PostingPlan, *, prefix: str) -> None:
    """What the plan asks a person to look at; `prefix` tells the items of one plan from those of another."""
    if plan.fate is not Fate.POSTED and not plan.items:
        worklists = {
            Fate.DUPLICATE: "duplicate_remittances",
            Fate.HELD: "remittance_conflicts",
            Fate.QUARANTINED: "quarantined_remittances",
        }
        raise_work_item(
            worklist=worklists[plan.fate], key=f"remittance:{part.pk}", reason_code=plan.fate.value,
            reason=" · ".join(filter(None, (plan.reason, plan.place))), what_to_do=plan.fix,
            subject_type="remittance", subject_id=row.pk, file_id=part.file_id, file_name=part.file.name,
            practice_id=row.practice_id, amount=row.amount,
        )  # fmt: skip
    for position, item in enumerate(plan.items):
        raise_work_item(
            worklist=item.worklist.value, key=f"{prefix}:{position}:{item.code}", reason_code=item.code,
            reason=item.reason, what_to_do=item.fix, practice_id=row.practice_id,
            subject_type="claim_payment" if item.holds else "remittance", subject_id=row.pk,
            claim_number=item.control_number[:40], file_id=part.file_id, file_name=part.file.name,
            segment=item.segment, amount=item.amount,
        )  # fmt: skip


def chains_touched(plan: PostingPlan) -> set[str]:
    """Encounters whose balances, statements or next claims this plan may have changed."""
    return {claim.chain_id for claim in plan.claims if claim.chain_id} | {action.chain_id for action in plan.next_payer}
