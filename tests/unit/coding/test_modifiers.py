"""Which modifiers are considered on which lines; none is ever applied."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.claims.nouns import Line, Provider
from claimwright.codes.procedure_pairs import PairEdit, PairTable
from claimwright.codes.relative_values import RelativeValue, RelativeValues
from claimwright.coding.modifiers import Context, Notice, Tables, advise
from claimwright.coding.surgery import Procedure

ON = date(2026, 5, 4)
ROWS = [
    RelativeValue(code="20610", global_days="000", bilateral="1"), RelativeValue(code="27447", global_days="090", bilateral="1"),
    RelativeValue(code="11400", global_days="010"), RelativeValue(code="71046", global_days="XXX", pc_tc="1"),
    RelativeValue(code="93000", global_days="XXX", pc_tc="4"), RelativeValue(code="27310", global_days="090"),
]  # fmt: skip
PAIRS = PairTable(
    [
        PairEdit(column1="20610", column2="64450", indicator="1", start=date(2020, 1, 1)),
        PairEdit(column1="96372", column2="99211", indicator="1", start=date(2020, 1, 1)),
        PairEdit(column1="27447", column2="20610", indicator="0", start=date(2020, 1, 1)),
        PairEdit(column1="11400", column2="12001", indicator="1", start=date(2020, 1, 1), end=date(2026, 1, 1)),
    ]
)
TABLES = Tables(relative_values=RelativeValues.of(ROWS, start=date(2026, 1, 1), end=date(2027, 1, 1)), pairs=PAIRS)


def line(code, *modifiers, **more):
    return Line(procedure_code=code, modifiers=modifiers, charge=Decimal("10.00"), date_from=more.pop("on", ON), **more)


def ids(lines, context=Context(), tables=TABLES, place="11"):
    return [(one.id, one.place.partition(".")[0], one.consider) for one in advise(lines, place, context, tables)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("99213"), line("20610")], [("SEPARATE_VISIT", "lines[0]", ("25",))]),
        ([line("99213"), line("20610"), line("11400")], [("SEPARATE_VISIT", "lines[0]", ("25",))]),
        ([line("99213", "25"), line("20610")], []),
        ([line("99213"), line("27447")], [("DECISION_FOR_SURGERY", "lines[0]", ("57",))]),
        ([line("99213"), line("93000")], []),
        ([line("99213"), line("20610", on=date(2026, 5, 5))], []),
        ([line("99213")], []),
    ],
)
def test_visits_beside_procedures(lines, expected):
    assert ids(lines) == expected


def test_visits_and_procedures_after_surgery():
    knee = Procedure(code="27447", day=date(2026, 4, 1), indicator="090", specialty="ortho", group="g")
    context = Context(history=(knee,), specialty="ortho", group="g")
    assert ids([line("99213")], context) == [("UNRELATED_VISIT", "lines[0]", ("24",))]
    assert ids([line("99213", "24")], context) == []
    assert ids([line("27310")], context) == [("PROCEDURE_IN_GLOBAL", "lines[0]", ("58", "78", "79"))]
    assert ids([line("27310", "78")], context) == []
    assert ids([line("71046")], context) == []  # an X-ray is no part of the package
    assert ids([line("99213")], Context(history=(knee,), specialty="derm", group="g")) == []


def test_professional_part_in_a_facility():
    facility = Context(facility=True)
    assert ids([line("71046")], facility) == [("PROFESSIONAL_PART", "lines[0]", ("26",))]
    assert ids([line("71046", "26")], facility) == ids([line("71046")]) == ids([line("93000")], facility) == []


def test_both_sides():
    assert ids([line("20610", "RT"), line("20610", "LT")]) == [("BOTH_SIDES", "lines[0]", ("50",))]
    assert ids([line("11400", "RT"), line("11400", "LT")]) == []


@pytest.mark.parametrize(
    ("first", "second", "consider"),
    [
        (line("93000"), line("93000"), ("76",)),
        (line("93000", rendering=Provider(npi="1")), line("93000", rendering=Provider(npi="2")), ("77",)),
        (line("82962"), line("82962"), ("91", "59")),
        (line("93000"), line("93000", "76"), None),
        (line("93000", "26"), line("93000", "TC"), None),
        (line("J9999"), line("J9999", "JW"), None),
        (line("93000"), line("93000", on=date(2026, 5, 5)), None),
    ],
)
def test_repeats(first, second, consider):
    assert ids([first, second]) == ([("REPEATED", "lines[1]", consider)] if consider else [])


@pytest.mark.parametrize(
    ("place", "how", "modifiers", "consider"),
    [
        ("10", "video", (), ("95",)), ("02", "audio", (), ("93",)), ("10", "", (), ("95", "93")),
        ("10", "video", ("95",), None), ("11", "video", (), None),
    ],
)  # fmt: skip
def test_telehealth(place, how, modifiers, consider):
    found = ids([line("99213", *modifiers)], Context(telehealth=how), place=place)
    assert found == ([("TELEHEALTH", "lines[0]", consider)] if consider else [])


def test_pairs():
    distinct = ("XE", "XS", "XP", "XU", "59")
    assert ids([line("64450"), line("20610")]) == [("SEPARATE_SERVICE", "lines[0]", distinct)]
    assert ids([line("20610", "59"), line("64450")]) == ids([line("20610"), line("64450", "XS")]) == []
    assert ids([line("96372"), line("99211")]) == [("SEPARATE_SERVICE", "lines[1]", ("25",))]
    assert ids([line("27447"), line("20610", "RT")]) == []  # indicator 0: no modifier helps, an edit says so
    assert ids([line("11400"), line("12001")]) == []  # ended


@pytest.mark.parametrize(
    ("notice", "medicare", "modifiers", "consider"),
    [
        (Notice(doubt="necessity", notice_signed=True), True, (), ("GA",)),
        (Notice(doubt="necessity"), True, (), ("GZ",)),
        (Notice(doubt="excluded", notice_signed=True), True, (), ("GY", "GX")),
        (Notice(doubt="excluded"), True, (), ("GY",)),
        (Notice(doubt="necessity"), False, (), None),
        (Notice(doubt="necessity"), True, ("GA",), None),
        (Notice(doubt="necessity", line=7), True, (), None),
        (Notice(), True, (), None),
    ],
)
def test_who_pays(notice, medicare, modifiers, consider):
    found = ids([line("93000", *modifiers)], Context(medicare=medicare, notices=(notice,)))
    assert found == ([("LIABILITY", "lines[0]", consider)] if consider else [])


def test_without_tables_or_dates_nothing_is_said_of_them():
    lines = [line("99213"), line("20610"), line("64450")]
    assert ids(lines, tables=Tables()) == []
    assert ids([line("99213", on=None), line("20610", on=None)]) == []


def test_every_advice_says_what_must_be_documented_and_by_what_rule():
    context = Context(
        history=(Procedure(code="27447", day=date(2026, 4, 1), indicator="090"),), facility=True, medicare=True,
        notices=(Notice(doubt="necessity"),),
    )  # fmt: skip
    lines = [
        line("99213"),
        line("20610", "RT"),
        line("20610", "LT"),
        line("64450"),
        line("93000"),
        line("93000"),
        line("71046"),
    ]
    found = advise(lines, "10", context, TABLES)
    assert {one.id for one in found} >= {
        "SEPARATE_VISIT", "UNRELATED_VISIT", "PROCEDURE_IN_GLOBAL", "BOTH_SIDES", "SEPARATE_SERVICE", "REPEATED",
        "TELEHEALTH", "PROFESSIONAL_PART", "LIABILITY",
    }  # fmt: skip
    assert all(one.document and one.reason and one.source and one.kind == "modifier" for one in found)
