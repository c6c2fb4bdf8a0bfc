"""What the page asks about its own session: how long it goes on, and to sign in again under what was typed.

None of these shows anything of a patient. `left` is in whole seconds. Questions that a page asks by itself carry the
header of `core.sessions.BACKGROUND`, and extend nothing.
"""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from claimwright.web.core import passkeys
from claimwright.web.core.models import User
from claimwright.web.core.second_factors import factors_of
from claimwright.web.core.sessions import (
    ONLY_PASSWORD,
    audit_for,
    end_session,
    open_session,
    person_of_mark,
    second_factor_required,
    seconds_left,
)
from claimwright.web.workbench.session import prove_by_code, with_password

NOT_RIGHT = "The password or the code is not right. Try again."


@never_cache
@require_safe
def session_state(request: HttpRequest) -> JsonResponse:
    """Whether the session goes on, and whether it is still the person's for whom the page was made."""
    return _state(request, person_of_mark(request.GET.get("mark", "")))


@never_cache
@require_POST
def session_alive(request: HttpRequest) -> JsonResponse:
    """The person types or points: this request extends the session, as any of hers does."""
    return _state(request, person_of_mark(request.POST.get("mark", "")))


@never_cache
@require_POST
def session_end(request: HttpRequest) -> JsonResponse:
    """The page saw nobody work for the time that a session may idle."""
    if isinstance(request.user, User):
        audit_for(request.user, "session.idle")
        end_session(request)
    return JsonResponse({"left": 0})


def _state(request: HttpRequest, person: User | None) -> JsonResponse:
    if not request.user.is_authenticated:
        return JsonResponse({"left": 0})
    if request.user != person:
        return JsonResponse({"left": 0, "go": reverse("home")})
    return JsonResponse({"left": seconds_left(request.session), "csrf": get_token(request)})


@sensitive_post_parameters()
@never_cache
@require_POST
def sign_in_again(request: HttpRequest) -> JsonResponse:
    """The same person, with both proofs, in place. `go` sends the page elsewhere: to a fresh one."""
    person = person_of_mark(request.POST.get("mark", ""))
    if person is None:
        return JsonResponse({"go": reverse("login")})
    if request.user.is_authenticated:
        return _state(request, person)
    try:
        proved = _proved(request, person)
    except passkeys.NotProved as reason:
        return JsonResponse({"words": str(reason)}, status=403)
    open_session(request, person, proved_by=proved)
    return JsonResponse({"left": seconds_left(request.session), "csrf": get_token(request)})


def _proved(request: HttpRequest, person: User) -> str:
    """What the request proves the person by. Raises NotProved."""
    by_passkey = False
    if credential := request.POST.get("credential", ""):
        user, verified = passkeys.finish_proving(request, credential)
        if user != person:
            raise passkeys.NotProved("That is another person's passkey: she signs in on a fresh page.")
        if verified:
            return "passkey"
        by_passkey = True
    name, password = person.get_username(), request.POST.get("password", "")
    if authenticate(request, username=name, password=password) != person:
        raise passkeys.NotProved(NOT_RIGHT)
    if by_passkey:
        return "password and passkey"
    if not factors_of(person).any and not second_factor_required():
        return ONLY_PASSWORD
    proved = prove_by_code(request, person, request.POST.get("code", ""))
    if not proved:
        raise passkeys.NotProved(NOT_RIGHT)
    return with_password(proved)
