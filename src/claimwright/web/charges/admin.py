"""Rows of this app in the back room."""

from claimwright.web.charges import models
from claimwright.web.core.admin import register

register(
    look_only=(
        models.Encounter,
        models.ChargeLine,
        models.EncounterMove,
        models.ChargeCorrection,
        models.DocumentedService,
        models.AnesthesiaTime,
        models.ProviderQuery,
    ),
    set_up=(models.CodeMapping,),
)
