"""What lower apps read of an arrangement: flags on the patient and the hold of a visit, set when one begins, gone with it."""

from __future__ import annotations

from claimwright.billing.financial_assistance import OPEN_STATES
from claimwright.billing.payment_plans import RUNNING
from claimwright.web.arrangements.models import (
    AssistanceApplication,
    EstimateDispute,
    EstimateExcess,
    Inquiry,
    PaymentPlan,
)
from claimwright.web.charges.models import Encounter
from claimwright.web.patients.models import Patient

DISPUTE, CHARITY_PENDING, PLAN = "dispute", "charity_pending", "payment_plan"
HOLD_WORDS = "the patient disputes this visit"
ESTIMATE_WORDS = "the bill is far above its estimate"


def set_flags(*, patient: Patient) -> None:
    """The patient's flags as the arrangements stand now: a dispute of the whole account, an application, a plan that runs."""
    row = Patient.objects.select_for_update().get(pk=patient.pk)
    wanted = {
        DISPUTE: Inquiry.objects.filter(patient=row, state="OPEN", is_on_hold=True, encounter=None).exists(),
        CHARITY_PENDING: AssistanceApplication.objects.filter(
            patient=row, state__in=[one.value for one in OPEN_STATES]
        ).exists(),
        PLAN: PaymentPlan.objects.filter(patient=row, state__in=[one.value for one in RUNNING]).exists(),
    }
    flags = [flag for flag in row.flags if wanted.get(flag, True)]
    flags += [flag for flag, on in wanted.items() if on and flag not in flags]
    if flags != row.flags:
        row.flags = flags
        row.save(update_fields=["flags"])
    patient.flags = flags


def set_visit_hold(*, encounter: Encounter) -> None:
    """The visit's hold as its disputes stand now. A hold that something else put there is left alone."""
    row = Encounter.objects.select_for_update().get(pk=encounter.pk)
    disputed = (
        Inquiry.objects.filter(encounter=row, state="OPEN", is_on_hold=True).exists()
        or EstimateDispute.objects.filter(excess__encounter=row, state="OPEN").exists()
    )
    unseen = EstimateExcess.objects.filter(encounter=row, state=EstimateExcess.State.WARNED).exists()
    wanted = HOLD_WORDS if disputed else ESTIMATE_WORDS if unseen else ""
    if row.statement_hold in ("", HOLD_WORDS, ESTIMATE_WORDS) and row.statement_hold != wanted:
        row.statement_hold = wanted
        row.save(update_fields=["statement_hold"])
    encounter.statement_hold = row.statement_hold
