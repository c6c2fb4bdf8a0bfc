"""Charges put right after they were locked, claims cancelled, balances and write-offs taken back: the books agree."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from tests.faults.office import audit_faults
from tests.web.workbench.test_charge_entry import covered, enter  # noqa: F401
from tests.web.workbench.test_claim_versions import claim, clean, decided, page_of, text, versions, within  # noqa: F401
from tests.web.workbench.test_front_desk import desk  # noqa: F401

CELLS = {
    "rendering": "1234567893", "place": "11", "dx1": "J06.9", "dx2": "E11.9", "line1-code": "99213", "line1-units": "1",
    "line1-charge": "150.00", "line1-pointers": "A", "line2-code": "87880", "line2-units": "1", "line2-charge": "40.00",
    "line2-pointers": "B", "date_from": "08/31/2026", "reason": "the note says otherwise",
}  # fmt: skip


def balances(client) -> dict[str, dict[str, Decimal]]:
    """By code of the line, what is open by bucket; what is zero is left out."""
    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.charges.models import ChargeLine

    with within(client):
        codes = dict(ChargeLine.objects.values_list("line_id", "code"))
        found = line_balances(codes)
    return {codes[line]: {name: sum_ for name, sum_ in held.items() if sum_} for line, held in found.items()}


def faults(client):
    """What the auditor finds; these claims were moved on by hand, without the file that decides (I10)."""
    return [fault for fault in audit_faults(client.tenant) if fault.invariant != "I10"]


def corrections(client):
    from claimwright.web.charges.models import ChargeCorrection

    with within(client):
        return list(ChargeCorrection.objects.order_by("at", "line_id"))


def test_an_unsent_claim_is_charged_otherwise_line_by_line(claim):  # noqa: F811
    (version,) = versions(claim)
    body = clean(text(claim.get(reverse("change_claim", args=[version.pk]))))
    assert 'name="line1-code"' in body and 'value="150.00"' in body and 'name="line3-code"' in body
    cells = CELLS | {
        "line1-code": "99214", "line1-charge": "210.00", "line2-code": "", "line3-code": "36415",
        "line3-charge": "12.00", "line3-units": "2", "line3-pointers": "AB",
    }  # fmt: skip
    response = claim.post(reverse("save_claim", args=[version.pk]), cells)
    assert response.status_code == 302, clean(text(response))
    (after,) = versions(claim)
    lines = after.content["lines"]
    assert [(row["procedure_code"], row["charge"], row.get("number", 1)) for row in lines] == [
        ("99214", "210.00", 1), ("36415", "12.00", 2),
    ]  # fmt: skip
    assert lines[0]["control_number"] == version.content["lines"][0]["control_number"]
    assert after.total_charge == Decimal("222.00") and after.content["total_charge"] == "222.00"
    assert balances(claim) == {"99214": {"INS1": Decimal("210.00")}, "87880": {}, "36415": {"INS1": Decimal("12.00")}}
    with within(claim):
        visit = after.claim.encounter
        assert [row["procedure_code"] for row in visit.content["lines"]] == ["99214", "36415"]
        told = after.events.filter(note__contains="charges corrected").get().note
    assert "99213 150.00 is 99214 210.00" in told and "87880 40.00 is taken off" in told
    assert [row.after["charge"] for row in corrections(claim)].count("0.00") == 1
    assert faults(claim) == []
    # Once more, back to what it was: one more pair of entries, the books still whole.
    claim.post(reverse("save_claim", args=[version.pk]), CELLS | {"line2-code": "", "line2-charge": ""})
    assert balances(claim) == {"99213": {"INS1": Decimal("150.00")}, "87880": {}, "36415": {}}
    assert faults(claim) == []


def test_a_form_of_what_changed_since_is_not_taken(claim):  # noqa: F811
    (version,) = versions(claim)
    body = clean(text(claim.get(reverse("change_claim", args=[version.pk]))))
    seen = body.split('name="seen" value="')[1].split('"')[0]
    save = reverse("save_claim", args=[version.pk])
    claim.post(save, CELLS | {"seen": seen, "line1-code": "", "line1-charge": ""})
    late = clean(text(claim.post(save, CELLS | {"seen": seen, "line1-charge": "175.00"})))
    assert "Somebody changed it" in late and "175.00" not in late
    assert balances(claim)["87880"] == {"INS1": Decimal("40.00")} and len(corrections(claim)) == 1


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"line1-code": "9921"}, "five characters"),
        ({"line1-charge": "12.345"}, "no amount"),
        ({"line1-code": "", "line2-code": ""}, "A coded visit has a line"),
        ({"line1-code": "99499", "line1-charge": ""}, "no price for 99499"),
        ({"reason": ""}, "The reason is missing"),
        ({"rendering": ""}, "No provider is chosen"),
    ],
)
def test_a_charge_that_cannot_be_changes_nothing(claim, cells, told):  # noqa: F811
    (version,) = versions(claim)
    assert told in text(claim.post(reverse("save_claim", args=[version.pk]), CELLS | cells))
    assert versions(claim)[0].content == version.content and not corrections(claim)


def test_a_decided_claim_is_replaced_with_other_charges(claim):  # noqa: F811
    decided(claim)
    (version,) = versions(claim)
    cells = CELLS | {"line1-code": "99212", "line1-charge": "90.00", "line2-units": "2", "line2-charge": ""}
    response = claim.post(reverse("save_correction", args=[version.pk]), cells)
    assert response.status_code == 302, clean(text(response))
    first, made = versions(claim)
    assert first.content == version.content and first.total_charge == Decimal("190.00")
    assert (made.frequency, made.total_charge) == ("7", Decimal("170.00"))  # two at the charge master's 40.00
    assert balances(claim) == {"99212": {"INS1": Decimal("90.00")}, "87880": {"INS1": Decimal("80.00")}}
    assert faults(claim) == []


def test_what_may_not_follow_leaves_the_charges_alone(claim):  # noqa: F811
    decided(claim, number="")  # without the payer's number no replacement can be made
    (version,) = versions(claim)
    body = text(claim.post(reverse("save_correction", args=[version.pk]), CELLS | {"line1-charge": "90.00"}))
    assert "own claim number is not known" in body
    assert balances(claim)["99213"] == {"INS1": Decimal("150.00")} and not corrections(claim)


def test_the_later_payers_claim_says_the_same_until_it_went_out(claim):  # noqa: F811
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.models import Claim, ClaimVersion
    from claimwright.web.submissions.services import move

    (version,) = versions(claim)
    with within(claim):
        later = Claim.objects.get(pk=version.claim_id)
        later.pk, later.sequence, later.bucket = None, "S", "INS2"
        later._state.adding = True
        later.save(force_insert=True)
        row = ClaimVersion.objects.get(pk=version.pk)
        row.pk, row.claim, row.state, row.control_number = None, later, "AWAIT_PRIOR", "CW9999S"
        row._state.adding = True
        row.save(force_insert=True)
    change = reverse("save_claim", args=[version.pk])
    one_line = CELLS | dict.fromkeys(("line2-code", "line2-charge", "line2-pointers"), "")
    assert claim.post(change, one_line | {"line1-charge": "175.00"}).status_code == 302
    with within(claim):
        row.refresh_from_db()
        assert [(line["procedure_code"], line["charge"]) for line in row.content["lines"]] == [("99213", "175.00")]
        assert row.total_charge == Decimal("175.00")
        for trigger in (Trigger.PRIOR_ADJUDICATED, Trigger.PASSED, Trigger.PRINTED):
            move(version=row, trigger=trigger)
    assert "went to another payer" in text(claim.post(change, one_line | {"line1-charge": "1.00"}))
    assert balances(claim)["99213"] == {"INS1": Decimal("175.00")}


def test_a_claim_that_should_not_be_is_cancelled_with_its_charges(claim):  # noqa: F811
    (version,) = versions(claim)
    address = reverse("cancel_claim", args=[version.pk])
    assert address in page_of(claim)
    assert "say why" in text(claim.post(address, {"reason": " "}, follow=True))
    assert "Cancelled" in text(claim.post(address, {"reason": "entered twice"}, follow=True))
    assert versions(claim)[0].state == "CANCELLED"
    assert balances(claim) == {"99213": {}, "87880": {}} and faults(claim) == []
    assert address not in page_of(claim)
    assert "never went out" in text(claim.post(address, {"reason": "again"}, follow=True))


def test_a_claim_that_went_out_is_not_cancelled(claim):  # noqa: F811
    decided(claim)
    (version,) = versions(claim)
    address = reverse("cancel_claim", args=[version.pk])
    assert address not in page_of(claim)
    assert "void or replace" in text(claim.post(address, {"reason": "x"}, follow=True))
    assert balances(claim)["99213"] == {"INS1": Decimal("150.00")}


def test_a_balance_moved_to_the_patient_by_mistake_comes_back(claim):  # noqa: F811
    decided(claim)
    (version,) = versions(claim)
    claim.post(reverse("claim_to_patient", args=[version.pk]), {"reason": "not covered"})
    assert balances(claim)["99213"] == {"PAT": Decimal("150.00")}
    back = reverse("claim_from_patient", args=[version.pk])
    assert back in page_of(claim) and "190.00 is this payer" in page_of(claim)
    assert "is the payer" in text(claim.post(back, {"reason": "the payer will decide again"}, follow=True))
    assert balances(claim)["99213"] == {"INS1": Decimal("150.00")}
    assert back not in page_of(claim)
    assert "nothing of this payer" in text(claim.post(back, {"reason": "again"}, follow=True))
    assert faults(claim) == []


def test_a_balance_the_patient_began_to_pay_stays(claim):  # noqa: F811
    from claimwright.web.payments.services import receive_patient_payment

    decided(claim)
    (version,) = versions(claim)
    claim.post(reverse("claim_to_patient", args=[version.pk]), {"reason": "not covered"})
    with within(claim):
        receive_patient_payment(
            patient=version.claim.patient,
            practice=version.claim.practice,
            amount=Decimal("20.00"),
            method="cash",
            key="p1",
        )
    back = reverse("claim_from_patient", args=[version.pk])
    assert "paid some of it" in text(claim.post(back, {"reason": "x"}, follow=True))
    assert sum(held.get("PAT", Decimal(0)) for held in balances(claim).values()) == Decimal("170.00")


def test_a_write_off_is_withdrawn_and_an_approved_one_reversed(claim):  # noqa: F811
    from claimwright.web.core.models import User
    from claimwright.web.payments.models import WriteOff
    from claimwright.web.payments.services import approve_write_off

    decided(claim)
    (version,) = versions(claim)
    line = version.content["lines"][1]["control_number"]
    ask = {"line": f"{line}|INS1", "amount": "40.00", "reason": "ADMIN-ERROR"}
    claim.post(reverse("claim_write_off", args=[version.pk]), ask)
    with within(claim):
        asked = WriteOff.objects.get()
    address = reverse("take_back_write_off", args=[version.pk, asked.pk])
    assert "Withdraw the write-off" in page_of(claim)
    assert "Withdrawn" in text(claim.post(address, {"reason": "mistyped"}, follow=True))
    claim.post(reverse("claim_write_off", args=[version.pk]), ask)
    with within(claim):
        asked = WriteOff.objects.exclude(pk=asked.pk).get()
        owner = User(tenant=claim.tenant, username="owner-1", role=User.Role.OWNER)
        owner.save()
        approve_write_off(write_off=asked, approver=owner)
    assert balances(claim)["87880"] == {}
    address = reverse("take_back_write_off", args=[version.pk, asked.pk])
    assert "Reverse the write-off" in page_of(claim)
    assert "open again" in text(claim.post(address, {"reason": "the payer pays it"}, follow=True))
    assert balances(claim)["87880"] == {"INS1": Decimal("40.00")} and faults(claim) == []
    assert "taken back already" in text(claim.post(address, {"reason": "again"}, follow=True))


def test_a_visit_that_the_patient_pays_is_put_right_on_its_page(covered):  # noqa: F811
    from claimwright.web.charges.models import Encounter

    assert enter(covered, self_pay="on").status_code == 302
    with within(covered):
        visit = Encounter.objects.get()
    assert balances(covered) == {"99213": {"PAT": Decimal("150.00")}}
    address = reverse("correct_visit_charges", args=[visit.pk])
    assert address in clean(text(covered.get(reverse("visit", args=[visit.pk]))))
    assert 'value="150.00"' in clean(text(covered.get(address)))
    save = reverse("save_visit_charges", args=[visit.pk])
    cells = {"line1-code": "99212", "line1-charge": "", "line1-units": "1", "line1-pointers": "A"}
    assert "The reason is missing" in text(covered.post(save, cells))
    told = clean(text(covered.post(save, cells | {"line1-charge": "90.00", "reason": "coded too high"}, follow=True)))
    assert "put right" in told and "coded too high" in told and "150.00" in told
    assert balances(covered) == {"99212": {"PAT": Decimal("90.00")}} and faults(covered) == []


def test_charges_of_a_claim_are_not_changed_on_the_visit(claim):  # noqa: F811
    (version,) = versions(claim)
    with within(claim):
        visit = version.claim.encounter_id
    assert claim.get(reverse("correct_visit_charges", args=[visit])).status_code == 302
    body = text(claim.post(reverse("save_visit_charges", args=[visit]), CELLS | {"line1-charge": "1.00"}))
    assert "are on a claim" in body and balances(claim)["99213"] == {"INS1": Decimal("150.00")}


def test_what_was_paid_beyond_the_charges_is_a_credit_at_once(claim):  # noqa: F811
    from claimwright.web.payments.models import Refund
    from claimwright.web.payments.services import receive_patient_payment

    (version,) = versions(claim)
    with within(claim):
        receive_patient_payment(
            patient=version.claim.patient, practice=version.claim.practice, amount=Decimal("25.00"), method="cash",
            key="c1",
        )  # fmt: skip
    claim.post(reverse("cancel_claim", args=[version.pk]), {"reason": "entered twice"})
    with within(claim):
        assert sum(Refund.objects.values_list("amount", flat=True)) == Decimal("25.00")
    assert faults(claim) == []
