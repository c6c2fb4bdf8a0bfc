"""Contracts with payers in dated versions, their rates, and what each line of a claim was expected to be allowed.

The practice's own prices (the charge master) are in `practice`. Claim versions are subjects by id: their app stands
above this one.
"""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.practice.models import Payer


class Contract(TenantModel):
    """An agreement of one payer with one tax id, for one network (blank: all of them)."""

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="contracts")
    tax_id = models.CharField(max_length=9)
    network = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "payer", "tax_id", "network"], name="contract_once")]

    def __str__(self) -> str:
        return self.name


class ContractVersion(TenantModel):
    """What holds from `start` to before `end`. `terms` is billing.pricing.contracts.Terms.

    The rates of a version never change: another sheet is another version, or the version is withdrawn.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="versions")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    label = models.CharField(max_length=80, blank=True)
    terms = models.JSONField(default=dict)
    sheet_name = models.CharField(max_length=255, blank=True)
    sheet_sha256 = models.CharField(max_length=64, blank=True)
    ended = models.ForeignKey(  # the open version that this one ended: it runs again if this one is withdrawn
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "contract", "start"])]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "contract", "start"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="contract_version_start_once",
            )
        ]


class ContractRate(TenantModel):
    """One row of a version: billing.pricing.contracts.Rate, in the order of the sheet."""

    append_only = True

    version = models.ForeignKey(ContractVersion, models.PROTECT, related_name="rates")
    ordinal = models.IntegerField()
    first = models.CharField(max_length=5, blank=True)
    last = models.CharField(max_length=5, blank=True)
    modifier = models.CharField(max_length=2, blank=True)
    place = models.CharField(max_length=8, blank=True)
    method = models.CharField(max_length=20)
    amount = money_field(null=True, blank=True)
    percent = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    medicare_on = models.DateField(null=True, blank=True)
    carve_out = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "version", "ordinal"], name="contract_rate_once")]
        indexes = [models.Index(fields=["tenant", "version", "first"])]


class ExpectedClaim(TenantModel):
    """What a claim version was expected to be allowed, as priced at one moment. A later pricing is another row."""

    append_only = True

    claim_version_id = models.UUIDField()
    ordinal = models.IntegerField(default=1)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True)
    contract_version = models.CharField(max_length=200, blank=True)  # as the versions name themselves
    total = money_field(null=True, blank=True)  # None: a line has no price
    working = models.JSONField(default=list)
    priced_at = models.DateTimeField()
    priced_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "claim_version_id", "ordinal"], name="expected_claim_once")
        ]


class ExpectedLine(TenantModel):
    """One line of it: `allowed` dollars with the working, or None with the reason."""

    append_only = True

    expected = models.ForeignKey(ExpectedClaim, models.PROTECT, related_name="lines")
    line_control_number = models.CharField(max_length=30)
    number = models.IntegerField()
    code = models.CharField(max_length=11)
    modifiers = models.JSONField(default=list)
    on = models.DateField(null=True, blank=True)
    charge = money_field()
    allowed = money_field(null=True, blank=True)
    contract_amount = money_field(null=True, blank=True)  # before the lesser-of-charge clause
    reason = models.TextField(blank=True)
    method = models.CharField(max_length=20, blank=True)
    capitated = models.BooleanField(default=False)
    working = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "expected", "number"], name="expected_line_once")]
        indexes = [models.Index(fields=["tenant", "line_control_number"])]
