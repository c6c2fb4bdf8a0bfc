"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.practice import models

register(
    set_up=(
        models.Practice,
        models.PracticeIdentifier,
        models.Provider,
        models.Location,
        models.Payer,
        models.Enrolment,
        models.Charge,
    ),
    look_only=(models.ChargeMasterImport, models.NeverAutomatic),
)
