"""Patients and their coverages."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel
from claimwright.web.practice.models import Payer, Practice


class Patient(TenantModel):
    """A patient of a practice. `content` is the Patient noun; the columns are what lists search and sort by."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="patients")
    record_number = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=5, default="en")
    content = models.JSONField(default=dict)
    flags = models.JSONField(default=list)  # qmb, bad_address, bankruptcy, deceased, disclosure_restricted ...

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "practice", "record_number"], name="patient_record_number_once")
        ]
        indexes = [models.Index(fields=["tenant", "last_name", "first_name"])]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name}".strip(", ")


class PatientCoverage(TenantModel):
    """One coverage: sequence per date of service, start inclusive, end exclusive. `content` is the Coverage noun."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coverages")
    payer = models.ForeignKey(Payer, models.PROTECT)
    sequence = models.CharField(max_length=1)
    member_id = models.CharField(max_length=80)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    content = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["tenant", "member_id"])]


class Registration(TenantModel):
    """What the front desk registered for a record number, perhaps before any interface brought the patient."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="registrations")
    record_number = models.CharField(max_length=60)
    content = models.JSONField()  # claims.from_csv.registration.Registration
    registered_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "practice", "record_number"], name="registration_once")
        ]
