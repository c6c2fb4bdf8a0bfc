"""The agencies' file layouts, in miniature."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.loaders.hcpcs import is_anweb_member, read_anweb, read_codes_only
from claimwright.codes.loaders.icd10cm import (
    OrderRow,
    order_file_year,
    read_codes_file,
    read_order_file,
)
from claimwright.codes.tables import TableError


def order_line(number, code, flag, short, title):
    return f"{number:05d} {code:<7} {flag} {short:<60} {title}"


def anweb_line(code, sequence, kind, title, **fields):
    """One record of the fixed-width file, by the record layout's 1-based positions."""
    cells = list(" " * 293)

    def put(position, text):
        cells[position - 1 : position - 1 + len(text)] = text

    put(1 if len(code) == 5 else 4, code)
    put(6, sequence)
    put(11, kind)
    put(12, title)
    for position, text in (
        (92, "short"),
        (230, "coverage"),
        (257, "betos"),
        (269, "added"),
        (285, "last"),
        (293, "action"),
    ):
        put(position, fields.get(text, ""))
    return "".join(cells)


def test_order_file_reads_columns_not_tokens():
    text = "\r\n".join(
        [
            order_line(1, "A00", 0, "Cholera", "Cholera"),
            order_line(2, "A000", 1, "Cholera dt Vibrio", "Cholera due to Vibrio cholerae 01, biovar cholerae"),
            order_line(3, "S83511A", 1, "Sprain", "Sprain of knee, M\xe9ni\xe8re"),
        ]
    )
    assert list(read_order_file(text.encode("latin-1"))) == [
        OrderRow("A00", False, "Cholera", "Cholera"),
        OrderRow("A000", True, "Cholera dt Vibrio", "Cholera due to Vibrio cholerae 01, biovar cholerae"),
        OrderRow("S83511A", True, "Sprain", "Sprain of knee, Ménière"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "A000 Cholera",
        order_line(2, "A000", 2, "Cholera", "Cholera"),
        order_line(2, "a000", 1, "Cholera", "Cholera"),
        order_line(2, "A", 1, "Cholera", "Cholera"),
        "<html>not found</html>" + " " * 90,
    ],
)
def test_order_file_of_another_layout_names_the_line(line):
    good = order_line(1, "A00", 0, "Cholera", "Cholera")
    with pytest.raises(TableError, match=r"line 2 .*unzip"):
        list(read_order_file(f"{good}\r\n{line}\r\n".encode("latin-1")))


def test_codes_file():
    rows = list(read_codes_file(b"A000    Cholera due to Vibrio\r\nU071    COVID-19\r\n"))
    assert [(row.code, row.title, row.billable) for row in rows] == [
        ("A000", "Cholera due to Vibrio", True),
        ("U071", "COVID-19", True),
    ]
    with pytest.raises(TableError, match="line 1"):
        list(read_codes_file(b"A000\r\n"))


def test_order_file_is_known_by_its_name():
    assert order_file_year("icd10cm_order_2026.txt") == 2026
    assert order_file_year("Code Descriptions/icd10cm-order-2025.txt") == 2025
    assert order_file_year("icd10cm_order_addenda_2026.txt") is None
    assert order_file_year("icd10cm_codes_2026.txt") is None


def test_anweb_joins_continuations_and_keeps_modifiers_apart():
    text = "\r\n".join(
        [
            "***Disclaimers\t\t\t",
            "",
            anweb_line("A1", "00100", "7", "Dressing for one wound", added="20020701"),
            anweb_line(
                "J0129", "00100", "3", "Injection, abatacept, 10 mg (code may be", short="Abatacept", coverage="C"
            ),
            anweb_line("J0129", "00200", "4", "used for medicare)", betos="O1E"),
            anweb_line("J9999", "00300", "3", "Last", added="19980101", last="20191231", betos="O1D", action="D"),
        ]
    )
    modifier, first, last = read_anweb(text.encode("latin-1"))
    assert (modifier.code, modifier.is_modifier, modifier.added) == ("A1", True, date(2002, 7, 1))
    assert (first.code, first.is_modifier) == ("J0129", False)
    assert first.title == "Injection, abatacept, 10 mg (code may be used for medicare)"
    assert (first.short_title, first.coverage, first.last_day) == ("Abatacept", "C", None)
    assert (last.betos, last.last_day, last.action) == ("O1D", date(2019, 12, 31), "D")


def test_anweb_without_a_record_or_with_a_bad_date_is_refused():
    with pytest.raises(TableError, match="no HCPCS record"):
        list(read_anweb(b"A0021 Ambulance\r\n"))
    with pytest.raises(TableError, match="bad date in column 269"):
        list(read_anweb(anweb_line("A0021", "00100", "3", "Ambulance", added="20209999").encode()))


@pytest.mark.parametrize("licensed", ["D0120", "99213"])
def test_anweb_takes_no_licensed_code(licensed):
    with pytest.raises(TableError, match="no Level II code"):
        list(read_anweb(anweb_line(licensed, "00100", "3", "Something").encode()))


def test_codes_only_list_takes_level_two_codes_alone():
    assert list(read_codes_only(b"A0021\r\nV5364\n\n")) == ["A0021", "V5364"]
    for licensed in (b"D0120", b"99213", b"0001U"):
        with pytest.raises(TableError, match="line 2"):
            list(read_codes_only(b"A0021\n" + licensed))


def test_anweb_member_names_drift():
    assert is_anweb_member("HCPC2019_CONTR_ANWEB.txt")
    assert is_anweb_member("HCPC2026_JUL_ANWEB_v2.txt")
    assert not is_anweb_member("HCPC2019_CONTR_ANWEB.xlsx")
