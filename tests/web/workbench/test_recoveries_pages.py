"""Credits, write-offs, underpayments and agencies in the browser: empty states, and a write-off decided by another."""

from __future__ import annotations

from decimal import Decimal

import pytest

PAGES = {
    "refunds": "Credits and refunds", "write_offs": "Who approves how much", "underpayments": "No payer paid below",
    "agency": "No account is with an agency", "takebacks": "No payer takes money back",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_pages_say_what_there_is(client, name):
    from django.urls import reverse

    response = client.get(reverse(name))
    assert response.status_code == 200
    assert PAGES[name] in response.content.decode()


def test_a_write_off_is_refused_with_its_reason_and_another_office_has_none_of_it(client, mine, theirs):
    from django.urls import reverse

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import WriteOff

    def asked(office):
        return WriteOff.objects.create(
            practice=office.practice, line_id="L1001", bucket="INS1", amount=Decimal("10.00"), reason="COURTESY",
            requested_by="lee", requested_on="2026-09-01", key="write-off/test",
        )  # fmt: skip

    with tenant_scope(mine.tenant):
        row = asked(mine)
    with tenant_scope(theirs.tenant):
        other = asked(theirs)
    assert client.post(reverse("decide_write_off", args=[other.pk, "refuse"])).status_code == 404
    client.post(reverse("decide_write_off", args=[row.pk, "refuse"]), {"reason": ""})
    with tenant_scope(mine.tenant):
        row.refresh_from_db()
        assert row.state == "REQUESTED"
    page = client.post(reverse("decide_write_off", args=[row.pk, "refuse"]), {"reason": "No policy"}, follow=True)
    assert "Refused" in page.content.decode()
    with tenant_scope(mine.tenant):
        row.refresh_from_db()
        assert (row.state, row.decided_by) == ("REFUSED", "biller")


def test_more_takebacks_proposals_and_clients_are_not_more_queries(mine):
    """A row, then fifty: each page asks as many questions as before."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer, Practice
    from claimwright.web.recoveries.models import Takeback
    from tests.lib.web_data import a_user

    owner = Client()
    owner.force_login(a_user(mine.tenant, "chief", role="owner"), backend="django.contrib.auth.backends.ModelBackend")

    def asked(name):
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(reverse(name)).status_code == 200
        return len(queries)

    def more(numbers):
        with tenant_scope(mine.tenant):
            payer = Payer.objects.first()
            for number in numbers:
                Practice.objects.create(name=f"Client {number}", npi=f"19{number:08d}", tax_id=f"98{number:07d}")
                Takeback.objects.create(
                    number=f"T{number:06d}", payer=payer, practice=mine.practice, amount=Decimal("85.00"),
                    announced_on="2026-09-01", reference="PCN1001",
                )  # fmt: skip

    more([1])
    before = {name: (asked(name), asked(name))[1] for name in ("takebacks", "clients")}
    more(range(2, 51))
    assert {name: asked(name) for name in before} == before


def test_one_check_pays_the_approved_credits_of_a_payer_and_the_look_back_is_shown(client, mine):
    from django.urls import reverse

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import Refund
    from claimwright.web.practice.models import Payer

    with tenant_scope(mine.tenant):
        payer = Payer.objects.first()
        for number in (1, 2):
            Refund.objects.create(
                practice=mine.practice, payer=payer, amount=Decimal("10.00"), cause="payer_request", state="APPROVED",
                identified_on="2026-09-01", due_on="2026-10-31", received_on="2026-05-04", key=f"asked:{number}",
                parts=[{"line_id": "L1001", "bucket": "INS1", "amount": "10.00"}],
            )  # fmt: skip
    page = client.get(reverse("refunds"))
    text = page.content.decode()
    assert "2 approved credits" in text
    assert "look-back until" in text
    batch = page.context["together"][0].key
    gone = client.post(reverse("issue_together"), {"batch": "another"}, follow=True)
    assert "have changed" in gone.content.decode()
    client.post(reverse("issue_together"), {"batch": batch, "reference": "7001"})
    with tenant_scope(mine.tenant):
        assert sorted(Refund.objects.filter(payer=payer).values_list("state", "amount")) == [
            ("CLEARED", Decimal("10.00")), ("ISSUED", Decimal("20.00"))
        ]  # fmt: skip


def test_what_has_changed_since_the_page_is_neither_written_off_nor_disputed(mine):
    from django.test import Client
    from django.urls import reverse

    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.recoveries.models import Dispute
    from tests.lib.web_data import a_user

    lead = Client()
    lead.force_login(a_user(mine.tenant, "lead", role="owner"), backend="django.contrib.auth.backends.ModelBackend")
    with tenant_scope(mine.tenant):
        before = LedgerTransfer.objects.count()
    small = lead.post(reverse("write_off_small", args=[mine.practice.pk]), {"amount": "1.00"}, follow=True)
    assert "Nothing was written off" in small.content.decode()
    shown = {"practice": mine.practice.pk, "payer": mine.payer.pk, "code": "99213", "cause": "FEE_SCHEDULE"}
    letter = lead.post(reverse("make_dispute"), shown | {"count": "2", "missing": "9.00"}, follow=True)
    assert "its lines have changed since" in letter.content.decode()
    with tenant_scope(mine.tenant):
        assert LedgerTransfer.objects.count() == before and not Dispute.objects.exists()
