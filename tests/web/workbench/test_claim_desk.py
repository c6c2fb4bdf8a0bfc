"""The claim's page: boxes, money with its reasons, timeline with raw segments, and every act where state and role allow."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from tests.lib.web_data import a_user, put_on_file


@pytest.fixture
def inside(mine):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        yield mine


def fresh(version):
    version.refresh_from_db()
    return version


def page(client, version):
    return client.get(reverse("claim", args=[version.claim_id]), {"version": version.number}).content.decode()


def does(client, name, version, **cells):
    return client.post(reverse(name, args=[version.pk]), cells, follow=True).content.decode()


def signed_in_as(role, tenant):
    from django.test import Client

    user = a_user(tenant, f"the-{role}", role=role)
    other = Client()
    other.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return other


def test_the_page_is_shaped_like_the_form(client, mine):
    body = page(client, mine.paid)
    for words in ("Numbers are those of the CMS-1500", ">1a<", ">24D<", "Member number", "A J06.9", "Billing provider"):
        assert words in body, words
    assert "CO-45" in body and "a contractual write-off" in body  # the reason in our words, beside its amount
    assert "835: " in body and "paid 85.00 of 190.00" in body and "On a statement" in body


def test_raw_segments_come_when_they_are_asked_for(client, inside, theirs):
    body = page(client, inside.paid)
    assert "CLM*CW1001*" not in body
    sent = reverse("raw_sent", args=[inside.paid.pk, inside.outgoing.pk])
    assert sent in body
    told = client.get(sent).content.decode()
    assert "CLM*CW1001*" in told and "CLM*CW1003*" not in told
    received = reverse("raw_received", args=[inside.paid.pk, inside.remittance.part_id])
    address = body.split(f'data-src="{received}')[1].split('"')[0].replace("&amp;", "&")
    told = client.get(received + address).content.decode()
    assert "CLP*CW1001*" in told and "CLP*CW1003*" not in told
    other = inside.remittance.claim_payments.get(control_number="CW1003").segment
    assert client.get(f"{received}?segment={other}").status_code == 404  # the rest of the file is not this claim's
    assert client.get(reverse("raw_sent", args=[inside.paid.pk, theirs.outgoing.pk])).status_code == 404


def test_a_note_stands_and_a_hold_is_taken_back(client, mine):
    version = mine.ready
    assert "a note has words" in does(client, "note_claim", version, text="  ")
    body = does(client, "note_claim", version, text="Called the desk <b>twice</b>")
    assert "Called the desk &lt;b&gt;twice&lt;/b&gt;" in body
    body = does(client, "hold", version, reason="waits for the referral")
    assert "Undo the hold" in body and ">Release " in body
    body = does(client, "undo_claim", version)
    assert "The hold is taken back" in body and "Undo the release" in body
    assert does(client, "undo_claim", version).count("On hold again") == 1


def test_a_claim_has_an_owner_and_a_day_on_which_home_shows_it(client, inside):
    version = inside.denied
    body = does(client, "claim_in_hand", version, owner="biller", day="09/30/2026")
    assert "comes back on 09/30/2026" in body and '<span class="badge bad">09/30/2026</span>' in body
    row = next(one for one in client.get("/?whose=mine").context["rows"] if one.key == "follow_up")
    assert row.tally.count == 1 and version.control_number in client.get(row.address).content.decode()
    assert "nobody of that name" in does(client, "claim_in_hand", version, owner="stranger", day="10/02/2026")
    refused = does(client, "note_claim", version, text="Never written", day="09/29/2026")
    assert "the day has passed" in refused and "Never written" not in page(client, version)
    assert "comes back on 10/02/2026" in does(client, "note_claim", version, text="Calls back", day="10/02/2026")
    claim = fresh(version).claim
    assert (claim.owner, str(claim.follow_up_on)) == ("biller", "2026-10-02")
    does(client, "claim_in_hand", version, owner="", day="")
    claim = fresh(version).claim
    assert (claim.owner, claim.follow_up_on) == ("", None)


def test_sending_is_queued_and_told(client, inside):
    from claimwright.web.operations.models import JobRun

    version = inside.ready
    if fresh(version).state == "ON_HOLD":
        does(client, "release", version)
    body = does(client, "send_claim", version)
    run = JobRun.objects.get(job="send_claims")
    assert run.about == {"versions": [str(version.pk)]} and run.asked_by == "biller"
    assert "Queued since" in body and reverse("sending_claim", args=[version.pk]) in body
    piece = client.get(reverse("sending_claim", args=[version.pk])).content.decode()
    assert 'data-ends=""' in piece
    JobRun.objects.filter(pk=run.pk).update(state="failed", problem="no way out")
    assert "no way out" in client.get(reverse("sending_claim", args=[version.pk])).content.decode()
    assert "only a claim that is ready" in does(client, "send_claim", inside.sent)


def test_acts_are_shown_by_state_and_role(client, mine):
    body = page(client, mine.paid)
    assert "To patient" not in body  # nothing is open with the payer
    assert ">Write off " in body and 'data-key="w"' in body and ">Rebill " not in body
    assert ">Rebill " in page(client, mine.sent) and ">Send " not in page(client, mine.sent)
    poster = signed_in_as("poster", mine.tenant)
    body = page(poster, mine.rejected)
    assert ">Correct " not in body and 'data-key="s"' not in body
    assert poster.post(reverse("send_claim", args=[mine.ready.pk])).status_code == 403
    assert ">Correct " in page(client, mine.rejected)


def test_a_denied_claim_is_corrected_in_one_act(client, inside):
    from claimwright.web.denials.models import Denial
    from claimwright.web.submissions.models import ClaimVersion

    put_on_file(inside.practice)
    denial = Denial.objects.get(line_id="L1003")
    address = reverse("correct_claim", args=[inside.denied.pk])
    assert f"{address}?denial={denial.pk}" in client.get(reverse("denials"), {"view": "all"}).content.decode()
    body = client.get(address, {"denial": str(denial.pk)}).content.decode()
    assert '<select id="rendering" name="rendering" autofocus>' in body  # N290 is about the rendering provider
    assert "Denied CO-16 N290 MA130: corrected" in body
    assert ClaimVersion.objects.filter(claim=inside.denied.claim_id).count() == 1  # looking makes nothing
    assert 'value="1234567893"' in body
    cells = {"denial": str(denial.pk), "rendering": "1234567893", "place": "11", "dx1": "J06.9", "line1-pointers": "A"}
    save = reverse("save_correction", args=[inside.denied.pk])
    assert "The reason is missing" in client.post(save, cells).content.decode()
    told = client.post(save, cells | {"reason": "wrong NPI"}, follow=True).content.decode()
    assert "Version 2 is made" in told
    made = ClaimVersion.objects.get(claim=inside.denied.claim_id, number=2)
    held = list(made.findings.filter(open=True).values_list("edit_id", "message"))
    assert (made.frequency, made.state) == ("1", "READY"), held  # MA130: a new claim, no replacement
    denial.refresh_from_db()
    assert denial.state == "ACTION_SENT"
    assert "a later version" in client.post(save, cells | {"reason": "again"}).content.decode()


def test_a_write_off_is_asked_for_and_a_balance_moves_to_the_patient(client, inside):
    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.payments.models import WriteOff

    denied = inside.denied
    cells = {"line": "L1003|INS1", "amount": "30.00", "reason": "NON-COVERED"}
    assert "choose the line" in does(client, "claim_write_off", denied, **cells | {"line": "L1001|INS1"})
    assert "dollars and cents" in does(client, "claim_write_off", denied, **cells | {"amount": "x"})
    assert "waits for approval" in does(client, "claim_write_off", denied, **cells)
    asked = WriteOff.objects.get(line_id="L1003")
    assert (asked.amount, asked.state, asked.requested_by) == (Decimal("30.00"), "REQUESTED", "biller")
    assert "say why" in does(client, "claim_to_patient", denied)
    assert "The patient owes it now" in does(client, "claim_to_patient", denied, reason="not covered by the plan")
    assert {k: v for k, v in line_balances(["L1003"])["L1003"].items() if v} == {"PAT": Decimal("280.00")}
