"""Lists as files: every one of them opens, holds the filter and all pages, says when it is too long, and is audited."""

from __future__ import annotations

import ast
import csv
import inspect
import io

import pytest

# What a list of several views must be asked for besides: address to queries. Others are asked for as they are.
VIEWS = {
    "eligibility": ("", "view=waiting", "view=candidates", "view=payers"),
    "files": ("", "box=sent"),
}  # fmt: skip


def offered():
    """(name of the address, name of the list on its page) of every list that is a file and has an address of its own."""
    from django.urls import URLResolver, get_resolver

    def walk(patterns):
        for one in patterns:
            yield from walk(one.url_patterns) if isinstance(one, URLResolver) and one.namespace is None else [one]

    for pattern in walk(get_resolver().url_patterns):
        if getattr(pattern, "callback", None) is None or "<" in str(pattern.pattern):
            continue
        view = inspect.unwrap(pattern.callback)
        source = inspect.getsource(view)
        if "exported(" not in source:
            continue
        for call in (node for node in ast.walk(ast.parse(inspect.cleandoc(source))) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") == "exported":
                of = next((word.value for word in call.keywords if word.arg == "of"), None)
                yield pattern.name, of.value if isinstance(of, ast.Constant) else ""


def rows_of_csv(response):
    assert response.status_code == 200 and response.headers["Content-Type"].startswith("text/csv"), response.headers
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_every_list_opens_as_a_file(mine):
    from django.test import Client
    from django.urls import reverse

    from tests.lib.web_data import a_user

    client = Client()
    owner = a_user(mine.tenant, "chief", role="owner")
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    lists = sorted(set(offered()))
    assert len(lists) > 25
    for name, of in lists:
        for query in VIEWS.get(name, ("",)):
            for form, starts in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
                response = client.get(f"{reverse(name)}?as={form}&of={of}&{query}")
                assert response.status_code == 200 and response.content.startswith(starts), (name, of, query)
                assert "attachment" in response.headers["Content-Disposition"], (name, of, query)


@pytest.mark.parametrize(("of", "heading", "wanted"), [("", "Claim", "CW1001"), ("pairs", "Code", "L6")])
def test_one_remittance_is_a_file_of_its_claims_and_of_its_pairs(client, mine, of, heading, wanted):
    rows = rows_of_csv(client.get(f"/remittances/{mine.remittance.pk}/", {"as": "csv", "of": of}))
    assert wanted in [row[heading] for row in rows]


def test_an_account_is_a_file_of_its_visits_statements_and_receipts(client, mine):
    address = f"/patients/{mine.patients['MRN1001'].pk}/"
    visits, statements, receipts = (
        rows_of_csv(client.get(address, {"as": "csv", "of": of})) for of in ("visits", "statements", "receipts")
    )
    assert "37.00" in [row["Open"] for row in visits]
    assert [row["Number"] for row in statements] == ["ST-1001"] and receipts[0]["Reference"] == "ends 4242"


def test_a_worklists_file_says_whom_each_item_is_about(client, mine):
    (row,) = rows_of_csv(client.get("/worklists/edit_holds.csv"))
    assert row["Claim"] == "CW1004" and row["Patient"] and row["Payer"] and row["Date of service"].startswith("2026-")


def test_a_file_holds_the_filter_and_no_page_and_the_audit_log_says_so(client, mine, monkeypatch):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.workbench import pages

    monkeypatch.setattr(pages, "ROWS_PER_PAGE", 1)
    every = rows_of_csv(client.get("/patients/?as=csv"))
    assert len(every) > 2
    some = rows_of_csv(client.get("/patients/?as=csv&q=RIVERA&page=1"))
    assert [row["Last name"] for row in some] == ["RIVERA"]
    with tenant_scope(mine.tenant):
        last = AuditEvent.objects.order_by("-sequence").first()
    assert (last.action, last.detail) == ("patient.list", "1 rows as csv")


def test_a_list_that_is_too_long_says_so_and_shows_the_page(client, monkeypatch):
    from claimwright.web.workbench import exports

    monkeypatch.setattr(exports.exported, "__kwdefaults__", exports.exported.__kwdefaults__ | {"most": 1})
    response = client.get("/patients/?as=xlsx&q=&many=1", follow=True)
    assert response.redirect_chain == [("/patients/?q=&many=1", 302)]
    assert "One file holds 1 rows at most" in response.content.decode()


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_cell_of_a_list_runs_as_a_formula(said):
    from claimwright.web.workbench import exports

    sheet = exports.Sheet(title="x", columns=("Words",), rows=[(exports._plain(said),)])
    (row,) = rows_of_csv(exports.download(sheet, name="x", form="csv"))
    assert row["Words"].startswith("'")
