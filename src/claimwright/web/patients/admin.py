"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.patients import models

register(
    look_only=(
        models.Patient,
        models.PatientAddress,
        models.PatientPhone,
        models.PatientCoverage,
        models.CardImage,
        models.Registration,
        models.MedicareQuestionnaire,
        models.InjuryCase,
        models.DuplicatePair,
        models.PatientMerge,
        models.MergeMove,
        models.FoundCoverage,
        models.Disclosure,
    ),
)
