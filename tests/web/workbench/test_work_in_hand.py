"""Queues and the items in them: counted by query, put aside, passed up, taken, and what was finished."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest

TODAY = date(2026, 9, 30)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def inside(office):
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope

    class Both:
        def __enter__(self):
            self.scope = tenant_scope(office.tenant)
            self.scope.__enter__()
            self.actor = acting_as("biller")
            self.actor.__enter__()

        def __exit__(self, *error):
            self.actor.__exit__(*error)
            return self.scope.__exit__(*error)

    return Both()


@pytest.fixture
def items(mine):
    """Three items on one list, the second due first; a list that no other test of this file uses."""
    from tests.lib.web_data import a_work_item

    with inside(mine):
        from claimwright.web.core.models import WorkItem

        WorkItem.objects.filter(worklist="contacts_due").delete()
        made = [a_work_item("contacts_due", f"contact/{number}/{uuid4()}") for number in range(3)]
        for item, due in zip(made, (None, TODAY, date(2026, 10, 20)), strict=True):
            item.due_date = due
            item.save(update_fields=["due_date"])
    return made


def read(office, item):
    with inside(office):
        item.refresh_from_db()
    return item


def together(client, act, items, **fields):
    return client.post(
        "/worklists/contacts_due/together/", {"act": act, "item": [item.pk for item in items], **fields}, follow=True
    ).content.decode()


def listed(client, **wanted):
    return client.get("/worklists/contacts_due/", wanted).context["rows"].paginator.count


def test_every_worklist_stands_in_one_queue_and_each_role_has_an_order_of_it():
    from claimwright.billing.order_of_day import EVERYTHING, WHY
    from claimwright.web.core.worklists import TITLES
    from claimwright.web.workbench.queues import BY_KEY, OF_LIST, QUEUES

    named = [name for queue in QUEUES for name in (*queue.lists, *queue.mirrors.split())]
    assert sorted(named) == sorted(set(named)) and set(OF_LIST) <= set(TITLES)
    assert set(TITLES) - set(named) == set(), "give it a row in workbench/queues.py"
    assert set(EVERYTHING) == set(WHY) == set(BY_KEY)


def test_items_sleep_until_their_day_and_are_back_without_a_job(client, mine, items, monkeypatch):
    assert "3 items put aside." in together(client, "snooze", items, until="2026-10-10", reason="The payer calls back")
    first = read(mine, items[0])
    assert (first.snoozed_until, first.state) == (date(2026, 10, 10), "open") and first.snooze_reason
    assert listed(client) == 0 and listed(client, show="asleep") == 3
    assert "1 item woken." in together(client, "wake", items[:1])
    assert listed(client) == 1
    from claimwright.web.core import clock

    monkeypatch.setattr(clock, "today", lambda: date(2026, 10, 10))
    assert listed(client) == 3 and listed(client, show="asleep") == 0


def test_what_is_refused_is_said_and_the_others_are_done(client, mine, items):
    text = together(client, "snooze", items, until="2026-10-25", reason="Waits for a letter")
    assert "Not put aside" in text and "10/20/2026" in text
    assert read(mine, items[2]).snoozed_until is None
    assert "say why it can wait" in together(client, "snooze", items[:1], until="2026-10-25", reason="")
    assert "Tick the items first" in together(client, "assign", [], owner="biller")


def test_a_question_goes_to_the_supervisor_and_comes_back_with_an_answer(client, mine, items):
    from django.test import Client

    from tests.lib.web_data import a_user

    together(client, "assign", items[:1], owner="biller")
    assert "1 item passed up." in together(client, "escalate", items[:1], question="May I write this off?")
    up = read(mine, items[0])
    assert (up.escalated_on, up.escalated_by, up.owner) == (TODAY, "biller", "")
    assert listed(client, show="up") == 1 and listed(client, whose="desk") == 2
    assert "answered by a supervisor" in together(client, "return", items[:1], question="Yes")
    chief = Client()
    chief.force_login(a_user(mine.tenant, f"chief{uuid4().hex[:6]}", "supervisor"), backend=BACKEND)
    assert "1 item sent back." in together(chief, "return", items[:1], question="Yes, it is small")
    back = read(mine, items[0])
    assert back.escalated_on is None and back.owner == "biller" and "Yes, it is small" in back.reason


def test_next_takes_the_most_urgent_of_nobody_and_never_twice(client, mine, items):
    together(client, "snooze", items[:1], until="2026-10-05", reason="Later")
    taken = []
    for _ in range(2):
        assert client.post("/next/", {"worklist": "contacts_due"}).status_code == 302
        taken.append([item for item in items if read(mine, item).owner == "biller" and item not in sum(taken, [])])
    assert taken == [[items[1]], [items[2]]]
    page = client.post("/next/", {"worklist": "contacts_due"}, follow=True).content.decode()
    assert "Nothing is left to take" in page and read(mine, items[0]).owner == ""


def test_next_opens_what_the_item_is_about(client, mine):
    from claimwright.web.core.models import WorkItem

    with inside(mine):
        WorkItem.objects.filter(worklist="edit_holds").update(owner="", snoozed_until=None)
    response = client.post("/next/", {"worklist": "edit_holds"})
    assert response.headers["Location"].startswith("/claims/")


def test_next_and_enter_open_the_page_where_the_item_is_worked(client, mine):
    """A denial names its claim, and is worked on its own page; so is what a remittance holds."""
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials.models import Denial
    from tests.lib.web_data import a_work_item

    with inside(mine):
        WorkItem.objects.filter(worklist__in=("denials", "posting_review")).delete()
        denial = Denial.objects.first()
        number = {"claim_number": denial.version.control_number}
        a_work_item("denials", "its denial", subject_type="denial", subject_id=denial.pk, **number)
        a_work_item("posting_review", "its part", subject_type="claim_payment", subject_id=mine.remittance.pk, **number)
    for worklist, address in (
        ("denials", f"/denials/{denial.pk}/"), ("posting_review", f"/remittances/{mine.remittance.pk}/?state=held"),
    ):  # fmt: skip
        text = client.get(f"/worklists/{worklist}/").content.decode()
        assert f'<a data-open href="{address}">' in text and f">Claim {denial.version.control_number}</a>" in text
        assert client.post("/next/", {"worklist": worklist}).headers["Location"] == address


def test_nobody_acts_on_anothers_items_or_on_a_list_they_do_not_see(client, theirs, mine, items):
    from django.test import Client

    from tests.lib.web_data import a_user

    with inside(theirs):
        from tests.lib.web_data import a_work_item

        foreign = a_work_item("contacts_due", f"foreign/{uuid4()}")
    assert "Tick the items first" in together(client, "assign", [foreign], owner="biller")
    desk = Client()
    desk.force_login(a_user(mine.tenant, f"desk{uuid4().hex[:6]}", "front_desk"), backend=BACKEND)
    body = {"act": "assign", "item": [items[0].pk], "owner": ""}
    assert desk.post("/worklists/deposits/together/", body).status_code == 403
    assert client.post("/worklists/contacts_due/together/", {"act": "erase"}).status_code == 404


def test_home_counts_whose_work_it_is_and_what_was_finished(client, mine, items):
    together(client, "assign", items[:1], owner="biller")
    rows = {one.key: one for one in client.get("/?whose=mine").context["rows"]}
    assert rows["no_response"].tally.count == 1
    team = {one.key: one for one in client.get("/").context["rows"]}["no_response"].tally
    assert team.count >= 3 and team.due == 1 and team.due_amount is not None
    before = client.get("/").context["done"].items
    client.post(f"/worklists/items/{items[1].pk}/done/", {"resolution": "Called"})
    after = client.get("/").context["done"].items
    assert (after.my_today - before.my_today, after.team_week - before.team_week) == (1, 1)


def a_day_of_every_queue(mine):
    """Of each queue with a page of its own one thing that is due, and one that is not where there is such."""
    from claimwright.web.denials.models import Appeal, Denial
    from claimwright.web.submissions.models import Claim, ClaimVersion
    from claimwright.web.submissions.services import hold

    with inside(mine):
        for version, until in ((mine.ready, TODAY), (mine.held, date(2026, 10, 3))):
            version.refresh_from_db()
            hold(version=version, reason="The provider signs first", until=TODAY)
            ClaimVersion.objects.filter(pk=version.pk).update(hold_until=until)
        ClaimVersion.objects.filter(pk=mine.rejected.pk).update(filing_deadline=TODAY)
        Claim.objects.filter(pk=mine.sent.claim_id).update(follow_up_on=TODAY, owner="biller")
        Claim.objects.filter(pk=mine.paid.claim_id).update(follow_up_on=date(2026, 10, 3))
        base = Denial.objects.first()
        base.owner, base.appeal_deadline, base.corrected_deadline = "biller", date(2026, 9, 29), date(2026, 9, 29)
        base.save()
        made = {}
        for carc, state in (("50", "ANALYZED"), ("96", "ACTION_SENT"), ("97", "ACTION_SENT"), ("197", "ANALYZED")):
            made[carc] = Denial.objects.create(
                practice=base.practice, version=base.version, payer=base.payer, line_id=base.line_id, group="CO",
                carc=carc, amount=base.amount, category="MED", state=state, received_on=TODAY, act_by=TODAY,
                appeal_deadline=date(2026, 12, 1),
            )  # fmt: skip
        common = {"amount": base.amount, "notice_on": TODAY}
        Appeal.objects.create(denial=made["50"], state="DRAFT", last_day=date(2026, 12, 1), **common)
        Appeal.objects.create(denial=made["96"], state="SENT", response_due=TODAY, **common)
        Appeal.objects.create(denial=made["97"], state="SENT", response_due=date(2026, 12, 1), **common)


def test_the_list_behind_a_queues_link_holds_what_home_counts(client, mine):
    a_day_of_every_queue(mine)

    def listed(address):
        shown = client.get(address).context
        return shown["totals"]["count"] if "totals" in shown else shown["rows"].paginator.count

    counted = {}
    for of in ("team", "mine"):
        rows = {one.key: one for one in client.get(f"/?whose={of}").context["rows"]}
        pages = [key for key in ("hold", "timely_filing", "follow_up", "denied", "appeals") if key in rows]
        counted[of] = {key: (rows[key].tally.count, rows[key].tally.due) for key in pages}
        assert {key: (listed(rows[key].address), listed(rows[key].due_address)) for key in pages} == counted[of]
        if of == "team":
            held, late = client.get(rows["hold"].due_address), client.get(rows["appeals"].due_address)
    assert counted["mine"] == {"follow_up": (1, 1), "denied": (1, 1)}
    # Rejected: the payer has no claim. Past its deadline: still ours, to be written off. Analyzed: its step is done.
    assert {key: due for key, (_, due) in counted["team"].items()} == dict.fromkeys(counted["team"], 1)
    assert [counted["team"][key][0] for key in ("hold", "timely_filing", "appeals", "follow_up")] == [2, 2, 2, 1]
    assert "The provider signs first" in held.content.decode() and "Hold until" in held.content.decode()
    assert "answer due 09/30/2026" in late.content.decode()


def test_home_shows_each_role_its_own_order(client, mine):
    from django.test import Client

    from tests.lib.web_data import a_user

    first = client.get("/").context["steps"][0]
    assert first.words == "Near the filing limit" and "limit=near" in first.address
    poster = Client()
    poster.force_login(a_user(mine.tenant, f"post{uuid4().hex[:6]}", "poster"), backend=BACKEND)
    words = [step.words for step in poster.get("/").context["steps"]]
    assert "Remittance exceptions" in words and "Denied" not in words


def test_whose_is_the_whole_team_where_the_address_says_nothing_known(mine):
    from claimwright.web.workbench.queues import whose

    request = SimpleNamespace(GET={"whose": "everything"}, user=mine.user)
    assert whose(request).which == "team"
