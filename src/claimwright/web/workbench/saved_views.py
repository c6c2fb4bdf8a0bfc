"""Views of a list that people keep: a filter under a name, the columns, for oneself or for the office.

What was searched for is never kept: a name or a number of a patient has no place in a row that others see.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.web.core.models import SavedView
from claimwright.web.core.services import record_audit
from claimwright.web.workbench.claim_columns import BY_KEY
from claimwright.web.workbench.pages import action, with_query
from claimwright.web.workbench.policies import has

PAGES = {"claims": frozenset(BY_KEY)}  # a list that can be kept, and its columns
NOT_KEPT = ("q", "page", "view")
LONGEST_NAME, LONGEST_QUERY, MOST_VIEWS = 60, 600, 50


def views_of(page: str, username: str) -> QuerySet[SavedView]:
    """One's own and the office's, by name."""
    return SavedView.objects.filter(Q(owner=username) | Q(shared=True), page=page).exclude(name="").order_by("name")


def columns_of(page: str, username: str) -> list[str]:
    """What the person chose for this page; empty: nothing yet."""
    found = SavedView.objects.filter(page=page, owner=username, name="").values_list("columns", flat=True).first()
    return list(found or ())


def kept_query(text: str) -> str:
    pairs = [(name, value) for name, value in parse_qsl(text) if name not in NOT_KEPT and value]
    return urlencode(pairs)[:LONGEST_QUERY]


def keep_view(
    *, page: str, owner: str, name: str, query: str = "", columns: Sequence[str] = (), shared: bool = False
) -> SavedView:
    """One view of a name a person: keeping it again changes it. A blank name keeps the columns alone."""
    row, _ = SavedView.objects.update_or_create(
        page=page, owner=owner, name=name.strip()[:LONGEST_NAME],
        defaults={"query": kept_query(query), "columns": list(columns), "shared": shared},
    )  # fmt: skip
    record_audit(action="view.keep", subject_type="saved_view", subject_id=row.pk, detail=page)
    return row


@action(does="view.keep_asked")
def save_view(request: HttpRequest, page: str) -> HttpResponse:
    """The columns that are ticked, and where a name is given the filter as it stands."""
    if page not in PAGES:
        raise Http404("this list has no views")
    name, username = request.POST.get("name", "").strip(), request.user.get_username()
    columns = [one for one in request.POST.getlist("column") if one in PAGES[page]]
    query = request.POST.get("query", "")
    if name and views_of(page, username).filter(owner=username).count() >= MOST_VIEWS:
        messages.error(request, f"{MOST_VIEWS} views are kept at most: take one away first.")
        return redirect(with_query(reverse(page)))
    row = keep_view(
        page=page, owner=username, name=name, query=query, columns=columns, shared=bool(name and request.POST.get("shared"))
    )  # fmt: skip
    messages.success(
        request, f"Kept as {name}{', for the whole office' if row.shared else ''}." if name else "Columns kept."
    )
    if name:
        return redirect(f"{reverse(page)}?{urlencode([*parse_qsl(row.query), ('view', str(row.pk))])}")
    return redirect(f"{reverse(page)}?{urlencode([pair for pair in parse_qsl(query) if pair[0] != 'view'])}")


@action(does="view.drop_asked")
def delete_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """One's own view; the office's by whoever keeps it, or a supervisor."""
    mine = Q(owner=request.user.get_username())
    if has(request, "office.lead"):
        mine |= Q(shared=True)
    row = get_object_or_404(SavedView.objects.filter(mine).exclude(name=""), pk=view_id)
    record_audit(action="view.drop", subject_type="saved_view", subject_id=row.pk, detail=row.page)
    row.delete()
    messages.success(request, f"{row.name} is gone.")
    return redirect(reverse(row.page))
