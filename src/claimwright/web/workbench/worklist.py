"""One worklist: each item with why it is there, what to do, where it came from, and a way to close it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from claimwright.web.core import clock
from claimwright.web.core.desks import desk_of
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.services import resolve_work_items
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.work_in_hand import URGENT_FIRST, asleep, awake
from claimwright.web.core.worklists import TITLES
from claimwright.web.denials.work_in_hand import assign_work_items
from claimwright.web.exchange.models import InboxFile
from claimwright.web.payments.release import holds_money
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.exports import Columns, whole_file
from claimwright.web.workbench.pages import action, back, page, rows_of, show, with_query
from claimwright.web.workbench.policies import has, workers_on, worklists_hidden_from
from claimwright.web.workbench.queues import whose
from claimwright.web.workbench.subjects import addresses, patients_of, works_there

LONGEST_RESOLUTION = 500
CLAIM_AND_PATIENT = (
    "control_number", "date_of_service", "claim__patient__last_name", "claim__patient__first_name", "claim__payer__name",
)  # fmt: skip


def filtered(items: QuerySet[WorkItem], request: HttpRequest) -> QuerySet[WorkItem]:
    """Open items that are awake unless others are asked for; by reason code, owner, due date, text."""
    wanted, today = request.GET, clock.today()
    if wanted.get("show") == "asleep":
        items = items.filter(asleep(today))
    elif wanted.get("show") == "up":
        items = items.filter(awake(today), escalated_on__isnull=False)
    elif wanted.get("show") != "all":
        items = items.filter(awake(today))
    if wanted.get("reason"):
        items = items.filter(reason_code=wanted["reason"])
    if wanted.get("whose") == "nobody":
        items = items.filter(owner="")
    else:
        items = items.filter(whose(request).items())
    if wanted.get("due") == "today":
        items = items.filter(due_date__lte=today)
    if text := wanted.get("q", "").strip():
        items = items.filter(Q(reason__icontains=text) | Q(claim_number__icontains=text) | Q(file_name__icontains=text))
    return items


class Place(msgspec.Struct, frozen=True):
    """Where an item leads: the words of the link, and its address, "" where there is none to open."""

    words: str
    address: str


def with_links(items: list[WorkItem], *, here: str = "") -> list[WorkItem]:
    """Give each item its places: its claim, its subject, and the very segment it speaks of; where the work is done first.

    `here` is the address of the page that shows them: no link leads to it.
    """
    numbers = {item.claim_number for item in items if item.claim_number}
    versions = ClaimVersion.objects.filter(control_number__in=numbers).select_related("claim__patient", "claim__payer")
    named = list(versions.only(*CLAIM_AND_PATIENT))
    of_number = {row.control_number: row.claim for row in named}
    days = {row.control_number: row.date_of_service for row in named}
    claims = {number: claim.pk for number, claim in of_number.items()}
    received = set(
        InboxFile.objects.filter(pk__in={item.file_id for item in items if item.file_id}).values_list("pk", flat=True)
    )
    subjects = addresses(item for item in items if not _has_link(item, claims))
    people = patients_of(items)
    for item in items:
        claim = claims.get(item.claim_number)
        whole = of_number.get(item.claim_number)
        item.about, item.about_more = (str(whole.patient), whole.payer.name) if whole else people.get(item.pk, ("", ""))
        item.visit_on = days.get(item.claim_number)
        to_claim = Place(f"Claim {item.claim_number}", reverse("claim", args=[claim]) if claim else "")
        to_file = _place_in_file(item, received)
        address, words = subjects.get(item.pk, ("", ""))
        known = (to_claim.address, to_file.address.partition("?")[0])
        places = [Place(words, address)] if address and address not in known else []
        if item.claim_number:
            places.insert(len(places) if works_there(item) else 0, to_claim)
        if to_file.words:
            places.append(to_file)
        item.places = [one for one in places if not here or one.address.partition("?")[0] != here]
        item.leads_to = next((one.address for one in item.places if one.address), "")
    return items


def _place_in_file(item: WorkItem, received: set[UUID]) -> Place:
    """The segment that the item speaks of; the file's name alone where the file is not kept."""
    if not item.file_id:
        return Place(item.file_name, "")
    name = "received_file" if item.file_id in received else "sent_file"
    part = f"&part={item.subject_id}" if item.subject_type == "inbox_part" else ""
    place = f"segment={item.segment}" if item.segment else urlencode({"claim": item.claim_number})
    words = f"{item.file_name or 'File'}{f', segment {item.segment}' if item.segment else ''}"
    return Place(words, f"{reverse(name, args=[item.file_id])}?{place}{part}#found")


def _has_link(item: WorkItem, claims: Mapping[str, UUID]) -> bool:
    """Whether the link to its claim or to its file leads to the subject already."""
    if item.subject_type == "claim_version":
        return item.claim_number in claims
    return item.subject_type in ("inbox_part", "inbox_file", "outbox_file") and item.file_id is not None


@page(reads="worklist.read")
def worklist(request: HttpRequest, worklist: str) -> HttpResponse:
    every = WorkItem.objects.filter(worklist=worklist)
    chosen = filtered(every, request)
    reasons = list(
        every.filter(awake(clock.today()))
        .values("reason_code")
        .annotate(count=Count("id"), amount=Sum("amount"))
        .order_by("-count", "reason_code")
    )
    if worklist not in TITLES and not reasons and not every.exists():
        raise Http404("no such worklist")
    totals = chosen.aggregate(count=Count("id"), amount=Sum("amount"))
    rows = rows_of(request, chosen.order_by(*URGENT_FIRST))
    with_links(list(rows.object_list))
    return show(
        request,
        "workbench/worklist.html",
        {
            "worklist": worklist, "rows": rows, "reasons": reasons, "totals": totals, "wanted": request.GET,
            "desk": desk_of(worklist).label if worklist in TITLES else "", "people": people_for(worklist),
            "asleep": every.filter(asleep(clock.today())).count(),
            "leads": has(request, "office.lead"),
            "tomorrow": clock.today() + timedelta(days=1),
        },
    )  # fmt: skip


def people_for(worklist: str) -> list[str]:
    """User names of the tenant's people who may see a list, and so may be given its items."""
    people = User.objects.filter(tenant=current_tenant(), is_active=True, role__in=workers_on(worklist))
    return list(people.order_by("username").values_list("username", flat=True))


@action(does="worklist.assign")
def assign(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Give one item to a person, or back to its desk."""
    found = get_object_or_404(WorkItem.objects.exclude(worklist__in=worklists_hidden_from(request)), pk=item_id)
    name = request.POST.get("owner", "")
    person = User.objects.filter(tenant=current_tenant(), username=name).first() if name else None
    if name and (person is None or name not in people_for(found.worklist)):
        messages.error(request, "Nobody of that name works on this list.")
    elif assign_work_items(item_ids=[found.pk], to=person):
        messages.success(request, f"It is {name}'s." if name else "It is back on its desk.")
    return back(request, reverse("worklist", args=[found.worklist]))


@action(does="worklist.done")
def finish(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Close one open item with what was done about it."""
    found = get_object_or_404(WorkItem.objects.exclude(worklist__in=worklists_hidden_from(request)), pk=item_id)
    resolution = request.POST.get("resolution", "").strip()
    if not resolution:
        messages.error(request, "Say what was done: an item is not closed without it.")
    elif holds_money(item=found):
        messages.error(request, "Money of this item stands in Suspense: release it on its remittance, then it closes.")
    elif resolve_work_items(keys=[found.key], resolution=resolution[:LONGEST_RESOLUTION]):
        messages.success(request, "Closed.")
    else:
        messages.error(request, "It was closed already.")
    return back(request, reverse("worklist", args=[found.worklist]))


EXPORTED: Columns = (
    ("Raised on", "raised_on"), ("Due", "due_date"), ("Reason code", "reason_code"), ("Reason", "reason"),
    ("What to do", "what_to_do"), ("Claim", "claim_number"), ("Patient", "about"), ("Payer", "about_more"),
    ("Date of service", "visit_on"), ("File", "file_name"), ("Segment", lambda item: item.segment or None),
    ("Amount", "amount"), ("Owner", "owner"), ("State", "state"), ("Asleep until", "snoozed_until"),
    ("Why it sleeps", "snooze_reason"), ("Passed up on", "escalated_on"), ("Passed up by", "escalated_by"),
    ("Question", "escalation_reason"), ("Resolution", "resolution"),
)  # fmt: skip


@page(reads="worklist.export")
def export(request: HttpRequest, worklist: str, form: str) -> HttpResponse:
    """The whole filtered list as CSV or Excel, with whom each item is about."""
    if worklist not in TITLES:
        raise Http404
    items = filtered(WorkItem.objects.filter(worklist=worklist), request).order_by("raised_on", "key")
    return whole_file(
        request, worklist, EXPORTED, items, form=form, ready=with_links, title=TITLES[worklist],
        instead=with_query(reverse("worklist", args=[worklist]), **request.GET.dict()),
    )  # fmt: skip
