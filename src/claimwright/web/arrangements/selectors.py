"""What other apps and pages read of arrangements: why a patient is not asked for money now, and what was agreed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from claimwright.billing.dunning import StopKind
from claimwright.billing.financial_assistance import OPEN_STATES
from claimwright.billing.payment_plans import RUNNING
from claimwright.web.arrangements.estimate_bills import open_disputes
from claimwright.web.arrangements.models import AssistanceApplication, EstimateExcess, Inquiry, PaymentPlan
from claimwright.web.arrangements.plan_state import standings

RUNNING_STATES = [one.value for one in RUNNING]
OPEN_APPLICATIONS = [one.value for one in OPEN_STATES]


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """Why money is not collected. `encounter_id` None: the whole account. `stops_statements`: not even a statement goes.

    `code` is plan, dispute, assistance, estimate_dispute or estimate_exceeded. `line_ids` are a plan's lines.
    """

    code: str
    words: str
    since: date
    stops_statements: bool
    encounter_id: UUID | None = None
    line_ids: tuple[str, ...] = ()


def suppressions(patient_ids: Iterable[UUID]) -> dict[UUID, tuple[Suppression, ...]]:
    """By patient, everything that keeps dunning and agencies away today; a patient without any is not in it."""
    ids = list(patient_ids)
    found: dict[UUID, list[Suppression]] = defaultdict(list)
    plans = PaymentPlan.objects.filter(patient_id__in=ids, state__in=RUNNING_STATES).prefetch_related("lines")
    for plan in plans.order_by("number"):
        found[plan.patient_id].append(
            Suppression(
                code="plan", words=f"payment plan {plan.number} runs", since=plan.accepted_on or plan.offered_on,
                stops_statements=False, line_ids=tuple(sorted(line.line_id for line in plan.lines.all())),
            )
        )  # fmt: skip
    for inquiry in Inquiry.objects.filter(patient_id__in=ids, state="OPEN", is_on_hold=True).order_by("number"):
        found[inquiry.patient_id].append(
            Suppression(
                code="dispute", words=f"inquiry {inquiry.number} is open", since=inquiry.received_on,
                stops_statements=True, encounter_id=inquiry.encounter_id,
            )
        )  # fmt: skip
    rows = AssistanceApplication.objects.filter(patient_id__in=ids, state__in=OPEN_APPLICATIONS)
    for application in rows.order_by("number"):
        found[application.patient_id].append(
            Suppression(
                code="assistance", words=f"application {application.number} is being decided",
                since=application.applied_on, stops_statements=True,
            )
        )  # fmt: skip
    for dispute in open_disputes(ids):
        visit = dispute.excess.encounter
        assert visit.patient_id is not None  # it was found by it
        found[visit.patient_id].append(
            Suppression(
                code="estimate_dispute", words="the bill is disputed against its estimate", since=dispute.filed_on,
                stops_statements=True, encounter_id=visit.pk,
            )
        )  # fmt: skip
    for excess in EstimateExcess.objects.filter(encounter__patient_id__in=ids, state="WARNED").select_related(
        "encounter"
    ):
        assert excess.encounter.patient_id is not None  # it was found by it
        found[excess.encounter.patient_id].append(
            Suppression(
                code="estimate_exceeded", words="the bill is far above its estimate; nobody looked yet",
                since=excess.found_on, stops_statements=True, encounter_id=excess.encounter_id,
            )
        )  # fmt: skip
    return {patient: tuple(rows) for patient, rows in found.items()}


STOP_OF_CODE: Mapping[str, StopKind] = {
    "plan": StopKind.PLAN,
    "dispute": StopKind.DISPUTE,
    "assistance": StopKind.ASSISTANCE,
    "estimate_dispute": StopKind.DISPUTE,
    "estimate_exceeded": StopKind.BARRED,
}


def dunning_stops(patient_ids: Iterable[UUID], on: date) -> dict[UUID, StopKind]:
    """What stops each patient's dunning clock: the graver of several. As `statements` asks for it."""
    graver = tuple(StopKind.__members__.values())
    order = {StopKind.DISPUTE: 0, StopKind.ASSISTANCE: 1, StopKind.PLAN: 2}
    return {
        patient: min(
            (STOP_OF_CODE[row.code] for row in rows if row.since <= on),
            key=lambda kind: (order.get(kind, 3), graver.index(kind)),
        )
        for patient, rows in suppressions(patient_ids).items()
        if any(row.since <= on for row in rows)
    }


def statement_bars(patient_ids: Iterable[UUID], on: date) -> dict[UUID, str]:
    """Why no statement at all goes to a patient: what concerns the whole account. A visit's own reason is its hold."""
    return {
        patient: next(row.words for row in rows if _bars(row, on))
        for patient, rows in suppressions(patient_ids).items()
        if any(_bars(row, on) for row in rows)
    }


def _bars(row: Suppression, on: date) -> bool:
    return row.stops_statements and row.encounter_id is None and row.since <= on


def running_plans(patient_ids: Iterable[UUID]) -> dict[UUID, list[PaymentPlan]]:
    """The plans that a statement tells of."""
    found: dict[UUID, list[PaymentPlan]] = defaultdict(list)
    for plan in PaymentPlan.objects.filter(patient_id__in=list(patient_ids), state__in=RUNNING_STATES).order_by(
        "number"
    ):
        found[plan.patient_id].append(plan)
    return dict(found)


def plan_rows(plans: Sequence[PaymentPlan]) -> list[dict[str, object]]:
    """Plans with where they stand today, for lists."""
    stand = standings(plans)
    return [{"plan": plan, "standing": stand[plan.pk]} for plan in plans]
