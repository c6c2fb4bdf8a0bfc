"""Gaps between what was done, documented and charged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from claimwright.coding.reconciliation import (
    ChargedLine,
    Documented,
    GapKind,
    Limits,
    VisitRecord,
    all_gaps,
    mean_charge_lag_days,
)
from claimwright.coding.states import EncounterState as S

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
TODAY = date(2026, 5, 6)
VISIT = VisitRecord(
    encounter="e1", state=S.CODED, date_of_service=date(2026, 5, 5), arrived_at=NOW - timedelta(days=1),
    note_signed_at=NOW - timedelta(hours=20), note_signed_on=date(2026, 5, 5),
    documented=(Documented(code="20610"), Documented(kind="drug", code="J3301", units=Decimal(4), source="MAR 7"),
                Documented(kind="lab", code="82962", resulted_on=TODAY)),
    lines=(ChargedLine(line="L1", code="99213"), ChargedLine(line="L2", code="20610"),
           ChargedLine(line="L3", code="J3301", units=Decimal(4)), ChargedLine(line="L4", code="82962")),
)  # fmt: skip


def kinds(visit, limits=Limits(), today=TODAY, now=NOW):
    return [(gap.kind, *gap.codes) for gap in all_gaps([visit], now, today, limits)]


def changed(**fields):
    return msgspec.structs.replace(VISIT, **fields)


def test_a_whole_visit_has_no_gap():
    assert kinds(VISIT) == []


@pytest.mark.parametrize(
    ("hours", "state", "gap"),
    [
        (48, S.ARRIVED, False),
        (49, S.ARRIVED, True),
        (49, S.NOTE_OPEN, True),
        (49, S.NO_SHOW, False),
        (49, S.CODED, False),
    ],
)
def test_arrived_without_note(hours, state, gap):
    visit = VisitRecord(encounter="e", state=state, arrived_at=NOW - timedelta(hours=hours))
    assert (GapKind.ARRIVED_WITHOUT_NOTE,) in kinds(visit) if gap else kinds(visit) == []
    assert kinds(visit, Limits(note_hours=72)) == []


def test_note_without_charge():
    bare = changed(lines=(), state=S.NOTE_SIGNED)
    assert kinds(bare) == [(GapKind.NOTE_WITHOUT_CHARGE,), (GapKind.LAB_RESULT_WITHOUT_CHARGE, "82962")]
    assert (GapKind.NOTE_WITHOUT_CHARGE,) not in kinds(msgspec.structs.replace(bare, note_signed_on=TODAY))
    assert kinds(msgspec.structs.replace(bare, state=S.NON_BILLABLE)) == []


@pytest.mark.parametrize(
    ("lines", "gaps"),
    [
        (VISIT.lines[:1] + VISIT.lines[2:], [(GapKind.DOCUMENTED_WITHOUT_LINE, "20610")]),
        ((*VISIT.lines[:2], ChargedLine(code="J3301", units=Decimal(3)), VISIT.lines[3]),
         [(GapKind.DOCUMENTED_WITHOUT_LINE, "J3301")]),
        ((*VISIT.lines[:2], ChargedLine(code="J3301", units=Decimal(2)), ChargedLine(code="J3301", units=Decimal(2)),
          VISIT.lines[3]), []),
        # four given, of which two are charged as waste: two are missing
        ((*VISIT.lines[:2], ChargedLine(code="J3301", units=Decimal(2)),
          ChargedLine(code="J3301", units=Decimal(2), modifiers=("JW",)), VISIT.lines[3]),
         [(GapKind.DOCUMENTED_WITHOUT_LINE, "J3301")]),
        ((*VISIT.lines, ChargedLine(code="93000")), [(GapKind.LINE_WITHOUT_DOCUMENTATION, "93000")]),
        (VISIT.lines[:3], [(GapKind.LAB_RESULT_WITHOUT_CHARGE, "82962")]),
    ],
)  # fmt: skip
def test_services_against_lines(lines, gaps):
    assert kinds(changed(lines=lines)) == gaps


def test_a_visit_is_documented_by_its_signed_note_only():
    assert kinds(changed(note_signed_on=None)) == [(GapKind.LINE_WITHOUT_DOCUMENTATION, "99213")]


def test_what_nobody_read_or_others_bill_is_no_gap():
    assert kinds(changed(documented=None, lines=VISIT.lines[:1])) == []
    elsewhere = (
        Documented(code="20610"),
        Documented(kind="lab", code="80053", resulted_on=TODAY, billed_elsewhere=True),
    )
    assert kinds(changed(documented=elsewhere, lines=VISIT.lines[:2])) == []


@pytest.mark.parametrize(
    ("days", "state", "gap"),
    [
        (3, S.CODING, False),
        (4, S.CODING, True),
        (4, S.QUERY, True),
        (4, S.CHARGES_LOCKED, False),
        (4, S.CANCELLED, False),
    ],
)
def test_charge_lag(days, state, gap):
    visit = VisitRecord(encounter="e", state=state, date_of_service=TODAY - timedelta(days=days))
    assert kinds(visit) == ([(GapKind.CHARGE_LAG,)] if gap else [])


def test_keys_are_once_and_stay():
    bare = [changed(lines=VISIT.lines[:1]), changed(encounter="e2", lines=VISIT.lines[:1])]
    today, tomorrow = (
        [gap.key for gap in all_gaps(bare, NOW + timedelta(days=d), TODAY + timedelta(days=d))] for d in (0, 1)
    )
    assert len(set(today)) == len(today) == 6 and today == tomorrow


def test_mean_lag():
    assert mean_charge_lag_days([(TODAY, TODAY), (TODAY, TODAY + timedelta(days=3))]) == Decimal("1.5")
    assert mean_charge_lag_days([]) is None
