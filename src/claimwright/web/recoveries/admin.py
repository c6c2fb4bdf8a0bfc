"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.recoveries import models

register(
    look_only=(
        models.LineComparison,
        models.Underpayment,
        models.Dispute,
        models.Agency,
        models.AgencyFile,
        models.AgencyPlacement,
        models.AgencyPayment,
        models.Takeback,
    ),
)
