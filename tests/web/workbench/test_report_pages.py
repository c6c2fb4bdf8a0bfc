"""Every report as a page and as files, drill-down, costs, trends, and the closing of a month by a person."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
import python_calamine

from tests.lib.web_data import a_user

SEPTEMBER = {"from": "2026-09-01", "to": "2026-09-30"}
REPORTS = ("day-sheet", "postings", "receivables", "trial-balance", "deposits", "deposit-slips", "aging", "figures",
           "figures-by")  # fmt: skip
BYS = {"figures-by": ("payer", "provider", "location", "practice", "month"), "receivables": ("practice", "bucket")}


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def in_scope(office, name, **given):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import books

    with tenant_scope(office.tenant):
        return getattr(books, name)(**given)


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_a_page_and_two_files_of_the_same_rows(client, mine, theirs, report):
    for by in BYS.get(report, ("",)):
        wanted = SEPTEMBER | {"by": by, "practice": str(mine.practice.pk) if report == "aging" else ""}
        shown = client.get(f"/reports/{report}/", wanted)
        assert shown.status_code == 200
        rows = table(client.get(f"/reports/{report}.csv", wanted).content)
        sheet = python_calamine.CalamineWorkbook.from_filelike(
            io.BytesIO(client.get(f"/reports/{report}.xlsx", wanted).content)
        ).get_sheet_by_index(0).to_python()  # fmt: skip
        assert len(sheet) == len(rows) + 1 and [str(cell) for cell in sheet[0]] == list(rows[0]) if rows else True
        text = shown.content.decode()
        assert "<caption" in text or not rows
        assert "Does not tie" not in text
        assert str(theirs.practice.pk) not in text
    if report in ("day-sheet", "receivables", "trial-balance", "deposits"):
        assert "Ties to the ledger" in text
    assert client.get(f"/reports/{report}/", {"from": "x", "practice": "'", "by": "z", "page": "-1"}).status_code == 200


def test_the_files_hold_the_ledgers_numbers(client, mine):
    from datetime import date

    rows = table(client.get("/reports/receivables.csv", SEPTEMBER).content)
    found = in_scope(mine, "rolled_forward", start=date(2026, 9, 1), end=date(2026, 9, 30))
    assert [Decimal(row["Closing"]) for row in rows] == [row.closing for row in (*found.rows, found.total)]
    assert any(Decimal(row["Transfers"]) < 0 for row in rows)
    posted = table(client.get("/reports/postings.csv", SEPTEMBER).content)
    assert sum(Decimal(row["Amount"]) for row in posted) == sum(
        row.amount for row in in_scope(mine, "day_sheet", start=date(2026, 9, 1), end=date(2026, 9, 30)).rows
    )


def test_a_figure_drills_to_its_rows(client, mine):
    found = table(client.get("/reports/figures.csv", SEPTEMBER).content)
    for name in ("clean_claim_rate", "denial_rate", "net_collection_rate", "charge_lag", "ar_over_90", "cost_to_collect",
                 "point_of_service_collection_rate", "era_auto_post_rate", "appeal_overturn_rate"):  # fmt: skip
        shown = client.get(f"/reports/figure/{name}/", SEPTEMBER)
        assert shown.status_code == 200, name
        rows = table(client.get(f"/reports/figure/{name}.csv", SEPTEMBER).content)
        assert shown.context["row"].value is not None or "n/a" in shown.content.decode()
        assert len(rows) == len(shown.context["row"].ids)
    assert len(found) > 15 and client.get("/reports/figure/no_such_figure/").status_code == 404
    assert client.get("/reports/no-such-report/").status_code == 404
    assert client.get("/reports/figures.exe").status_code == 404


def test_costs_make_the_figures_of_cost(mine):
    from django.test import Client

    client = Client()
    client.force_login(
        a_user(mine.tenant, "costs", role="manager"), backend="django.contrib.auth.backends.ModelBackend"
    )

    def figure(name):
        rows = {row["Figure"]: row for row in table(client.get("/reports/figures.csv", SEPTEMBER).content)}
        return rows[name]

    assert figure("Cost to collect")["Value"] == figure("Cost per claim")["Value"] == "n/a"
    for amount in ("99.00", "36.00"):  # the later one replaces the earlier
        client.post("/reports/costs/save/", {"month": "2026-09", "amount": amount, "note": "wages"})
    client.post("/reports/costs/save/", {"month": "2026-09", "amount": "-1"})
    client.post("/reports/costs/save/", {"month": "soon", "amount": "1.00"})
    assert b"36.00" in client.get("/reports/costs/").content
    claim = figure("Cost per claim")
    assert Decimal(claim["Value"]) == round(Decimal("36.00") / Decimal(claim["Of"]), 2)
    collect = figure("Cost to collect")
    assert Decimal(collect["Part"]) == Decimal("36.00") and Decimal(collect["Of"]) > 0


def test_trends_are_lines_with_a_table_beside(client):
    text = client.get("/reports/trends/").content.decode()
    assert '<svg class="chart" viewBox="0 0 560 150"' in text and 'role="img"' in text and "<circle" in text
    assert "style=" not in text.split("<main", 1)[1] and "Sep 2026" in text


def test_filters_are_ones_own(client, mine):
    client.post("/reports/filters/keep/", {"report": "aging", "name": "Lakeside <b>", "query": "from=2026-09-01"})
    text = client.get("/reports/aging/").content.decode()
    assert "Lakeside &lt;b&gt;" in text and "Lakeside <b>" not in text
    client.post("/reports/filters/keep/", {"report": "aging", "name": "Lakeside <b>", "forget": "1"})
    assert "Lakeside" not in client.get("/reports/aging/").content.decode().split("My filters")[1]


def test_a_worklist_leaves_as_a_file(client, mine):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        name = WorkItem.objects.filter(state="open").values_list("worklist", flat=True).first()
        count = WorkItem.objects.filter(state="open", worklist=name).count()
    assert f"/worklists/{name}.xlsx" in client.get(f"/worklists/{name}/").content.decode()
    assert len(table(client.get(f"/worklists/{name}.csv").content)) == count > 0
    assert client.get("/worklists/no_such_list.csv").status_code == 404


def test_the_index_links_every_report(client):
    text = client.get("/reports/", SEPTEMBER).content.decode()
    assert all(f"/reports/{report}/" in text for report in REPORTS) and "/reports/figure/denial_rate/" in text
    assert 'href="/close/"' in text


def post_receipt(browser, office):
    """The newest ledger row after an act of a page that posts; the act is put in the place of one of the close."""
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.workbench import close

    original, close.closing.close_day = close.closing.close_day, _post_something(office)
    try:
        browser.post("/close/day/", {"day": "2026-09-30"})
    finally:
        close.closing.close_day = original
    with tenant_scope(office.tenant):
        return LedgerTransfer.objects.order_by("-sequence").first()


def _post_something(office):
    def act(**given):
        from types import SimpleNamespace

        from claimwright.web.payments.services import receive_patient_payment

        receive_patient_payment(patient=office.patients["MRN1001"], practice=office.practice, amount=Decimal("5.00"),
                                method="cash", key="desk-1")  # fmt: skip
        return SimpleNamespace(postings=1)

    return act


def test_a_person_closes_a_day_and_a_month(client, mine):
    """On 1 October the biller signs; the owner closes September and opens it again."""
    from datetime import date

    from django.test import Client

    shown = client.get("/close/", {"month": "2026-09"}).content.decode()
    assert "Not ended" in shown and "Claims not sent" in shown
    client.post("/close/day/", {"day": "2026-09-30", "note": "counted twice"})
    mine.tenant.fixed_date = date(2026, 10, 1)
    mine.tenant.save()
    try:
        owner = Client()
        owner.force_login(a_user(mine.tenant, "chief", "owner"), backend="django.contrib.auth.backends.ModelBackend")
        shown = client.get("/close/", {"month": "2026-09"}).content.decode()
        assert "closed by biller</a>: counted twice" in shown and "A supervisor, manager or owner closes" in shown
        assert "disabled" in owner.get("/close/").content.decode()
        client.post("/close/month/", {"month": "2026-09"})
        assert "/close/sign/" in client.get("/close/", {"month": "2026-09"}).content.decode()
        client.post("/close/sign/", {"month": "2026-09", "item": "unsent_claims", "reason": "  "})
        for check in client.get("/close/", {"month": "2026-09"}).context["items"]:
            if not check["check"].is_clean:
                client.post(
                    "/close/sign/", {"month": "2026-09", "item": check["check"].rule.item, "reason": "looked at"}
                )
        assert "Signed by biller" in client.get("/close/", {"month": "2026-09"}).content.decode()
        owner.post("/close/month/", {"month": "2026-09"})
        proved = owner.get("/close/", {"month": "2026-09", "prove": "1"})
        assert proved.content.decode().count("the same bytes") == 7 and b"differs" not in proved.content
        report = next(one for one in proved.context["reports"] if one.name == "trial-balance.csv")
        kept = owner.get(f"/close/reports/{report.pk}/")
        assert (
            kept.content.startswith(b"\xef\xbb\xbfAccount")
            and "2026-09-trial-balance.csv" in kept["Content-Disposition"]
        )
        client.post("/close/reopen/", {"month": "2026-09", "reason": "mine"})
        assert "Open it again" in owner.get("/close/", {"month": "2026-09"}).content.decode()
        owner.post("/close/reopen/", {"month": "2026-09", "reason": "A slip was found"})
        assert "A slip was found" in owner.get("/close/", {"month": "2026-09"}).content.decode()
        client.post("/close/posting-day/", {"day": "2026-09-30"})
        assert "posting_day" not in client.session
        owner.post("/close/posting-day/", {"day": "2026-08-31"})  # never closed, so not opened again
        assert "posting_day" not in owner.session
        owner.post("/close/posting-day/", {"day": "2026-09-30"})
        receipt = post_receipt(owner, mine)
        assert (receipt.posted_on, receipt.effective_date) == (date(2026, 9, 30), date(2026, 10, 1))
        owner.post("/close/posting-day/", {"end": "1"})
        assert "posting_day" not in owner.session
        assert client.post("/close/sign/", {"month": "2026-09", "item": "nothing", "reason": "x"}).status_code == 404
        assert client.get("/close/day/").status_code == 405
    finally:
        mine.tenant.fixed_date = date(2026, 9, 30)
        mine.tenant.save()


def test_an_office_of_one_practice_reads_its_name_once(client, mine):
    """Above the table, not in every row; the files keep the column."""
    text = client.get("/reports/postings/", SEPTEMBER).content.decode()
    assert ">Practice</th>" not in text and ">Entry</th>" in text
    assert "Practice" in table(client.get("/reports/postings.csv", SEPTEMBER).content)[0]
