"""How a cell of a report is written: by its kind, for one template shows every report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template

from claimwright.billing.lifecycle import State
from claimwright.ledger.accounts import Kind
from claimwright.web.workbench.templatetags.workbench import BUCKET_WORDS, money, on, subject, told
from claimwright.web.workbench.words import BASES, ENTRY_TYPES, STATES, sentence, state_words

register = template.Library()

KINDS = frozenset(kind.value for kind in Kind)
OUTCOMES = frozenset({"PAID", "DENIED", "PARTIAL"})  # those that are no state either


@register.filter
def is_number(cell: object) -> bool:
    return isinstance(cell, (int, Decimal)) and not isinstance(cell, bool)


@register.filter
def report_cell(cell: object) -> str:
    """Money with two places, counts with commas, dates as people write them."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal):
        return money(cell)
    if isinstance(cell, int):
        return f"{cell:,}"
    return on(cell) if isinstance(cell, date) else _text(str(cell))


@register.filter
def choice(name: object) -> str:
    """A choice of a report in words: practice,payer,bucket as Practice, payer, bucket."""
    return BASES.get(str(name), sentence(str(name).replace(",", ", ")))


def _text(cell: str) -> str:
    """Entry types, accounts, buckets and states in words; a file that leaves the office keeps the names of the ledger."""
    if cell in STATES or cell in State.__members__ or cell in OUTCOMES:
        return state_words(cell)
    if cell in ENTRY_TYPES:
        return ENTRY_TYPES[cell]
    if cell in BUCKET_WORDS:
        return BUCKET_WORDS[cell]
    kind, *rest = cell.split("/")
    if kind not in KINDS:
        return told(cell)
    return ", ".join(text for text in (sentence(kind), *(_text(part) for part in rest)) if subject(text))
