"""Rows of this app in the back room."""

from claimwright.web.close import models
from claimwright.web.core.admin import register

register(look_only=(models.DayClose, models.ItemSignOff, models.AuditResult, models.MonthReport))
