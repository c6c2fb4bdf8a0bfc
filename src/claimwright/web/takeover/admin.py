"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.takeover import models

register(look_only=(models.Takeover, models.TakeoverFile, models.TakeoverClaim, models.TakeoverPlan))
