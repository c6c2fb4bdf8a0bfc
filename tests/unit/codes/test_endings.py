"""Sets that end soon or have ended: told in time, and no longer once the next edition is loaded."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.code_sets import shipped
from claimwright.codes.endings import FORGOTTEN_DAYS, NOTICE_DAYS, ending_of, endings

YEAR = (date(2025, 10, 1), date(2026, 10, 1))
LAST = date(2026, 9, 30)


@pytest.mark.parametrize(
    ("dates", "today", "left"),
    [
        ([YEAR], date(2026, 8, 16), 45),
        ([YEAR], date(2026, 8, 15), None),  # 46 days
        ([YEAR], LAST, 0),
        ([YEAR], date(2026, 10, 1), -1),
        ([YEAR], date(2027, 9, 30), -FORGOTTEN_DAYS),
        ([YEAR], date(2027, 10, 1), None),  # nobody keeps it up
        ([YEAR], date(2025, 9, 1), None),  # not begun: nothing ends
        ([YEAR, (date(2026, 10, 1), date(2027, 10, 1))], LAST, None),  # the next one is loaded
        ([(date(2026, 4, 1), date(2026, 10, 1)), YEAR, (date(2026, 10, 1), None)], LAST, None),
        ([(None, None)], LAST, None),
        ([], LAST, None),
    ],
)  # fmt: skip
def test_an_end_is_told_from_45_days_before_until_the_next_edition_is_loaded(dates, today, left):
    found = ending_of("icd10cm", dates, today)
    assert (None if found is None else found.days_left) == left
    assert found is None or (found.last_day, found.resumes) == (LAST, None)
    assert NOTICE_DAYS == 45


def test_a_gap_before_the_next_edition_is_an_end_that_resumes():
    found = ending_of("mue", [YEAR, (date(2027, 1, 1), date(2027, 4, 1))], LAST)
    assert found is not None and (found.days_left, found.resumes) == (0, date(2027, 1, 1))
    later = ending_of("mue", [YEAR, (date(2027, 1, 1), date(2027, 4, 1))], date(2027, 1, 1))
    assert later is None  # the end that counts now is that of March


def test_of_what_is_shipped_only_sets_with_dates_end():
    told = {one.name: one.last_day for one in endings(shipped(), LAST)}
    assert told == dict.fromkeys(("hcpcs", "icd10cm", "icd10cm_notes"), LAST)
