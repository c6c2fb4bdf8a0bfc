"""Coverage that may be the patient's: named by a payer, or found by a search. A person accepts it; nothing is billed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
from django.db import transaction

from claimwright.billing.eligibility_answers import (
    NAMED_BY_PAYER_POINTS,
    KnownPayer,
    NamedParty,
    Snapshot,
    candidate_of,
    unknown_payers,
)
from claimwright.claims.eligibility import PatientEligibility
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.eligibility.models import CoverageCandidate, EligibilitySnapshot
from claimwright.web.patients.coverages import NewCoverage, add_coverage
from claimwright.web.patients.models import PatientCoverage
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import payers_by_name


class CandidateRefused(ValueError):
    """A candidate that cannot be decided as asked; the text says why."""


def keep_candidates(*, snapshot: EligibilitySnapshot, answer: PatientEligibility) -> list[CoverageCandidate]:
    """Other payers that the answer names and no coverage is with; of a search, the payer itself where it fits.

    The same candidate is kept once, whatever became of it.
    """
    found = []
    noun = msgspec.convert(snapshot.content, Snapshot)
    if snapshot.coverage_id is None:
        fit = candidate_of(msgspec.convert(snapshot.patient.content, PatientNoun), answer, on=snapshot.on)
        if fit is not None:
            party = NamedParty(
                name=snapshot.payer.name, identifier=snapshot.payer.payer_id, member_id=fit.member_id, start=fit.start,
                end=fit.end,
            )  # fmt: skip
            found.append(_keep(snapshot, party, snapshot.payer, fit.score, "search", fit.agrees))
    known = [
        KnownPayer(names=(row.payer.name, row.payer.payer_id, row.payer.key, *row.payer.aliases))
        for row in snapshot.patient.coverages.select_related("payer")
    ]
    others = unknown_payers(noun, known)
    payers = payers_by_name() if others else {}
    for party in others:
        payer = payers.get(party.identifier.strip().upper()) or payers.get(party.name.strip().upper())
        found.append(_keep(snapshot, party, payer, Decimal(NAMED_BY_PAYER_POINTS), "named", ()))
    return [one for one in found if one is not None]


def _keep(
    snapshot: EligibilitySnapshot, party: NamedParty, payer: Payer | None, score: Decimal, source: str,
    agrees: tuple[str, ...],
) -> CoverageCandidate | None:  # fmt: skip
    row, made = CoverageCandidate.objects.get_or_create(
        patient=snapshot.patient, payer_name=(party.name or party.identifier)[:120], member_id=party.member_id[:80],
        defaults={
            "payer": payer, "identifier": party.identifier[:80], "start": party.start, "end": party.end, "score": score,
            "source": source, "agrees": list(agrees), "snapshot": snapshot, "found_on": clock.today(),
        },
    )  # fmt: skip
    if not made:
        return None
    raise_work_item(
        worklist=Worklist.COVERAGE_CANDIDATES, key=f"candidate:{row.pk}", reason_code=source.upper(),
        reason=f"{row.payer_name}: {row.get_source_display().lower()}, {score} points of 100.",
        what_to_do="Ask the patient, then take it as a coverage or say that it is none", subject_type="patient",
        subject_id=snapshot.patient_id, practice_id=snapshot.inquiry.practice_id,
    )  # fmt: skip
    return row


@transaction.atomic
def accept_candidate(
    *,
    candidate: CoverageCandidate,
    member_id: str = "",
    payer: Payer | None = None,
    start: date | None = None,
    note: str = "",
) -> PatientCoverage:
    """A person says it is the patient's: a coverage without a place, until the order is confirmed. Nothing is billed.

    Raises CandidateRefused, or CoverageRefused where the coverage itself cannot be.
    """
    row = _locked(candidate)
    chosen, number = payer or row.payer, member_id.strip() or row.member_id
    if chosen is None:
        raise CandidateRefused(f"{row.payer_name} is not set up as a payer: set it up, or choose the payer it is")
    if not number:
        raise CandidateRefused("the member number is not known: ask the patient or the payer")
    coverage = add_coverage(
        patient=row.patient,
        new=NewCoverage(payer=chosen, member_id=number, start=start or row.start, end=row.end),
    )
    row.coverage = coverage
    _decide(row, CoverageCandidate.State.ACCEPTED, note)
    return coverage


@transaction.atomic
def decline_candidate(*, candidate: CoverageCandidate, note: str) -> None:
    """A person says it is not the patient's; it does not come back. Raises CandidateRefused without a reason."""
    row = _locked(candidate)
    if not note.strip():
        raise CandidateRefused("why it is not the patient's is missing: say it in a few words")
    _decide(row, CoverageCandidate.State.DECLINED, note)


def _locked(candidate: CoverageCandidate) -> CoverageCandidate:
    row = (
        CoverageCandidate.objects.select_for_update(of=("self",))
        .select_related("patient", "payer")
        .get(pk=candidate.pk)
    )
    if row.state != CoverageCandidate.State.OPEN:
        raise CandidateRefused(f"it was decided already: {row.get_state_display().lower()}")
    return row


def _decide(row: CoverageCandidate, state: str, note: str) -> None:
    row.state, row.note = state, note.strip()[:200]
    row.decided_by, row.decided_on = actor(), clock.today()
    row.save(update_fields=["state", "note", "decided_by", "decided_on", "coverage"])
    resolve_work_items(keys=[f"candidate:{row.pk}"], resolution=row.get_state_display())
    record_audit(action=f"candidate.{state}", subject_type="patient", subject_id=row.patient_id, detail=str(row.pk))
