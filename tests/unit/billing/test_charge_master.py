"""Price files: what spreadsheets do to them is found out, and a price only ever changes from a day on."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.charge_master import Price, plan_prices, read_prices

D = Decimal
JAN, JUL, OCT = date(2026, 1, 1), date(2026, 7, 1), date(2026, 10, 1)
HEAD = b"code,amount,start,modifier,description\n"


def read(text, **more):
    return read_prices(text, name="prices.csv", **more)


def test_a_clean_file():
    file = read(
        HEAD
        + b"99213,150.00,2026-01-01,,visit\n0042T,$1,200.00,1/1/2026,26,\n".replace(b"$1,200", b'"$1,200').replace(
            b".00,1/1", b'.00",1/1'
        )
    )
    assert file.is_good, file.problems
    assert [(one.code, one.modifier, one.amount) for one in file.prices] == [
        ("99213", "", D("150.00")), ("0042T", "26", D("1200.00")),
    ]  # fmt: skip


def test_what_other_systems_call_the_columns():
    file = read(b"CPT;Fee;Mod\n99213;150,00;\n", start=JAN)
    assert [problem.code for problem in file.problems] == ["BAD_AMOUNT"]
    assert read(b"CPT;Fee;Mod\n99213;150.00;\n", start=JAN).prices[0].start == JAN
    assert "start" in read(b"CPT,Fee\n99213,1\n").problems[0].message
    assert "Two columns" in read(b"CPT,code,fee\n1,1,1\n", start=JAN).problems[0].message


ROWS = [
    (b"100,1.00,2026-01-01", "EXCEL_DAMAGE", "column code"),
    (b"1.00E+10,1.00,2026-01-01", "EXCEL_DAMAGE", "column code"),
    (b"10000000000,1.00,2026-01-01", "EXCEL_DAMAGE", "column code"),
    (b"2026-10-01,1.00,2026-01-01", "EXCEL_DAMAGE", "column code"),
    (b"1-Oct,1.00,2026-01-01", "EXCEL_DAMAGE", "column code"),
    (b"99213.0,1.00,2026-01-01", "EXCEL_DAMAGE", "column code"),
    (b"99213,#REF!,2026-01-01", "EXCEL_DAMAGE", "column amount"),
    (b"99213,1.00,46023", "EXCEL_DAMAGE", "column start"),
    (b"99213,,2026-01-01", "NO_PRICE", "column amount"),
    (b"99213,0.00,2026-01-01", "NO_PRICE", "column amount"),
    (b"99213,-5.00,2026-01-01", "BAD_AMOUNT", "column amount"),
    (b"99213,1.005,2026-01-01", "BAD_AMOUNT", "column amount"),
    (b"99213,1.00,1/1/26", "BAD_DATE", "column start"),
    (b"99213,1.00,", "MISSING_VALUE", "column start"),
    (b",1.00,2026-01-01", "MISSING_VALUE", "column code"),
    (b"9921X3,1.00,2026-01-01", "BAD_CODE", "column code"),
    (b"99213,1.00,2026-01-01,1", "BAD_CODE", "column modifier"),
    (b"99213,1.00,2026-01-01,," + b"x" * 81, "BAD_TEXT", "column description"),
    (b"99212,2.00,2026-01-01", "DUPLICATE_ROW", "column code"),
]


@pytest.mark.parametrize(("row", "code", "place"), ROWS)
def test_a_wrong_cell_is_named(row, code, place):
    file = read(HEAD + b"99212,1.00,2026-01-01\n" + row)
    assert [(problem.code, problem.place) for problem in file.problems if problem.blocks] == [
        (code, f"prices.csv row 3, {place}")
    ]


def test_every_fault_of_a_file_is_told():
    file = read(HEAD + b"".join(row + b"\n" for row, _, _ in ROWS[:-1]))
    assert len([problem for problem in file.problems if problem.blocks]) == len(ROWS) - 1


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\xff\xfe\x00", b"PK\x03\x04nothing", b"code,amount,start\n"])
def test_what_is_no_price_file_is_refused(content):
    file = read(content)
    assert not file.is_good and file.prices == ()


def workbook(*rows):
    """An .xlsx of one sheet: text as inline strings, numbers as numbers, dates as styled numbers."""

    def cell(value):
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        if isinstance(value, date):
            return f'<c s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        return f"<c><v>{value}</v></c>"

    sheet = "".join(f"<row>{''.join(cell(value) for value in row)}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Fees" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


HEADER = ("code", "amount", "start")


def test_a_workbook_is_read_by_its_cells():
    file = read_prices(
        workbook(HEADER, (99213, 150.1, JAN), ("0042T", 40, "2026-01-01"), ("99214", 149.99999999999997, JAN)),
        name="fees.xlsx",
    )
    assert file.is_good, file.problems
    assert [(one.code, one.amount, one.start) for one in file.prices] == [
        ("99213", D("150.10"), JAN), ("0042T", D("40.00"), JAN), ("99214", D("150.00"), JAN),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((100, 5, JAN), "EXCEL_DAMAGE"),
        ((1e10, 5, JAN), "EXCEL_DAMAGE"),
        ((OCT, 5, JAN), "EXCEL_DAMAGE"),
        (("99213", "", JAN), "NO_PRICE"),
        (("99213", 0, JAN), "NO_PRICE"),
        (("99213", 1.005, JAN), "BAD_AMOUNT"),
        (("99213", 5, 46023), "EXCEL_DAMAGE"),
    ],
)
def test_what_a_spreadsheet_did_to_a_workbook(row, code):
    file = read_prices(workbook(HEADER, row), name="fees.xlsx")
    assert [problem.code for problem in file.problems] == [code]


# What changes --------------------------------------------------------------------------------------------------------


def price(amount, start=JAN, end=None, code="99213", modifier="", key=""):
    return Price(code=code, modifier=modifier, amount=D(amount), start=start, end=end, key=key)


def told(plan):
    return [(change.kind, change.old_amount, change.new_amount, change.start) for change in plan.changes]


def test_a_new_code_is_added():
    plan = plan_prices([], [price("150.00")])
    assert told(plan) == [("added", None, D("150.00"), JAN)] and plan.closed == ()


def test_a_price_change_ends_the_old_row_and_starts_another():
    plan = plan_prices([price("150.00", key="a")], [price("160.00", JUL)])
    assert told(plan) == [("changed", D("150.00"), D("160.00"), JUL)]
    assert plan.closed == (("a", JUL),) and plan.made[0].end is None


def test_a_price_between_two_ends_where_the_next_begins():
    plan = plan_prices([price("150.00", end=OCT, key="a"), price("170.00", OCT, key="b")], [price("160.00", JUL)])
    assert plan.closed == (("a", JUL),) and plan.made[0].end == OCT


def test_the_same_price_is_no_change():
    held = [price("150.00", key="a")]
    assert plan_prices(held, [price("150.00"), price("150.00", JUL)]).unchanged == 2
    assert plan_prices(held, [price("150.00")]).changes == ()


def test_another_price_on_the_same_day_is_refused():
    plan = plan_prices([price("150.00", key="a")], [price("160.00")])
    assert [problem.code for problem in plan.problems] == ["SAME_DAY"] and plan.made == ()


def test_what_a_whole_file_lacks_ends():
    held = [
        price("150.00", key="a"),
        price("40.00", code="87880", key="b"),
        price("9.00", code="36415", end=JUL, key="c"),
    ]
    plan = plan_prices(held, [price("150.00")], whole=True, ends_on=OCT)
    assert told(plan) == [("ended", D("40.00"), None, OCT)] and plan.closed == (("b", OCT),)
    assert plan_prices(held, [price("150.00")]).closed == ()


def taken(held, plan):
    """The prices after the plan."""
    import msgspec

    closed = dict(plan.closed)
    rows = [msgspec.structs.replace(row, end=closed.get(row.key, row.end)) for row in held]
    return rows + [msgspec.structs.replace(row, key=f"n{at}{len(held)}") for at, row in enumerate(plan.made)]


DAYS = st.dates(date(2025, 1, 1), date(2027, 1, 1))
WANTED = st.lists(
    st.builds(price, st.sampled_from(["1.00", "2.00", "3.00"]), DAYS, code=st.sampled_from(["99213", "87880"])),
    max_size=6, unique_by=lambda one: (one.code, one.start),
)  # fmt: skip


@given(WANTED, WANTED, st.booleans())
def test_no_day_has_two_prices_and_again_is_nothing(first, second, whole):
    held = []
    for wanted in (first, second):
        plan = plan_prices(held, wanted, whole=whole, ends_on=OCT)
        refused = {problem.place for problem in plan.problems}
        held = taken(held, plan)
        for one in held:
            rest = [
                other for other in held if other is not one and (other.code, other.modifier) == (one.code, one.modifier)
            ]
            assert not [
                o for o in rest if o.start <= one.start and (o.end is None or one.start < o.end) and o.end != o.start
            ]
        again = plan_prices(held, wanted, whole=whole, ends_on=OCT)
        if not refused:
            assert again.changes == ()
        for one in wanted:
            if f"code {one.code}" not in refused and not (whole and one.code not in {w.code for w in wanted}):
                running = [
                    h
                    for h in held
                    if h.code == one.code and h.start <= one.start and (h.end is None or one.start < h.end)
                ]
                assert [h.amount for h in running] == [one.amount]
