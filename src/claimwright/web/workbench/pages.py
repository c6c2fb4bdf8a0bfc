"""What every page has: sign-in, a tenant, one method, a trail of who read what, and the practice's name on top."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from claimwright.billing.registration import read_day
from claimwright.web.accounts.periods import PeriodClosed, is_closed, posting_as_of
from claimwright.web.core import clock
from claimwright.web.core.services import audit_together, record_audit
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.workbench.kept_forms import after_act, form_again, told_so_far
from claimwright.web.workbench.sent_forms import forget_form, keep_answer, take_form

View = Callable[..., HttpResponse]
ROWS_PER_PAGE = 50
MOST_COUNTED = 10_000  # rows of one list: nobody reads on to the end of more
POSTING_DAY = "posting_day"  # of the session


class NoSuchDay(Exception):
    """What stands in a form where a day is asked for is none. `action` tells the person, and nothing is changed."""


def page(*, reads: str = "") -> Callable[[View], View]:
    """A page to read. Where it shows patient data `reads` names the audit action, written when it was shown; of a list
    that was taken as a file it says so."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.user.tenant_id is None:  # type: ignore[union-attr]
                return render(request, "workbench/no_practice.html", status=403)
            response = view(request, **kwargs)
            if reads and response.status_code == 200:
                _audit(reads, kwargs, getattr(response, "audit_detail", ""))
            return response

        seen = never_cache(login_required(require_safe(inner)))
        seen.audits = reads  # tests ask each address what it leaves in the audit log
        return seen

    return decorate


def action(*, does: str) -> Callable[[View], View]:
    """An act: POST only, audited, once for each form that a page showed, and back to where the person was."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.user.tenant_id is None:  # type: ignore[union-attr]
                return render(request, "workbench/no_practice.html", status=403)
            told = told_so_far(request)
            form, answered = take_form(request)
            if answered is not None:
                return after_act(request, answered, told)
            try:
                with transaction.atomic(), _posting_day(request):
                    response = view(request, **kwargs)
            except (NoSuchDay, PeriodClosed) as fault:
                messages.error(request, f"Nothing was changed: {fault}.")
                _audit(does, kwargs)
                forget_form(form)
                return after_act(request, _where_it_was(request), told)
            _audit(does, kwargs)
            response = after_act(request, response, told)
            if form is not None:
                keep_answer(request, form, response)
            return response

        # A form that comes back holds what was typed; an act that takes long must not keep every reader from the log.
        done = never_cache(require_POST(login_required(audit_together()(inner))))
        done.audits = does
        return done

    return decorate


@contextmanager
def _posting_day(request: HttpRequest) -> Iterator[None]:
    """Acts of a person who works in a month that was opened again count on the day chosen on the page of the close."""
    day = request.session.get(POSTING_DAY)
    if not day:
        yield
        return
    on = date.fromisoformat(day)
    if is_closed(on):  # the month was closed meanwhile
        request.session.pop(POSTING_DAY)
        yield
        return
    with posting_as_of(on):
        yield
    messages.warning(request, f"What you post counts on {day}, until you end that on the page of the close.")


def _audit(name: str, subject: dict[str, UUID], detail: str = "") -> None:
    # After the view: the chain of audit rows is written one at a time, and must not wait for a page's queries.
    subject_type, subject_id = next(iter(subject.items()), ("", ""))
    kind = str(subject_type).removesuffix("_id")
    record_audit(action=name, subject_type=kind, subject_id=subject_id, detail=detail)


def show(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """The page with the practice's name, its date, a banner where it stands on a fixed one, and the form to fill again."""
    tenant = current_tenant()
    return render(
        request,
        template,
        {
            **context, "practice_name": tenant.name, "today": clock.today(), "fixed_date": tenant.fixed_date,
            "kept_form": json.dumps(kept) if (kept := form_again(request)) else "",
        },
    )  # fmt: skip


class BoundedPaginator(Paginator):
    """Pages of a list that is counted up to MOST_COUNTED and no further."""

    @property
    def count(self) -> int:  # type: ignore[override]
        if not hasattr(self, "_counted"):
            self._counted = self.object_list.order_by().values("pk")[: MOST_COUNTED + 1].count()
        return min(self._counted, MOST_COUNTED)

    def _check_object_list_is_ordered(self) -> None:
        """It is counted first: the order depends on how many there are."""

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count == MOST_COUNTED and self._counted > MOST_COUNTED


def rows_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], asked: str = "page") -> Page:
    """The page of rows that `?page=` asks for, or what `asked` names on a page of several lists; a number out of range is
    the nearest page. `earlier` and `later` of it are the addresses of its neighbours, where it has some."""
    kind = Paginator if isinstance(rows, Sequence) else BoundedPaginator
    shown = kind(rows, ROWS_PER_PAGE).get_page(request.GET.get(asked))
    kept = {name: value for name, value in request.GET.items() if value and name != asked}

    def neighbour(number: int) -> str:
        return f"?{urlencode({**kept, asked: number})}"

    shown.earlier = neighbour(shown.number - 1) if shown.has_previous() else ""
    shown.later = neighbour(shown.number + 1) if shown.has_next() else ""
    return shown


def waits(condition: Q) -> Case:
    """0 for the rows that still ask for an act and 1 for the rest: what a list of both is put in order by first."""
    return Case(When(condition, then=Value(0)), default=Value(1))


def posted_day(request: HttpRequest, name: str) -> date | None:
    """The day of a form's field, None where it is blank. Raises NoSuchDay for anything else that is no day."""
    text = request.POST.get(name, "").strip()
    found = read_day(text)
    if text and found is None:
        raise NoSuchDay(f"“{text[:20]}” is no day; write month, day and year, as in {clock.today():%m/%d/%Y}")
    return found


def _where_it_was(request: HttpRequest) -> HttpResponse:
    """To the page that showed the form."""
    came_from = request.META.get("HTTP_REFERER", "")
    known = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()})
    return back(request, came_from if known else reverse("home"))


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page that the form names, if it is one of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect(target)
    return redirect(otherwise)


def with_query(address: str, **values: object) -> str:
    kept = {key: str(value) for key, value in values.items() if value}
    return f"{address}?{urlencode(kept)}" if kept else address
