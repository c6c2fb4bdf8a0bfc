"""What the figures need and no file brings: the cost of billing; and views of reports that a person keeps."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.practice.models import Practice


class BillingCost(TenantModel):
    """What billing cost in a month: wages, software, clearinghouse. A later row of the month and practice replaces it."""

    append_only = True

    month = models.DateField()  # its first day
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)  # none: of all of them together
    amount = money_field()
    note = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0, month__day=1), name="billing_cost_of_a_month")
        ]
        indexes = [models.Index(fields=["tenant", "month"], name="billing_cost_month")]


class SavedFilter(TenantModel):
    """A filter of the reports under a name of the person's own. `query` is the address's query."""

    user = models.CharField(max_length=150)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user", "name"], name="saved_filter_once")]
