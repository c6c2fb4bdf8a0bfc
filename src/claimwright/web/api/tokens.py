"""Tokens of programs: issued once by a manager or owner, checked on each request, ended by revoking or their day."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from claimwright.billing.two_persons import program_actor
from claimwright.web.api.models import ApiToken
from claimwright.web.core.models import Tenant, User
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.policies import OF_PERMISSION, permissions_of

PREFIX = "cw1"  # so that scanners of source code know a token that was committed
LONGEST_DAYS = 366
MOST_A_MINUTE = 6_000


class TokenRefused(ValueError):
    """A token that is not issued; the text says why."""


@dataclass(frozen=True)
class Program:
    """Who asks: a token that stands. Its role is Program, which has no permission of its own: `scopes` are all."""

    token_id: UUID
    tenant: Tenant
    name: str
    scopes: frozenset[str]
    practices: tuple[UUID, ...]
    given_by: str

    @property
    def actor(self) -> str:
        return program_actor(self.name, self.given_by)

    def may(self, permission: str) -> bool:
        return permission in self.scopes


@dataclass(frozen=True)
class Checked:
    """`program` is None where the token is none of ours, ended or over; `wait` are seconds until it may ask again."""

    program: Program | None = None
    wait: int = 0


def issue_token(
    *, name: str, scopes: Sequence[str], by: User, days: int = 90, practice_ids: Sequence[UUID] = (),
    requests_a_minute: int = 600,
) -> tuple[ApiToken, str]:  # fmt: skip
    """The row, and the token to show once. Nobody gives a program more than their own role has.

    Raises TokenRefused for a name in use, no scope, a scope the person does not have, or a day too far off.
    """
    name, wanted = " ".join(name.split())[:60], list(dict.fromkeys(scopes))
    own = set(permissions_of(by.role))
    if not name or not name.isprintable():
        raise TokenRefused("name: say which program it is for")
    if not wanted:
        raise TokenRefused("scopes: choose what the program may do")
    if beyond := [one for one in wanted if one not in own]:
        raise TokenRefused(f"scopes: your role may not {', '.join(OF_PERMISSION[one].does if one in OF_PERMISSION else 'give ' + repr(one) for one in beyond)}")  # fmt: skip
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenRefused(f"days: a token lives between 1 and {LONGEST_DAYS} days")
    if not 1 <= requests_a_minute <= MOST_A_MINUTE:
        raise TokenRefused(f"requests a minute: between 1 and {MOST_A_MINUTE}")
    granted = list(dict.fromkeys(practice_ids)) or list(by.practice_ids)
    if Practice.objects.filter(pk__in=granted).count() != len(granted):
        raise TokenRefused("practices: choose practices of the list")
    if by.practice_ids and not set(granted) <= set(by.practice_ids):
        raise TokenRefused("practices: only those that you see yourself")
    if ApiToken.objects.filter(name=name, revoked_at__isnull=True).exists():
        raise TokenRefused("name: a token of this name stands; revoke it first, or choose another name")
    secret, now = secrets.token_urlsafe(32), timezone.now()
    row = ApiToken.objects.create(
        name=name, hash=_hash(secret), scopes=sorted(wanted), practice_ids=granted, created_at=now,
        requests_a_minute=requests_a_minute, created_by=by.get_username(), expires_at=now + timedelta(days=days),
    )  # fmt: skip
    record_audit(
        action="api_token.issue", subject_type="api_token", subject_id=row.pk, detail=" ".join(row.scopes)[:400]
    )
    return row, f"{PREFIX}_{by.tenant.pk.hex}_{row.pk.hex}_{secret}"  # type: ignore[union-attr]


def revoke_token(*, token: ApiToken, by: User) -> ApiToken:
    """From the next request on it opens nothing. Doing it twice changes nothing."""
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by = timezone.now(), by.get_username()
        token.save(update_fields=["revoked_at", "revoked_by"])
        record_audit(action="api_token.revoke", subject_type="api_token", subject_id=token.pk)
    return token


def check_token(text: str) -> Checked:
    """Whose token it is, counted against its limit, in a short transaction of its own.

    Anything that is not a token that stands gives the same nothing, in the same time as far as we can help it.
    """
    parts = text.split("_", 3)
    try:
        prefix, tenant_id, token_id, secret = parts[0], UUID(hex=parts[1]), UUID(hex=parts[2]), parts[3]
    except (IndexError, ValueError):
        return Checked()
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is None or prefix != PREFIX:
        return Checked()
    now = timezone.now()
    minute = int(now.timestamp()) // 60
    with tenant_scope(tenant):
        row = ApiToken.objects.filter(pk=token_id).first()
        stands = row is not None and row.revoked_at is None and row.expires_at > now
        if not hmac.compare_digest(row.hash if row else _hash(""), _hash(secret)) or not stands or row is None:
            return Checked()
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE api_apitoken SET used = CASE WHEN minute = %s THEN used + 1 ELSE 1 END, minute = %s,
                   last_used_at = %s WHERE id = %s RETURNING used""",
                [minute, minute, now, row.pk],
            )
            (used,) = cursor.fetchone()
    scopes = frozenset(row.scopes) & set(OF_PERMISSION)
    program = Program(row.pk, tenant, row.name, scopes, tuple(row.practice_ids), row.created_by)
    over = used > row.requests_a_minute
    return Checked(program, wait=60 - int(now.timestamp()) % 60 if over else 0)


def _hash(secret: str) -> str:
    # The secret has 256 bits of chance: nothing is gained by a slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
