"""Rows of this app in the back room."""

from claimwright.web.core.admin import register
from claimwright.web.exchange import models

register(
    look_only=(
        models.InboxFile,
        models.InboxDelivery,
        models.InboxPart,
        models.OutboxFile,
        models.RealTimeExchange,
    ),
    set_up=(models.Connection,),
)
