"""The drawn forms: where each value stands, that nothing overlaps, that the same claim is the same bytes."""

from __future__ import annotations

import io
from datetime import date

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings

from claimwright.documents.claim_forms import SHEETS, FormRefused, print_claim, print_claims
from claimwright.documents.paper import PAGE_HEIGHT, PAGE_WIDTH, Place, Sheet, fits
from tests.lib.builders import a_claim, a_coverage, a_patient
from tests.lib.claim_kind_strategies import institutional_claims, professional_claims
from tests.lib.kind_builders import an_inpatient_claim
from tests.unit.documents.paper_claims import STORIES, a_full_institutional_claim, a_full_professional_claim

DAY = date(2026, 9, 5)


def texts(pdf: bytes, page: int = 0) -> list[tuple[str, float, float, float]]:
    """(text, x, y, size) of each text on a page, as printed: in points from the left and the foot."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        across = down = size = x = y = 0.0
        for operands, operator in pikepdf.parse_content_stream(document.pages[page]):
            name = str(operator)
            if name == "cm":
                across, down = float(operands[4]) + across, float(operands[5]) + down
            elif name == "Tf":
                size = float(operands[1])
            elif name == "Tm":
                x, y = float(operands[4]), float(operands[5])
            elif name == "Tj":
                found.append((str(operands[0]), x + across, y + down, size))
    return found


@pytest.mark.parametrize("kind", sorted(SHEETS))
def test_no_two_values_share_a_character(kind):
    sheet = SHEETS[kind]
    places = dict(sheet.places) | {
        f"{box}={value}": place for box, values in sheet.choices.items() for value, place in values.items()
    }
    names = sorted(places)
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            assert not overlaps(places[first], places[second]), (first, second)


def overlaps(first: Place, second: Place) -> bool:
    if abs(first.line - second.line) >= 1:
        return False
    start, end = (
        max(first.column, second.column),
        min(first.column + first.characters, second.column + second.characters),
    )
    return end - start > 0.05


@pytest.mark.parametrize("kind", sorted(SHEETS))
def test_every_place_is_on_the_page(kind):
    sheet: Sheet = SHEETS[kind]
    for box, place in sheet.places.items():
        assert sheet.x(place.column) >= 9, box  # the UB-04 is 8.2 inches wide
        assert sheet.x(place.column + place.characters) <= PAGE_WIDTH - 8, box
        assert 18 <= sheet.y(place.line) <= PAGE_HEIGHT - 12 - 8, box


# x is the left edge of the print, y its baseline from the page's top, both in inches, as practice systems print them.
KNOWN = {
    "cms1500": {
        "1a": (5.25, 1.63), "2": (0.35, 1.96), "5.state": (2.86, 2.64), "24.1.A.from.month": (0.34, 7.64),
        "24.1.D": (2.74, 7.64), "24.6.J": (7.02, 9.31), "25": (0.34, 9.64), "33a": (5.32, 10.46),
    },
    "ub04": {
        "1.1": (0.275, 0.29), "3a": (5.58, 0.29), "10": (0.16, 1.45), "42.1": (0.16, 3.12), "47.total": (6.12, 6.78),
        "50A": (0.20, 7.12), "67": (0.33, 8.95), "76.npi": (6.02, 9.45), "81d.code": (2.97, 10.62),
    },
}  # fmt: skip


@pytest.mark.parametrize(("kind", "box"), [(kind, box) for kind, boxes in KNOWN.items() for box in boxes])
def test_print_stands_where_the_printed_form_has_its_boxes(kind, box):
    sheet = SHEETS[kind]
    place, (x, y) = sheet.places[box], KNOWN[kind][box]
    assert sheet.x(place.column) / 72 == pytest.approx(x, abs=0.06)
    assert (PAGE_HEIGHT - sheet.y(place.line)) / 72 == pytest.approx(y, abs=0.06)


@pytest.mark.parametrize("story", sorted(STORIES))
def test_the_same_claim_is_the_same_bytes(story):
    claim = STORIES[story]()
    assert print_claim(claim, on=DAY).pdf == print_claim(claim, on=DAY).pdf
    assert print_claim(claim, on=DAY).pdf != print_claim(claim, on=DAY, data_only=True).pdf


def test_data_alone_is_the_same_print_without_the_form():
    claim = a_full_professional_claim()
    whole, alone = (print_claim(claim, on=DAY, data_only=choice).pdf for choice in (False, True))
    assert set(texts(alone)) <= set(texts(whole))
    captions = {text for text, *_ in texts(whole)} - {text for text, *_ in texts(alone)}
    assert any("not the printed original" in text for text in captions)


def test_an_offset_moves_the_data_and_not_the_form():
    claim = a_claim()
    still, moved = texts(print_claim(claim).pdf), texts(print_claim(claim, offset=(3.5, 2)).pdf)
    changed = [(one, other) for one, other in zip(still, moved, strict=True) if one != other]
    assert {round(other[1] - one[1], 3) for one, other in changed} == {3.5}
    assert {round(other[2] - one[2], 3) for one, other in changed} == {-2.0}
    assert "TESTER, ANNA" in {one[0] for one, _ in changed}
    assert not [one for one, _ in changed if one[0].startswith("2  Patient")]


def test_an_offset_of_more_than_an_inch_is_refused():
    with pytest.raises(FormRefused, match="inch"):
        print_claim(a_claim(), offset=(0, 73))


def test_two_pages_follow_each_other_with_one_total():
    printed = print_claim(a_full_professional_claim(), data_only=True)
    assert printed.pages == 2
    first, second = ([text for text, *_ in texts(printed.pdf, page)] for page in (0, 1))
    assert "CONTINUED" in first and "101367" not in first and "101367" in second
    stay = print_claim(a_full_institutional_claim(), data_only=True)
    assert "0001" not in [text for text, *_ in texts(stay.pdf, 0)]
    assert "0001" in [text for text, *_ in texts(stay.pdf, 1)]


def test_a_long_value_shrinks_and_a_longer_one_is_warned_of():
    place = SHEETS["cms1500"].places["2"]
    for length, sizes in ((28, 12.0), (29, 11.586), (fits(28), 7.0), (fits(28) + 1, 7.0)):
        name = "A" * (length - len(", ANNA"))
        claim = a_claim(patient=a_patient(last_name=name), coverage=a_coverage())
        printed = print_claim(claim, data_only=True)
        text, x, _, size = next(one for one in texts(printed.pdf) if one[0].startswith("AAAA"))
        assert size == pytest.approx(sizes, abs=0.01)
        assert len(text) * size * 0.6 <= place.characters * 7.2 + 0.01
        told = [(one.box, one.kind, one.length, one.room) for one in printed.warnings]
        assert told == ([("2", "TOO_LONG", length, fits(28))] if length > fits(28) else [])
        assert name not in " ".join(one.says for one in printed.warnings)


def test_money_ends_at_its_rule():
    for text, x, _, size in texts(print_claim(a_full_professional_claim(), data_only=True).pdf):
        if text == "98765":
            assert x + len(text) * size * 0.6 == pytest.approx(SHEETS["cms1500"].x(55.3), abs=0.01)


def test_claims_of_one_form_go_into_one_file_and_of_two_do_not():
    assert print_claims([a_claim(), a_full_professional_claim()]).pages == 3
    with pytest.raises(FormRefused, match="two forms"):
        print_claims([a_claim(), an_inpatient_claim()])
    with pytest.raises(FormRefused, match="no claim"):
        print_claims([])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(professional_claims())
def test_any_professional_claim_is_printed(claim):
    _every_charge_is_printed(claim)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(institutional_claims())
def test_any_institutional_claim_is_printed(claim):
    _every_charge_is_printed(claim)


def _every_charge_is_printed(claim):
    printed = print_claim(claim, data_only=True, on=DAY)
    found = [text for page in range(printed.pages) for text, *_ in texts(printed.pdf, page)]
    for line in claim.lines:
        assert str(int(line.charge)) in found
    assert found.count(claim.control_number.upper()) == printed.pages or len(claim.control_number) > fits(14)


def test_a_canary_of_overlap_is_caught():
    assert overlaps(Place(1, 1, 5), Place(1, 5, 2)) and not overlaps(Place(1, 1, 4), Place(1, 5, 2))
    assert not overlaps(Place(1, 1, 4), Place(2, 1, 4))
