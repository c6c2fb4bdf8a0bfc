"""Tokens of programs, answers kept for repeated requests, and events on their way to the programs that asked for them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from claimwright.web.core.models import TenantModel


class ApiToken(TenantModel):
    """A program's way in. The token itself is shown once; only a hash of its secret is kept.

    `scopes` are permissions of workbench/policies.py. `practice_ids` empty: all of the tenant's.
    """

    name = models.CharField(max_length=60)
    hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    practice_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    requests_a_minute = models.IntegerField(default=600)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    minute = models.BigIntegerField(default=0)  # of the clock, since 1970: the one that `used` counts
    used = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=models.Q(revoked_at__isnull=True), name="api_token_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(TenantModel):
    """The answer to one request that changed something, under the key its program gave it. Written with the change."""

    token = models.ForeignKey(ApiToken, models.PROTECT, related_name="+")
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)  # method, address and body
    status = models.IntegerField(default=0)
    etag = models.CharField(max_length=80, blank=True)
    sealed = models.BinaryField(default=b"")  # the body, encrypted
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "token", "key"], name="api_answer_once")]
        indexes = [models.Index(fields=["kept_at"], name="api_answer_kept")]


class WebhookEndpoint(TenantModel):
    """An address that is told of events of these kinds, signed with a secret of its own."""

    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=40))
    practice_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    secret = models.TextField()
    is_active = models.BooleanField(default=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(TenantModel):
    """One event to one endpoint: written with what happened, sent afterwards, tried again until taken or given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "To be sent"
        TAKEN = "taken", "Taken"
        DEAD = "dead", "Given up"
        ENDED = "ended", "Its endpoint was ended"

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=40)
    content = models.JSONField()  # what is sent: ids and states only
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.IntegerField(default=0)
    happened_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    http_status = models.IntegerField(null=True, blank=True)
    problem = models.CharField(max_length=120, blank=True)  # of the link; never what the other side said

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "next_try_at"], condition=models.Q(state="waiting"), name="webhook_waiting"),
            models.Index(fields=["tenant", "endpoint", "happened_at"], name="webhook_of_endpoint"),
        ]
