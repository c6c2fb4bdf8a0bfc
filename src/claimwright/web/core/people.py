"""The people of a tenant: taken in with a link good once, given a role, disabled, unlocked. No mail is needed.

`by` is who does it: a manager or owner, or None for whoever sits at the installation's own command line.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from axes.models import AccessAttempt
from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from claimwright.web.core.models import Tenant, User
from claimwright.web.core.second_factors import MOST_WRONG, factors_of, forget_factors
from claimwright.web.core.services import acting_as, record_audit
from claimwright.web.core.sessions import end_sessions
from claimwright.web.core.sign_in_models import AuthenticatorApp, SignInLink
from claimwright.web.core.tenancy import tenant_scope

MANAGERS = frozenset({User.Role.MANAGER, User.Role.OWNER})
ROLES = tuple(role for role in User.Role if role is not User.Role.API)  # a program signs in with a token, by no page
FIRST_LINK, RESET_LINK = timedelta(hours=72), timedelta(hours=24)  # a newcomer over a weekend; a colleague today
USERNAME = re.compile(r"[a-z0-9][a-z0-9.@_-]{1,49}")


class NotAllowed(ValueError):
    """Not for this person to do, or not to this person; the text says why."""


@dataclass(frozen=True)
class NewLink:
    """`token` is shown once; `expires_in` is how long it is good."""

    person: User
    token: str
    expires_in: timedelta


# Rules ---------------------------------------------------------------------------------------------------------------


def refusal(*, by: User | None, person: User) -> str:
    """Why `by` may not decide on `person` at all; "" where she may."""
    if by is None:
        return ""
    if by.role not in MANAGERS:
        return "Only managers and owners decide on people."
    if by.tenant_id != person.tenant_id:
        return "There is nobody of that name here."
    if by.pk == person.pk:
        return "Nobody decides on herself: ask another manager or owner."
    if person.role == User.Role.OWNER and by.role != User.Role.OWNER:
        return "Only an owner decides on an owner."
    if person.is_superuser and not by.is_superuser:
        return "This person administers the installation: only somebody who does too decides on her."
    return ""


def roles_given_by(by: User) -> list[User.Role]:
    """The roles that this person may give to others."""
    return [role for role in ROLES if role is not User.Role.OWNER or by.role == User.Role.OWNER]


def opens_pages(user: object) -> bool:
    """Whether a person signs in to pages at all: a program does so with a token, and opens none."""
    return isinstance(user, User) and user.role != User.Role.API


def _require(by: User | None, person: User) -> None:
    if why := refusal(by=by, person=person):
        raise NotAllowed(why)
    if not opens_pages(person):
        raise NotAllowed("A program signs in with a token: see to it on the page of programs.")


def _require_role(by: User | None, role: str) -> None:
    if role not in ROLES:
        raise NotAllowed("There is no such role.")
    if by is not None and by.role not in MANAGERS:
        raise NotAllowed("Only managers and owners decide on people.")
    if role == User.Role.OWNER and by is not None and by.role != User.Role.OWNER:
        raise NotAllowed("Only an owner makes an owner.")


def _require_owner_left(person: User) -> None:
    """The rows of all owners are locked: two owners who disable each other at once do not both succeed."""
    owners = User.objects.select_for_update().filter(tenant=person.tenant, role=User.Role.OWNER, is_active=True)
    if [owner.pk for owner in owners] == [person.pk]:
        raise NotAllowed("This is the last owner: make another one first.")


# Acts ----------------------------------------------------------------------------------------------------------------


def add_person(*, by: User | None, tenant: Tenant, username: str, role: str, full_name: str = "") -> NewLink:
    """A person who cannot sign in until she opens her link and chooses a password. Raises NotAllowed."""
    _require_role(by, role)
    if by is not None and by.tenant_id != tenant.pk:
        raise NotAllowed("People are added to one's own practice only.")
    name = username.strip().lower()
    if not USERNAME.fullmatch(name):
        raise NotAllowed("A user name has 2 to 50 letters, digits, dots, dashes or underscores, and no blanks.")
    if User.objects.filter(username__iexact=name).exists():
        raise NotAllowed(f"The user name {name} is taken: choose another.")
    first, _, last = full_name.strip().partition(" ")
    with transaction.atomic():
        person = User(username=name, tenant=tenant, role=role, first_name=first[:150], last_name=last.strip()[:150])
        person.set_unusable_password()
        person.save()
        _audit(by, person, "person.added", role)
        return _new_link(by, person, FIRST_LINK)


def new_link(*, by: User | None, person: User) -> NewLink:
    """A link to choose a new password with; links before it are worth nothing. The second factor stays."""
    _require(by, person)
    if not person.is_active:
        raise NotAllowed("She is disabled: enable her first.")
    with transaction.atomic():
        _audit(by, person, "person.link", "")
        return _new_link(by, person, RESET_LINK if person.has_usable_password() else FIRST_LINK)


def change_role(*, by: User | None, person: User, role: str) -> None:
    """Effective with her next request."""
    _require(by, person)
    _require_role(by, role)
    with transaction.atomic():
        if person.role == User.Role.OWNER and role != User.Role.OWNER:
            _require_owner_left(person)
        before, person.role = person.role, role
        person.save(update_fields=["role"])
        _audit(by, person, "person.role", f"{before} to {role}")


def disable_person(*, by: User | None, person: User) -> None:
    """Her sessions and links end; what she did stays hers."""
    _require(by, person)
    with transaction.atomic():
        if person.role == User.Role.OWNER:
            _require_owner_left(person)
        person.is_active = False
        person.save(update_fields=["is_active"])
        SignInLink.objects.filter(user=person, used_at=None).delete()
        end_sessions(user=person)
        _audit(by, person, "person.disabled", "")


def enable_person(*, by: User | None, person: User) -> None:
    _require(by, person)
    with transaction.atomic():
        person.is_active = True
        person.save(update_fields=["is_active"])
        _audit(by, person, "person.enabled", "")


def unlock_person(*, by: User | None, person: User) -> None:
    """Forget the wrong passwords and codes that locked her out."""
    _require(by, person)
    with transaction.atomic():
        _forget_failures(person)
        _audit(by, person, "person.unlocked", "")


def reset_second_factor(*, by: User | None, person: User) -> NewLink:
    """App, passkeys, codes, password and sessions are gone; the link starts anew. Raises NotAllowed.

    The password goes too: else whoever has it alone would set up a second factor before her.
    """
    _require(by, person)
    if not person.is_active:
        raise NotAllowed("She is disabled: enable her first.")
    with transaction.atomic():
        forget_factors(user=person)
        person.set_unusable_password()
        person.save(update_fields=["password"])
        end_sessions(user=person)
        _audit(by, person, "person.second_factor_reset", "")
        return _new_link(by, person, RESET_LINK)


def _forget_failures(person: User) -> None:
    forget_failures(username=person.get_username())
    AuthenticatorApp.objects.filter(user=person).update(wrong_in_a_row=0)


# Links ---------------------------------------------------------------------------------------------------------------


def _new_link(by: User | None, person: User, good_for: timedelta) -> NewLink:
    token, now = secrets.token_urlsafe(32), timezone.now()
    SignInLink.objects.filter(user=person, used_at=None).delete()
    SignInLink.objects.create(
        user=person, digest=_digest(token), made_by=by.get_username() if by else "command line", made_at=now,
        expires_at=now + good_for,
    )  # fmt: skip
    return NewLink(person, token, good_for)


def link_of(token: str) -> SignInLink | None:
    """The link of that token while it is good: not used, not too old, its person not disabled."""
    row = SignInLink.objects.select_related("user").filter(digest=_digest(token), used_at=None).first()
    return row if row is not None and row.expires_at > timezone.now() and row.user.is_active else None


def choose_password(*, token: str, password: str) -> User:
    """Use the link up. Raises NotAllowed for a link that is not good, ValidationError for a password that is not."""
    with transaction.atomic():
        row = SignInLink.objects.select_for_update().filter(digest=_digest(token)).first()
        found = link_of(token)
        if row is None or found is None:
            raise NotAllowed("This link is used or too old: ask for a new one.")
        person = found.user
        set_password(person=person, password=password)
        SignInLink.objects.filter(pk=row.pk).update(used_at=timezone.now())
    return person


def set_password(*, person: User, password: str, keep_session: str = "") -> None:
    """A new password; every session but `keep_session` ends. Raises ValidationError with what is wrong with it."""
    validate_password(password, person)
    if person.has_usable_password() and person.check_password(password):
        raise ValidationError("That is the password of now: choose another.")
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        end_sessions(user=person, but=keep_session)
        _forget_failures(person)
        _audit(person, person, "person.password_changed", "")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _audit(by: User | None, person: User, action: str, detail: str) -> None:
    if person.tenant is None:
        return
    with tenant_scope(person.tenant), acting_as(by.get_username() if by else "command line"):
        record_audit(action=action, subject_type="user", subject_id=person.pk, detail=detail)


# To be shown ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A person as the page lists her; `standing` in words."""

    person: User
    standing: str
    is_locked: bool
    second_factor: str
    refused: str


def locked_names(names: list[str]) -> set[str]:
    """User names whose wrong passwords of the last minutes lock them out somewhere."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = (
        AccessAttempt.objects.filter(username__in=names, attempt_time__gte=since)
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    return {row["username"] for row in rows}


def people_of(*, by: User | None, tenant: Tenant) -> list[Row]:
    """Everybody of the tenant, who works first, then who is disabled."""
    people = list(User.objects.filter(tenant=tenant).exclude(role=User.Role.API).order_by("-is_active", "username"))
    locked = locked_names([person.get_username() for person in people])
    stuck = set(
        AuthenticatorApp.objects.filter(user__in=people, wrong_in_a_row__gte=MOST_WRONG).values_list(
            "user_id", flat=True
        )
    )
    waiting = {
        row.user_id: row
        for row in SignInLink.objects.filter(user__in=people, used_at=None, expires_at__gt=timezone.now())
    }
    return [
        Row(
            person=person, is_locked=person.get_username() in locked or person.pk in stuck,
            standing=_standing(person, waiting.get(person.pk)), second_factor=_factor_words(person),
            refused=refusal(by=by, person=person),
        )
        for person in people
    ]  # fmt: skip


def _standing(person: User, link: SignInLink | None) -> str:
    if not person.is_active:
        return "Disabled"
    if link is not None:
        return f"Has a link until {timezone.localtime(link.expires_at):%m/%d/%Y %H:%M}"
    return "Works here" if person.has_usable_password() else "Cannot sign in: needs a link"


def _factor_words(person: User) -> str:
    found = factors_of(person)
    parts = ["app"] if found.app else []
    if found.passkeys:
        parts.append(f"{found.passkeys} passkey{'s' if found.passkeys > 1 else ''}")
    return " and ".join(parts)
