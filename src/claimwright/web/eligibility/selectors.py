"""What is known of coverages: the last answers, when they were asked about, the facts of edit SUB10, estimates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db.models import Max

from claimwright.billing.pricing.estimate import Benefits, Estimate, benefits_of, estimate
from claimwright.claims.eligibility import PatientEligibility
from claimwright.edits.facts import EligibilitySnapshot as SnapshotFact
from claimwright.web.core import clock
from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot, PayerCheck

LONGEST_POLICY_DAYS = 400  # answers older than this let no claim go


def latest_snapshots(coverage_ids: Iterable[UUID]) -> dict[UUID, EligibilitySnapshot]:
    """The last answer about each coverage, whatever it says; those never answered are left out."""
    rows = (
        EligibilitySnapshot.objects.filter(coverage_id__in=set(coverage_ids))
        .order_by("coverage_id", "-checked_at")
        .distinct("coverage_id")
        .defer("answer")
    )
    return {row.coverage_id: row for row in rows if row.coverage_id is not None}


def last_asked(coverage_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID | None], date]:
    """(coverage, visit) to the last day it was asked about for that visit; the visit is None where for none."""
    rows = EligibilityInquiry.objects.filter(coverage_id__in=set(coverage_ids), follows=None)
    found = rows.values_list("coverage_id", "encounter_id").annotate(last=Max("asked_on"))
    return {(coverage, visit): last for coverage, visit, last in found}


def checked_payers() -> dict[UUID, PayerCheck]:
    """The payers that the practice checks with, by id."""
    return {row.payer_id: row for row in PayerCheck.objects.filter(active=True).select_related("payer")}


class EligibilityFacts:
    """The answers about many patients as facts of the edits, loaded once. None for a payer that is not checked with:
    the edit then has nothing to judge by."""

    def __init__(self, patient_ids: Iterable[UUID]) -> None:
        checks = dict(PayerCheck.objects.filter(active=True).values_list("payer_id", "calendar_month"))
        self.checked = frozenset(checks)
        self.held: dict[tuple[UUID, UUID], list[SnapshotFact]] = defaultdict(list)
        if not self.checked:
            return
        rows = (
            EligibilitySnapshot.objects.filter(
                patient_id__in=set(patient_ids), coverage__isnull=False, payer_id__in=self.checked,
                checked_on__gte=clock.today() - timedelta(days=LONGEST_POLICY_DAYS),
            )
            .exclude(status="unknown")
            .order_by("coverage_id", "-checked_at")
            .values_list(
                "patient_id", "payer_id", "payer__payer_id", "coverage_id", "coverage__member_id", "status", "on", "start",
                "end", "checked_on",
            )
        )  # fmt: skip
        capped: dict[UUID, date] = {}
        for patient, payer, payer_code, coverage, member, status, on, start, end, checked in rows:
            # Latest first: what a later answer ends, an earlier one does not keep open.
            ends = [day for day in (end, capped.get(coverage), on if status == "inactive" else None) if day is not None]
            last = min(ends) if ends else None
            if last is not None:
                capped[coverage] = last
            self.held[patient, payer].append(
                SnapshotFact(
                    payer_id=payer_code, checked_on=checked, status=status, member_id=member, end=last,
                    # An answer without dates speaks from the day asked about on, not for days before it; Medicaid's
                    # speaks for its whole month.
                    start=start or (on.replace(day=1) if checks[payer] else on), month=on if checks[payer] else None,
                )
            )  # fmt: skip

    def of(self, patient_id: UUID, payer_id: UUID) -> tuple[SnapshotFact, ...] | None:
        if payer_id not in self.checked:
            return None
        return tuple(self.held.get((patient_id, payer_id), ()))


class PatientShare(msgspec.Struct, frozen=True, kw_only=True):
    """What the patient will owe by the last answer, with the answer it was read from."""

    estimate: Estimate
    benefits: Benefits
    snapshot: EligibilitySnapshot


def patient_share(
    *, coverage_id: UUID, on: date, service_type: str, allowed: Decimal | None, charge: Decimal | None = None,
    in_network: bool = True, applies_both: bool = False,
) -> PatientShare | None:  # fmt: skip
    """The estimate by the last active answer about a coverage; None where there is none. What the payer left out makes a
    range. Raises ValueError where neither the allowed amount nor the charge is known."""
    row = EligibilitySnapshot.objects.filter(coverage_id=coverage_id, status="active").order_by("-checked_at").first()
    if row is None:
        return None
    answer = msgspec.convert(row.answer, PatientEligibility)
    found = benefits_of(answer, service_type=service_type, on=on, in_network=in_network, applies_both=applies_both)
    return PatientShare(estimate=estimate(allowed, found, charge=charge), benefits=found, snapshot=row)
