"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.payments import models

register(
    look_only=(
        models.Remittance,
        models.ClaimPayment,
        models.LastDecision,
        models.PracticeDebt,
        models.AdjudicationRecord,
        models.ProviderAdjustment,
        models.AdjustmentAccount,
        models.Deposit,
        models.PatientReceipt,
        models.Refund,
        models.WriteOff,
        models.Statement,
    ),
)
