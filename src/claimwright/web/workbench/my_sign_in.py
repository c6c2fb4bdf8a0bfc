"""One's own sign-in: password, app, passkeys, codes on paper, and the sessions that are open.

For whoever is signed in, whatever the role. What would let somebody else in asks for the password again: a screen left
open must not be enough to add a key to the door.
"""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from claimwright.web.core import passkeys
from claimwright.web.core.models import User
from claimwright.web.core.people import set_password
from claimwright.web.core.second_factors import factors_of, new_recovery_codes, remove_app
from claimwright.web.core.sessions import (
    audit_for,
    end_session,
    end_sessions,
    follow_key,
    second_factor_required,
    sessions_of,
)
from claimwright.web.core.sign_in_models import AuthenticatorApp, Passkey
from claimwright.web.workbench.emergencies import closed_practices
from claimwright.web.workbench.session import add_factor, app_to_scan, locked_out


@never_cache
@require_safe
def my_sign_in(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, said: str = "", status: int = 200) -> HttpResponse:
    user = _user(request)
    return render(
        request, "workbench/my_sign_in.html",
        {
            "said": said, "has": factors_of(user), "app": AuthenticatorApp.objects.filter(user=user).first(),
            "keys": Passkey.objects.filter(user=user).order_by("added_at"), "passkeys": passkeys.usable(request),
            "sessions": sessions_of(user), "this_session": request.session.session_key, **app_to_scan(request, user),
            "closed": closed_practices(request), "practice_name": user.tenant.name if user.tenant else "Claimwright",
        },
        status=status,
    )  # fmt: skip


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the doorkeeper lets nobody else here
    return request.user


def _without_password(request: HttpRequest) -> HttpResponse | None:
    """The refusal where the form does not bring the person's password: asked before a key to the door is changed.

    A wrong one counts towards the lock-out as one at the door does; the one that locks ends the session.
    """
    user = _user(request)
    credentials = {"username": user.get_username()}
    if AxesProxyHandler.is_allowed(request, credentials):
        if user.check_password(request.POST.get("password", "")):
            return None
        audit_for(user, "session.password_refused")
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        if AxesProxyHandler.is_allowed(request, credentials):
            return _page(request, NO_PASSWORD, 403)
    end_session(request)
    return locked_out(request, HttpResponse())


NO_PASSWORD = "Your password of now is not right: nothing was changed."


@sensitive_post_parameters()
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; one's other sessions end."""
    user = _user(request)
    if refusal := _without_password(request):
        return refusal
    if request.POST.get("new_password") != request.POST.get("again"):
        return _page(request, "The two new passwords are not the same.", 400)
    try:
        set_password(
            person=user, password=request.POST.get("new_password", ""), keep_session=request.session.session_key or ""
        )
    except ValidationError as reason:
        return _page(request, " ".join(reason.messages), 400)
    before = request.session.session_key
    update_session_auth_hash(request, user)  # gives the session a new key
    follow_key(request, before)
    messages.success(request, "Your password is changed. Your other sessions have ended.")
    return redirect("my_sign_in")


@sensitive_post_parameters()
@require_POST
def add_second_factor(request: HttpRequest) -> HttpResponse:
    """An app in place of the one before, or one more passkey."""
    user = _user(request)
    if refusal := _without_password(request):
        return refusal
    first = not factors_of(user).any
    try:
        added = add_factor(request, user)
    except passkeys.NotProved as reason:
        return _page(request, str(reason), 400)
    audit_for(user, "second_factor.added", detail=added)
    if first:
        return render(
            request, "workbench/recovery_codes.html", {"codes": new_recovery_codes(user=user), "next": request.path}
        )
    messages.success(request, f"The {added} is added.")
    return redirect("my_sign_in")


@sensitive_post_parameters()
@require_POST
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    """Take the app or one passkey away; never the last factor where one is required."""
    user = _user(request)
    if refusal := _without_password(request):
        return refusal
    found, what = factors_of(user), request.POST.get("what", "")
    if second_factor_required() and int(found.app) + found.passkeys < 2:
        return _page(request, "This is your only second factor: add another one first.", 409)
    if what == "app":
        remove_app(user=user)
    elif what.isdecimal():
        Passkey.objects.filter(user=user, pk=int(what)).delete()
    audit_for(user, "second_factor.removed", detail="app" if what == "app" else "passkey")
    messages.success(request, "It is removed.")
    return redirect("my_sign_in")


@sensitive_post_parameters()
@require_POST
def renew_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes; those before are worth nothing."""
    user = _user(request)
    if refusal := _without_password(request):
        return refusal
    codes = new_recovery_codes(user=user)
    audit_for(user, "second_factor.new_codes")
    return render(request, "workbench/recovery_codes.html", {"codes": codes, "next": "/account/"})


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Everywhere but here."""
    user = _user(request)
    ended = end_sessions(user=user, but=request.session.session_key or "")
    audit_for(user, "session.ended_elsewhere", detail=str(ended))
    messages.success(request, f"{ended} other session{'s' if ended != 1 else ''} ended.")
    return redirect("my_sign_in")
