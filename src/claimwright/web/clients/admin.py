"""Rows of this app in the back room."""

from claimwright.web.clients import models
from claimwright.web.core.admin import register

register(
    look_only=(models.ClientTerms, models.ClientInvoice, models.InvoiceCredit, models.ClientPayment),
)
