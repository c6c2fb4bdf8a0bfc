"""Worklists: what waits for somebody, who has it, and what was done about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, QuerySet, Sum
from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.core.desks import desk_of
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.services import resolve_work_items
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
from claimwright.web.payments.release import holds_money
from claimwright.web.workbench.policies import OF_WORKLIST, permissions_of
from claimwright.web.workbench.worklist import people_for


class WorklistOut(Out):
    name: str
    title: str
    desk: str
    open_items: int
    amount: Money
    oldest_on: date | None


class ItemOut(Out):
    id: UUID
    worklist: str
    state: str
    reason_code: str
    reason: str
    what_to_do: str
    subject_type: str
    subject_id: str
    claim_number: str
    file_id: UUID | None
    segment: int
    amount: Money | None
    due_date: date | None
    raised_on: date
    owner: str
    snoozed_until: date | None
    escalated_on: date | None
    escalated_by: str
    escalation_reason: str
    resolution: str
    resolved_by: str
    resolved_at: datetime | None


class GiveItem(In):
    owner: Short = Field(description="A user name of the practice; blank: back to its desk")


class TakeNext(In):
    owner: Short = Field(min_length=1, description="The user name of who is to work it")
    worklists: list[Short] = Field(min_length=1, max_length=40, description="The first that has one to take")


class SnoozeItem(In):
    until: date
    reason: Reason


class AskUp(In):
    question: Reason


class ReturnItem(In):
    answer: Reason


class FinishItem(In):
    resolution: str = Field(min_length=1, max_length=500, description="What was done about it")


def _seen(request: HttpRequest) -> QuerySet[WorkItem]:
    """Lists that tell of money or of whole files show to a token that may see those, as they do to people."""
    return WorkItem.objects.exclude(worklist__in=_hidden(request))


def _hidden(request: HttpRequest) -> list[str]:
    program = request.program  # type: ignore[attr-defined]
    return [name for name, permission in OF_WORKLIST.items() if not program.may(permission)]


@operation("GET", "/worklists", permission="office.read", answers=list[WorklistOut])
def list_worklists(request: HttpRequest) -> Any:
    """Every list that holds something open, with its desk."""
    rows = _seen(request).filter(state=WorkItem.State.OPEN).values("worklist")
    found = rows.annotate(count=Count("id"), total=Sum("amount"), oldest=Min("raised_on")).order_by("worklist")
    return [
        {
            "name": row["worklist"], "title": TITLES.get(row["worklist"], row["worklist"]), "desk": str(desk_of(row["worklist"])),
            "open_items": row["count"], "amount": row["total"] or "0.00", "oldest_on": row["oldest"],
        }
        for row in found
    ]  # fmt: skip


@operation("GET", "/worklists/items", permission="office.read", answers=paged(ItemOut), reads=True)
def list_items(
    request: HttpRequest, worklist: str = "", state: str = "open", owner: str = "", reason_code: str = "",
    due_by: date | None = None, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Items, the newest first; open ones unless another state is asked for."""
    chosen = {
        "worklist": worklist, "state": state, "owner": owner, "reason_code": reason_code, "due_date__lte": due_by,
    }  # fmt: skip
    rows = _seen(request).filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="raised_at")


@operation("GET", "/worklists/items/{uuid:item_id}", permission="office.read", answers=ItemOut, reads=True)
def read_item(request: HttpRequest, item_id: UUID) -> Any:
    """One item: why it is there and what to do."""
    return find(_seen(request), item_id)


@operation("POST", "/worklists/items/{uuid:item_id}/give", permission="office.work", answers=ItemOut)
def give_item(request: HttpRequest, item_id: UUID, payload: GiveItem) -> Any:
    """Give an item to a person who works on its list, or back to its desk."""
    item = find(_seen(request), item_id)
    person = User.objects.filter(tenant=current_tenant(), username=payload.owner).first() if payload.owner else None
    if payload.owner and (person is None or payload.owner not in people_for(item.worklist)):
        raise Problem(409, "Nobody of that name works on this list", kind="refused")
    assign_work_items(item_ids=[item.pk], to=person)
    item.refresh_from_db()
    return item


@operation("POST", "/worklists/items/{uuid:item_id}/finish", permission="office.work", answers=ItemOut)
def finish_item(request: HttpRequest, item_id: UUID, payload: FinishItem) -> Any:
    """Close an open item with what was done about it."""
    item = find(_seen(request), item_id)
    if holds_money(item=item):
        words = "Money of this item stands in Suspense: release it on its remittance, then it closes"
        raise Problem(409, words, kind="refused")
    if not resolve_work_items(keys=[item.key], resolution=payload.resolution.strip()):
        raise Problem(409, "It was closed already", kind="refused")
    item.refresh_from_db()
    return item


@operation("POST", "/worklists/next", permission="office.work", answers=ItemOut)
def take_next_item(request: HttpRequest, payload: TakeNext) -> Any:
    """Give a person the most urgent item that is nobody's; two who ask at once get two. 404 where none is left."""
    person = User.objects.filter(tenant=current_tenant(), username=payload.owner, is_active=True).first()
    seen = [one for one in payload.worklists if person is not None and payload.owner in people_for(one)]
    hidden = set(_hidden(request))
    if person is None or not seen:
        raise Problem(409, "Nobody of that name works on these lists", kind="refused")
    leads = "office.lead" in permissions_of(person.role)
    found = take_next_work_item(by=person, worklists=[one for one in seen if one not in hidden], leads=leads)
    if found is None:
        raise Problem(404, "Nothing is left to take: what is open belongs to somebody or sleeps")
    return found


@operation("POST", "/worklists/items/{uuid:item_id}/snooze", permission="office.work", answers=ItemOut)
def snooze_item(request: HttpRequest, item_id: UUID, payload: SnoozeItem) -> Any:
    """Off the list until a day."""
    item = find(_seen(request), item_id)
    return snooze_work_item(item_id=item.pk, until=payload.until, reason=payload.reason)


@operation("POST", "/worklists/items/{uuid:item_id}/wake", permission="office.work", answers=ItemOut)
def wake_item(request: HttpRequest, item_id: UUID) -> Any:
    """On the list again before its day."""
    return wake_work_item(item_id=find(_seen(request), item_id).pk)


@operation("POST", "/worklists/items/{uuid:item_id}/escalate", permission="office.work", answers=ItemOut)
def escalate_item(request: HttpRequest, item_id: UUID, payload: AskUp) -> Any:
    """Pass it up to the supervisors with a question."""
    return escalate_work_item(item_id=find(_seen(request), item_id).pk, reason=payload.question)


@operation("POST", "/worklists/items/{uuid:item_id}/return", permission="office.lead", answers=ItemOut)
def return_item(request: HttpRequest, item_id: UUID, payload: ReturnItem) -> Any:
    """Answer what was passed up: it goes back to who asked."""
    return return_work_item(item_id=find(_seen(request), item_id).pk, reason=payload.answer)
