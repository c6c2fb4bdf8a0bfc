"""What repeats becomes a rule that a person accepts; chances are learned; silence is chased; expected comes from the contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.lib.practices import take_in, visits

RECEIVED = date(2026, 9, 30)


@pytest.fixture
def sent(tenant, clinic):
    """Ten claims that went out: eight are denied alike for lack of an authorization, two are paid."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(10))
        scrub()
    submit_ready(tenant=tenant)
    with tenant_scope(tenant):
        versions = list(ClaimVersion.objects.select_related("claim__payer").order_by("control_number"))
        for at, version in enumerate(versions):
            version.first_adjudicated, version.outcome = RECEIVED, "DENIED" if at < 8 else "PAID"
            version.save()
            if at < 8:
                a_denial(clinic, version)
        yield versions


def a_denial(clinic, version, **given):
    from claimwright.web.denials.models import Denial

    fields = {
        "practice": clinic.practice, "version": version, "payer": version.claim.payer, "group": "CO", "carc": "197",
        "line_id": version.content["lines"][0]["control_number"], "amount": Decimal("150.00"), "category": "AUTH",
        "received_on": RECEIVED, "appeal_deadline": date(2027, 3, 29),
    } | given  # fmt: skip
    return Denial.objects.create(**fields)


def a_supervisor(tenant, role="supervisor"):
    from tests.lib.web_data import a_user

    user = a_user(tenant, role)
    user.role = role
    user.save()
    return user


def test_what_repeats_is_proposed_once_tried_and_in_force_when_a_person_says_so(tenant, sent):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials.prevention import accept_proposal, propose_rules
    from claimwright.web.submissions.rules import RuleRefused, rules_in_force

    (made,) = propose_rules()
    assert (made.denied, made.claims) == (8, 10)
    trial = made.rule_version.trials.get()
    assert (trial.denied, trial.not_denied) == (8, 2)
    item = WorkItem.objects.get(worklist="rule_proposals")
    assert "8 claims that were denied and 2 that were not" in item.what_to_do
    assert rules_in_force() == ()
    assert propose_rules() == []
    with pytest.raises(RuleRefused, match="supervisor"):
        accept_proposal(proposal=made, by=a_supervisor(tenant, "biller"))
    version = accept_proposal(proposal=made, by=a_supervisor(tenant))
    (rule,) = rules_in_force()
    assert (rule.severity, rule.missing) == ("W", "prior_authorization")
    assert version.expires_on == version.activated_at.date() + timedelta(days=180)
    item.refresh_from_db()
    assert item.state == "done"
    assert propose_rules() == []


def test_a_rule_that_warned_rightly_holds(tenant, sent):
    from claimwright.web.denials.prevention import accept_proposal, promote_learned_rules, propose_rules
    from claimwright.web.submissions.models import LocalRuleVersion
    from claimwright.web.submissions.rules import rules_in_force

    (made,) = propose_rules()
    version = accept_proposal(proposal=made, by=a_supervisor(tenant))
    assert promote_learned_rules() == []
    LocalRuleVersion.objects.filter(pk=version.pk).update(activated_at=version.activated_at - timedelta(days=40))
    (stronger,) = promote_learned_rules()
    assert stronger.expires_on == version.expires_on
    (rule,) = rules_in_force()
    assert rule.severity == "H"
    assert promote_learned_rules() == []


def test_a_chance_is_learned_from_thirty_own_cases_on(clinic, sent):
    from claimwright.web.denials.models import Denial
    from claimwright.web.payments.denial_scores import learn_chances, rescore

    for at in range(22):
        won = "OVERTURNED" if at < 15 else "UPHELD"
        a_denial(clinic, sent[0], carc=f"X{at}", state=won)
    row = Denial.objects.filter(carc="197").first()
    assert learn_chances() == 0
    rescore([row])
    assert "x 0.45 / 35 min" in row.priority_working
    Denial.objects.filter(carc="197").exclude(pk=row.pk).update(state="OVERTURNED")
    a_denial(clinic, sent[9], state="WRITTEN_OFF")
    assert learn_chances() == 1
    rescore([row])
    assert "x 0.73 / 35 min" in row.priority_working  # 22 of 30


def test_a_reviewer_that_is_silent_is_chased_and_a_contractor_opens_no_level(clinic, sent, monkeypatch):
    from claimwright.web.core import clock
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials import appeals
    from claimwright.web.denials.models import Denial
    from claimwright.web.denials.services import DenialStepRefused

    denial = Denial.objects.filter(carc="197").first()
    draft = appeals.draft_appeal(denial=denial, argument="Authorized by telephone.")
    assert draft.last_day == RECEIVED + timedelta(days=180)
    with pytest.raises(DenialStepRefused, match="open already"):
        appeals.draft_appeal(denial=denial, argument="again")
    with pytest.raises(DenialStepRefused, match="tracking"):
        appeals.send_appeal(appeal=draft, method="mail")
    out = appeals.send_appeal(appeal=draft, method="mail", tracking="9400")
    assert out.response_due == clock.today() + timedelta(days=60)
    today = clock.today()
    assert appeals.follow_appeals() == 0
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=61))
    assert appeals.follow_appeals() == 1
    assert WorkItem.objects.get(worklist="appeals_unanswered").reason_code == "NO_ANSWER"
    appeals.chased(appeal=out, contact="J. Doe, ref 77")
    assert appeals.follow_appeals() == 0
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=76))
    assert appeals.follow_appeals() == 1
    out.refresh_from_db()
    following = appeals.level_up(appeal=out)
    assert (following.level, following.state) == (2, "DRAFT")
    assert appeals.follow_appeals() == 0
    assert WorkItem.objects.get(worklist="appeals_unanswered").state == "done"


def test_a_late_appeal_needs_its_good_cause(sent, monkeypatch):
    from claimwright.web.core import clock
    from claimwright.web.denials import appeals
    from claimwright.web.denials.models import Denial
    from claimwright.web.denials.services import DenialStepRefused

    denial = Denial.objects.filter(carc="197").first()
    monkeypatch.setattr(clock, "today", lambda: RECEIVED + timedelta(days=181))
    with pytest.raises(DenialStepRefused, match="good cause"):
        appeals.draft_appeal(denial=denial, argument="x")
    assert appeals.draft_appeal(denial=denial, argument="x", good_cause="the office burned down").level == 1


def test_the_contract_says_what_winning_brings(sent):
    from django.utils import timezone

    from claimwright.web.contracts.models import ExpectedClaim, ExpectedLine
    from claimwright.web.denials.models import Denial
    from claimwright.web.payments.denial_scores import rescore

    row = Denial.objects.filter(carc="197").first()
    priced = ExpectedClaim.objects.create(
        claim_version_id=row.version_id, ordinal=9, total=Decimal("110.00"), priced_at=timezone.now(), priced_by="test"
    )
    ExpectedLine.objects.create(
        expected=priced, line_control_number=row.line_id, number=1, code="99213", charge=Decimal("150.00"),
        allowed=Decimal("110.00"),
    )  # fmt: skip
    rescore([row])
    assert row.priority_working.startswith("110.00 (contract) x 0.45 / 35 min")
    assert row.priority == Decimal("1.41")
    assert (row.root_cause, row.preventable) == ("authorization", True)


def test_a_denial_for_late_filing_goes_with_its_proof_and_records_with_the_note(sent):
    import io

    import pikepdf

    from claimwright.billing.lifecycle import State
    from claimwright.web.authorizations.papers import add_document
    from claimwright.web.denials import appeals, records
    from claimwright.web.operations import appeal_packs, filing_proof
    from tests.unit.documents.test_letters import a_pdf, words_of

    assert set(filing_proof.FILED_STATES) <= {state.value for state in State}
    version = sent[0]
    denial = version.denials.get()
    denial.carc, denial.category = "29", "TIME"
    denial.save()
    draft = appeals.draft_appeal(denial=denial, argument="It was in time.")
    pack = appeal_packs.appeal_pack(appeal=draft, signer=("Rosa Biller",))
    assert pack.contents[-1].title == "Proof of filing"
    said = words_of(pack.pdf, pack.contents[-1].first_page - 1)
    assert version.control_number in said
    assert "Sent" in said
    request = records.open_request(denial=denial, requested_on=RECEIVED)
    assert request.due_on == date(2026, 11, 14)
    with pytest.raises(appeal_packs.PackIncomplete, match="no record"):
        appeal_packs.records_pack(request=request, signer=("Rosa Biller",))
    add_document(
        kind="note", name="Visit note.pdf", content=a_pdf("NOTE", pages=2), patient=version.claim.patient,
        links=[("claim", version.claim_id)],
    )  # fmt: skip
    made = appeal_packs.records_pack(request=request, signer=("Rosa Biller",))
    note = next(one for one in made.contents if one.title == "Visit note")
    assert note.last_page - note.first_page == 1
    assert "not an appeal" in words_of(made.pdf)
    with pikepdf.open(io.BytesIO(made.pdf)) as opened:
        assert len(opened.pages) == made.pages
    appeal_packs.send_records_pack(request=request, signer=("Rosa Biller",), method="portal", tracking="P-1")
    request.refresh_from_db()
    denial.refresh_from_db()
    assert (request.state, denial.state, request.packet.kind) == ("sent", "ACTION_SENT", "appeal")
