"""Bytes in, bytes out: the inbox, the outbox and the connections they go over. Knows nothing of what they mean."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel


class Connection(TenantModel):
    """A way to a trading partner: a pair of folders, SFTP with a pinned host key, or CAQH CORE over HTTPS."""

    class Kind(models.TextChoices):
        FOLDER = "folder", "Folder"
        SFTP = "sftp", "SFTP"
        MIME = "mime", "CAQH CORE, HTTP MIME"
        SOAP = "soap", "CAQH CORE, SOAP"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    host = models.CharField(max_length=200, blank=True)
    port = models.IntegerField(default=22)
    username = models.CharField(max_length=100, blank=True)
    secret = models.TextField(blank=True)  # encrypted password or private key
    host_key = models.TextField(blank=True)  # OpenSSH public key line, pinned; a change needs a person
    outgoing = models.CharField(max_length=300, default="inbound")  # their inbound is our outgoing
    incoming = models.CharField(max_length=300, default="outbound")
    usage = models.CharField(max_length=1, default="T")  # ISA15: T or P
    sender_qualifier = models.CharField(max_length=2, default="ZZ")
    sender_id = models.CharField(max_length=15)
    receiver_qualifier = models.CharField(max_length=2, default="ZZ")
    receiver_id = models.CharField(max_length=15)
    application_sender = models.CharField(max_length=15, blank=True)
    application_receiver = models.CharField(max_length=15, blank=True)
    receiver_name = models.CharField(max_length=60, blank=True)
    submitter_name = models.CharField(max_length=60, blank=True)
    submitter_contact = models.CharField(max_length=60, blank=True)
    submitter_phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=300, blank=True)  # CORE: https://host/path, the only place that is asked
    trusted_certificate = models.TextField(blank=True)  # CORE: PEM; with it this one is trusted and no authority
    batches = models.BooleanField(default=True)  # CORE: files go over it too, and answers are picked up
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="connection_name_once")]

    @property
    def is_core(self) -> bool:
        """Whether single questions can be asked over it and answered at once."""
        return self.kind in (self.Kind.MIME, self.Kind.SOAP)

    def __str__(self) -> str:
        return self.name


class InboxFile(TenantModel):
    """Bytes received, stored before anything reads them. The same bytes are one file however often they arrive."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        DONE = "done", "Every part has its fate"
        QUARANTINED = "quarantined", "Quarantined"

    connection = models.ForeignKey(Connection, models.PROTECT, null=True, blank=True)
    source = models.CharField(max_length=60)  # connection name, "upload", "fhir", "csv"
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=12, blank=True)  # x12, fhir, csv, "" until looked at
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    received_at = models.DateTimeField()
    received_on = models.DateField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "sha256"], name="inbox_bytes_once")]


class InboxDelivery(TenantModel):
    """Each arrival of a file, the first and every repeat."""

    append_only = True

    file = models.ForeignKey(InboxFile, models.PROTECT, related_name="deliveries")
    name = models.CharField(max_length=255)
    source = models.CharField(max_length=60)
    at = models.DateTimeField()
    stamp = models.CharField(max_length=60, blank=True)  # of the remote file: fetching it again is no new arrival
    repeat = models.BooleanField(default=False)


class InboxPart(TenantModel):
    """One TA1, ST..SE or other accountable part of a received file, and its one fate."""

    class Fate(models.TextChoices):
        PENDING = "pending", "Waiting"
        POSTED = "posted", "Posted"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        TAKEN_IN = "taken_in", "Taken in"
        QUARANTINED = "quarantined", "Quarantined"
        DUPLICATE = "duplicate", "Duplicate"
        HELD = "held", "Held"

    file = models.ForeignKey(InboxFile, models.PROTECT, related_name="parts")
    ordinal = models.IntegerField()
    kind = models.CharField(max_length=8)  # TA1, 999, 997, 277CA, 835, 837P, CSV, FHIR, OTHER
    interchange_control_number = models.CharField(max_length=20, blank=True)
    group_control_number = models.CharField(max_length=20, blank=True)
    transaction_control_number = models.CharField(max_length=20, blank=True)
    byte_start = models.BigIntegerField(default=0)
    byte_end = models.BigIntegerField(default=0)
    fate = models.CharField(max_length=12, choices=Fate.choices, default=Fate.PENDING)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "file", "ordinal"], name="inbox_part_once")]
        indexes = [models.Index(fields=["tenant", "kind", "fate"])]


class OutboxFile(TenantModel):
    """Bytes to send, frozen with their control numbers. Only the very same bytes are ever sent again."""

    class State(models.TextChoices):
        PREPARED = "prepared", "Prepared"
        UPLOADING = "uploading", "Uploading"
        SENT = "sent", "Sent"
        ACKED = "acked", "Acknowledged"
        REJECTED = "rejected", "Rejected"
        AMBIGUOUS = "ambiguous", "Unknown whether it arrived"
        CANCELLED = "cancelled", "Cancelled before it was sent"
        UNANSWERED = "unanswered", "Asked in real time, no answer came"

    connection = models.ForeignKey(Connection, models.PROTECT)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, default="837P")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    sender = models.CharField(max_length=20)
    receiver = models.CharField(max_length=20)
    interchange_control_number = models.BigIntegerField()
    group_control_number = models.BigIntegerField()
    usage = models.CharField(max_length=1)
    in_real_time = models.BooleanField(default=False)  # asked and answered at once, never with the batches
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARED)
    attempts = models.IntegerField(default=0)
    renaming = models.BooleanField(default=False)  # the whole file lies under its temporary name, or beyond it
    problem = models.TextField(blank=True)
    prepared_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "sender", "receiver", "interchange_control_number"], name="outbox_control_number_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "sender", "receiver", "group_control_number"], name="outbox_group_number_once"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state"])]


class RealTimeExchange(TenantModel):
    """One question asked and answered over HTTP. The answer is kept as it came before anything reads it."""

    file = models.OneToOneField(OutboxFile, models.PROTECT, related_name="exchange")
    connection = models.ForeignKey(Connection, models.PROTECT)
    payload_type = models.CharField(max_length=80)
    payload_id = models.UUIDField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    milliseconds = models.IntegerField(null=True, blank=True)  # by a clock that no one sets
    outcome = models.CharField(max_length=12, blank=True)  # exchange.real_time.Outcome; "" while it is under way
    http_status = models.IntegerField(null=True, blank=True)
    answer_content_type = models.CharField(max_length=500, blank=True)
    answer_bytes = models.BinaryField(null=True, blank=True)  # the HTTP body, its envelope and all
    answer_type = models.CharField(max_length=80, blank=True)
    error_code = models.CharField(max_length=80, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    answer = models.ForeignKey(InboxFile, models.PROTECT, null=True, blank=True)  # the X12 inside

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "payload_id"], name="exchange_payload_once")]
        indexes = [models.Index(fields=["tenant", "started_at"], name="exchange_started")]
