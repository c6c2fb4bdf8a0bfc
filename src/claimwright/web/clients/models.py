"""A billing service and its clients: terms by date, invoices as issued, and what was paid on them."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.practice.models import Practice


class ClientTerms(TenantModel):
    """What a practice pays the service from a month on, until the next row of the same practice."""

    append_only = True

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="client_terms")
    first_month = models.DateField()
    content = models.JSONField()  # billing.service_invoices.FeeTerms
    note = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "practice", "-first_month"])]


class ClientInvoice(TenantModel):
    """An invoice as issued: figures, terms and PDF stay as they were. Void, it counts for nothing and keeps its number."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="client_invoices")
    month = models.DateField()
    number = models.CharField(max_length=30)
    issued_on = models.DateField()
    due_on = models.DateField()
    terms = models.JSONField()  # billing.service_invoices.FeeTerms
    collected = models.JSONField()  # billing.service_invoices.Collected
    content = models.JSONField()  # billing.service_invoices.ServiceInvoice
    total = money_field()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    issued_by = models.CharField(max_length=150)
    voided_on = models.DateField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="client_invoice_number_once"),
            models.UniqueConstraint(
                fields=["tenant", "practice", "month"], condition=models.Q(voided_on__isnull=True),
                name="client_invoice_month_once",
            ),
        ]  # fmt: skip


class InvoiceCredit(TenantModel):
    """What an invoice gives back of an earlier one, whose collections were undone since."""

    append_only = True

    invoice = models.ForeignKey(ClientInvoice, models.PROTECT, related_name="credits")
    earlier = models.ForeignKey(ClientInvoice, models.PROTECT, related_name="credited_by")
    amount = money_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "invoice", "earlier"], name="invoice_credit_once")]


class ClientPayment(TenantModel):
    """Money a client paid on its account (below zero: given back to it). `key` makes keying it twice one payment."""

    append_only = True

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="client_payments")
    amount = money_field()
    received_on = models.DateField()
    reference = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=120)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="client_payment_once")]
