"""Many items at once: given, put aside, passed up, sent back; and the next item, taken and opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from claimwright.billing.order_of_day import order_of
from claimwright.billing.work_in_hand import WorkRefused
from claimwright.web.core.desks import NotAssigned
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import TITLES
from claimwright.web.denials.work_in_hand import (
    assign_work_items,
    escalate_work_item,
    return_work_item,
    snooze_work_item,
    take_next_work_item,
    wake_work_item,
)
from claimwright.web.workbench.pages import action, back, posted_day
from claimwright.web.workbench.policies import has, worklists_hidden_from
from claimwright.web.workbench.queues import lists_in_order
from claimwright.web.workbench.worklist import people_for, with_links

MOST_AT_ONCE = 200
REFUSALS_TOLD = 5


def _assign(request: HttpRequest, item: WorkItem) -> None:
    name = request.POST.get("owner", "")
    person = User.objects.filter(tenant=current_tenant(), username=name).first() if name else None
    if name and (person is None or name not in people_for(item.worklist)):
        raise WorkRefused("nobody of that name works on this list")
    if not assign_work_items(item_ids=[item.pk], to=person):
        raise WorkRefused(f"it is {name}'s already" if name else "it is on its desk already")


def _snooze(request: HttpRequest, item: WorkItem) -> None:
    until = posted_day(request, "until")
    snooze_work_item(item_id=item.pk, until=until, reason=request.POST.get("reason", ""))


def _return(request: HttpRequest, item: WorkItem) -> None:
    if not has(request, "office.lead"):
        raise WorkRefused("what was passed up is answered by a supervisor")
    return_work_item(item_id=item.pk, reason=request.POST.get("question", ""))


ACTS: Mapping[str, tuple[str, Callable[[HttpRequest, WorkItem], object]]] = {
    "assign": ("given", _assign),
    "snooze": ("put aside", _snooze),
    "wake": ("woken", lambda request, item: wake_work_item(item_id=item.pk)),
    "escalate": (
        "passed up",
        lambda request, item: escalate_work_item(item_id=item.pk, reason=request.POST.get("question", "")),
    ),
    "return": ("sent back", _return),
}


@action(does="worklist.together")
def work_together(request: HttpRequest, worklist: str) -> HttpResponse:
    """One act on every item that is ticked, one by one: what is refused is said, and the others are done."""
    if request.POST.get("act") not in ACTS or worklist in worklists_hidden_from(request):
        raise Http404("there is no such act")
    words, act = ACTS[request.POST["act"]]
    wanted = _ids(request.POST.getlist("item"))
    items = list(WorkItem.objects.filter(worklist=worklist, pk__in=wanted).order_by("key"))
    refused: list[str] = []
    for item in items:
        try:
            with transaction.atomic():
                act(request, item)
        except (WorkRefused, NotAssigned) as why:
            refused.append(f"{item.claim_number or item.reason[:60]}: {why}")
    tell(request, words, "item", len(items), refused)
    return back(request, reverse("worklist", args=[worklist]))


def tell(request: HttpRequest, words: str, what: str, asked: int, refused: list[str]) -> None:
    """What came of one act on many: how many are `words`, and of the others why not."""
    done = asked - len(refused)
    if not asked:
        messages.error(request, f"Tick the {what}s first: x ticks the row that is chosen.")
    if done:
        messages.success(request, f"{done} {what}{'s'[: done > 1]} {words}.")
    for why in refused[:REFUSALS_TOLD]:
        messages.error(request, f"Not {words}: {why}.")
    if len(refused) > REFUSALS_TOLD:
        messages.error(request, f"Not {words}, for the like reasons: {len(refused) - REFUSALS_TOLD} more.")


def _ids(values: list[str]) -> list[UUID]:
    found = []
    for value in values[:MOST_AT_ONCE]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


@action(does="worklist.next")
def take_next(request: HttpRequest) -> HttpResponse:
    """The most urgent item that is nobody's, taken and opened: of the list that is open, else of the role's own lists."""
    user: User = request.user  # type: ignore[assignment]
    hidden, leads = worklists_hidden_from(request), has(request, "office.lead")
    name = request.POST.get("worklist", "")
    lists = [name] if name in TITLES else lists_in_order(request, order_of(user.role))
    found = take_next_work_item(by=user, worklists=[one for one in lists if one not in hidden], leads=leads)
    if found is None:
        messages.success(request, "Nothing is left to take: what is open belongs to somebody or sleeps.")
        return redirect(reverse("worklist", args=[name]) if name in TITLES else reverse("home"))
    (item,) = with_links([found])
    messages.success(
        request, f"Yours now, from {TITLES.get(item.worklist, item.worklist)}: {item.reason} {item.what_to_do}"
    )
    return redirect(item.leads_to or f"{reverse('worklist', args=[item.worklist])}?whose=mine")
