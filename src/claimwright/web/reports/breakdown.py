"""The figures side by side: by payer, provider, location, practice or month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db.models import QuerySet, Sum

from claimwright.codes.dates import add_months
from claimwright.documents.sheets import Cell, Sheet
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.practice.models import Location, Practice, Provider
from claimwright.web.reports.charts import Point
from claimwright.web.reports.indicators import kpis
from claimwright.web.reports.scope import KpiRow, Scope
from claimwright.web.submissions.models import Claim

DIMENSIONS = ("payer", "provider", "location", "practice", "month")
MOST = 40  # members shown: those with the most charges in the period
TREND_MONTHS = 12
TREND_FIGURES = (
    "clean_claim_rate", "denial_rate", "days_in_ar", "ar_over_90", "net_collection_rate", "first_pass_resolution_rate",
    "era_auto_post_rate", "payment_lag",
)  # fmt: skip


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One payer, provider, location, practice or month with its figures by name."""

    name: str
    figures: dict[str, KpiRow]


def figures_by(by: str, *, start: date, end: date, scope: Scope) -> tuple[Member, ...]:
    """Raises ValueError for a dimension that there is not. Months are whole or cut by the period."""
    if by not in DIMENSIONS:
        raise ValueError(f"figures are by {', '.join(DIMENSIONS)}")
    if by == "month":
        return tuple(
            _member(f"{first:%Y-%m}", max(first, start), min(last, end), scope) for first, last in months_of(start, end)
        )
    lines = ChargeLine.objects.filter(date_of_service__range=(start, end))
    if scope.practice:
        lines = lines.filter(practice_id=scope.practice)
    return tuple(
        _member(name, start, end, msgspec.structs.replace(scope, **{by: key})) for key, name in _members(by, lines)
    )


def _member(name: str, start: date, end: date, scope: Scope) -> Member:
    return Member(name=name, figures={row.name: row for row in kpis(start=start, end=end, as_of=end, scope=scope)})


def _members(by: str, lines: QuerySet[ChargeLine]) -> list[tuple[UUID | str, str]]:
    if by == "payer":
        found = Claim.objects.filter(encounter__lines__in=lines).values("payer_id", "payer__name")
        rows = found.annotate(total=Sum("encounter__lines__charge")).order_by("-total", "payer__name")[:MOST]
        return [(row["payer_id"], row["payer__name"]) for row in rows]
    column = {"provider": "rendering_npi", "location": "encounter__location_code", "practice": "practice_id"}[by]
    rows = lines.values_list(column).annotate(total=Sum("charge")).order_by("-total", column)[:MOST]
    names: dict[object, str] = {
        "provider": dict(Provider.objects.values_list("npi", "name")),
        "location": dict(Location.objects.values_list("code", "name")),
        "practice": dict(Practice.objects.values_list("pk", "name")),
    }[by]
    return [(key, names.get(key) or str(key)) for key, _ in rows if key]


def as_sheet(members: Sequence[Member], words: Callable[[str], str], about: tuple[tuple[str, Cell], ...] = ()) -> Sheet:
    """One row a member, one column a figure that any has."""
    names = list(dict.fromkeys(name for member in members for name in member.figures))
    rows = [(member.name, *(_value(member.figures.get(name)) for name in names)) for member in members]
    return Sheet(title="Figures by", columns=("", *(words(name) for name in names)), rows=rows, about=about)


def _value(row: KpiRow | None) -> Decimal | str:
    return "n/a" if row is None or row.value is None else row.value


def months_of(start: date, end: date) -> list[tuple[date, date]]:
    """(first, last day) of each month that the period touches."""
    found, first = [], start.replace(day=1)
    while first <= end:
        found.append((first, add_months(first, 1) - timedelta(days=1)))
        first = add_months(first, 1)
    return found


def months_before(day: date, count: int) -> list[date]:
    """The first days of the `count` months up to that of `day`."""
    return [add_months(day.replace(day=1), -back) for back in range(count - 1, -1, -1)]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    unit: str
    points: tuple[Point, ...]


def trends(*, months: Sequence[date], practice: UUID | None = None) -> tuple[Series, ...]:
    """TREND_FIGURES of each month as it stood at that month's end. A month before the first visit has no point."""
    first = Encounter.objects.exclude(date_from=None).order_by("date_from").values_list("date_from", flat=True).first()
    found: list[dict[str, KpiRow]] = []
    for month in months:
        last = add_months(month, 1) - timedelta(days=1)
        begun = first is not None and first <= last
        rows = kpis(start=month, end=last, as_of=last, practice=practice) if begun else ()
        found.append({row.name: row for row in rows})
    units = {name: row.unit for rows in found for name, row in rows.items()}
    return tuple(
        Series(
            name=name, unit=units.get(name, ""),
            points=tuple(
                Point(month, rows[name].value if name in rows else None) for month, rows in zip(months, found, strict=True)
            ),
        )
        for name in TREND_FIGURES
    )  # fmt: skip
