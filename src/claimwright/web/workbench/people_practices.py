"""Which practices each person works for: all, or some. What the database then shows is `core/practice_grants.py`'s."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.web.core.models import User
from claimwright.web.core.people import NotAllowed, opens_pages, refusal
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.practice.grants import grant_practices
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.pages import action, page, show


@page(reads="people.read")
def practice_grants(request: HttpRequest) -> HttpResponse:
    """Everybody with the practices they see, and a form for each whom one may decide on."""
    assert isinstance(request.user, User)
    practices = list(Practice.objects.order_by("name"))
    people = User.objects.filter(tenant=current_tenant(), is_active=True).order_by("username")
    rows = [
        {
            "person": person,
            "given": [one for one in practices if one.pk in person.practice_ids],
            "refused": refusal(by=request.user, person=person),
        }
        for person in people
        if opens_pages(person)
    ]
    return show(request, "workbench/people_practices.html", {"rows": rows, "practices": practices})


@action(does="people.practices")
def save_practice_grants(request: HttpRequest, person_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    person = get_object_or_404(User.objects.filter(tenant=current_tenant()), pk=person_id)
    try:
        chosen = [UUID(one) for one in request.POST.getlist("practice")]
        every = request.POST.get("which") == "all"
        grant_practices(by=request.user, person=person, practices=chosen, every=every)
    except NotAllowed as reason:
        messages.error(request, str(reason))
    except ValueError:
        messages.error(request, "There is no such practice.")
    else:
        messages.success(request, f"{person.get_username()} sees the practices chosen from the next page on.")
    return redirect("practice_grants")
