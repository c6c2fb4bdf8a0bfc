"""The bank: lines as the bank shows them, and the money they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import BYTES, find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.bank import selectors, services
from claimwright.web.bank.models import BankAccount, BankLine, BankMatch


class BankAccountOut(Out):
    id: UUID
    name: str
    practice_id: UUID | None
    ending: str


class BankLineOut(Out):
    id: UUID
    account_id: UUID
    posted_on: date
    amount: Money
    kind: str
    description: str


class OpenMoney(Out):
    id: str = Field(description="What a match names")
    amount: Money
    on: date
    trace_number: str
    check_number: str


class BankMatchOut(Out):
    id: UUID
    kind: str
    automatic: bool
    category: str
    fee: Money
    note: str
    actor: str
    at: datetime
    effective_on: date
    undoes_id: UUID | None


class BankImported(Out):
    seen_before: bool
    new_lines: int
    repeated_lines: int
    matched: int
    open: int


class MatchLines(In):
    line_ids: list[UUID] = Field(min_length=1, max_length=50)
    expected_ids: list[Short] = Field(min_length=1, max_length=200)
    fee: Money = Field(default="0.00", validate_default=True)


class ExplainLine(In):
    category: Short
    note: str = Field(default="", max_length=500)


class UndoMatch(In):
    note: Reason


@operation("GET", "/bank/accounts", permission="bank.read", answers=list[BankAccountOut], whole_office=True)
def list_bank_accounts(request: HttpRequest) -> Any:
    """Accounts whose statements are imported."""
    return list(BankAccount.objects.order_by("name"))


@operation("GET", "/bank/lines", permission="bank.read", answers=paged(BankLineOut), reads=True, whole_office=True)
def list_bank_lines(
    request: HttpRequest, account_id: UUID | None = None, open_only: bool = True, posted_from: date | None = None,
    posted_to: date | None = None, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Lines, the newest first; those that are not matched unless all are asked for."""
    rows = selectors.open_lines() if open_only else BankLine.objects.all()
    chosen = {"account_id": account_id, "posted_on__gte": posted_from, "posted_on__lte": posted_to}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="posted_on")


@operation("GET", "/bank/open-money", permission="bank.read", answers=list[OpenMoney], reads=True, whole_office=True)
def list_open_money(request: HttpRequest) -> Any:
    """Money that the books expect at the bank and that no line is matched to."""
    return [
        {"id": one.expected_id, "amount": one.amount, "on": one.paid_on, "trace_number": one.trace.number, "check_number": one.check_number}
        for one in sorted(selectors.open_money(), key=lambda one: (one.paid_on, one.expected_id))
    ]  # fmt: skip


@operation("GET", "/bank/matches", permission="bank.read", answers=paged(BankMatchOut), whole_office=True, reads=True)
def list_bank_matches(request: HttpRequest, cursor: str = "", limit: int = 50) -> Any:
    """What lines were matched to or explained as, the newest first; an undoing names the match it undoes."""
    return page_of(BankMatch.objects.all(), cursor=cursor, limit=limit, by="at")


@operation(
    "POST", "/bank/statements", permission="bank.work", answers=BankImported, status=201, takes=BYTES, whole_office=True
)
def import_bank_statement(request: HttpRequest, name: str, account_id: UUID | None = None) -> Any:
    """Import a bank's file as it is. With a fault in it none of its lines is taken."""
    account = find(BankAccount, account_id) if account_id else None
    done = services.import_bank_file(name=name, content=request.body, account=account)
    if done.faults:
        errors = [
            {"field": f"line {one['place']}", "says": f"{one['message']}. {one['fix']}."} for one in done.faults[:50]
        ]
        raise Problem(422, "None of its lines was taken", errors=errors)
    return {name: getattr(done, name) for name in BankImported.model_fields}


@operation("POST", "/bank/matches", permission="bank.work", answers=BankMatchOut, status=201, whole_office=True)
def match_bank_lines(request: HttpRequest, payload: MatchLines) -> Any:
    """Say which money these lines are."""
    lines = [str(find(BankLine, line_id).pk) for line_id in payload.line_ids]
    return services.accept_match(line_ids=lines, expected_ids=payload.expected_ids, fee=payload.fee)


@operation(
    "POST",
    "/bank/lines/{uuid:line_id}/explain",
    permission="bank.work",
    answers=BankMatchOut,
    status=201,
    whole_office=True,
)
def explain_a_bank_line(request: HttpRequest, line_id: UUID, payload: ExplainLine) -> Any:
    """Say what a line is that is no money of claims."""
    line = find(BankLine.objects.select_related("account__practice"), line_id)
    return services.explain_line(line=line, category=payload.category, note=payload.note)


@operation(
    "POST",
    "/bank/matches/{uuid:match_id}/undo",
    permission="bank.work",
    answers=BankMatchOut,
    status=201,
    whole_office=True,
)
def undo_a_bank_match(request: HttpRequest, match_id: UUID, payload: UndoMatch) -> Any:
    """Undo a match: its lines and its money are open again."""
    return services.undo_match(match=find(BankMatch, match_id), note=payload.note)
