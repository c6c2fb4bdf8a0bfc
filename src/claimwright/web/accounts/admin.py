"""Rows of this app in the back room."""

from claimwright.web.accounts import models
from claimwright.web.core.admin import register

register(
    look_only=(models.LedgerTransfer, models.PeriodEvent),
)
