"""How a cell of a report is written: by its kind, for one template shows every report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template

from claimwright.web.workbench.templatetags.workbench import money, on

register = template.Library()


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
    return on(cell) if isinstance(cell, date) else str(cell)
