"""The front office between visits: eligibility asked and worked, new insurance billed, and intake problems put right."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.billing.eligibility_by_hand import KeyedAnswer
from claimwright.billing.lifecycle import State
from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import acting_as, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.eligibility.asking import ask, discover
from claimwright.web.eligibility.by_hand import key_answer
from claimwright.web.eligibility.candidates import accept_candidate, decline_candidate
from claimwright.web.eligibility.models import CoverageCandidate
from claimwright.web.operations.eligibility import VERIFIED
from claimwright.web.operations.rebill import bill_found_coverage
from claimwright.web.patients.coverages import NewCoverage, confirm_order, proposed_order
from claimwright.web.patients.duplicates import decide
from claimwright.web.patients.models import DuplicatePair, FoundCoverage, Patient, PatientCoverage
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import scrub

ASKED_A_DAY = 2  # coverages asked about besides those that the rules ask for
LOOKED_UP_AFTER_DAYS, TODAY_SHARE = 5, Decimal("0.5")
COVERED_SHARE = Decimal("0.8")  # of those whose payer did not answer by file
SEARCHED_SHARE = Decimal("0.10")  # of days on which the insurance of an uninsured patient is searched for
PATIENT_CONFIRMS = Decimal("0.6")  # of candidates
# What a person reads, asks the patient about, and closes with what was found.
READ = {
    Worklist.ELIGIBILITY_QUEUE: "asked in the payer's portal", Worklist.ELIGIBILITY_SET_UP: "set-up mended with the payer",
    Worklist.ELIGIBILITY_QUERIES: "asked again with the card's number", Worklist.ELIGIBILITY_CHANGES: "noted for the next visit",
    Worklist.ELIGIBILITY_REGISTRATION: "card copied anew", Worklist.ELIGIBILITY_NOT_ACTIVE: "the patient was asked for the new card",
    Worklist.ELIGIBILITY_ANSWERS: "no question of ours", Worklist.UNKNOWN_PAYER: "the payer is set up",
}  # fmt: skip
LISTS = (
    *READ, Worklist.COVERAGE_CANDIDATES, Worklist.COVERAGE_ORDER, Worklist.NEW_COVERAGE, Worklist.DUPLICATE_PATIENTS,
)  # fmt: skip


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-biller"):
        _ask(place, day, counts)
        _look_in_portal(place, day, counts)
        for item in items(place, day, (Worklist.COVERAGE_ORDER,)):
            attempt(counts, "orders confirmed", lambda item=item: _confirm(item, day))
        candidates = CoverageCandidate.objects.filter(state="open", found_on__lt=day).select_related("patient", "payer")
        for row in candidates.order_by("found_on", "patient__record_number", "payer_name", "member_id"):
            _decide(place, row, day, counts)
        for item in items(place, day, (Worklist.NEW_COVERAGE,), after_days=5):
            resolve_work_items(keys=[item.key], resolution="too late to bill: the patient was told")
            counts["new coverage too late"] += 1
        for pair in DuplicatePair.objects.filter(state="open").order_by(
            "first__record_number", "second__record_number"
        ):
            attempt(
                counts, "pairs told apart", lambda pair=pair: decide(pair=pair, state="different", note="two people")
            )
        for item in items(place, day, READ):
            resolve_work_items(keys=[item.key], resolution=READ[Worklist(item.worklist)])
            counts["read"] += 1
    return counts


def _ask(place: Workplace, day: date, counts: Counter[str]) -> None:
    """A few coverages a day by a person's wish, and a search for a patient who says there is none."""
    covered = PatientCoverage.objects.filter(payer__eligibility_check__isnull=False).values("patient")
    rows = Patient.objects.filter(pk__in=covered).order_by("record_number")
    insured = list(rows.values_list("pk", flat=True))
    for at in range(min(ASKED_A_DAY, len(insured))):
        patient = Patient.objects.get(pk=insured[int(place.chance("asks about", day, at) * len(insured))])
        row = patient.coverages.filter(payer__eligibility_check__isnull=False).order_by("-start", "member_id").first()
        if row is not None:
            attempt(
                counts, "eligibility asked",
                lambda patient=patient, row=row: ask(patient=patient, payer=row.payer, coverage=row, on=day),
            )  # fmt: skip
    if place.chance("searches", day) < SEARCHED_SHARE:
        uninsured = Patient.objects.filter(coverages__isnull=True).order_by("record_number")
        some = uninsured.count()
        if some:
            patient = uninsured[int(place.chance("searches for", day) * some)]
            attempt(counts, "searches", lambda: discover(patient=patient, on=day))


def _look_in_portal(place: Workplace, day: date, counts: Counter[str]) -> None:
    """Claims that wait for an answer which does not come: a person looks in the payer's portal, and keys what it says."""
    held = ClaimVersion.objects.filter(
        state=State.EDIT_HOLD, created_on__lte=day - timedelta(days=LOOKED_UP_AFTER_DAYS), claim__coverage__isnull=False,
        findings__open=True, findings__edit_id=VERIFIED,
    ).select_related("claim__coverage__payer", "claim__coverage__patient__practice", "claim__encounter")  # fmt: skip
    for version in held.distinct().order_by("control_number"):
        number = version.control_number
        if place.chance("portal", number, day) > TODAY_SHARE or place.chance("covered", number) > COVERED_SHARE:
            continue

        def look(version: ClaimVersion = version) -> None:
            keyed = KeyedAnswer(source="portal", reference=f"{version.control_number[-8:]}{day:%m%d}", status="active")
            on = version.date_of_service or day
            key_answer(coverage=version.claim.coverage, keyed=keyed, on=on, encounter_id=version.claim.encounter_id)
            scrub(version_ids=[version.pk])

        attempt(counts, "looked up in portals", look)


def _confirm(item: WorkItem, day: date) -> None:
    patient = Patient.objects.get(pk=item.subject_id)
    proposal, rows = proposed_order(patient=patient, on=day)
    confirm_order(patient=patient, on=day, order=[rows[key].pk for key in proposal.order])


def _decide(place: Workplace, row: CoverageCandidate, day: date, counts: Counter[str]) -> None:
    """The patient says whether it is theirs. Of one who has no other the open visits are billed to it at once."""
    name = (row.patient.record_number, row.payer_name)
    if place.chance("confirms", *name) >= PATIENT_CONFIRMS or row.payer is None or not row.member_id:
        attempt(
            counts, "candidates declined", lambda: decline_candidate(candidate=row, note="the patient does not have it")
        )
        return

    def accept() -> None:
        coverage = accept_candidate(candidate=row, start=row.start or day.replace(month=1, day=1))
        if not FoundCoverage.objects.filter(patient=row.patient).exists():
            bill_found_coverage(
                patient=row.patient,
                new=NewCoverage(
                    payer=coverage.payer, member_id=coverage.member_id, start=coverage.start, end=coverage.end
                ),
            )

    attempt(counts, "candidates accepted", accept)
