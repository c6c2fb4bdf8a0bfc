"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.patients import models

register(
    look_only=(
        models.Patient,
        models.PatientCoverage,
        models.Registration,
    ),
)
