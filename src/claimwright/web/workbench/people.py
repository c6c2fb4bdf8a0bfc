"""The people of the office: who works here, in which role; and what was opened in an emergency, to be reviewed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from claimwright.web.core import emergency, people
from claimwright.web.core.models import User
from claimwright.web.core.sign_in_models import EmergencyAccess
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.policies import OF_PERMISSION, has
from claimwright.web.workbench.sent_forms import shown_once


@page(reads="people.read")
def people_page(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    return show(
        request, "workbench/people.html",
        {
            "rows": people.people_of(by=user, tenant=current_tenant()),
            "roles": people.roles_given_by(user),
            "may_work": has(request, "people.work"), "asked": request.GET,
            "emergencies": [
                {"row": row, "what": permission_words(row.permission), "own": row.person_id == user.pk}
                for row in emergency.to_review()
            ],
        },
    )  # fmt: skip


def permission_words(permission: str) -> str:
    found = OF_PERMISSION.get(permission)
    return found.does if found else permission or "see another practice"


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _person(person_id: int) -> User:
    return get_object_or_404(User.objects.filter(tenant=current_tenant()), pk=person_id)


def _show_link(request: HttpRequest, link: people.NewLink) -> HttpResponse:
    """The link, once: it is in no message, no address and no log."""
    response = show(
        request, "workbench/person_link.html",
        {
            "person": link.person, "hours": int(link.expires_in.total_seconds() // 3600),
            "link": request.build_absolute_uri(reverse("sign_in_link", args=[link.token])),
        },
    )  # fmt: skip
    add_never_cache_headers(response)
    says = f"{link.person.get_username()} has a link. It was shown with the first answer only: make a new one if you have not kept it."
    return shown_once(response, to="people", says=says)


def _done(request: HttpRequest, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except (people.NotAllowed, emergency.NotOpened) as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, words)
    return redirect("people")


def _linked(request: HttpRequest, act: Callable[[], people.NewLink]) -> HttpResponse:
    try:
        return _show_link(request, act())
    except people.NotAllowed as reason:
        messages.error(request, str(reason))
        return redirect("people")


@action(does="people.add")
def add_person(request: HttpRequest) -> HttpResponse:
    wanted = request.POST
    return _linked(
        request,
        lambda: people.add_person(
            by=_user(request), tenant=current_tenant(), username=wanted.get("username", ""),
            role=wanted.get("role", ""), full_name=wanted.get("full_name", ""),
        ),
    )  # fmt: skip


@action(does="people.link")
def new_link(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _person(person_id)
    return _linked(request, lambda: people.new_link(by=_user(request), person=person))


@action(does="people.second_factor")
def reset_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _person(person_id)
    return _linked(request, lambda: people.reset_second_factor(by=_user(request), person=person))


@action(does="people.role")
def change_role(request: HttpRequest, person_id: int) -> HttpResponse:
    person, role = _person(person_id), request.POST.get("role", "")
    return _done(
        request, lambda: people.change_role(by=_user(request), person=person, role=role),
        f"{person.get_username()} has the new role from now on.",
    )  # fmt: skip


@action(does="people.disable")
def disable(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _person(person_id)
    words = f"{person.get_username()} is disabled and signed out."
    return _done(request, lambda: people.disable_person(by=_user(request), person=person), words)


@action(does="people.enable")
def enable(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _person(person_id)
    words = f"{person.get_username()} may sign in again."
    return _done(request, lambda: people.enable_person(by=_user(request), person=person), words)


@action(does="people.unlock")
def unlock(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _person(person_id)
    words = f"{person.get_username()} is unlocked."
    return _done(request, lambda: people.unlock_person(by=_user(request), person=person), words)


@action(does="people.review_emergency")
def review_emergency(request: HttpRequest, access_id: UUID) -> HttpResponse:
    row, words = get_object_or_404(EmergencyAccess, pk=access_id), request.POST.get("review", "")
    return _done(request, lambda: emergency.review(by=_user(request), access_id=row.pk, words=words), "It is reviewed.")
