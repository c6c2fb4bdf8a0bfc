"""Insurance found after the patient was billed: one action, one transaction, undoable while nothing went out.

`billing.found_coverage` decides visit by visit; here the coverage is added, the money moved, the claims made and
scrubbed. A visit that cannot be billed is left as it was and listed with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction

from claimwright.billing.coverage_order import SEQUENCES
from claimwright.billing.found_coverage import (
    ChainClaim,
    Decision,
    FoundVisit,
    decide_visit,
    move_back,
    move_to_payer,
)
from claimwright.billing.lifecycle import ANY_SENT, ANY_UNSENT, State, Trigger
from claimwright.claims.nouns import ZERO, Coverage
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.edits.facts import Facts
from claimwright.edits.filing import filing_deadline
from claimwright.ledger.accounts import Kind
from claimwright.ledger.transfers import EntryType, Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances, patient_credits
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.coverages import (
    UNPLACED,
    NewCoverage,
    add_coverage,
    confirm_order,
    end_coverage,
    proposed_order,
)
from claimwright.web.patients.models import FoundCoverage, Patient, PatientCoverage
from claimwright.web.payments.carried import carry_over_merged
from claimwright.web.payments.credits import list_credits, list_patient_credits, lock_visits
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.payments.next_payer import coordinated
from claimwright.web.practice.selectors import biller, payer_noun, payer_profile
from claimwright.web.submissions.building import claim_for, control_number, next_control_number
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import Claim, ClaimVersion
from claimwright.web.submissions.moves import move
from claimwright.web.submissions.scrubbing import scrub

UNSENT = (State.DRAFT, State.EDIT_HOLD, State.READY, State.ON_HOLD)
DEAD = (State.CANCELLED, State.VOIDED)
PENDING = (*ANY_SENT, *ANY_UNSENT, State.ON_HOLD, State.BATCHED, State.FILE_REJECTED)


class RebillRefused(ValueError):
    """A found coverage that cannot be undone; the text says why."""


class _Left(Exception):
    """A visit that turns out not to be billable while its claim is made: its changes are rolled back."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision


class VisitRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was done for one visit; `left` is the reason code where nothing was."""

    encounter: str
    date_of_service: str
    left: str = ""
    says: str = ""
    fix: str = ""
    claim: str = ""
    version: str = ""
    control_number: str = ""
    sequence: str = ""
    bucket: str = ""
    amount: str = "0.00"
    unapplied: str = "0.00"
    deadline: str = ""
    coverages_before: list[Any] = []


@transaction.atomic
def bill_found_coverage(*, patient: Patient, new: NewCoverage) -> FoundCoverage:
    """Add the coverage and bill it for every visit on its days that the patient still owes for.

    The same payer, number and start again is the same finding: what was billed stays, and only visits that could not
    be billed then are looked at anew. Raises CoverageRefused.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    key = f"{patient.pk}|{new.payer.key}|{new.member_id.strip().upper()}|{new.start}"[:120]
    found = FoundCoverage.objects.filter(key=key).exclude(state=FoundCoverage.State.UNDONE).first()
    if found is None:
        coverage = _placed(patient, add_coverage(patient=patient, new=new))
        found = FoundCoverage.objects.create(
            patient=patient, coverage=coverage, state=FoundCoverage.State.NOTHING, key=key, made_by=actor(),
            attempt=FoundCoverage.objects.filter(key=key).count() + 1, made_on=clock.today(),
        )  # fmt: skip
    coverage = found.coverage
    lock_visits(patient_id=patient.pk)
    kept = [one for one in msgspec.convert(found.visits, list[VisitRecord]) if not one.left]
    known = {one.encounter for one in kept}
    visits = [visit for visit in _visits(patient, coverage) if str(visit.pk) not in known]
    facts = _facts(visits, patient, coverage)
    records = [_bill(found, encounter, coverage, facts[encounter.pk]) for encounter in visits]
    billed = [record for record in records if not record.left]
    found.visits = msgspec.to_builtins(sorted([*kept, *records], key=lambda one: one.date_of_service))
    if billed:
        found.state = FoundCoverage.State.BILLED
    found.save(update_fields=["visits", "state"])
    for record in records:
        if record.left and record.left != "NOTHING_OPEN":
            _list(found, record)
    resolve_work_items(keys=[f"found:{found.pk}:{one.encounter}" for one in billed], resolution="Billed")
    scrub(version_ids=[ClaimVersion.objects.get(pk=record.version).pk for record in billed])
    carry_over_merged(patient_id=patient.pk)
    list_credits(encounter_ids=[record.encounter for record in billed])
    list_patient_credits(patient_ids=[patient.pk])
    record_audit(
        action="coverage.found", subject_type="patient", subject_id=patient.pk,
        detail=f"{found.pk} {len(billed)} of {len(records)} visits",
    )  # fmt: skip
    return found


def _placed(patient: Patient, coverage: PatientCoverage) -> PatientCoverage:
    """In the order the rules propose, where nothing is left to ask; else a person confirms it later."""
    if coverage.sequence != UNPLACED or coverage.start is None:
        return coverage
    proposal, rows = proposed_order(patient=patient, on=coverage.start)
    if proposal.questions or str(coverage.pk) not in proposal.order:
        return coverage
    seated = confirm_order(
        patient=patient, on=coverage.start, order=[rows[key].pk for key in proposal.order],
        insurance_type=proposal.msp_type, reasons={reason.first: reason.says for reason in proposal.reasons},
    )  # fmt: skip
    return next(row for row in seated if row.pk == coverage.pk or row.continues_id == coverage.pk)


def _visits(patient: Patient, coverage: PatientCoverage) -> Sequence[Encounter]:
    rows = Encounter.objects.filter(patient=patient, lines__isnull=False, practice__isnull=False)
    if coverage.start is not None:
        rows = rows.filter(date_from__gte=coverage.start)
    if coverage.end is not None:
        rows = rows.filter(date_from__lt=coverage.end)
    rows = rows.select_related("practice", "patient").prefetch_related("lines", "claims__versions", "claims__payer")
    return list(rows.distinct().order_by("date_from", "external_id"))


# What a visit stands at ----------------------------------------------------------------------------------------------


def _applied(line_ids: Sequence[str]) -> dict[str, list[Transfer]]:
    """By line, the entries that applied the patient's money to it and stand, the first one first."""
    rows = LedgerTransfer.objects.filter(
        entry_type=EntryType.APPLY.value, credit_kind=Kind.RECEIVABLE.value, credit_subject__in=line_ids, reverses=""
    ).order_by("sequence")
    keys = [row.key for row in rows]
    gone = set(LedgerTransfer.objects.filter(reverses__in=keys).values_list("reverses", flat=True))
    found: dict[str, list[Transfer]] = defaultdict(list)
    for row in rows:
        if row.key not in gone:
            found[row.credit_subject].append(as_transfer(row))
    return found


class _VisitFacts(msgspec.Struct):
    visit: FoundVisit
    applied: list[Transfer]


def _facts(visits: Sequence[Encounter], patient: Patient, coverage: PatientCoverage) -> dict[Any, _VisitFacts]:
    line_ids = [line.line_id for encounter in visits for line in encounter.lines.all()]
    balances, applied = line_balances(line_ids), _applied(line_ids)
    paid: dict[tuple[Any, Any], Decimal] = defaultdict(lambda: ZERO)
    posted = ClaimPayment.objects.filter(encounter__in=visits, state__in=["posted", "released"])
    for encounter_id, payer_id, amount in posted.values_list("encounter_id", "payer_id", "paid"):
        paid[encounter_id, payer_id] += amount  # a reversal is negative
    found = {}
    for encounter in visits:
        lines = list(encounter.lines.all())
        entries = [entry for line in lines for entry in applied[line.line_id]]
        visit = FoundVisit(
            date_of_service=encounter.date_from, charges={line.line_id: line.charge for line in lines},
            balances={line.line_id: balances[line.line_id] for line in lines},
            patient_paid={
                line.line_id: sum((entry.amount for entry in applied[line.line_id]), ZERO) for line in lines
            },
            claims=tuple(
                _chain_claim(claim, paid[encounter.pk, claim.payer_id])
                for claim in sorted(encounter.claims.all(), key=lambda claim: claim.bucket)
            ),
            flags=frozenset(patient.flags), payer=coverage.payer.key,
        )  # fmt: skip
        found[encounter.pk] = _VisitFacts(visit, entries)
    return found


def _chain_claim(claim: Claim, paid: Decimal) -> ChainClaim:
    versions = sorted(claim.versions.all(), key=lambda version: version.number)
    live = [version for version in versions if version.state not in DEAD]
    return ChainClaim(
        bucket=claim.bucket, payer=claim.payer.key, pending=any(version.state in PENDING for version in live),
        outcome=live[-1].outcome if live else "", paid=paid, cancelled=not live,
    )  # fmt: skip


# Billing one visit ---------------------------------------------------------------------------------------------------


def _bill(found: FoundCoverage, encounter: Encounter, coverage: PatientCoverage, facts: _VisitFacts) -> VisitRecord:
    record = VisitRecord(encounter=str(encounter.pk), date_of_service=str(encounter.date_from))
    decision = decide_visit(facts.visit, before_earlier_payers=_is_before(encounter, coverage))
    if decision.bills:
        try:
            with transaction.atomic():
                return _billed(found, encounter, coverage, facts, decision, record)
        except _Left as left:
            decision = left.decision
    record.left, record.says, record.fix = decision.left, decision.says, decision.fix
    return record


def _is_before(encounter: Encounter, coverage: PatientCoverage) -> bool:
    """Whether the coverage found stands, on the day, before a coverage that the visit was billed to."""
    if coverage.sequence == UNPLACED:
        return False
    on = encounter.date_from
    rows = PatientCoverage.objects.filter(patient_id=encounter.patient_id).exclude(sequence=UNPLACED)
    billed = {claim.payer_id for claim in encounter.claims.all()}
    places = [
        SEQUENCES.index(row.sequence)
        for row in rows
        if row.payer_id in billed and (row.start or on) <= on and (row.end is None or on < row.end)
    ]
    return any(place > SEQUENCES.index(coverage.sequence) for place in places)


def _billed(
    found: FoundCoverage, encounter: Encounter, coverage: PatientCoverage, facts: _VisitFacts, decision: Decision,
    record: VisitRecord,
) -> VisitRecord:  # fmt: skip
    content = msgspec.convert(encounter.content, EncounterNoun) if encounter.content else EncounterNoun()
    noun = msgspec.structs.replace(
        msgspec.convert(coverage.content, Coverage), sequence=decision.sequence, payer=payer_noun(coverage.payer),
        insurance_type=_insurance_type(encounter, coverage, decision),
    )  # fmt: skip
    record.coverages_before = list(encounter.content.get("coverages", []))
    kept = () if decision.sequence == "P" else content.coverages
    content = msgspec.structs.replace(content, coverages=(*kept, noun))
    encounter.content = msgspec.to_builtins(content)
    encounter.state = Encounter.State.CLAIMED
    encounter.save(update_fields=["content", "state"])
    version = _claim(encounter, content, noun, coverage, decision)
    _refuse_late(version, record)
    entries = move_to_payer(
        facts.visit, decision, facts.applied, key=f"found/{found.pk}/{encounter.pk}", on=clock.today()
    )
    post_transfers(transfers=entries)
    record.claim, record.version = str(version.claim_id), str(version.pk)
    record.control_number, record.sequence, record.bucket = version.control_number, decision.sequence, decision.bucket
    record.amount = str(sum((entry.amount for entry in entries if entry.entry_type is EntryType.XFER), ZERO))
    record.unapplied = str(sum((entry.amount for entry in entries if entry.reverses), ZERO))
    return record


def _insurance_type(encounter: Encounter, coverage: PatientCoverage, decision: Decision) -> str:
    """Why Medicare pays second, by the order on the day of service."""
    if coverage.payer.kind != "medicare" or decision.sequence == "P":
        return ""
    proposal, _ = proposed_order(patient=coverage.patient, on=encounter.date_from)
    return proposal.msp_type or str(coverage.content.get("insurance_type", ""))


def _claim(
    encounter: Encounter, content: EncounterNoun, noun: Coverage, coverage: PatientCoverage, decision: Decision
) -> ClaimVersion:
    """The claim to the payer found, a DRAFT. One that was cancelled, as when this was undone before, goes on."""
    patient = msgspec.convert(encounter.patient.content, PatientNoun)
    claim = Claim.objects.filter(encounter=encounter, payer=coverage.payer, bucket=decision.bucket).first()
    if claim is None:
        place = SEQUENCES[encounter.claims.count()]  # its place among the visit's claims, each once
        claim = Claim.objects.create(
            encounter=encounter, practice=encounter.practice, patient_id=encounter.patient_id, payer=coverage.payer,
            coverage=coverage, sequence=place, bucket=decision.bucket,
        )  # fmt: skip
        number, own = 1, control_number(next_number(name="claim"), 1)
    else:
        claim.coverage = coverage
        claim.save(update_fields=["coverage"])
        last = claim.versions.order_by("-number")[0]
        number, own = last.number + 1, next_control_number(last.control_number, last.number + 1)
    built = claim_for(
        content, patient=patient, billed=noun, coverages=[noun], biller=biller(encounter.practice), number=own
    )
    built = msgspec.structs.replace(built, version=number)
    version = ClaimVersion(
        claim=claim, number=number, control_number=own, state=State.DRAFT.value, content=msgspec.to_builtins(built),
        total_charge=built.total_charge, date_of_service=built.date_of_service, created_on=clock.today(), touched=True,
    )  # fmt: skip
    version.save(force_insert=True)
    if decision.sequence != "P":
        told = coordinated(version)
        version.content = msgspec.to_builtins(msgspec.structs.replace(told, version=number, coverage=noun))
        version.save(update_fields=["content"])
    record_events(
        events=[
            EventRow(
                version_id=str(version.pk), source="", target=State.DRAFT.value, trigger=Trigger.CORRECTION.value,
                note="coverage found later",
            )
        ]
    )  # fmt: skip
    return version


def _refuse_late(version: ClaimVersion, record: VisitRecord) -> None:
    """A claim past the payer's limit is not made: the balance stays with the patient, and a person sees why."""
    noun = msgspec.convert(version.content, ClaimNoun)
    deadline = filing_deadline(noun, Facts(today=clock.today(), payer=payer_profile(version.claim.payer)))
    if deadline is None:
        return
    if deadline < clock.today():
        raise _Left(
            Decision(
                left="PAST_FILING", says=f"The payer's filing limit ended on {deadline:%m/%d/%Y}",
                fix="Ask the payer for an exception, such as retroactive coverage; or the patient pays",
            )
        )  # fmt: skip
    record.deadline = deadline.isoformat()
    version.filing_deadline = deadline
    version.save(update_fields=["filing_deadline"])


def _list(found: FoundCoverage, record: VisitRecord) -> None:
    raise_work_item(
        worklist=Worklist.NEW_COVERAGE, key=f"found:{found.pk}:{record.encounter}", reason_code=record.left,
        reason=f"{record.says}. Date of service {record.date_of_service}.", what_to_do=record.fix,
        subject_type="patient", subject_id=found.patient_id, practice_id=found.patient.practice_id,
    )  # fmt: skip


# Undoing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def undo_found_coverage(*, found: FoundCoverage, reason: str) -> FoundCoverage:
    """Take it all back while no claim went out: claims cancelled, money to the patient, the coverage void from its start.

    Raises RebillRefused and changes nothing.
    """
    Patient.objects.select_for_update().get(pk=found.patient_id)
    lock_visits(patient_id=found.patient_id)
    found.refresh_from_db(from_queryset=FoundCoverage.objects.select_for_update(of=("self",)))
    if found.state == FoundCoverage.State.UNDONE:
        return found
    records = [one for one in msgspec.convert(found.visits, list[VisitRecord]) if not one.left]
    versions = {
        str(row.pk): row
        for row in ClaimVersion.objects.select_for_update().filter(pk__in=[one.version for one in records])
    }
    gone = [row for row in versions.values() if row.state not in UNSENT or row.claim.versions.count() > row.number]
    if gone:
        names = ", ".join(sorted(row.control_number for row in gone))
        raise RebillRefused(f"claims went out or were changed meanwhile: {names}. Void or correct those instead")
    for record in records:
        _unbill(found, record, versions[record.version], reason)
    end_coverage(coverage=found.coverage, end=found.coverage.start or clock.today(), because="found coverage undone")
    found.state, found.undone_by, found.undone_on = FoundCoverage.State.UNDONE, actor(), clock.today()
    found.save(update_fields=["state", "undone_by", "undone_on"])
    keys = [f"found:{found.pk}:{one['encounter']}" for one in found.visits]
    resolve_work_items(keys=keys, resolution="The coverage was taken back")
    list_credits(encounter_ids=[one.encounter for one in records])
    list_patient_credits(patient_ids=[found.patient_id])
    record_audit(
        action="coverage.found_undone", subject_type="patient", subject_id=found.patient_id,
        detail=f"{found.pk} {reason}",
    )  # fmt: skip
    return found


def _unbill(found: FoundCoverage, record: VisitRecord, version: ClaimVersion, reason: str) -> None:
    if version.state == State.ON_HOLD:
        move(version=version, trigger=Trigger.RELEASE, note=reason)
    move(version=version, trigger=Trigger.CANCEL, note=reason)
    resolve_work_items(
        subject_type="claim_version", subject_id=str(version.pk), resolution="The coverage was taken back"
    )
    encounter = Encounter.objects.get(pk=record.encounter)
    rest = {name: value for name, value in encounter.content.items() if name != "coverages"}
    encounter.content = rest | ({"coverages": record.coverages_before} if record.coverages_before else {})
    encounter.save(update_fields=["content"])
    prefix = f"found/{found.pk}/{encounter.pk}/"
    written = [as_transfer(row) for row in LedgerTransfer.objects.filter(key__startswith=prefix).order_by("sequence")]
    held = patient_credits([str(found.patient_id)]).get(str(found.patient_id), ZERO)
    post_transfers(
        transfers=move_back(written, available=held, key=f"unfound/{found.pk}/{encounter.pk}", on=clock.today())
    )
    carry_over_merged(patient_id=found.patient_id)  # before the next visit asks what is unapplied
