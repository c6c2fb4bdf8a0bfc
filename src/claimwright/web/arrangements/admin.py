"""Rows of this app in the back room."""

from claimwright.web.arrangements import models
from claimwright.web.core.admin import register

register(
    look_only=(
        models.PatientLetter,
        models.PaymentPlan,
        models.PlanLine,
        models.PlanStep,
        models.Inquiry,
        models.AssistanceApplication,
        models.EstimateRequest,
        models.GoodFaithEstimate,
        models.EstimateExcess,
        models.EstimateDispute,
    ),  # fmt: skip
)
