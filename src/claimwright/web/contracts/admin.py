"""Rows of this app in the back room."""

from claimwright.web.contracts import models
from claimwright.web.core.admin import register

register(
    set_up=(models.Contract,),
    look_only=(models.ContractVersion, models.ContractRate, models.ExpectedClaim, models.ExpectedLine),
)
