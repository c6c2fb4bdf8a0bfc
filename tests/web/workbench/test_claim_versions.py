"""Findings fixed from the page, the claim changed by hand, and what may follow it: made, or refused in words."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse

from tests.web.workbench.test_charge_entry import covered, enter  # noqa: F401
from tests.web.workbench.test_front_desk import as_role, clean, desk, register, text, within  # noqa: F401


@pytest.fixture
def claim(covered):  # noqa: F811
    """A claim of two lines made from the form, ready to send; `covered.version` is it."""
    assert enter(covered, dx2="E11.9", **{"line2-code": "87880", "line2-units": "1", "line2-pointers": "B"}).status_code == 302  # fmt: skip
    return covered


def versions(client):
    from claimwright.web.submissions.models import ClaimVersion

    with within(client):
        return list(ClaimVersion.objects.order_by("control_number"))


def go(client, *triggers):
    from claimwright.web.submissions.services import move

    (version,) = versions(client)
    with within(client):
        for trigger in triggers:
            move(version=version, trigger=trigger)


def spoil(client, **changes):
    """Other content in the unsent claim, with the edits run on it; gives its findings by id."""
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.scrubbing import scrub

    (version,) = versions(client)
    with within(client):
        ClaimVersion.objects.filter(pk=version.pk).update(content={**version.content, **changes})
        scrub(version_ids=[version.pk])
        return {row.edit_id: row for row in version.findings.filter(open=True)}


def page_of(client):
    row = versions(client)[-1]
    return clean(text(client.get(reverse("claim", args=[row.claim_id]))))


# Findings ------------------------------------------------------------------------------------------------------------


def test_a_fix_is_shown_kept_and_on_record(claim):
    from claimwright.web.core.models import AuditEvent

    found = spoil(claim, total_charge="191.00")
    assert versions(claim)[0].state == "EDIT_HOLD"
    body = page_of(claim)
    address = reverse("fix", args=[found["LIN01"].pk])
    assert address in body and reverse("edit", args=["LIN01"]) in body and "Blocks" in body
    body = clean(text(claim.get(address)))
    assert "191.00" in body and "190.00" in body and "Total charge" in body
    assert versions(claim)[0].content["total_charge"] == "191.00"
    apply = reverse("apply_fix", args=[found["LIN01"].pk])
    assert "look at the fix again" in text(claim.post(apply, {"seen": "other"}, follow=True))
    seen = body.split('name="seen" value="')[1].split('"')[0]
    told = text(claim.post(apply, {"seen": seen}, follow=True))
    assert "the claim is ready" in told
    version = versions(claim)[0]
    assert version.state == "READY" and version.content["total_charge"] == "190.00" and version.touched
    with within(claim):
        assert version.findings.get(edit_id="LIN01").open is False
        assert AuditEvent.objects.filter(action="claim.mend", detail="LIN01: total_charge").count() == 1
    assert "no fix that is safe" in text(claim.get(address))


def test_a_fix_of_several_fields_shows_each(claim):
    version = versions(claim)[0]
    twice = [*version.content["diagnoses"], {"code": "J069", "qualifier": "ABF"}]
    found = spoil(claim, diagnoses=twice)
    body = text(claim.get(reverse("fix", args=[found["DX05"].pk])))
    assert "J069" in body and body.count('<th scope="row">') == 1
    assert "Diagnoses 3" in body


def test_what_only_a_person_decides_has_no_button(claim):
    found = spoil(claim, place_of_service="99999")
    assert found
    body = page_of(claim)
    for row in found.values():
        assert row.edit_id in body
    assert 'data-key="x"' not in body


def test_after_it_went_out_nothing_is_fixed(claim):
    from claimwright.billing.lifecycle import Trigger

    found = spoil(claim, total_charge="191.00")
    body = text(claim.get(reverse("fix", args=[found["LIN01"].pk])))
    seen = body.split('name="seen" value="')[1].split('"')[0]
    spoil(claim, total_charge="190.00")
    go(claim, Trigger.PRINTED)
    told = text(claim.post(reverse("apply_fix", args=[found["LIN01"].pk]), {"seen": seen}, follow=True))
    assert "look at the fix again" in told


def test_every_edit_can_be_read_in_the_app(desk):  # noqa: F811
    from claimwright.edits.catalogue import CATALOGUE

    body = clean(text(desk.get(reverse("edits"))))
    assert all(f">{each.id}</a>" in body for each in CATALOGUE)
    assert f">{'BIL05'}</a>" not in text(desk.get(reverse("edits"), {"family": "DX"}))
    body = clean(text(desk.get(reverse("edit", args=["BIL05"]))))
    assert "The billing address is a street" in body and "<code>PO BOX 12</code>" in body and "<h2>Why</h2>" in body
    assert "2010AA N3" in body
    assert desk.get(reverse("edit", args=["XX99"])).status_code == 404


def test_every_page_of_an_edit_is_drawn_whole():
    from claimwright.edits.catalogue import CATALOGUE
    from claimwright.web.workbench.findings import blocks_of, page_text

    for each in CATALOGUE:
        raw = page_text(each.id)
        words = "".join(words for block in blocks_of(raw) for line in block.lines for _, words in line)
        squeezed = "".join(raw.replace("#", "").replace("`", "").replace("\n- ", "\n").split())
        assert "".join(words.split()) == squeezed, each.id


# Changed by hand -----------------------------------------------------------------------------------------------------


def test_an_unsent_claim_is_changed_and_judged_again(claim):
    (version,) = versions(claim)
    address = reverse("change_claim", args=[version.pk])
    body = clean(text(claim.get(address)))
    assert 'value="J06.9"' in body
    cells = {
        "rendering": "1234567893", "place": "11", "dx1": "J02.9", "dx2": "E11.9", "line1-modifiers": "25",
        "line1-pointers": "AB", "line2-pointers": "A", "prior_authorization": "pa77",
    }  # fmt: skip
    save = reverse("save_claim", args=[version.pk])
    refused = text(claim.post(save, cells | {"dx1": "J0X", "line1-pointers": "C"}))
    assert "The reason is missing" in refused and "no such code" in refused and "that is not there" in refused
    assert versions(claim)[0].content == version.content
    assert claim.post(save, cells | {"reason": "the note says pharyngitis"}).status_code == 302
    after = versions(claim)[0]
    line = after.content["lines"][0]
    assert [row["code"] for row in after.content["diagnoses"]] == ["J029", "E119"]
    assert line["modifiers"] == ["25"] and line["diagnosis_pointers"] == [1, 2]
    assert (line["procedure_code"], Decimal(line["charge"])) == ("99213", Decimal("150.00"))
    assert after.content["prior_authorization"] == "PA77" and after.touched
    assert after.content["lines"][1]["diagnosis_pointers"] == [1]


def test_the_registration_as_it_is_now_goes_on_the_claim(claim):
    from claimwright.web.patients.models import PatientCoverage

    (version,) = versions(claim)
    with within(claim):
        row = PatientCoverage.objects.get()
        PatientCoverage.objects.filter(pk=row.pk).update(member_id="W99999999")
    cells = {
        "rendering": "1234567893", "place": "11", "dx1": "J06.9", "dx2": "E11.9", "line1-pointers": "A",
        "line2-pointers": "B", "reason": "new card",
    }  # fmt: skip
    claim.post(reverse("save_claim", args=[version.pk]), cells)
    assert versions(claim)[0].content["coverage"]["member_id"] == "W12345678"
    claim.post(reverse("save_claim", args=[version.pk]), cells | {"registered": "on"})
    after = versions(claim)[0].content
    assert after["coverage"]["member_id"] == "W99999999" and after["coverage"]["subscriber"]["last_name"] == "Sample"
    assert {key: value for key, value in after.items() if key != "coverage"} == {
        key: value for key, value in version.content.items() if key != "coverage"
    }


# What may follow -----------------------------------------------------------------------------------------------------


def decided(client, number="ICN1"):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.models import ClaimVersion

    go(client, Trigger.PRINTED, Trigger.REMITTANCE)
    with within(client):
        ClaimVersion.objects.update(payer_claim_number=number)


def follow(client, step, **cells):
    return text(
        client.post(
            reverse("follow_claim", args=[versions(client)[0].pk, step]), {"reason": "wrong place"} | cells, follow=True
        )
    )


def test_a_decided_claim_is_replaced_and_the_new_version_changed(claim):
    decided(claim)
    body = page_of(claim)
    assert "Replace" in body and "frequency 7" in body and "Void" in body
    assert "did not ask for a new one" in body  # send anew is refused in words
    assert "say why" in follow(claim, "replace", reason=" ")
    told = follow(claim, "replace")
    assert "Version 2 is made" in told
    made = versions(claim)[-1]
    assert (made.number, made.frequency, made.content["payer_claim_number"]) == (2, "7", "ICN1")
    assert made.state in ("READY", "EDIT_HOLD")
    assert "Change the claim" in told
    old = text(claim.get(reverse("claim", args=[made.claim_id]), {"version": 1}))
    assert "A later version is there" in old and "Replace</button>" not in old


def test_a_decided_claim_is_taken_back_whole_from_its_page(claim):
    decided(claim)
    assert "Version 2 is made" in follow(claim, "void")
    first, made = versions(claim)
    assert (made.frequency, made.content["payer_claim_number"]) == ("8", "ICN1")
    assert made.content["lines"] == first.content["lines"] and made.state in ("READY", "EDIT_HOLD")


def test_without_the_payers_number_the_rule_is_told(claim):
    decided(claim, number="")
    assert "own claim number is not known" in page_of(claim)
    assert "own claim number is not known" in follow(claim, "void")
    assert len(versions(claim)) == 1


def test_a_claim_on_its_way_says_that_nothing_follows_yet(claim):
    from claimwright.billing.lifecycle import Trigger

    go(claim, Trigger.PRINTED)
    body = page_of(claim)
    assert "The claim is on its way" in body and "Change the claim" not in body
    assert "not decided this claim" in follow(claim, "replace")
    (version,) = versions(claim)
    assert claim.get(reverse("change_claim", args=[version.pk])).status_code == 302
    assert claim.post(reverse("follow_claim", args=[version.pk, "other"])).status_code == 404


def test_a_claim_is_split_and_combined_again(claim):
    (version,) = versions(claim)
    why = {"reason": "the payer asks for it"}
    told = text(claim.post(reverse("split_claim", args=[version.pk]), why, follow=True))
    assert "nothing keeps these lines apart" in told
    told = text(claim.post(reverse("split_claim", args=[version.pk]), why | {"by": "unheard"}, follow=True))
    assert "not split by unheard" in told
    with within(claim):
        from claimwright.billing.claim_parts import SplitRules
        from claimwright.web.submissions.versions import split_claim

        split_claim(version=version, reason="x", rules=SplitRules(lines_per_claim=1))
    first, second = versions(claim)
    assert (first.total_charge, second.total_charge) == (Decimal("150.00"), Decimal("40.00"))
    body = text(claim.get(reverse("claim", args=[first.claim_id])))
    assert f'value="{second.pk}"' in body and "Combine" in body
    combine = reverse("combine_claims", args=[first.pk])
    assert "choose a claim" in text(claim.post(combine, why, follow=True))
    assert "Combined into" in text(claim.post(combine, why | {"other": str(second.pk)}, follow=True))
    first, second = versions(claim)
    assert first.total_charge == Decimal("190.00") and second.state == "CANCELLED"


def test_the_form_is_proofed_printed_and_kept(claim):
    (version,) = versions(claim)
    body = page_of(claim)
    assert "Proof of the CMS-1500" in body and "to mail it" in body
    proof = claim.get(reverse("claim_proof", args=[version.pk]))
    assert proof.headers["Content-Type"] == "application/pdf" and proof.content.startswith(b"%PDF-")
    assert proof.headers["X-Content-Type-Options"] == "nosniff"
    assert versions(claim)[0].state == "READY"
    assert claim.get(reverse("claim_mailed", args=[version.pk])).status_code == 404
    assert "1 page to print" in text(claim.post(reverse("print_claim", args=[version.pk]), follow=True))
    assert versions(claim)[0].state == "PAPER_SENT"
    assert claim.get(reverse("claim_mailed", args=[version.pk])).content.startswith(b"%PDF-")
    assert "only a ready one" in text(claim.post(reverse("print_claim", args=[version.pk]), follow=True))


# Doors ---------------------------------------------------------------------------------------------------------------


def test_another_tenants_claims_are_not_found(claim, other_tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Practice
    from claimwright.web.submissions.models import ClaimVersion, EditFinding
    from tests.lib import practices

    with tenant_scope(other_tenant):
        practices.take_in(SimpleNamespace(practice=Practice.objects.get()), practices.superbill_row())
        stranger = ClaimVersion.objects.get()
        finding = EditFinding.objects.create(
            version=stranger, edit_id="LIN01", severity="R", message="x", found_on="2026-09-01"
        )
    for name in ("change_claim", "claim_proof", "claim_mailed"):
        assert claim.get(reverse(name, args=[stranger.pk])).status_code == 404, name
        assert claim.post(reverse(name, args=[stranger.pk])).status_code == 405, name
    assert claim.get(reverse("fix", args=[finding.pk])).status_code == 404
    assert claim.post(reverse("apply_fix", args=[finding.pk])).status_code == 404
    for name in ("save_claim", "split_claim", "combine_claims", "print_claim"):
        assert claim.post(reverse(name, args=[stranger.pk]), {"reason": "x"}).status_code == 404, name
        assert claim.get(reverse(name, args=[stranger.pk])).status_code == 405, name
    assert claim.post(reverse("follow_claim", args=[stranger.pk, "void"]), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(("name", "ids"), [("edits", ()), ("edit", ("BIL05",))])
def test_nobody_sees_the_edits_without_signing_in(desk, name, ids):  # noqa: F811
    from django.test import Client

    assert Client().get(reverse(name, args=ids)).status_code == 302
    assert desk.post(reverse(name, args=ids)).status_code == 405
