"""Patients, their coverages, what they were asked, their cards, and which records are one person."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

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
    details = models.JSONField(default=dict)  # patients.records.Details: what is known and never billed
    ssn_sealed = models.TextField(blank=True)
    ssn_index = models.CharField(max_length=64, blank=True)  # keyed hash: finds the same number, tells nothing of it
    guarantor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="answers_for")
    mother = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="absorbed")
    registered_on = models.DateField(null=True, blank=True)  # by a person; None where only interfaces brought it
    compared_as = models.CharField(max_length=32, blank=True)  # digest of what the last search for duplicates compared
    # What searches compare and lists are sorted by, made by the database (`selectors.by_name`, `by_number`).
    last_name_folded = models.GeneratedField(
        expression=Lower("last_name"), output_field=models.CharField(max_length=120, db_collation="C"), db_persist=True
    )
    first_name_folded = models.GeneratedField(
        expression=Lower("first_name"), output_field=models.CharField(max_length=70, db_collation="C"), db_persist=True
    )
    record_number_folded = models.GeneratedField(
        expression=Lower("record_number"),
        output_field=models.CharField(max_length=120, db_collation="C"),
        db_persist=True,
    )

    BY_NAME = ("last_name_folded", "first_name_folded", "record_number")  # as a person sorts them

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "practice", "record_number"], name="patient_record_number_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "last_name_folded", "first_name_folded"], name="patient_names_folded"),
            models.Index(fields=["tenant", "first_name_folded"], name="patient_first_name_folded"),
            models.Index(fields=["tenant", "record_number_folded"], name="patient_number_folded"),
            models.Index(fields=["tenant", "birth_date"], name="patient_birth_date"),
            models.Index(fields=["tenant", "ssn_index"], name="patient_ssn", condition=~models.Q(ssn_index="")),
        ]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name}".strip(", ")


class PatientCoverage(TenantModel):
    """One coverage: sequence per date of service, start inclusive, end exclusive. `content` is the Coverage noun.

    A policy whose place changes goes on in a row of its own that `continues` the one before: a row that a claim was
    billed on is closed, never changed. Rows a person confirmed are not changed by interfaces.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coverages")
    payer = models.ForeignKey(Payer, models.PROTECT)
    sequence = models.CharField(max_length=1)
    member_id = models.CharField(max_length=80)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    content = models.JSONField(default=dict)
    plan_name = models.CharField(max_length=80, blank=True)
    standing = models.JSONField(default=dict)  # billing.coverage_order.Cover without key, start and end
    continues = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="continued_by")
    benefits_assigned_on = models.DateField(null=True, blank=True)  # AOB signed
    release_signed_on = models.DateField(null=True, blank=True)  # ROI signed
    other_cover_asked_on = models.DateField(null=True, blank=True)  # COB questionnaire
    confirmed_on = models.DateField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=150, blank=True)
    reasons = models.JSONField(default=list)  # why it has its place
    ended_because = models.CharField(max_length=200, blank=True)
    member_id_folded = models.GeneratedField(  # what searches compare, as Patient's
        expression=Lower("member_id"), output_field=models.CharField(max_length=160, db_collation="C"), db_persist=True
    )

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "member_id"]),
            models.Index(fields=["tenant", "member_id_folded"], name="coverage_member_id_folded"),
        ]


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


class PatientAddress(TenantModel):
    """An address the patient has or had. The valid one is where mail goes; returned mail makes it invalid."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="addresses")
    content = models.JSONField()  # claims.nouns.Address
    valid = models.BooleanField(default=True)
    invalid_because = models.CharField(max_length=120, blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)


class PatientPhone(TenantModel):
    """A telephone with what the patient allowed (TCPA). A withdrawn consent closes the row and opens another."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="phones")
    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=10)
    may_call = models.BooleanField(default=True)
    may_text = models.BooleanField(default=False)
    may_leave_message = models.BooleanField(default=False)
    consent_on = models.DateField(null=True, blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "number"], name="patient_phone_number")]


class CardImage(TenantModel):
    """One side of an insurance card as it came, encrypted. An unreadable one is kept with the reason and its link."""

    class State(models.TextChoices):
        READABLE = "readable", "Readable"
        UNREADABLE = "unreadable", "Unreadable"

    coverage = models.ForeignKey(PatientCoverage, models.PROTECT, related_name="cards")
    side = models.CharField(max_length=5)  # front, back
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)  # by its bytes, never by what the browser said
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=200, blank=True)
    scanned_by = models.CharField(
        max_length=120, blank=True
    )  # the virus scan that passed it; blank where none is set up
    received_on = models.DateField()
    received_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "coverage", "side", "sha256"], name="card_image_once")]


class MedicareQuestionnaire(TenantModel):
    """The Medicare secondary payer questions as answered on a day, and what follows from them."""

    append_only = True

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="medicare_questionnaires")
    answered_on = models.DateField()
    answers = models.JSONField()  # billing.questionnaires.MedicareAnswers
    medicare_first = models.BooleanField()
    insurance_type = models.CharField(max_length=2, blank=True)  # SBR05
    finding = models.JSONField()  # billing.questionnaires.MedicareFinding
    asked_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()


class InjuryCase(TenantModel):
    """A work, auto or liability case of a patient, from the accident questions; open until it is closed."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="injury_cases")
    kind = models.CharField(max_length=2)  # WC, AM, LM
    causes = models.JSONField(default=list)  # CLM11: EM, AA, OA
    happened_on = models.DateField()
    state = models.CharField(max_length=2, blank=True)
    carrier = models.ForeignKey(Payer, models.PROTECT, null=True, blank=True)
    carrier_name = models.CharField(max_length=120, blank=True)
    case_number = models.CharField(max_length=50, blank=True)  # REF*Y4
    adjuster_phone = models.CharField(max_length=10, blank=True)
    answered_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closed_because = models.CharField(max_length=200, blank=True)


class DuplicatePair(TenantModel):
    """Two records that may be one person, each pair once: `first` has the smaller id. A person decides."""

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        DIFFERENT = "different", "Two people"
        MERGED = "merged", "Merged"

    first = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    second = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    points = models.IntegerField()
    exact = models.BooleanField(default=False)
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    found_on = models.DateField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "first", "second"], name="duplicate_pair_once")]
        indexes = [models.Index(fields=["tenant", "state"], name="duplicate_pair_state")]


class PatientMerge(TenantModel):
    """`absorbed` was found to be `survivor`. What was moved stands in `moves`, so that it can be undone exactly."""

    survivor = models.ForeignKey(Patient, models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Patient, models.PROTECT, related_name="merged_away")
    reason = models.CharField(max_length=200)
    merged_by = models.CharField(max_length=150)
    merged_at = models.DateTimeField()
    before = models.JSONField(default=dict)  # what un-merging must put back: flags, listed credits
    undone_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "absorbed"], condition=models.Q(undone_at__isnull=True), name="merged_once"
            )
        ]


class MergeMove(TenantModel):
    """One reference that a merge turned from the absorbed patient to the survivor."""

    append_only = True

    merge = models.ForeignKey(PatientMerge, models.PROTECT, related_name="moves")
    model = models.CharField(max_length=80)  # app.Model
    field = models.CharField(max_length=60)
    row = models.UUIDField()


class FoundCoverage(TenantModel):
    """Insurance found after the patient was billed, and what was done about it, visit by visit."""

    class State(models.TextChoices):
        BILLED = "billed", "Billed"
        NOTHING = "nothing", "Nothing to bill"
        UNDONE = "undone", "Undone"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="found_coverages")
    coverage = models.ForeignKey(PatientCoverage, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    visits = models.JSONField(default=list)  # operations.rebill.VisitRecord
    key = models.CharField(max_length=120)
    attempt = models.IntegerField(default=1)
    made_by = models.CharField(max_length=150)
    made_on = models.DateField()
    undone_by = models.CharField(max_length=150, blank=True)
    undone_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "key"], condition=~models.Q(state="undone"), name="found_coverage_once"
            )
        ]


class Disclosure(TenantModel):
    """What was disclosed of a patient outside treatment, payment and operations (45 CFR 164.528).

    `key` names what brought it about where a service recorded it, and makes that once. A wrong one is withdrawn and stays.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="disclosures")
    disclosed_on = models.DateField()
    last_on = models.DateField(null=True, blank=True)  # of a run to one recipient for one purpose
    how_often = models.CharField(max_length=120, blank=True)
    recipient = models.CharField(max_length=160)
    address = models.CharField(max_length=300, blank=True)  # blank where it is not known
    what = models.CharField(max_length=500)
    purpose = models.CharField(max_length=500)
    basis = models.CharField(max_length=24)  # billing.disclosures.BASES
    withheld_until = models.DateField(null=True, blank=True)  # an agency asked to keep it from the patient
    key = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "patient", "key"], name="disclosure_once", condition=~models.Q(key="")
            )
        ]
