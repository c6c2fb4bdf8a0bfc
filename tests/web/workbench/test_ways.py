"""Ways through the pages: the side bar, and the link from every kind of work item to where it is worked."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import claimwright.web
from claimwright.web.workbench.navigation import NAVIGATION

PAGES = [one for _, pages in NAVIGATION for one in pages]


def subject_types() -> set[str]:
    """Every kind of subject that the services give a work item, read from their source."""
    found = set()
    for file in Path(claimwright.web.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("raise_work_item", "_Wanted"):
                for keyword in node.keywords:
                    if keyword.arg == "subject_type":
                        values = [keyword.value]
                        if isinstance(keyword.value, ast.IfExp):
                            values = [keyword.value.body, keyword.value.orelse]
                        found |= {value.value for value in values if isinstance(value, ast.Constant)}
    return found


def test_every_subject_of_a_work_item_has_a_page():
    from django.urls import get_resolver

    from claimwright.web.workbench.subjects import SUBJECTS

    raised = subject_types()
    assert {"denial", "claim_payment", "outbox_file", "encounter", "inbox_file"} <= raised
    assert not raised - set(SUBJECTS)
    names = get_resolver().reverse_dict
    assert not [subject for subject in SUBJECTS.values() if subject.page not in names]


def test_the_side_bar_names_each_page_once_and_each_key_once():
    addresses = [one.address for one in PAGES]
    below = [name for one in PAGES for name in one.here]
    keys = [one.key for one in PAGES if one.key]
    for values in (addresses, addresses + below, keys, [one.words for one in PAGES]):
        assert sorted(values) == sorted(set(values))
    assert all(len(key) == 1 and key.islower() for key in keys)


def test_a_key_of_a_row_never_hides_a_key_of_the_pages():
    """g, j and k are taken: no button of a page may claim them."""
    folder = Path(claimwright.web.__path__[0]) / "templates"
    taken = {
        (file.name, key)
        for file in folder.rglob("*.html")
        for key in re.findall(r'data-key="([a-z])"', file.read_text())
        if key in "gjk"
    }
    assert not taken


def test_every_page_of_the_side_bar_opens_with_one_heading_and_no_id_twice(client, mine):
    from django.urls import reverse

    from claimwright.web.core.models import User

    User.objects.filter(pk=mine.user.pk).update(role=User.Role.OWNER)  # who may see every page
    wrong = {}
    for one in PAGES:
        answer = client.get(reverse(one.address))
        text = answer.content.decode()
        ids = re.findall(r'\sid="([^"]+)"', text)
        faults = [
            words
            for words, holds in (
                (f"status {answer.status_code}", answer.status_code == 200),
                ("one heading", text.count("<h1") == 1),
                ("its place in the side bar", text.count('aria-current="page"') >= 1),
                ("ids once each", len(ids) == len(set(ids))),
                ("no inline style", " style=" not in text),
            )
            if not holds
        ]
        if faults:
            wrong[one.address] = faults
    assert not wrong


def test_lists_leave_whole_as_csv_and_excel(client, mine):
    for address, columns, rows in (
        ("/patients/", "Last name,First name", mine_count(mine, "Patient")),
        ("/visits/?group=charged", "Visit,Patient", None),
        ("/denials/?view=all", "Score,Patient", mine_count(mine, "Denial")),
        ("/bank/", "Posted on,Account", mine_count(mine, "BankLine")),
    ):
        link = f"{address}{'&' if '?' in address else '?'}as="
        answer = client.get(link + "csv")
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert answer["Content-Type"].startswith("text/csv"), address
        assert lines[0].startswith(columns)
        assert rows is None or len(lines) == rows + 1
        assert client.get(link + "xlsx").content.startswith(b"PK")
        assert client.get(link + "exe")["Content-Type"].startswith("text/html")


def mine_count(mine, name):
    from django.apps import apps

    from claimwright.web.core.tenancy import tenant_scope

    model = next(one for one in apps.get_models() if one.__name__ == name)
    with tenant_scope(mine.tenant):
        return model.objects.count()


def test_an_item_leads_to_what_it_is_about(client, mine):
    from uuid import uuid4

    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import raise_work_item
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import ClaimPayment
    from claimwright.web.workbench.subjects import address_of, addresses

    with tenant_scope(mine.tenant):
        payment = ClaimPayment.objects.first()
        for kind, key in (
            ("claim_payment", payment.remittance_id),  # as posting raises what it holds
            ("refund", uuid4()),
            ("claim_version", uuid4()),
            ("patient", "CW1"),
        ):
            raise_work_item(
                worklist="posting_review", key=f"way:{kind}:{key}", reason_code="X", reason="x", what_to_do="x",
                subject_type=kind, subject_id=key,
            )  # fmt: skip
        items = list(WorkItem.objects.filter(key__startswith="way:"))
        links = addresses(items)
        assert {links[item.pk][0] for item in items if item.pk in links} == {
            f"/remittances/{payment.remittance_id}/?state=held",
            "/refunds/",
        }
        assert address_of("claim_payment", str(payment.pk)) == ""  # the audit log names the part itself
        assert len(items) == 4 and len(links) == 2


def test_a_large_remittance_is_worked_by_state_and_search_and_shows_what_is_its_own(client, mine):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import raise_work_item
    from claimwright.web.core.tenancy import tenant_scope

    found, address = mine.remittance, f"/remittances/{mine.remittance.pk}/"
    with tenant_scope(mine.tenant):
        WorkItem.objects.filter(worklist="unmatched_payments").delete()
        file = {
            "worklist": "unmatched_payments",
            "reason_code": "X",
            "what_to_do": "Look",
            "file_id": found.part.file_id,
        }
        for number in range(60):
            raise_work_item(
                key=f"own:{number}", reason=f"Own {number:02}", subject_type="claim_payment", subject_id=found.pk,
                segment=number + 1000, claim_number=f"ZZ{number}", amount=1, **file,
            )  # fmt: skip
        # Of another remittance of the same file.
        raise_work_item(key="other:1", reason="Of another", subject_type="remittance", subject_id=mine.paid.pk, **file)
    page = client.get(address)
    text = page.content.decode()
    assert {tab["key"]: tab["count"] for tab in page.context["tabs"]} == {"": 3, "held": 1, "posted": 2}
    assert "60 held, $60.00" in " ".join(text.split()) and "Of another" not in text
    assert 45 < text.count("Own ") == 60 - client.get(address + "?todo=2").content.decode().count("Own ") < 60
    for query, numbers in (
        ("state=held", {"ZZ404"}), ("state=posted", {"CW1001", "CW1003"}), ("q=cw1001", {"CW1001"}),
        ("q=PCN1003", {"CW1003"}), ("q=nobody", set()),
    ):  # fmt: skip
        rows = client.get(f"{address}?{query}").context["claims"]
        assert {row["payment"].control_number for row in rows} == numbers, query


def test_an_item_is_given_to_a_person_and_found_under_mine(client, mine):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import raise_work_item
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        raise_work_item(worklist="denials", key="to-give", reason_code="X", reason="Give me", what_to_do="Work it")
        item = WorkItem.objects.get(key="to-give")
    address, name = f"/worklists/items/{item.pk}/owner/", mine.user.get_username()
    assert "Give me" not in client.get("/worklists/denials/?whose=mine").content.decode()
    assert f"It is {name}&#x27;s." in client.post(address, {"owner": name}, follow=True).content.decode()
    assert "Give me" in client.get("/worklists/denials/?whose=mine").content.decode()
    assert "Give me" not in client.get("/worklists/denials/?whose=desk").content.decode()
    assert "Nobody of that name" in client.post(address, {"owner": "stranger"}, follow=True).content.decode()
    assert "back on its desk" in client.post(address, {"owner": ""}, follow=True).content.decode()
