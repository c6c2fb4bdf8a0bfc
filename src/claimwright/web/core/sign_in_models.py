"""What proves who a person is, the sessions it opened, and access opened in an emergency."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claimwright.web.core.models import TenantModel


class Proof(models.Model):
    """Base of rows that belong to a person, as `User` does: known before any tenant is, so under no tenant's rule.

    Read and written in `core.second_factors`, `core.people` and `core.sessions` alone, always by person.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class Passkey(Proof):
    """A WebAuthn credential: the public half. `credential` is what the authenticator attested, as it sent it."""

    credential_id = models.BinaryField(unique=True)
    credential = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class AuthenticatorApp(models.Model):
    """A person's app of time-based codes (RFC 6238). `last_step` is the newest 30-second step whose code was taken."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    sealed_key = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    wrong_in_a_row = models.IntegerField(default=0)
    added_at = models.DateTimeField()


class RecoveryCode(Proof):
    """One of the codes kept on paper, as its digest; good once."""

    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)


class SignInLink(Proof):
    """A link that a manager hands to a person, to choose a password with, once. Kept as its digest."""

    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class OpenSession(Proof):
    """A session that a person opened, so that it can be listed and ended from elsewhere."""

    session_key = models.CharField(max_length=40, unique=True)
    signed_in_at = models.DateTimeField()
    proved_by = models.CharField(max_length=20)
    device = models.CharField(max_length=60, blank=True)


class EmergencyAccess(TenantModel):
    """A page opened for a while to a person whose role or practices do not open it, with the reason; to be reviewed.

    `opened_at` and `until` are moments of the real clock, whatever date the tenant stands on.
    """

    person_id = models.IntegerField()
    person = models.CharField(max_length=150)
    permission = models.CharField(max_length=60, blank=True)
    opened_practice_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=400)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "person_id", "until"], name="emergency_of_person")]
