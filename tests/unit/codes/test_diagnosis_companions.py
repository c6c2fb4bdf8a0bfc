"""Which companions the tabular list truly demands, and the codes of the other side, against codes looked up by hand."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.code_sets import shipped

DAY = date(2026, 8, 31)


def attribute(code: str, name: str) -> list[str]:
    assert shipped().entry("icd10cm", code, DAY) is not None, code
    return shipped().attribute("icd10cm", code, name, DAY).split()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("D631", ["N18"]),  # anemia in chronic kidney disease
        ("R29700", ["I63"]),  # stroke scale: the infarction
        ("M1A10X0", ["T560"]),  # lead-induced gout
        ("D641", ["*"]),  # secondary sideroblastic anemia: "underlying disease"
        ("I509", []),  # lists what it may be due to
        ("N189", []),  # any associated diabetic or hypertensive disease
        ("L97411", []),  # any associated underlying condition
        ("J189", []),  # if applicable
        ("B390", []),  # associated AIDS, of some patients
        ("I10", []),
    ],
)
def test_what_must_stand_before(code: str, expected: list[str]) -> None:
    assert attribute(code, "demands_before") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("I120", ["N185", "N186"]),
        ("E11621", ["L974", "L975"]),
        ("I0981", ["I50"]),
        ("E119", []),  # insulin and other drugs are status codes
        ("C50911", []),  # receptor status, a Z code
        ("J069", []),  # organism and tobacco
        ("I700", []),
    ],
)
def test_what_must_stand_after(code: str, expected: list[str]) -> None:
    assert attribute(code, "demands_after") == expected


@pytest.mark.parametrize(
    ("code", "twin"),
    [("M25561", "M25562"), ("M25562", "M25561"), ("S8001XA", "S8002XA"), ("H2511", "H2512"), ("I69351", "I69352"),
     ("R1031", "R1032"), ("I501", ""), ("I447", ""), ("K51511", ""), ("M2550", "")],
)  # fmt: skip
def test_the_code_of_the_other_side(code: str, twin: str) -> None:
    assert "".join(attribute(code, "other_side")) == twin


def test_an_unspecified_code_knows_its_specific_siblings() -> None:
    assert attribute("M25569", "specific") == ["M25561", "M25562"]
    assert attribute("J069", "specific") == ["J060"]
    assert attribute("M25561", "specific") == []


def test_examples_in_a_note_leave_room_for_others() -> None:
    demanded = attribute("F0280", "demands_before")
    assert "*" in demanded and "G30" in demanded
