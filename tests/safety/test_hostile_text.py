"""Rows 21 and 22: text of a person or a payer is never markup, a query or a formula.

The attacked office has a row of every model whose texts begin with marks that break out of markup and attributes. Its
owner opens every page; then every page again, with each of 200 payloads in the parameters that its view reads; and takes
every list as CSV and Excel, where 40 payloads stand in what patients are called and why work is to be done.
"""

from __future__ import annotations

import csv
import io
import itertools
import random
import re
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from claimwright.documents.sheets import Sheet, to_csv, to_xlsx
from tests.safety import attacked as office
from tests.safety.attacked import person
from tests.safety.test_route_walker import Walker, _reads, addresses, parameters

MARKS = "<qx'\">"  # first in every text: ends an attribute, begins an element
SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<b>'>",
)
BREAKS = ("", "'", '"', "'>", '">', "</title>", "</textarea>", "-->", "`", "\\'")
QUERIES = (
    "' OR '1'='1", "'; DROP TABLE x; --", "1; SELECT pg_sleep(9)", "(SELECT 1)", "1 UNION SELECT NULL", "%' OR 1=1 --",
    "\\", "%", "_", "'", '"', "$$", "NaN", "-1", "1e309", "99999999999999999999", "٣", "9999-99-99", "0000-00-00",
    "{{7*7}}", "{% debug %}", "${7*7}", "javascript:alert(1)", "\r\nSet-Cookie: x=1", "../../etc/passwd", "\u202e", "\ufeff",
    "00000000-0000-0000-0000-000000000000", "true", "[]",
)  # fmt: skip
PAYLOADS = tuple(
    dict.fromkeys(
        [mark + script + MARKS for mark in BREAKS for script in SCRIPTS]
        + [brk + query for query in QUERIES for brk in BREAKS[:6]]
    )
)[:200]
LEADS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\u00a0=", "\uff1d", "\uff0b", "\uff0d", "\uff20")
FORMULAS = tuple(f"{lead}{rest}" for lead in LEADS for rest in ("1+1", "HYPERLINK(\"x\")", "cmd|' /C calc'!A0"))[:38] + (
    "a\n=1+1", "\u200b=1+1",
)  # fmt: skip
NUMBER = re.compile(r"-?\d+(\.\d+)?")
STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


@pytest.fixture(scope="module")
def full(module_database, monkeypatch_module):
    monkeypatch_module.setattr(office, "CANARY", MARKS)
    return office.attacked_office()


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def owner(full):
    return person(full.tenant, "owner", [], "reader")


def read_addresses(full: Any) -> list[tuple[str, str]]:
    walker = Walker(full, random.Random(1))
    return [
        (name, "/" + re.sub(r"<(\w+):(\w+)>", lambda part: walker._part(part[1], part[2], "path"), pattern))
        for name, pattern in ((name, pattern.replace("<slug:worklist>", "denials")) for name, pattern in addresses())
        if _reads(name)
    ]


def html_of(answer: Any) -> str:
    return (
        "" if answer.streaming or "text/html" not in answer.headers.get("Content-Type", "") else answer.content.decode()
    )


def test_row21_texts_of_rows_are_shown_and_never_run(full, owner):
    shown, ran = 0, []
    for name, address in read_addresses(full):
        answer = owner.get(address)
        page = html_of(answer)
        if MARKS in page or "<qx" in page:
            ran.append(name)
        shown += "&lt;qx&#x27;&quot;&gt;" in page
        policy = answer.headers.get("Content-Security-Policy", "")
        if page and ("'unsafe-" in policy or "default-src 'self'" not in policy):
            ran.append(f"{name}: {policy}")
        if page and re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/json)[^>]*>|\son\w+=", page):
            ran.append(f"{name}: inline script")
    print(f"row 21: texts with marks shown on {shown} pages, run on {len(ran)}")
    assert ran == [] and shown >= 20


def test_row21_parameters_of_every_page_take_any_text(full, owner):
    assert len(PAYLOADS) == 200
    failed, ran, asked = [], [], 0
    order = itertools.cycle(PAYLOADS)
    for name, address in read_addresses(full):
        if owner.get(address).status_code >= 500:
            continue  # a made-up row that no service would write; only texts are tried here
        for _ in range(1):
            values = {one: next(order) for one in random.Random(asked).sample(parameters(), 40)}
            answer = owner.get(address, values)
            asked += 1
            page = html_of(answer)
            if answer.status_code >= 500:
                failed.append((name, values))
            if "<qx" in page or "onerror=alert" in re.sub(r"&\w+;[^<]*", "", page) and "<img src=x" in page:
                ran.append(name)
            assert "Set-Cookie: x=1" not in str(answer.headers)
    print(f"row 21: {len(PAYLOADS)} payloads in {asked} requests")
    assert [name for name, _ in failed] == [] and ran == []


def test_row21_a_nul_is_refused_before_anything_reads_it(full, owner):
    """No row can hold one: without the refusal each place that looks something up answers 500."""
    from django.test import Client

    stranger = Client()
    stranger.cookies["sessionid"] = "\x00" * 32
    answers = [
        owner.get("/patients/", {"q": "A\x00"}), owner.get("/patients/", {"\x00": "A"}), owner.get("/s/A%00B/"),
        owner.get("/worklists/A%00B/"), owner.post("/login/", {"username": "A\x00", "password": "x"}),
        owner.post("/counter/drawer/open/", {"A\x00": "x"}), stranger.get("/patients/"),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [400] * len(answers)


def plant_formulas(full: Any) -> None:
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Patient
    from claimwright.web.practice.models import Payer
    from tests.lib.web_data import a_work_item

    with tenant_scope(full.tenant):
        for number, payload in enumerate(FORMULAS):
            Patient.objects.create(
                practice=full.office.practice, record_number=f"F{number}", last_name=payload, first_name=payload,
                birth_date="1990-01-01", content={"last_name": payload, "first_name": payload, "birth_date": "1990-01-01"},
            )  # fmt: skip
            a_work_item(
                "denials",
                f"formula/{number}",
                reason=payload,
                reason_code="X",
                what_to_do=payload,
                amount=Decimal("-12.34"),
            )
        Patient.objects.filter(record_number="MRN1001").update(last_name=FORMULAS[0])
        Payer.objects.filter(pk=full.office.payer.pk).update(name=FORMULAS[1])
        assert WorkItem.objects.filter(what_to_do=FORMULAS[2]).exists()


def is_formula(text: str) -> bool:
    return text.strip(" \u00a0\u200b").startswith(tuple(STARTS))


def cells_of(answer: Any) -> list[tuple[str, bool]]:
    return cells_in(b"".join(answer.streaming_content) if answer.streaming else answer.content)


def cells_in(content: bytes) -> list[tuple[str, bool]]:
    """(text, whether it is a number to the program that opens it) of every cell of a CSV or workbook."""
    if content[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(content))
        xml = "".join(book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name)
        assert "<f>" not in xml and "<f " not in xml
        return [(value, True) for value in re.findall(r"<v>([^<]*)</v>", xml)]
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    return [(cell, bool(NUMBER.fullmatch(cell))) for row in rows for cell in row]


def test_row22_no_export_holds_a_formula_and_money_stays_a_number(full, owner):
    plant_formulas(full)
    exports, bad, money = 0, [], 0
    sheet = Sheet(title="Any", columns=FORMULAS[:1], rows=[[Decimal("-12.34")], *([payload] for payload in FORMULAS)])
    for content in (to_csv(sheet), to_xlsx([sheet])):
        cells = cells_in(content)
        assert ("-12.34", True) in cells
        assert not [text for text, number in cells if not number and is_formula(text)]
    for name, address in read_addresses(full):
        for form in ("csv", "xlsx"):
            answer = owner.get(address, {"as": form, "format": form})
            kind = answer.headers.get("Content-Type", "")
            if answer.status_code != 200 or not ("csv" in kind or "spreadsheet" in kind):
                continue
            exports += 1
            for text, number in cells_of(answer):
                money += number and text.startswith("-")
                if not number and is_formula(text):
                    bad.append((name, text))
    print(f"row 22: {len(FORMULAS)} payloads, {exports} files, {money} negative amounts that are numbers")
    assert bad == []
    assert len(FORMULAS) == 40 and exports >= 10
