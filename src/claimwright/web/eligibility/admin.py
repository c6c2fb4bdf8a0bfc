"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.eligibility import models

register(
    look_only=(
        models.PayerCheck,
        models.EligibilityInquiry,
        models.EligibilitySnapshot,
        models.SnapshotChange,
        models.CoverageCandidate,
    ),
)
