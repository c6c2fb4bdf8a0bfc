"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.submissions import models

register(
    look_only=(
        models.Claim,
        models.ClaimVersion,
        models.ClaimEvent,
        models.ClaimMoney,
        models.ClaimPrint,
        models.EditFinding,
        models.LocalRule,
        models.LocalRuleTrial,
        models.LocalRuleVersion,
        models.Submission,
    ),
)
