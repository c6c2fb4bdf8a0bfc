"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.reports import models

register(look_only=(models.BillingCost, models.SavedFilter))
