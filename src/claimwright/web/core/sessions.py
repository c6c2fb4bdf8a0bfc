"""A session: how it opens, what ends it. 15 minutes without a person's work; 12 hours at most; or from elsewhere.

`settings.SECOND_FACTOR` is "required" or "off". Where it is required, a session that was not opened with two proofs is
none: nothing that opens a session by another way opens a page.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.sessions.models import Session
from django.core import signing
from django.http import HttpRequest
from django.utils import timezone

from claimwright.web.core.models import User
from claimwright.web.core.services import acting_as, record_audit
from claimwright.web.core.sign_in_models import OpenSession
from claimwright.web.core.tenancy import tenant_scope

BACKEND = "django.contrib.auth.backends.ModelBackend"
BACKGROUND = "X-Claimwright-Background"  # header of a request that a page makes by itself: it extends nothing
SIGNED_IN_AT, LAST_SEEN, PROVED_BY, HALF_WAY = "signed_in_at", "last_seen", "proved_by", "half_way"
ONLY_PASSWORD = "password"
HALF_WAY_SECONDS = 10 * 60
PERSON_SALT = "claimwright.person"


def second_factor_required() -> bool:
    return settings.SECOND_FACTOR == "required"


# Half way: the password is given, the second proof is not. The request stays nobody's --------------------------------


def go_half_way(request: HttpRequest, user: User, *, next_page: str = "") -> None:
    """Remember who has given a password. Opens nothing."""
    request.session.flush()  # whatever another person left in it, and its key with it
    request.session[HALF_WAY] = {
        "user": user.pk, "at": timezone.now().timestamp(), "hash": user.get_session_auth_hash(), "next": next_page,
    }  # fmt: skip


def half_way(request: HttpRequest) -> User | None:
    """Who has given a password in this session within ten minutes, if it is still her password."""
    found = request.session.get(HALF_WAY)
    if not found or timezone.now().timestamp() - found["at"] > HALF_WAY_SECONDS:
        return None
    user = User.objects.filter(pk=found["user"], is_active=True).first()
    return user if user is not None and user.get_session_auth_hash() == found["hash"] else None


def next_of(request: HttpRequest) -> str:
    return str(request.session.get(HALF_WAY, {}).get("next", ""))


# Open ----------------------------------------------------------------------------------------------------------------


def open_session(request: HttpRequest, user: User, *, proved_by: str) -> None:
    """Sign the person in, under a new session key, with a row of the audit log and of the open sessions."""
    if second_factor_required() and proved_by == ONLY_PASSWORD:
        raise PermissionError("a password alone opens no session")
    request.session.pop(HALF_WAY, None)
    login(request, user, backend=BACKEND)
    now = timezone.now()
    request.session[SIGNED_IN_AT] = request.session[LAST_SEEN] = now.timestamp()
    request.session[PROVED_BY] = proved_by
    request.session.save()
    Session.objects.filter(expire_date__lt=now).delete()  # nobody else does; half-way ones and questions leave rows
    OpenSession.objects.filter(signed_in_at__lt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()
    OpenSession.objects.create(
        user=user, session_key=request.session.session_key, signed_in_at=now, proved_by=proved_by,
        device=device_of(request),
    )  # fmt: skip
    audit_for(user, "session.sign_in", detail=proved_by)


def follow_key(request: HttpRequest, before: str | None) -> None:
    """The session goes on under another key: its row of the open sessions follows, so that it can be ended from elsewhere."""
    OpenSession.objects.filter(session_key=before or "-").update(session_key=request.session.session_key)


def device_of(request: HttpRequest) -> str:
    """The browser and system in two words, as the caller claims them: for a person to know her own sessions by."""
    claimed = request.headers.get("User-Agent", "")
    pick = lambda names: next((shown for mark, shown in names if mark in claimed), "")  # noqa: E731
    browser = pick((("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")))
    system = pick(
        (("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS", "Mac"),
         ("Linux", "Linux"))
    )  # fmt: skip
    return " on ".join(part for part in (browser, system) if part)


def audit_for(user: User, action: str, *, detail: str = "") -> None:
    """A row in the log of the person's own tenant, by the person, whether or not her scope is open."""
    if user.tenant is None:
        return
    with tenant_scope(user.tenant), acting_as(user.get_username()):
        record_audit(action=action, subject_type="user", subject_id=user.pk, detail=detail)


# End -----------------------------------------------------------------------------------------------------------------


def is_over(session: Any) -> str:
    """Why a session that says it is somebody's is none any more: "idle", "absolute", "half"; "" when it goes on."""
    now = timezone.now().timestamp()
    if second_factor_required() and session.get(PROVED_BY, ONLY_PASSWORD) == ONLY_PASSWORD:
        return "half"
    if now - session.get(LAST_SEEN, now) > settings.SESSION_IDLE_SECONDS:
        return "idle"
    if now - session.get(SIGNED_IN_AT, now) > settings.SESSION_COOKIE_AGE:
        return "absolute"
    return ""


def seconds_left(session: Any) -> int:
    """Until the session ends if nobody works meanwhile; never below 0."""
    now = timezone.now().timestamp()
    idle = settings.SESSION_IDLE_SECONDS - (now - session.get(LAST_SEEN, now))
    absolute = settings.SESSION_COOKIE_AGE - (now - session.get(SIGNED_IN_AT, now))
    return max(0, int(min(idle, absolute)))


def touch(request: HttpRequest) -> None:
    """A person's own request extends her session; one that a page makes by itself does not."""
    now = timezone.now().timestamp()
    request.session.setdefault(SIGNED_IN_AT, now)
    if BACKGROUND not in request.headers:
        request.session[LAST_SEEN] = now


def end_session(request: HttpRequest) -> None:
    """The session and its cookie are worth nothing from here on."""
    OpenSession.objects.filter(session_key=request.session.session_key or "-").delete()
    logout(request)


def end_sessions(*, user: User, but: str = "") -> int:
    """End all sessions of a person, except the one of key `but`; says how many. Effective with their next request."""
    rows = OpenSession.objects.filter(user=user).exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)


def sessions_of(user: User) -> list[OpenSession]:
    """Open sessions of a person, newest first."""
    since: datetime = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    rows = OpenSession.objects.filter(user=user, signed_in_at__gte=since).order_by("-signed_in_at")
    alive = set(
        Session.objects.filter(
            session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
    )
    return [row for row in rows if row.session_key in alive]


# Who a page was made for ---------------------------------------------------------------------------------------------


def mark_of(user: User) -> str:
    """Names the person to our own pages, signed: so that nobody signs in again as somebody else under a kept form."""
    return signing.dumps(user.pk, salt=PERSON_SALT)


def person_of_mark(mark: str) -> User | None:
    """Whom the mark names; None for a forged one, or one of more than a day."""
    try:
        key = signing.loads(mark, salt=PERSON_SALT, max_age=24 * 60 * 60)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=key, is_active=True).first()
