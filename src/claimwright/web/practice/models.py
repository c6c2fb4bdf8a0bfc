"""Practices, their identifiers by date, providers, locations, payers and prices."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.exchange.models import Connection


class Practice(TenantModel):
    """A billing entity. `content` is the Provider noun of the billing provider as of now; identifiers are dated rows."""

    name = models.CharField(max_length=120)
    npi = models.CharField(max_length=10)
    tax_id = models.CharField(max_length=9)
    content = models.JSONField(default=dict)  # claims.nouns.Provider
    pay_to_address = models.JSONField(null=True, blank=True)  # claims.nouns.Address
    statement_name = models.CharField(max_length=120, blank=True)
    statement_phone = models.CharField(max_length=20, blank=True)
    policies = models.JSONField(default=dict)  # small balance limits, statement minimum ... defaults in billing

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "npi"], name="practice_npi_once")]

    def __str__(self) -> str:
        return self.name


class PracticeIdentifier(TenantModel):
    """An NPI, TIN or CLIA number of a practice with its dates, start inclusive, end exclusive."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="identifiers")
    kind = models.CharField(max_length=4)  # NPI, EI, SY, CLIA
    value = models.CharField(max_length=20)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)


class Provider(TenantModel):
    """A person who renders, refers, orders or supervises. `content` is the Provider noun."""

    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True, related_name="providers")
    npi = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    aliases = models.JSONField(default=list)  # the ids interfaces know them by
    content = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "npi"], name="provider_npi_once")]

    def __str__(self) -> str:
        return self.name


class Location(TenantModel):
    practice = models.ForeignKey(Practice, models.PROTECT, related_name="locations")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    place_of_service = models.CharField(max_length=2, default="11")
    content = models.JSONField(default=dict)  # Provider noun of the facility, {} when it is the billing site

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "practice", "code"], name="location_code_once")]

    def __str__(self) -> str:
        return self.name


class Payer(TenantModel):
    """A payer as billed over one connection. `aliases` are the other ids it goes by (TRN03, N1 ids, names)."""

    key = models.CharField(max_length=40)  # how registration files name it
    name = models.CharField(max_length=120)
    payer_id = models.CharField(max_length=20)
    aliases = models.JSONField(default=list)
    kind = models.CharField(max_length=20, default="commercial")  # medicare, medicaid, commercial, supplemental ...
    filing_indicator = models.CharField(max_length=2, default="CI")
    profile = models.JSONField(default=dict)  # edits.facts.PayerProfile
    connection = models.ForeignKey(Connection, models.PROTECT, null=True, blank=True)
    usual_pay_days = models.IntegerField(default=21)
    posts_by_itself = models.BooleanField(default=True)  # its remittances, where every rule lets them
    hold_over_amount = money_field(null=True, blank=True)  # a payment above it waits for a look; None: as the practice

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="payer_key_once")]

    def __str__(self) -> str:
        return self.name


class NeverAutomatic(TenantModel):
    """A CARC that no remittance posts for this practice before a person has looked; ended, not deleted."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="never_automatic")
    carc = models.CharField(max_length=5)
    reason = models.CharField(max_length=200)
    added_by = models.CharField(max_length=150)
    added_on = models.DateField()
    ended_by = models.CharField(max_length=150, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "practice", "carc"], condition=models.Q(ended_on=None), name="never_automatic_once"
            )
        ]

    def __str__(self) -> str:
        return self.carc


class Enrolment(TenantModel):
    """A practice's or provider's standing with a payer: to send it files (837, 835 ...), or to take its patients.

    Blank `npi` or `tax_id`: any of the practice. A payer of whom a practice keeps no row is not judged by them, unless its
    profile says that it asks for enrolment. `end` is the first day without.
    """

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        SUBMITTED = "submitted", "Submitted"
        APPROVED = "approved", "Approved"
        TERMED = "termed", "Ended"

    class Transaction(models.TextChoices):
        CLAIMS = "837", "Claims (837)"
        REMITTANCES = "835", "Remittances (835)"
        ELIGIBILITY = "270", "Eligibility (270)"
        STATUS = "276", "Claim status (276)"
        PARTICIPATION = "participation", "Provider takes the payer's patients"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="enrolments")
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="enrolments")
    transaction = models.CharField(max_length=13, choices=Transaction.choices, default=Transaction.CLAIMS)
    npi = models.CharField(max_length=10, blank=True)
    tax_id = models.CharField(max_length=9, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NOT_STARTED)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    payer_number = models.CharField(max_length=50, blank=True)  # REF*G2 or LU: the number the payer gave
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "practice", "payer"])]

    def __str__(self) -> str:
        return f"{self.payer} {self.transaction} {self.npi or self.tax_id}"


class Charge(TenantModel):
    """One row of a practice's charge master: what a code costs from a date on."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="charges")
    code = models.CharField(max_length=11)
    modifier = models.CharField(max_length=2, blank=True)
    amount = money_field()
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    description = models.CharField(max_length=80, blank=True)  # the practice's own words

    class Meta:
        indexes = [models.Index(fields=["tenant", "practice", "code"])]


class ChargeMasterImport(TenantModel):
    """A price file as it was uploaded, what it would change, and what became of it."""

    class State(models.TextChoices):
        REFUSED = "refused", "Refused"
        CHECKED = "checked", "Checked, waits for a person"
        ACCEPTED = "accepted", "Accepted"
        DISCARDED = "discarded", "Discarded"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="charge_master_imports")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    whole = models.BooleanField(default=False)  # the file is all of the charge master: what it lacks ends
    ends_on = models.DateField(null=True, blank=True)  # the first day without what it lacks
    state = models.CharField(max_length=10, choices=State.choices)
    problems = models.JSONField(default=list)
    uploaded_by = models.CharField(max_length=150)
    uploaded_on = models.DateField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    changed = models.JSONField(default=dict)  # counts of what was done

    class Meta:
        indexes = [models.Index(fields=["tenant", "practice", "sha256"], name="charge_master_import_bytes")]
