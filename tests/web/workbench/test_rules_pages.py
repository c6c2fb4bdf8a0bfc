"""The practice's own rules on their pages: written, tried on claims that went out, put in force, and asked of the next claim."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.web.workbench.test_charge_entry import covered, enter  # noqa: F401
from tests.web.workbench.test_front_desk import as_role, clean, desk, text, within  # noqa: F401

RULE = {
    "name": "Strep with a visit", "severity": "H", "text": "This plan denies 87880 beside a visit without 25",
    "fix": "Add 25 where the visit was apart", "codes": "99202-99215", "modifiers_none": "25", "places": "11",
    "diagnoses_any": "J02 J06.9", "payer_ids": "60054", "youngest": "18", "note": "denied three times",
}  # fmt: skip


@pytest.fixture
def manager(covered):  # noqa: F811
    as_role(covered, "manager")
    return covered


def write(client, **changes):
    from claimwright.web.submissions.models import LocalRule

    response = client.post(reverse("save_new_rule"), RULE | changes)
    assert response.status_code == 302, text(response)[:5000]
    with within(client):
        return LocalRule.objects.order_by("-created_at").first()


def newest(client, row):
    with within(client):
        return row.versions.order_by("-number").first()


def act(client, version, does, **told):
    return text(client.post(reverse("act_on_rule", args=[version.pk]), {"do": does} | told, follow=True))


def payer_id(client):
    from claimwright.web.practice.models import Payer

    with within(client):
        return Payer.objects.get(key="NMUT").payer_id


def test_a_rule_is_tried_before_it_counts_and_then_holds_the_next_claim(manager):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.denials.models import Denial
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import move

    enter(manager)
    with within(manager):
        sent = ClaimVersion.objects.get()
        move(version=sent, trigger=Trigger.PRINTED)
        move(version=sent, trigger=Trigger.REMITTANCE)
        ClaimVersion.objects.update(first_sent="2026-09-01", outcome="DENIED", first_adjudicated="2026-09-10")
        Denial.objects.create(
            practice=sent.claim.practice, version=sent, payer=sent.claim.payer, line_id="L1", group="CO", carc="97",
            amount="150.00", category="BUND", received_on="2026-09-10", appealable=True,
        )  # fmt: skip
    row = write(manager, payer_ids=payer_id(manager))
    version = newest(manager, row)
    body = clean(text(manager.get(reverse("rule", args=[row.pk]))))
    for words in ("Draft", "Procedure: 99202-99215", "Modifier is none of: 25", "J02 J069", "at least: 18 years", "not tried yet"):  # fmt: skip
        assert words in body, words
    assert "Try it on last year" in act(manager, version, "activate")
    assert newest(manager, row).state == "draft"
    body = act(manager, version, "try")
    assert "It would have stopped 1 of 1 claims" in body and "97 (1)" in body and sent.control_number in body
    assert "100%" in body
    assert "is in force" in act(manager, version, "activate", until="03/31/2027")
    listed = clean(text(manager.get(reverse("rules"))))
    assert "In force" in listed and "1 of 1, 1 denied" in listed and "03/31/2027" in listed
    enter(manager, key="k2", date_from="09/20/2026")
    with within(manager):
        held = ClaimVersion.objects.exclude(pk=sent.pk).get()
        assert held.state == "EDIT_HOLD"
        assert held.findings.get(edit_id="PAY11").message.startswith(f"Rule {row.key}:")
    assert "Found since" in text(manager.get(reverse("rule", args=[row.pk])))


def test_a_change_is_a_new_version_and_the_old_one_stays_in_force(manager):
    row = write(manager, payer_ids="")
    first = newest(manager, row)
    act(manager, first, "try")
    act(manager, first, "activate")
    form = text(manager.get(reverse("edit_rule", args=[row.pk])))
    assert 'value="99202-99215"' in form and 'value="18"' in form and "J02 J069" in form
    save = reverse("save_rule", args=[row.pk])
    changed = RULE | {"payer_ids": "", "severity": "W"}
    assert "why the rule is changed" in text(manager.post(save, changed | {"note": ""}))
    assert "othing is changed" in text(manager.post(save, RULE | {"payer_ids": ""}))
    assert manager.post(save, changed).status_code == 302
    second = newest(manager, row)
    assert (second.number, second.state) == (2, "draft")
    with within(manager):
        first.refresh_from_db()
    assert first.state == "active"
    act(manager, second, "try")
    act(manager, second, "activate")
    with within(manager):
        first.refresh_from_db()
    assert first.state == "retired"
    assert "It runs until 01/31/2027" in act(manager, second, "renew", until="01/31/2027")
    assert "to a day that is to come" in act(manager, second, "renew", until="01/31/2026")
    assert "no day of the calendar" in act(manager, second, "renew", until="soon")
    assert "say why" in act(manager, second, "retire").lower()
    assert "It is ended" in act(manager, second, "retire", reason="the plan changed")
    assert "choose what is to be done" in act(manager, second, "other").lower()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": ""}, "sentence that the biller reads is missing"),
        ({"name": ""}, "name is missing"),
        ({"codes": "9921"}, "no procedure code or range"),
        ({"codes": "99215-99202"}, "ends before it starts"),
        ({"modifiers_none": "2"}, "modifiers of two characters"),
        ({"diagnoses_any": "99"}, "diagnosis codes"),
        ({"places": "1"}, "two digits"),
        ({"states": "ZZ"}, "is no state"),
        ({"payer_ids": "NOBODY"}, "is no payer here"),
        ({"youngest": "old"}, "These are no years"),
        ({"youngest": "70", "oldest": "20"}, "oldest age is below"),
        ({"start": "soon"}, "no day of the calendar"),
        ({"severity": "X"}, "none of the choices"),
        ({"missing": "password"}, "none of the choices"),
        ({"codes": "", "modifiers_none": "", "places": "", "diagnoses_any": "", "youngest": ""}, "stop every claim"),
    ],
)
def test_what_cannot_be_used_comes_back_as_it_was_typed(manager, changes, told):
    from claimwright.web.submissions.models import LocalRule

    body = clean(text(manager.post(reverse("save_new_rule"), RULE | {"payer_ids": ""} | changes)))
    assert told in body and "denied three times" in body
    with within(manager):
        assert not LocalRule.objects.exists()


def test_a_biller_reads_rules_and_writes_none(manager):
    row = write(manager, payer_ids="")
    as_role(manager, "biller")
    body = text(manager.get(reverse("rule", args=[row.pk])))
    assert "Put it in force" not in body and "New rule" not in text(manager.get(reverse("rules")))
    assert manager.post(reverse("save_new_rule"), RULE).status_code == 403
    assert manager.post(reverse("act_on_rule", args=[newest(manager, row).pk]), {"do": "try"}).status_code == 403


def test_doors(manager, other_tenant):
    from django.test import Client

    from claimwright.edits.records import LocalRule as RuleNoun
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.rules import create_rule

    with tenant_scope(other_tenant):
        version = create_rule(name="Theirs", rule=RuleNoun(id="", text="x", places=("11",)))
        stranger = version.rule
    for name in ("rule", "edit_rule"):
        assert manager.get(reverse(name, args=[stranger.pk])).status_code == 404
        assert manager.post(reverse(name, args=[stranger.pk])).status_code == 405
    assert manager.post(reverse("save_rule", args=[stranger.pk]), RULE).status_code == 404
    assert manager.post(reverse("act_on_rule", args=[version.pk]), {"do": "try"}).status_code == 404
    assert "Theirs" not in text(manager.get(reverse("rules")))
    for name in ("rules", "new_rule"):
        assert Client().get(reverse(name)).status_code == 302
        assert manager.post(reverse(name)).status_code == 405


def test_the_list_grows_and_its_queries_do_not(manager):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked():
        manager.get(reverse("rules"))
        with CaptureQueriesContext(connection) as queries:
            manager.get(reverse("rules"))
        return len(queries)

    write(manager, payer_ids="")
    before = asked()
    for number in range(4):
        write(manager, payer_ids="", name=f"Rule {number}")
    assert asked() == before <= 16
