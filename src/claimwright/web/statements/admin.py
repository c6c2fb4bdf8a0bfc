"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.statements import models

register(
    look_only=(
        models.Account,
        models.GuarantorStatement,
        models.StatementPart,
        models.Notice,
        models.MailBatch,
        models.Delivery,
        models.ClockStop,
        models.DunningStep,
        models.Contact,
        models.StatementLink,
    )
)
