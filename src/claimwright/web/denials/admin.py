"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.denials import models

register(
    look_only=(
        models.Denial,
        models.Appeal,
        models.RecordsRequest,
        models.LetterTemplate,
        models.LearnedChance,
        models.RuleProposal,
    ),
)
