"""Signing in and out. Two proofs: a password and a code or passkey, or a passkey that checks who holds it.

Between the first proof and the second the request is nobody's: no page opens. Who has no second factor yet is led to
set one up, and reaches nothing else. What is asked of the person is in `core.sessions`, `second_factors`, `passkeys`.
"""

from __future__ import annotations

import segno
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from claimwright.web.core import passkeys, people
from claimwright.web.core.keys import box
from claimwright.web.core.models import User
from claimwright.web.core.people import NotAllowed, choose_password, link_of
from claimwright.web.core.second_factors import (
    KEY_FILE,
    app_address,
    check_code,
    factors_of,
    keep_app,
    new_app_key,
    new_recovery_codes,
)
from claimwright.web.core.sessions import (
    ONLY_PASSWORD,
    audit_for,
    end_session,
    go_half_way,
    half_way,
    next_of,
    open_session,
    person_of_mark,
    second_factor_required,
)

NEW_APP_KEY = "new_app_key"  # of the session, sealed: the key of an app that is being set up


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "User name or password is not right. Check capital letters, then try again.",
    }

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if not people.opens_pages(user):
            raise self.get_invalid_login_error()


class SignIn(LoginView):
    """The first page: a password, or a passkey that is enough alone."""

    template_name = "workbench/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **given: object) -> dict[str, object]:
        return super().get_context_data(**given) | {"passkeys": passkeys.usable(self.request)}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)
        return after_password(self.request, user, next_page=self.get_redirect_url())


def after_password(request: HttpRequest, user: User, *, next_page: str = "") -> HttpResponse:
    """Where the right password leads: to the second proof, to setting one up, or in where none is asked."""
    has_factor = factors_of(user).any
    if not has_factor and not second_factor_required():
        open_session(request, user, proved_by=ONLY_PASSWORD)
        return redirect(next_page or settings.LOGIN_REDIRECT_URL)
    go_half_way(request, user, next_page=next_page)
    return redirect("second_factor" if has_factor else "enrol")


def _to_next(request: HttpRequest, wanted: str) -> str:
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and ours else reverse(settings.LOGIN_REDIRECT_URL)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second proof by a code: of the app, or one kept on paper."""
    user = half_way(request)
    if user is None:
        return redirect("login")
    found = factors_of(user)
    if not found.any:
        return redirect("enrol")
    said = ""
    if request.method == "POST":
        proved = prove_by_code(request, user, request.POST.get("code", ""))
        if proved:
            wanted = _to_next(request, next_of(request))
            open_session(request, user, proved_by=with_password(proved))
            return redirect(wanted)
        said = NO_CODE
    return render(
        request, "workbench/second_factor.html",
        {"said": said, "person": user, "has": found, "passkeys": passkeys.usable(request) and found.passkeys},
    )  # fmt: skip


NO_CODE = "That code is not right, or was used before. Wait for the next one, then try again."


def with_password(proved: str) -> str:
    """A session's proofs in words, as they are kept with it."""
    return proved if proved == "recovery code" else f"password and {proved}"


def prove_by_code(request: HttpRequest, user: User, code: str) -> str:
    """What the code is of, as `check_code`; a wrong one counts towards the lock-out as a wrong password does."""
    credentials = {"username": user.get_username()}
    if not AxesProxyHandler.is_allowed(request, credentials):
        request.axes_locked_out, request.axes_credentials = True, credentials  # type: ignore[attr-defined]
        return ""
    proved = check_code(user=user, code=code)
    if not proved:
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        audit_for(user, "session.code_refused")
    return proved


def locked_out(request: HttpRequest, answer: HttpResponse, credentials: object = None) -> HttpResponse:
    """What is said for the minutes that follow five wrong passwords or codes, whatever was sent."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    words = f"Too many wrong tries. Wait {minutes} minutes and try again, or ask a manager to unlock you."
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"words": words}, status=429)
    response = render(request, "workbench/locked_out.html", {"words": words}, status=429)
    add_never_cache_headers(response)
    return response


# Setting up the second factor ----------------------------------------------------------------------------------------


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """The first second factor of a person, between her password and the first page."""
    user = half_way(request)
    if user is None:
        return redirect("login")
    if factors_of(user).any:
        return redirect("second_factor")
    said = ""
    if request.method == "POST":
        try:
            proved = add_factor(request, user)
        except passkeys.NotProved as reason:
            said = str(reason)
        else:
            wanted = _to_next(request, next_of(request))
            codes = new_recovery_codes(user=user)
            open_session(request, user, proved_by=with_password(proved))
            audit_for(user, "second_factor.added", detail=proved)
            return render(request, "workbench/recovery_codes.html", {"codes": codes, "next": wanted})
    return render(
        request, "workbench/enrol.html",
        {"said": said, "person": user, "passkeys": passkeys.usable(request), **app_to_scan(request, user)},
    )  # fmt: skip


def app_to_scan(request: HttpRequest, user: User) -> dict[str, str]:
    """The key of a new app as text and as a QR code; the same one until it is kept."""
    sealed = request.session.get(NEW_APP_KEY)
    key = box(KEY_FILE).decrypt(sealed.encode()).decode() if sealed else new_app_key()
    if not sealed:
        request.session[NEW_APP_KEY] = box(KEY_FILE).encrypt(key.encode()).decode()
    drawing = segno.make(app_address(key, username=user.get_username()), error="m")
    return {
        "app_key": " ".join(key[at : at + 4] for at in range(0, len(key), 4)),
        "picture": drawing.svg_inline(border=3, light="#fff", dark="#000", omitsize=True),
    }


def add_factor(request: HttpRequest, user: User) -> str:
    """Keep the app or the passkey that the form brings: "app" or "passkey". Raises NotProved."""
    if credential := request.POST.get("credential", ""):
        passkeys.finish_adding(request, user, credential, request.POST.get("name", ""))
        return "passkey"
    sealed = request.session.get(NEW_APP_KEY, "")
    key = box(KEY_FILE).decrypt(sealed.encode()).decode() if sealed else ""
    if not key or not keep_app(user=user, key=key, code=request.POST.get("code", "")):
        raise passkeys.NotProved("That is not the code of this key: wait for the next one in the app, then type it.")
    del request.session[NEW_APP_KEY]
    return "app"


# Passkeys ------------------------------------------------------------------------------------------------------------


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> JsonResponse:
    """What the browser asks the authenticator for; its answer comes with the form."""
    what = request.POST.get("what", "")
    user: User | None = None
    if what in ("second", "add"):
        user = request.user if isinstance(request.user, User) else half_way(request)
        if user is not None and what == "add" and request.user != user and factors_of(user).any:
            user = None  # half way in is not in: who has a second factor gives it first
    elif what == "again":
        user = person_of_mark(request.POST.get("mark", ""))
    elif what != "sign_in":
        return JsonResponse({"words": "There is no such question."}, status=400)
    if user is None and what != "sign_in":
        return JsonResponse({"words": "That took too long: sign in again."}, status=403)
    if what == "add" and user is not None:
        return JsonResponse(passkeys.begin_adding(request, user))
    return JsonResponse(passkeys.begin_proving(request, user))


@never_cache
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """A passkey in place of the code, or alone where the authenticator has checked who holds it."""
    waiting = half_way(request)
    wanted = _to_next(request, next_of(request) or request.POST.get("next", ""))
    try:
        user, verified = passkeys.finish_proving(request, request.POST.get("credential", ""))
        if user != waiting and not verified:
            raise passkeys.NotProved("This passkey did not check who you are: sign in with your password first.")
    except passkeys.NotProved as reason:
        return render(
            request, "workbench/login.html",
            {"form": SignInForm(request), "said": str(reason), "passkeys": True, "next": wanted}, status=403,
        )  # fmt: skip
    if request.user.is_authenticated:  # another one had signed in meanwhile, in another tab
        end_session(request)
        return redirect("login")
    open_session(request, user, proved_by="password and passkey" if user == waiting else "passkey")
    return redirect(wanted)


# The link of a newcomer, or for a forgotten password -----------------------------------------------------------------


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password with a manager's link; looking at it does not use it up."""
    found = link_of(token)
    if found is None or request.user.is_authenticated:
        return render(request, "workbench/link_refused.html", {"signed_in": request.user.is_authenticated}, status=403)
    said: list[str] = []
    if request.method == "POST":
        password = request.POST.get("new_password", "")
        if password != request.POST.get("again", ""):
            said = ["The two passwords are not the same."]
        else:
            try:
                user = choose_password(token=token, password=password)
                return after_password(request, user)
            except ValidationError as reason:
                said = reason.messages
            except NotAllowed as reason:
                said = [str(reason)]
    return render(request, "workbench/choose_password.html", {"person": found.user, "said": said})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        audit_for(request.user, "session.sign_out")
        end_session(request)
    return redirect("login")
