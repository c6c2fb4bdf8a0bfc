"""Who is due for an eligibility question, asked at the end of the day; and the answers (271) out of received files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

import msgspec

from claimwright.billing.eligibility import (
    RECHECK_CARCS,
    InquiryRefused,
    Occasion,
    is_due_monthly,
    is_stale,
    occasion_of_visit,
    service_types_of,
)
from claimwright.billing.lifecycle import State
from claimwright.claims.from_x12.eligibility import eligibility_response
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.web.accounts.selectors import open_receivables
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.models import Denial
from claimwright.web.eligibility.answering import take_answers
from claimwright.web.eligibility.asking import ask, discover, list_unanswered, policy_of, prepare_batches
from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot, PayerCheck
from claimwright.web.eligibility.selectors import checked_payers, last_asked, latest_snapshots
from claimwright.web.exchange.models import InboxPart
from claimwright.web.operations.acknowledgements import AckResult
from claimwright.web.patients.models import PatientCoverage
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.versions import UNSENT
from claimwright.x12 import Transaction

VERIFIED = "SUB10"  # the edit that asks for a fresh answer
VISIT_STATES = (Encounter.State.SCHEDULED, Encounter.State.ARRIVED)
AHEAD_DAYS = 60  # visits further off are asked about when they come nearer
DENIAL_DAYS = 30  # a denial older than this was looked at by a person
PATIENT_BUCKET = "PAT"


class EligibilityReport(msgspec.Struct):
    """Questions made by occasion, files prepared, questions that could not be asked, and that nobody answered."""

    asked: dict[str, int] = {}
    files: int = 0
    refused: int = 0
    unanswered: int = 0


def check_eligibility() -> EligibilityReport:
    """Ask about everybody who is due, in the caller's scope; again on the same day asks nothing new.

    The files wait in the outbox for the next sending. Without a payer that the practice checks with nothing is done.
    """
    report = EligibilityReport(unanswered=list_unanswered())
    checked = checked_payers()
    if checked:
        asker = _Asker(checked, report)
        asker.visits()
        asker.claims()
        asker.denials()
        asker.self_pay()
    report.files = len(prepare_batches())
    return report


class _Asker:
    """One run: what was asked and answered before is loaded with each group of coverages."""

    def __init__(self, checked: dict[UUID, PayerCheck], report: EligibilityReport) -> None:
        self.checked, self.report, self.today = checked, report, clock.today()

    def visits(self) -> None:
        """At scheduling, some days before, and at check-in; every coverage that holds on the day of the visit."""
        rows = Encounter.objects.filter(
            state__in=VISIT_STATES, patient__isnull=False, date_from__gte=self.today,
            date_from__lte=self.today + timedelta(days=AHEAD_DAYS),
        ).select_related("patient__practice").order_by("date_from", "appointment_id")  # fmt: skip
        found = list(rows)
        coverages = self._coverages(row.patient_id for row in found if row.patient_id)
        asked = last_asked(one.pk for held in coverages.values() for one in held)
        for row in found:
            assert row.date_from is not None and row.patient_id is not None
            for coverage in coverages.get(row.patient_id, ()):
                if not holds(coverage, row.date_from):
                    continue
                occasion = occasion_of_visit(
                    on=row.date_from, today=self.today, arrived=row.state == Encounter.State.ARRIVED,
                    last_asked=self._last(coverage, row, asked), policy=policy_of(self.checked[coverage.payer_id]),
                )  # fmt: skip
                if occasion is not None:
                    self._ask(coverage, row.date_from, occasion, row)

    def _last(
        self, coverage: PatientCoverage, visit: Encounter, asked: dict[tuple[UUID, UUID | None], date]
    ) -> date | None:
        """The last question for this visit, or a fresh one about the same coverage for another: one answers both."""
        days = timedelta(days=policy_of(self.checked[coverage.payer_id]).answer_days)
        fresh = [on for (one, _), on in asked.items() if one == coverage.pk and self.today - on <= days]
        own = asked.get((coverage.pk, visit.pk))
        return max([*fresh, own] if own is not None else fresh, default=None)

    def claims(self) -> None:
        """Before release, where the last answer about the coverage is older than the policy."""
        rows = list(
            ClaimVersion.objects.filter(
                state__in=UNSENT, claim__payer__in=list(self.checked), claim__coverage__isnull=False
            ).select_related("claim__coverage__payer", "claim__coverage__patient__practice", "claim__encounter")
        )
        ids = {row.claim.coverage_id for row in rows}
        answers, asked = latest_snapshots(ids), last_asked(ids)
        for row in rows:
            coverage, visit = row.claim.coverage, row.claim.encounter
            last = asked.get((coverage.pk, visit.pk))
            policy = policy_of(self.checked[coverage.payer_id])
            answer = answers.get(coverage.pk)
            stale = is_stale(checked_on=answer.checked_on if answer else None, today=self.today, policy=policy)
            if stale and visit.date_from is not None and is_stale(checked_on=last, today=self.today, policy=policy):
                self._ask(coverage, visit.date_from, Occasion.RELEASE, visit)

    def denials(self) -> None:
        """Where the payer says that the coverage was not what we thought, once for each denial."""
        rows = Denial.objects.filter(
            carc__in=RECHECK_CARCS, received_on__gte=self.today - timedelta(days=DENIAL_DAYS),
            payer__in=list(self.checked), version__claim__coverage__isnull=False,
        ).select_related("version__claim__coverage__payer", "version__claim__coverage__patient__practice",
                         "version__claim__encounter")  # fmt: skip
        found = list(rows)
        asked = last_asked(row.version.claim.coverage_id for row in found)
        for row in found:
            coverage, visit = row.version.claim.coverage, row.version.claim.encounter
            last = asked.get((coverage.pk, visit.pk))
            if visit.date_from is not None and (last is None or last < row.received_on):
                self._ask(coverage, visit.date_from, Occasion.DENIAL, visit)
                asked[coverage.pk, visit.pk] = self.today

    def self_pay(self) -> None:
        """Once a month, who owes for visits without coverage: the payers set up for searches, for the oldest such day."""
        if not any(check.discovery for check in self.checked.values()):
            return
        owed = {
            line for (line, bucket), amount in open_receivables().items() if bucket == PATIENT_BUCKET and amount > 0
        }
        lines = ChargeLine.objects.filter(line_id__in=owed, encounter__claims__isnull=True)
        lines = lines.select_related("patient__practice").order_by("date_of_service")
        for patient_id, line in {one.patient_id: one for one in reversed(list(lines))}.items():
            searched = EligibilityInquiry.objects.filter(patient_id=patient_id, coverage=None).order_by("-asked_on")
            last = searched.values_list("asked_on", flat=True).first()
            if is_due_monthly(last_asked=last, today=self.today):
                try:
                    made = discover(patient=line.patient, on=line.date_of_service, occasion=Occasion.OPEN_SELF_PAY)
                except InquiryRefused:
                    self.report.refused += 1
                    continue
                self._count(Occasion.OPEN_SELF_PAY, len(made))

    def _coverages(self, patients: Iterable[UUID]) -> dict[UUID, list[PatientCoverage]]:
        rows = PatientCoverage.objects.filter(patient_id__in=set(patients), payer__in=list(self.checked))
        found: dict[UUID, list[PatientCoverage]] = {}
        for row in rows.select_related("payer", "patient__practice").order_by("sequence"):
            found.setdefault(row.patient_id, []).append(row)
        return found

    def _ask(self, coverage: PatientCoverage, on: date, occasion: Occasion, visit: Encounter) -> None:
        check = self.checked[coverage.payer_id]
        if check.stopped_because:
            return  # its own worklist says so
        key = f"eligibility:{coverage.pk}:lacks"
        try:
            ask(
                patient=coverage.patient, payer=coverage.payer, coverage=coverage, on=on, occasion=occasion,
                encounter_id=visit.pk, service_types=service_types_for(visit, check),
            )  # fmt: skip
        except InquiryRefused as refused:
            self.report.refused += 1
            raise_work_item(
                worklist=Worklist.ELIGIBILITY_REGISTRATION, key=key, reason_code="INCOMPLETE",
                reason=f"{coverage.payer.name} cannot be asked: {refused}.", what_to_do="Complete the registration",
                subject_type="patient", subject_id=coverage.patient_id, practice_id=visit.practice_id, due_date=on,
                reopen=True,
            )  # fmt: skip
            return
        resolve_work_items(keys=[key], resolution="asked")
        self._count(occasion, 1)

    def _count(self, occasion: Occasion, number: int) -> None:
        if number:
            self.report.asked[occasion] = self.report.asked.get(occasion, 0) + number


def holds(coverage: PatientCoverage, on: date) -> bool:
    return (coverage.start is None or coverage.start <= on) and (coverage.end is None or on < coverage.end)


def service_types_for(visit: Encounter, check: PayerCheck) -> tuple[str, ...]:
    """EQ01 for a visit: by where it is and who renders it, as far as the payer answers them."""
    noun = msgspec.convert(visit.content, EncounterNoun) if visit.content else EncounterNoun()
    taxonomy = noun.rendering.taxonomy if noun.rendering is not None else ""
    return service_types_of(place=noun.place_of_service or "11", taxonomy=taxonomy, supported=check.service_types)


def apply_answers(*, part: InboxPart, transaction: Transaction | None) -> AckResult:
    """One 271 in the caller's transaction. One of which nothing fits a question is held, on its worklist."""
    if transaction is None:
        return AckResult(fate=InboxPart.Fate.HELD, reason="It has no transaction that can be read")
    taken = take_answers(response=eligibility_response(transaction).noun, part=part)
    _look_at_held_claims(part)
    fate = InboxPart.Fate.ACKNOWLEDGED if taken.attached else InboxPart.Fate.HELD
    return AckResult(fate=fate, reason=taken.reason, orphans=taken.orphans)


def _look_at_held_claims(part: InboxPart) -> None:
    """Claims that waited for nothing but this answer go on: those of the coverages that it speaks of are edited again."""
    answered = EligibilitySnapshot.objects.filter(part=part, coverage__isnull=False).values_list("coverage", flat=True)
    held = ClaimVersion.objects.filter(
        state=State.EDIT_HOLD, claim__coverage__in=list(answered), findings__open=True, findings__edit_id=VERIFIED
    )
    scrub(version_ids=list(held.order_by("control_number").values_list("pk", flat=True).distinct()))
