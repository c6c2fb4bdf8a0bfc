"""What belongs in an accounting of disclosures, and until when it is due: 45 CFR 164.528."""

from datetime import date

import msgspec
import pytest

from claimwright.billing.disclosures import Disclosure, DisclosureRefused, answer_by, check, for_patient, window

TODAY = date(2026, 9, 30)
ONE = Disclosure(
    disclosed_on=date(2026, 9, 1), recipient="County Court", what="Notes", purpose="Subpoena", basis="court"
)


def of(**changes):
    return msgspec.structs.replace(ONE, **changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"basis": "payment"}, "treatment, payment and operations do not belong here"),
        ({"recipient": " "}, "who received it"),
        ({"what": ""}, "what was disclosed"),
        ({"purpose": "x"}, "what for"),
        ({"disclosed_on": date(2026, 10, 1)}, "future"),
        ({"last_on": date(2026, 10, 1), "how_often": "daily"}, "future"),
        ({"last_on": date(2026, 8, 1), "how_often": "daily"}, "before the first"),
        ({"last_on": date(2026, 9, 2)}, "how often"),
        ({"withheld_until": date(2027, 1, 1)}, "only a health oversight agency"),
    ],
)
def test_what_says_too_little_or_does_not_belong_is_refused(changes, says):
    with pytest.raises(DisclosureRefused, match=says):
        check(of(**changes), today=TODAY)


def test_a_whole_one_is_taken():
    check(ONE, today=TODAY)
    check(of(basis="law_enforcement", withheld_until=date(2027, 1, 1)), today=TODAY)


def test_it_goes_back_six_years_to_the_day_and_leaves_out_what_is_withheld():
    assert window(TODAY) == (date(2020, 9, 30), TODAY)
    assert window(date(2028, 2, 29))[0] == date(2022, 2, 28)
    first, before = of(disclosed_on=date(2020, 9, 30)), of(disclosed_on=date(2020, 9, 29))
    run = of(disclosed_on=date(2019, 1, 1), last_on=date(2021, 1, 1), how_often="monthly")
    later = of(disclosed_on=date(2026, 10, 1))
    withheld = of(basis="oversight", withheld_until=TODAY)
    over = of(basis="oversight", withheld_until=date(2026, 9, 29))
    given = for_patient([ONE, before, first, run, later, withheld, over], asked_on=TODAY, today=TODAY)
    assert given == [run, first, ONE, over]


def test_it_is_due_in_sixty_days_and_once_thirty_later():
    assert answer_by(TODAY) == date(2026, 11, 29)
    assert answer_by(TODAY, extended=True) == date(2026, 12, 29)
