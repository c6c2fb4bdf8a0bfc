"""The list of claims: orders, filters, sums, views people keep, acts on many, and how many questions it asks."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

D = Decimal
BACKEND = "django.contrib.auth.backends.ModelBackend"
ALL = {"CW1001", "CW1003", "CW1004", "CW1005", "CW1006", "CW1008"}


def inside(office):
    from claimwright.web.core.tenancy import tenant_scope

    return tenant_scope(office.tenant)


def numbers(client, **wanted):
    return [line.version.control_number for line in client.get("/claims/", wanted).context["lines"]]


def in_file(client, **wanted):
    text = client.get("/claims.csv", wanted).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_column_sorts_both_ways_and_blanks_come_last(client, mine):
    from claimwright.web.workbench.claim_columns import COLUMNS
    from claimwright.web.workbench.claim_filters import filtered, in_order, order_of

    with inside(mine):
        for name in (f"{sign}{column.key}" for column in COLUMNS for sign in ("", "-")):
            order = order_of({"order": name}, many=False)
            found = in_order(filtered({}), order, many=False).values_list("control_number", flat=True)
            assert order.name == name and set(found) == ALL, name
    assert numbers(client, order="-charge")[0] == "CW1003" and numbers(client, order="charge")[-1] == "CW1003"
    assert numbers(client, order="paid")[:2] == ["CW1003", "CW1001"] == numbers(client, order="-paid")[1::-1]
    ages = [row["Age in days"] for row in in_file(client, order="-age")]
    assert [int(age) for age in ages] == sorted((int(age) for age in ages), reverse=True)
    assert numbers(client, order="no such column") == numbers(client)


@pytest.mark.parametrize(
    ("wanted", "claims"),
    [
        ({"state": "open"}, ALL),
        ({"least": "$190.00", "most": "200"}, {"CW1001", "CW1004"}),
        ({"owes": "280"}, {"CW1003"}),
        ({"carc": "CO-16"}, {"CW1003"}),
        ({"carc": "1"}, {"CW1001"}),
        ({"older": "29", "carc": "1"}, {"CW1001"}),
        ({"older": "3650"}, set()),
        ({"provider": "1234567893"}, ALL),
        ({"place": "22"}, set()),
        ({"owner": "mine"}, set()),
        ({"owner": "nobody", "state": "READY"}, {"CW1005"}),
        ({"practice": "not an id"}, set()),
        ({"follow": "set"}, set()),
        ({"least": "x", "older": "y", "sent_from": "z", "state": "READY"}, {"CW1005"}),
        ({"sequence": "S"}, set()),
    ],
)
def test_filters(client, wanted, claims):
    assert {row["Claim"] for row in in_file(client, **wanted)} == claims == set(numbers(client, **wanted))


def test_sums_are_those_of_the_rows_and_of_the_ledger(client, mine):
    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.charges.models import ChargeLine

    response = client.get("/claims/")
    rows = in_file(client)
    for name, title in (("charge", "Charge"), ("allowed", "Allowed"), ("paid", "Paid"), ("balance", "Payer balance")):
        assert response.context["sums"][name] == sum(D(row[title] or 0) for row in rows), name
    with inside(mine):
        held = line_balances(ChargeLine.objects.values_list("line_id", flat=True))
    assert response.context["sums"]["balance"] == sum(line.get("INS1", D(0)) for line in held.values())


def test_the_row_of_what_payers_said_is_what_their_payments_come_to(mine):
    """Two ways to one number: the trigger's, and the fold over the payments that the claim's page shows."""
    from claimwright.web.payments.models import ClaimPayment, LastDecision
    from claimwright.web.workbench.adjudications import latest_of

    def agree():
        rows = {row.version_id: row for row in LastDecision.objects.all()}
        for version in ClaimPayment.objects.exclude(version=None).values_list("version", flat=True).distinct():
            payments = ClaimPayment.objects.filter(version=version).order_by("remittance__posted_at", "segment")
            said, row = latest_of(payments), rows[version]
            assert (row.allowed, row.paid, row.patient_responsibility, row.reason) == (
                said.allowed, said.paid, said.patient_responsibility, said.last_reason,
            )  # fmt: skip
        return len(rows)

    with inside(mine):
        assert agree() == 2
        one = ClaimPayment.objects.get(version=mine.paid)
        for state, status in (("held", "1"), ("posted", "22"), ("posted", "1")):
            ClaimPayment.objects.filter(pk=one.pk).update(state=state, status=status)
            agree()
        assert LastDecision.objects.get(version=mine.paid).paid == D("85.00")


def test_a_later_version_takes_the_earlier_ones_place_and_keeps_it(mine):
    from claimwright.web.submissions.models import ClaimMoney, ClaimVersion
    from claimwright.web.submissions.versions import correct
    from tests.lib.builders import a_claim, a_line
    from tests.lib.web_data import a_claim_row

    with inside(mine):
        noun = a_claim(control_number="LATER1", lines=(a_line(control_number="LATER1", charge=D("150.00")),))
        old = a_claim_row(mine.practice, mine.payer, mine.patients["MRN1001"], noun, state="PAYER_REJECTED")
        made = correct(version=old, reason="The member id was wrong", remarks=())
        stale = ClaimVersion.objects.get(pk=old.pk)
        stale.newest = True
        stale.save()
        newest = ClaimVersion.objects.filter(claim=old.claim, newest=True)
        assert [row.pk for row in newest] == [made.pk]
        assert ClaimMoney.objects.get(claim=old.claim).balance == D("150.00")


def test_a_view_is_kept_for_oneself_or_the_office_without_what_was_searched(client, mine):
    from django.test import Client

    from claimwright.web.core.models import SavedView
    from tests.lib.web_data import a_user

    body = {"name": "Ready ones", "query": "state=READY&q=TESTER&page=2", "column": ["charge", "owner", "no such"]}
    page = client.post("/views/claims/keep/", body, follow=True)
    assert page.status_code == 200 and page.context["view"].name == "Ready ones"
    assert [column.column.key for column in page.context["heads"]] == ["patient", "charge", "owner"]
    with inside(mine):
        kept = SavedView.objects.get(name="Ready ones")
    assert kept.query == "state=READY"
    other = Client()
    other.force_login(a_user(mine.tenant, f"other{uuid4().hex[:6]}"), backend=BACKEND)

    def seen_by(person):
        return [row.name for row in person.get("/claims/").context["views"]]

    assert seen_by(client) == ["Ready ones"] and seen_by(other) == []
    client.post("/views/claims/keep/", {**body, "shared": "on"})
    assert seen_by(other) == ["Ready ones"]
    assert other.post(f"/views/{kept.pk}/drop/").status_code == 404
    assert client.post(f"/views/{kept.pk}/drop/").status_code == 302
    assert seen_by(client) == []


def test_columns_stay_as_chosen(client):
    client.post("/views/claims/keep/", {"column": ["dos", "claim", "paid"]})
    heads = [head.column.key for head in client.get("/claims/").context["heads"]]
    assert heads == ["dos", "claim", "patient", "paid"]
    client.post("/views/claims/keep/", {})
    assert len(client.get("/claims/").context["heads"]) > 10


def test_an_order_without_an_index_is_refused_over_many_and_counts_stop(client, monkeypatch):
    from claimwright.web.workbench import claim_filters, pages

    for place in (claim_filters, pages):
        monkeypatch.setattr(place, "MOST_COUNTED", 3)
    page = client.get("/claims/", {"order": "payer"})
    assert page.context["many"] and page.context["order"].key == "dos" and not page.context["sums"]
    assert "narrow the list to sort it by payer" in page.content.decode()
    assert numbers(client, order="-paid")[:1] == ["CW1001"] and len(numbers(client)) == 3
    assert not client.get("/claims/", {"order": "payer", "state": "READY"}).context["many"]


def results(client, act, versions, **fields):
    body = {"act": act, "version": [version.pk for version in versions], **fields}
    page = client.post("/claims/together/", body)
    assert page.status_code == 200
    return {one.version.control_number: one for one in page.context["results"]}


def test_many_claims_each_by_its_own_rules_and_again_changes_nothing(client, mine):
    from claimwright.web.submissions.models import ClaimEvent

    both = [mine.ready, mine.sent]
    first = results(client, "hold", both, reason="The note is awaited", until="2026-10-09")
    assert first["CW1005"].done and "10/09/2026" in first["CW1005"].why
    refused = first[mine.sent.control_number]
    assert not refused.done and refused.why and refused.to_do == "only what was not sent can be held"
    with inside(mine):
        mine.ready.refresh_from_db()
        mine.sent.refresh_from_db()
        events = ClaimEvent.objects.filter(version=mine.ready).count()
    assert (mine.ready.state, mine.ready.hold_until, mine.sent.state) == ("ON_HOLD", date(2026, 10, 9), "SENT")
    again = results(client, "hold", both, reason="The note is awaited")
    assert not any(one.done for one in again.values())
    with inside(mine):
        assert ClaimEvent.objects.filter(version=mine.ready).count() == events
    assert results(client, "release", [mine.ready])["CW1005"].why == "ready to send"


def test_owner_and_follow_up_of_many(client, mine):
    given = results(client, "assign", [mine.ready, mine.sent], owner="biller")
    assert all(one.done for one in given.values())
    assert set(numbers(client, owner="mine")) == set(given)
    assert "already" in results(client, "assign", [mine.ready], owner="biller")["CW1005"].why
    assert results(client, "follow_up", [mine.ready], day="2026-09-30")["CW1005"].done
    assert numbers(client, follow="due") == ["CW1005"]
    assert "passed" in results(client, "follow_up", [mine.ready], day="2026-09-01")["CW1005"].why
    assert results(client, "follow_up", [mine.ready], day="")["CW1005"].done and numbers(client, follow="set") == []


def test_what_lacks_refuses_all_and_the_ticks_come_back(client, mine):
    body = {"act": "hold", "version": [mine.ready.pk, mine.sent.pk], "reason": " ", "query": "state=open"}
    refused = client.post("/claims/together/", body, follow=True)
    assert refused.redirect_chain == [("/claims/?state=open", 302)]
    text = refused.content.decode()
    assert "Nothing was done: say why" in text and str(mine.sent.pk) in text.split('id="kept-form"')[1].split(">")[0]
    assert (
        "tick the claims first" in client.post("/claims/together/", {"act": "validate"}, follow=True).content.decode()
    )
    with inside(mine):
        mine.ready.refresh_from_db()
    assert mine.ready.state == "READY"


def test_many_are_sent_in_one_run_and_noted(client, mine):
    from claimwright.web.operations.models import JobRun
    from claimwright.web.submissions.models import ClaimEvent

    sent = results(client, "send", [mine.ready, mine.sent])
    assert sent["CW1005"].done and not sent[mine.sent.control_number].done
    noted = results(client, "note", [mine.ready, mine.sent], note="Asked by phone")
    assert all(one.done for one in noted.values())
    with inside(mine):
        assert [run.about for run in JobRun.objects.filter(job="send_claims")] == [{"versions": [str(mine.ready.pk)]}]
        assert ClaimEvent.objects.filter(note="Asked by phone").count() == 2
    for act in ("void", "next_payer", "to_patient"):  # each by the rules of the single act
        assert not results(client, act, [mine.ready], reason="as they asked")["CW1005"].done


def test_all_that_match_are_those_that_were_seen(client, mine, monkeypatch):
    from claimwright.web.workbench import claims_together

    body = {"act": "note", "note": "The whole list", "all": "1", "query": "state=open"}
    shown = client.get("/claims/?state=open").context["rows"].paginator.count
    assert shown > 2
    changed = client.post("/claims/together/", body | {"matching": shown + 1}, follow=True)
    assert f"{shown} claims match by now" in changed.content.decode()
    assert client.post("/claims/together/", body | {"matching": shown}).context["done"] == shown
    monkeypatch.setattr(claims_together, "MOST_AT_ONCE", 2)
    assert (
        "narrow the list" in client.post("/claims/together/", body | {"matching": shown}, follow=True).content.decode()
    )


def test_edits_rebilling_printing_and_writing_off_of_many(client, mine):
    from claimwright.web.submissions.models import ClaimVersion

    assert results(client, "validate", [mine.ready])["CW1005"].done
    assert not results(client, "validate", [mine.sent])[mine.sent.control_number].done
    small = results(client, "write_off", [mine.paid])["CW1001"]
    assert not small.done and "no small balance" in small.why
    with inside(mine):
        rejected = ClaimVersion.objects.get(state="PAYER_REJECTED", control_number__startswith="CW")
    made = results(client, "rebill", [rejected], reason="Member id corrected")[rejected.control_number]
    assert made.done and made.why.startswith("version 2, a first claim")
    again = results(client, "rebill", [rejected], reason="Member id corrected")[rejected.control_number]
    assert not again.done and "later version" in again.why
    assert not results(client, "print", [mine.sent])[mine.sent.control_number].done


def test_who_may_not_do_it_to_one_may_not_do_it_to_many(client, mine, theirs):
    from django.test import Client

    from tests.lib.web_data import a_user

    coder = Client()
    coder.force_login(a_user(mine.tenant, f"coder{uuid4().hex[:6]}", "coder"), backend=BACKEND)
    body = {"act": "rebill", "version": [mine.sent.pk], "reason": "x"}
    assert coder.post("/claims/together/", body).status_code == 404
    assert client.post("/claims/together/", {"act": "erase", "version": [mine.sent.pk]}).status_code == 404
    assert results(client, "assign", [theirs.ready], owner="biller") == {}
    desk = Client()
    desk.force_login(a_user(mine.tenant, f"desk{uuid4().hex[:6]}", "front_desk"), backend=BACKEND)
    assert desk.post("/claims/together/", body).status_code == 403
    assert desk.get("/claims/").context["acts"] == []


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("150.00", ["Claims of $150.00", "Charge lines"]),
        ("$85.00", ["Payers' payments of a claim"]),
        ("nothing like it", []),
        ("99999999999999999.00", []),
        ("%", []),
    ],
)
def test_search_shows_groups_the_likeliest_first(client, text, titles):
    page = client.get("/search/", {"q": text})
    assert [group.title for group in page.context["groups"]] == titles
    assert page.content.decode().count(" autofocus") == bool(titles)


def test_search_finds_a_statement_and_a_check_that_we_wrote(client, mine):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import Refund
    from claimwright.web.statements.models import Account, GuarantorStatement

    day = mine.ready.date_of_service
    with tenant_scope(mine.tenant):
        patient = mine.ready.claim.patient
        Refund.objects.create(
            practice=mine.practice, patient=patient, amount="12.50", cause="overpaid", state="ISSUED", key="search",
            identified_on=day, issued_on=day, reference="CK4711",
        )  # fmt: skip
        GuarantorStatement.objects.create(
            account=Account.objects.create(practice=mine.practice, key="search", patient=patient), number="ST0000123",
            issued_on=day, due_on=day, language="en", amount_due="25.00", sha256="0" * 64,
        )  # fmt: skip
    for text in ("st0000123", "ST123", "123-K7QF-2MXP"):
        assert client.get("/search/", {"q": text})["Location"] == "/statements/?q=ST0000123", text
    assert client.get("/search/", {"q": "ck4711"})["Location"] == "/refunds/?q=CK4711"
    assert client.get("/search/", {"q": "ST124"}).context["count"] == 0


def test_search_finds_by_date_and_shows_no_role_what_it_may_not_open(client, mine):
    from django.test import Client

    from tests.lib.web_data import a_user

    day = mine.ready.date_of_service
    titles = [group.title for group in client.get("/search/", {"q": f"{day:%m/%d/%Y}"}).context["groups"]]
    assert "Claims of this day" in titles and "Visits" in titles
    desk = Client()
    desk.force_login(a_user(mine.tenant, f"desk{uuid4().hex[:6]}", "front_desk"), backend=BACKEND)
    assert "Remittances" not in desk.get("/search/", {"q": mine.remittance.trace_number}).content.decode()


def test_home_list_and_search_ask_as_much_of_many_claims_as_of_few(client, mine):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.lib.builders import a_claim, a_line, a_patient
    from tests.lib.web_data import a_claim_row, a_patient_row, a_work_item

    pages = ("/", "/?whose=mine", "/claims/", "/claims/?order=-balance", "/worklists/edit_holds/", "/search/?q=10.00")

    def asked():
        counts = {}
        for address in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts[address] = len(queries)
        return counts

    def grow(first):
        with inside(mine):
            for number in range(first, first + 4):
                noun = a_patient(record_number=f"MANY{number}")
                patient = a_patient_row(mine.practice, mine.payer, noun, f"MANY{number}")
                line = a_line(control_number=f"MANY{number}", charge=D("10.00"), date_from=date(2026, 9, 1))
                a_claim_row(
                    mine.practice,
                    mine.payer,
                    patient,
                    a_claim(control_number=f"MANY{number}", patient=noun, lines=(line,)),
                )
                a_work_item("edit_holds", f"many/{number}")

    grow(1)
    asked()
    before = asked()
    grow(5)
    assert asked() == before and max(before.values()) <= 45
