"""Lines as SVG, drawn on the server: numbers for a template, which draws them. No script, no style, a table beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

WIDTH, HEIGHT = 560, 150
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 12, 24  # room for the figures at the axes
STEPS = 4


class Point(msgspec.Struct, frozen=True):
    """A month's value; None where there is nothing to divide by: the line has a gap there."""

    month: date
    value: Decimal | None


class Mark(msgspec.Struct, frozen=True):
    x: str
    y: str
    label: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Coordinates as text. `lines` are runs of points without a gap; `grid` and `ticks` the axes with their figures."""

    width: int
    height: int
    left: int
    right: int
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    grid: tuple[Mark, ...]
    ticks: tuple[Mark, ...]


def line(points: Sequence[Point]) -> Chart | None:
    """The chart of the points in order; None where none has a value. The axis begins at zero unless a value is below."""
    values = [point.value for point in points if point.value is not None]
    if not values:
        return None
    low, high = min(Decimal(0), *values), max(Decimal(0), *values)
    if low == high:
        high = low + 1
    across = Decimal(WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)

    def x(at: int) -> str:
        return f"{LEFT + across * at:.1f}"

    def y(value: Decimal) -> str:
        return f"{TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM):.1f}"

    runs: list[list[str]] = [[]]
    marks = []
    for at, point in enumerate(points):
        if point.value is None:
            runs.append([])
            continue
        runs[-1].append(f"{x(at)},{y(point.value)}")
        marks.append(Mark(x(at), y(point.value), f"{point.month:%b %Y}: {point.value:,}"))
    steps = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
    return Chart(
        width=WIDTH, height=HEIGHT, left=LEFT, right=WIDTH - RIGHT,
        lines=tuple(" ".join(run) for run in runs if len(run) > 1), marks=tuple(marks),
        grid=tuple(Mark(str(LEFT - 6), y(step), f"{step:,.1f}") for step in steps),
        ticks=tuple(Mark(x(at), str(HEIGHT - 6), f"{point.month:%b}") for at, point in enumerate(points)),
    )  # fmt: skip
