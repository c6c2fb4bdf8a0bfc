"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.followup import models

register(
    look_only=(
        models.PayerNorm,
        models.Following,
        models.StatusInquiry,
        models.StatusAnswer,
        models.PayerContact,
    ),
)
