"""Global periods of the practice's history and the modifiers they make a coder consider."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.coding.surgery import Procedure, in_global, procedure_advice, visit_advice

KNEE = Procedure(code="27447", day=date(2026, 3, 2), indicator="090", specialty="ortho", group="g1", line="L1")
INJECTION = Procedure(code="20610", day=date(2026, 3, 2), indicator="000", specialty="ortho", group="g1")
EXCISION = Procedure(code="11400", day=date(2026, 3, 2), indicator="010", specialty="derm", group="g1")


def found(on, **of):
    return [(period.procedure.code, period.day_number) for period in in_global((KNEE, INJECTION, EXCISION), on, **of)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 2, 28), []),
        (date(2026, 3, 1), [("27447", -1)]),
        (date(2026, 3, 2), [("27447", 0), ("11400", 0), ("20610", 0)]),
        (date(2026, 3, 3), [("27447", 1), ("11400", 1)]),
        (date(2026, 3, 12), [("27447", 10), ("11400", 10)]),
        (date(2026, 3, 13), [("27447", 11)]),
        (date(2026, 5, 31), [("27447", 90)]),
        (date(2026, 6, 1), []),
    ],
)
def test_open_periods(on, expected):
    assert found(on) == expected


def test_only_the_same_specialty_and_group():
    assert found(date(2026, 3, 5), specialty="derm", group="g1") == [("11400", 3)]
    assert found(date(2026, 3, 5), specialty="ortho", group="g2") == []


def test_a_return_to_the_operating_room_opens_no_period():
    again = Procedure(code="27310", day=date(2026, 3, 2), indicator="090", modifiers=("78",))
    assert in_global((again, Procedure(code="1", indicator="090")), date(2026, 3, 5)) == ()


def test_days_left():
    (period,) = in_global((KNEE,), date(2026, 3, 1))
    assert period.days_left == 91
    (period,) = in_global((KNEE,), date(2026, 5, 31))
    assert period.days_left == 0


@pytest.mark.parametrize(
    ("procedure", "on", "consider"),
    [
        (KNEE, date(2026, 3, 1), ("57",)),
        (KNEE, date(2026, 3, 2), ("57",)),
        (KNEE, date(2026, 4, 1), ("24",)),
        (INJECTION, date(2026, 3, 2), ("25",)),
        (EXCISION, date(2026, 3, 2), ("25",)),
        (EXCISION, date(2026, 3, 9), ("24",)),
    ],
)
def test_a_visit(procedure, on, consider):
    (advice,) = visit_advice("99213", on, in_global((procedure,), on), place="lines[1].modifiers")
    assert advice.consider == consider and advice.document and advice.evidence[0].excerpt.startswith(procedure.code)
    assert procedure_advice("99213", on, in_global((procedure,), on)) == ()


def test_a_procedure():
    on = date(2026, 4, 1)
    (advice,) = procedure_advice("27310", on, in_global((KNEE,), on))
    assert advice.consider == ("58", "78", "79")
    assert visit_advice("27310", on, in_global((KNEE,), on)) == ()
    assert procedure_advice("27310", KNEE.day, in_global((KNEE,), KNEE.day)) == ()  # the same day is for pairs
