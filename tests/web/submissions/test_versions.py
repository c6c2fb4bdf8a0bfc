"""What follows a claim, over the database: states, numbers, money, and the pages that were mailed."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.billing.claim_parts import SplitRules
from claimwright.billing.claim_versions import VersionRefused, out_of_balance
from claimwright.billing.lifecycle import Trigger
from claimwright.claims.nouns import Adjustment, ClaimPayment, Person, RemittanceLine
from claimwright.claims.nouns import Claim as ClaimNoun
from tests.lib import world

CHARGES = ("150.00", "40.00", "12.00")
BY_LINE = SplitRules(lines_per_claim=1)


@pytest.fixture
def inside(tenant: Any, other_tenant: Any) -> Any:
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield tenant


def noun(version: Any) -> ClaimNoun:
    version.refresh_from_db()
    return msgspec.convert(version.content, ClaimNoun)


def go(version: Any, *triggers: Trigger) -> None:
    from claimwright.web.submissions.services import move

    version.refresh_from_db()
    for trigger in triggers:
        move(version=version, trigger=trigger)


def state(version: Any) -> str:
    version.refresh_from_db()
    return version.state


def sent(*, decided: bool = True, **visit: Any) -> Any:
    """A claim of one visit to the first payer, sent; decided under the number ICN1."""
    (version,) = world.sent_claims(world.set_up(), [world.visit(1, **({"charges": CHARGES} | visit))])
    if decided:
        go(version, Trigger.REMITTANCE)
        version.payer_claim_number = "ICN1"
        version.save(update_fields=["payer_claim_number"])
    return version


def drafts(*visits: Any) -> list[Any]:
    return world.sent_claims(world.set_up(), visits, send=False)


# Replacement, void, correction ----------------------------------------------------------------------------------------


def test_a_replacement_is_version_two_under_the_payers_number(inside):
    from claimwright.web.submissions.services import ContentRefused
    from claimwright.web.submissions.versions import replace_claim

    version = sent()
    content = noun(version)
    with pytest.raises(VersionRefused, match="line 3 of the claim is missing"):
        replace_claim(version=version, reason="x", content=msgspec.structs.replace(content, lines=content.lines[:2]))
    dearer = msgspec.structs.replace(content.lines[0], charge=Decimal("151.00"))
    with pytest.raises(ContentRefused):
        replace_claim(
            version=version, reason="x", content=msgspec.structs.replace(content, lines=(dearer, *content.lines[1:]))
        )
    following = replace_claim(
        version=version, reason="the place", content=msgspec.structs.replace(content, place_of_service="22")
    )
    made = noun(following)
    assert (made.frequency, made.payer_claim_number, made.version, made.place_of_service) == ("7", "ICN1", 2, "22")
    assert (state(following), state(version)) == ("DRAFT", "ADJUDICATED")
    assert made.control_number == following.control_number != version.control_number


def test_what_the_payer_would_refuse_is_refused_here(inside):
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.versions import replace_claim, send_anew, void_claim

    version = sent()
    with pytest.raises(VersionRefused, match="MA130"):
        replace_claim(version=version, reason="x", remarks=("MA130",))
    with pytest.raises(VersionRefused, match="duplicate"):
        send_anew(version=version, reason="x", remarks=())
    payer = version.claim.payer
    payer.profile = {**payer.profile, "frequency_codes": ["1"]}
    payer.save()
    for act in (replace_claim, void_claim):
        with pytest.raises(VersionRefused, match="only 1"):
            act(version=ClaimVersion.objects.get(pk=version.pk), reason="x")
    assert ClaimVersion.objects.count() == 1
    made = noun(send_anew(version=version, reason="could not be processed", remarks=("N142",)))
    assert (made.frequency, made.payer_claim_number, made.version) == ("1", "", 2)


@pytest.mark.parametrize("decided", [False, True])
def test_a_claim_with_the_payer_is_not_voided_before_it_is_decided(inside, decided):
    from claimwright.web.submissions.versions import void_claim

    version = sent(decided=decided)
    if not decided:
        with pytest.raises(VersionRefused, match="not decided"):
            void_claim(version=version, reason="x")
        return
    before = noun(version)
    void = void_claim(version=version, reason="billed in error")
    made = noun(void)
    assert (made.frequency, made.payer_claim_number, made.lines) == ("8", "ICN1", before.lines)
    assert state(version) == "ADJUDICATED", "nothing has gone out yet"
    go(void, Trigger.PASSED, Trigger.BATCH, Trigger.SEND_CONFIRMED)
    assert (state(void), state(version)) == ("SENT", "VOID_PENDING")


def test_a_void_of_a_closed_claim_reopens_it_and_a_refused_void_lets_it_stand(inside):
    from claimwright.web.submissions.versions import void_claim

    version = sent()
    go(version, Trigger.CLOSE)
    void = void_claim(version=version, reason="billed in error")
    go(void, Trigger.PASSED, Trigger.PRINTED)
    assert (state(void), state(version)) == ("PAPER_SENT", "VOID_PENDING")
    steps = version.events.order_by("ordinal").values_list("trigger", flat=True)
    assert list(steps)[-2:] == ["reopen", "void_sent"]


def test_a_void_that_the_front_end_refuses_lets_the_claim_stand(inside):
    from claimwright.web.submissions.versions import void_claim

    version = sent()
    void = void_claim(version=version, reason="billed in error")
    go(void, Trigger.PASSED, Trigger.BATCH, Trigger.SEND_CONFIRMED, Trigger.CH_REJECT)
    assert (state(void), state(version)) == ("CH_REJECTED", "ADJUDICATED")


def test_a_rejected_claim_goes_again_as_a_first_one(inside):
    from claimwright.web.submissions.versions import correct_rejected, replace_claim

    version = sent(decided=False)
    with pytest.raises(VersionRefused, match="not rejected"):
        correct_rejected(version=version, reason="x")
    go(version, Trigger.PAYER_REJECT)
    with pytest.raises(VersionRefused, match="never reached"):
        replace_claim(version=version, reason="x")
    made = noun(correct_rejected(version=version, reason="the member id"))
    assert (made.frequency, made.version, made.payer_claim_number) == ("1", 2, "")


# Splitting -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_split_into_claims_of_their_own_and_nothing_is_charged(inside):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.submissions.models import Claim
    from claimwright.web.submissions.versions import split_claim

    (version,) = drafts(world.visit(1, charges=CHARGES))
    entries, whole = LedgerTransfer.objects.count(), noun(version)
    go(version, Trigger.PASSED)
    parts = split_claim(version=version, reason="one line a claim", rules=BY_LINE)
    assert [(state(part), part.claim.part, part.number) for part in parts] == [("DRAFT", at, 1) for at in (1, 2, 3)]
    assert parts[0].pk == version.pk and len({part.control_number for part in parts}) == 3
    assert [part.total_charge for part in parts] == [Decimal(charge) for charge in CHARGES]
    held = Counter(line.control_number for part in parts for line in noun(part).lines)
    assert held == Counter(line.control_number for line in whole.lines)
    assert [noun(part).control_number for part in parts] == [part.control_number for part in parts]
    assert Claim.objects.count() == 3 and LedgerTransfer.objects.count() == entries


def test_what_is_sent_or_decided_is_not_split(inside):
    from claimwright.web.submissions.services import StepRefused
    from claimwright.web.submissions.versions import split_claim

    version = sent(decided=False)
    for act in ((), (Trigger.REMITTANCE,)):
        go(version, *act)
        with pytest.raises(StepRefused, match="is not split"):
            split_claim(version=version, reason="x", rules=BY_LINE)


def test_a_claim_that_a_front_end_refused_for_its_lines_is_split_into_new_versions(inside):
    from claimwright.web.submissions.versions import split_claim

    version = sent(decided=False)
    before = noun(version)
    go(version, Trigger.CH_REJECT)
    first, second = split_claim(version=version, reason="too many lines", rules=SplitRules(lines_per_claim=2))
    assert (first.claim_id, first.number, second.number) == (version.claim_id, 2, 1)
    assert (state(version), noun(version)) == ("CH_REJECTED", before), "what was sent stays"
    assert [len(noun(part).lines) for part in (first, second)] == [2, 1]


def test_the_payers_own_rules_split_where_none_are_given(inside):
    from claimwright.edits.payers.medicaid import MEDICAID
    from claimwright.edits.payers.medicare_b import MEDICARE_B
    from claimwright.web.submissions.versions import rules_of, split_claim

    assert rules_of(MEDICAID).by == ("month",) and rules_of(MEDICARE_B).by == ()
    (version,) = drafts(world.visit(1, charges=CHARGES))
    with pytest.raises(VersionRefused, match="nothing keeps"):
        split_claim(version=version, reason="x")


def decided(part: Any, paid: str, share: str) -> ClaimPayment:
    """The first payer's decision on a part of one line."""
    (line,) = noun(part).lines
    rest = line.charge - Decimal(paid) - Decimal(share)
    return ClaimPayment(
        control_number=part.control_number, status="1", charge=line.charge, paid=Decimal(paid),
        patient_responsibility=Decimal(share), filing_indicator="CI", payer_claim_number=f"ICN{part.control_number}",
        facility_code="11", frequency="1", patient=Person(last_name=part.claim.patient.last_name, first_name="Ada"),
        lines=(
            RemittanceLine(
                procedure_code=line.procedure_code, charge=line.charge, paid=Decimal(paid), units_paid=Decimal(1),
                date_from=world.DAY, control_number=line.control_number,
                adjustments=(
                    Adjustment(group="CO", reason="45", amount=rest),
                    Adjustment(group="PR", reason="1", amount=Decimal(share)),
                ),
            ),
        ),
    )  # fmt: skip


def test_parts_are_posted_one_by_one_and_the_next_payer_gets_one_balanced_claim(tenant, other_tenant):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.versions import split_claim

    with tenant_scope(tenant):
        (version,) = drafts(world.visit(1, charges=CHARGES[:2], second=True))
        parts = split_claim(version=version, reason="one line a claim", rules=BY_LINE)
        later = ClaimVersion.objects.get(claim__encounter=version.claim.encounter_id, claim__sequence="S")
        for part in parts:
            go(part, Trigger.PASSED, Trigger.BATCH, Trigger.SEND_CONFIRMED)
    told = (("85.00", "25.00"), ("10.00", "22.00"))
    for number, (part, amounts) in enumerate(zip(parts, told, strict=True), 1):
        with tenant_scope(tenant):
            content = world.as_file(
                [world.remittance([decided(part, *amounts)], trace=f"T{number}")], control_number=number
            )
            world.deliver(content, f"{number}.835")
        assert post(tenant=tenant).remittances_posted == 1
        with tenant_scope(tenant):
            assert [state(one) for one in parts][:number] == ["ADJUDICATED"] * number
            assert (state(later) == "AWAIT_PRIOR") is (number == 1)
            assert not WorkItem.objects.filter(state="open", worklist__contains="remittance").exists()
    with tenant_scope(tenant):
        claim = noun(later)
        assert [line.charge for line in claim.lines] == [Decimal("150.00"), Decimal("40.00")]
        assert claim.prior_payments[0].paid_amount == Decimal("95.00")
        assert claim.total_charge == Decimal("190.00") and out_of_balance(claim) == ()
        assert state(later) in ("DRAFT", "READY", "EDIT_HOLD")


# Combining -----------------------------------------------------------------------------------------------------------


def test_parts_are_combined_to_the_claim_they_were(inside):
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.versions import combine_claims, split_claim

    (version,) = drafts(world.visit(1, charges=CHARGES))
    whole = noun(version)
    parts = split_claim(version=version, reason="x", rules=BY_LINE)
    target = combine_claims(versions=parts, reason="the payer takes them together")
    assert target.pk == version.pk and noun(target) == whole
    assert sorted(ClaimVersion.objects.values_list("state", flat=True)) == ["CANCELLED", "CANCELLED", "DRAFT"]
    assert [part.events.order_by("ordinal").last().trigger for part in parts[1:]] == ["cancel", "cancel"]


def test_two_visits_of_a_day_become_one_claim_with_all_their_charge_lines(inside):
    from claimwright.web.charges.models import ChargeLine
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.versions import combine_claims

    morning = world.visit(1, charges=CHARGES[:2], second=True)
    afternoon = msgspec.structs.replace(world.visit(1, charges=CHARGES[2:], second=True), external_id="test|1|later")
    versions = drafts(morning, afternoon)
    target = combine_claims(versions=versions, reason="one claim a day")
    made = noun(target)
    assert made.total_charge == target.total_charge == Decimal("202.00") and len(made.lines) == 3
    lines = ChargeLine.objects.filter(encounter=target.claim.encounter_id).order_by("number")
    assert [line.line_id for line in lines] == [line.control_number for line in made.lines]
    assert [line.number for line in lines] == [1, 2, 3]
    later = ClaimVersion.objects.get(claim__encounter=target.claim.encounter_id, claim__sequence="S")
    assert (later.state, later.total_charge) == ("AWAIT_PRIOR", Decimal("202.00")) and len(noun(later).lines) == 3
    other = next(version for version in versions if version.pk != target.pk)
    states = ClaimVersion.objects.filter(claim__encounter=other.claim.encounter_id).values_list("state", flat=True)
    assert set(states) == {"CANCELLED"}


def test_what_is_sent_or_of_another_bill_is_not_combined(inside):
    from claimwright.web.submissions.services import StepRefused
    from claimwright.web.submissions.versions import combine_claims

    first, other, third = drafts(
        world.visit(1), world.visit(2), msgspec.structs.replace(world.visit(1, second=True), external_id="test|1|later")
    )
    with pytest.raises(VersionRefused, match="not of one practice, patient and payer"):
        combine_claims(versions=[first, other], reason="x")
    with pytest.raises(VersionRefused, match="nothing to combine"):
        combine_claims(versions=[], reason="x")
    with pytest.raises(VersionRefused, match="different"):
        combine_claims(versions=[first, third], reason="x")
    go(first, Trigger.PASSED, Trigger.BATCH)
    with pytest.raises(StepRefused, match="never sent"):
        combine_claims(versions=[first, third], reason="x")
    assert state(third) == "DRAFT"


# Paper ---------------------------------------------------------------------------------------------------------------


def test_a_ready_claim_is_printed_kept_and_paper_sent(inside):
    from claimwright.web.submissions.models import ClaimPrint
    from claimwright.web.submissions.services import StepRefused
    from claimwright.web.submissions.versions import last_print, print_claim, proof_of_claim

    (version,) = drafts(world.visit(1, charges=CHARGES))
    proof = proof_of_claim(version=version)
    with pytest.raises(StepRefused, match="only a ready one"):
        print_claim(version=version)
    assert not ClaimPrint.objects.exists() and proof.pages == 1
    go(version, Trigger.PASSED)
    row = print_claim(version=version)
    assert (state(version), version.first_sent is not None) == ("PAPER_SENT", True)
    assert (row.form, row.pages, row.data_only, row.printed_by) == ("cms1500", 1, False, "system")
    kept = ClaimPrint.objects.get()
    assert bytes(kept.pdf) == proof.pdf and kept.sha256 == hashlib.sha256(proof.pdf).hexdigest()
    assert last_print(version=version) == kept
    with pytest.raises(StepRefused):
        print_claim(version=version)
    assert ClaimPrint.objects.count() == 1


def test_a_print_is_never_changed(tenant, other_tenant):
    from django.db import Error

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimPrint
    from claimwright.web.submissions.versions import print_claim

    with tenant_scope(tenant):
        (version,) = drafts(world.visit(1))
        go(version, Trigger.PASSED)
        row = print_claim(version=version, data_only=True, offset=(2.0, -1.0))
    with pytest.raises(Error), tenant_scope(tenant):
        ClaimPrint.objects.filter(pk=row.pk).update(pdf=b"%PDF other")
    with pytest.raises(Error), tenant_scope(tenant):
        ClaimPrint.objects.filter(pk=row.pk).delete()
    with tenant_scope(other_tenant):
        assert not ClaimPrint.objects.exists()


def test_what_no_form_takes_is_not_paper_sent(inside):
    from claimwright.documents.claim_forms import FormRefused
    from claimwright.web.submissions.models import ClaimPrint
    from claimwright.web.submissions.versions import print_claim

    (version,) = drafts(world.visit(1))
    go(version, Trigger.PASSED)
    version.content = {**version.content, "kind": "D"}
    version.save(update_fields=["content"])
    with pytest.raises(FormRefused, match="ADA"):
        print_claim(version=version)
    assert state(version) == "READY" and not ClaimPrint.objects.exists()


def test_the_payers_remarks_decide_what_may_follow(tenant, other_tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from claimwright.web.payments.remarks import remarks_on
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.versions import replace_claim, send_anew

    with tenant_scope(tenant):
        (first,) = world.sent_claims(world.set_up(), [world.visit(1)])
        version = ClaimVersion.objects.select_related("claim__patient").get(pk=first.pk)
        assert remarks_on(version=version) == ()
        denial = world.paid(version, paid="0.00", patient="0.00", status="4", remarks=("MA130",))
        line = msgspec.structs.replace(denial.lines[0], adjustments=world.DENIED, remarks=("N19", "MA130"))
        content = world.as_file([world.remittance([msgspec.structs.replace(denial, lines=(line,))])])
        world.deliver(content)
    assert post(tenant=tenant).remittances_posted == 1
    with tenant_scope(tenant):
        found = remarks_on(version=version)
        assert set(found) == {"MA130", "N19"} and len(found) == 2
        with pytest.raises(VersionRefused, match="MA130"):
            replace_claim(version=version, reason="x", remarks=found)
        assert noun(send_anew(version=version, reason="as asked", remarks=found)).frequency == "1"
