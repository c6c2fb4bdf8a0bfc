"""The practice's own rules: versions, a dry run over what went out, in force only after it, and ended in time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.records import LocalRule as RuleNoun
from tests.lib.practices import superbill_row, take_in, visits


@pytest.fixture
def inside(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def a_rule(**given):
    fields = {
        "id": "", "text": "This plan denies 99213 without a referral", "fix": "Get the referral", "severity": "H",
        "payer_ids": ("60054",), "codes": (CodeRange(first="99213"),), "missing": "referral", "source": "denials of 2026",
    } | given  # fmt: skip
    return RuleNoun(**fields)


def made(**given):
    from claimwright.web.submissions.rules import create_rule

    return create_rule(name="99213 needs a referral", rule=a_rule(**given), origin=given.pop("origin", "manual"))


def sent(tenant, clinic, count=6):
    """Claims that went out today; of the first four versions three are denied and one is paid, the others open."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.models import Denial
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(count))
        scrub()
    submit_ready(tenant=tenant)
    with tenant_scope(tenant):
        versions = list(ClaimVersion.objects.select_related("claim").order_by("control_number"))
        for at, version in enumerate(versions[:4]):
            version.first_adjudicated = date(2026, 9, 30)
            version.outcome = "PAID" if at == 3 else "DENIED"
            version.save()
        for at, carcs in enumerate((("288",), ("288", "197"), ("16",))):
            for carc in carcs:
                Denial.objects.create(
                    practice=clinic.practice, version=versions[at], payer=versions[at].claim.payer, line_id="L", group="CO",
                    carc=carc, amount=Decimal("150.00"), category="AUTH", received_on=date(2026, 9, 30),
                )  # fmt: skip
    return versions


def test_a_rule_is_not_in_force_without_a_dry_run(inside):
    from claimwright.web.submissions.rules import RuleRefused, activate_rule, rules_in_force

    version = made()
    with pytest.raises(RuleRefused, match="last year"):
        activate_rule(version=version)
    assert rules_in_force() == ()


def test_the_dry_run_says_what_would_have_been_stopped_and_what_became_of_it(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.rule_trials import try_rule
    from claimwright.web.submissions.models import ClaimEvent, ClaimVersion

    versions = sent(tenant, clinic)
    with tenant_scope(tenant):
        before = (ClaimEvent.objects.count(), sorted(ClaimVersion.objects.values_list("pk", "state")))
        trial = try_rule(version=made())
        told = (trial.claims, trial.stopped, trial.denied, trial.not_denied, trial.undecided)
        assert told == (6, 6, 3, 1, 2)
        assert trial.precision == Decimal("0.7500")
        assert trial.denied_by_reason == {"288": 2, "16": 1, "197": 1}
        assert trial.sample[:3] == [one.control_number for one in versions[:3]] and len(trial.sample) == 6
        assert (ClaimEvent.objects.count(), sorted(ClaimVersion.objects.values_list("pk", "state"))) == before
        other = try_rule(version=made(codes=(CodeRange(first="99214"),)))
        assert (other.claims, other.stopped, other.precision) == (6, 0, None)
        nobody = try_rule(version=made(payer_ids=("87726",)))
        assert nobody.claims == 0
        later = try_rule(version=made(start=date(2027, 1, 1)))
        assert later.stopped == 6, "its own period is left aside"
        old = try_rule(version=made(), days=-1)
        assert old.claims == 0


def test_a_rule_in_force_stops_the_next_claim_with_its_own_severity_and_words(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.rule_trials import try_rule
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.rules import activate_rule
    from claimwright.web.submissions.services import override_finding, scrub

    with tenant_scope(tenant):
        version = made()
        try_rule(version=version)
        activate_rule(version=version)
        take_in(clinic, superbill_row())
        scrub()
        claim = ClaimVersion.objects.get()
        (finding,) = claim.findings.filter(open=True)
        assert (claim.state, finding.edit_id, finding.severity) == ("EDIT_HOLD", "PAY11", "H")
        assert finding.message == f"Rule {version.rule.key}: This plan denies 99213 without a referral"
        assert finding.fix == "Get the referral" and finding.path == "lines[0].referral"
        override_finding(finding=finding, reason="emergency", role="manager")
        claim.refresh_from_db()
        assert claim.state == "READY"


def test_a_change_is_a_new_version_and_the_old_one_is_kept(inside):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.services import acting_as
    from claimwright.web.denials.rule_trials import try_rule
    from claimwright.web.submissions.rules import RuleRefused, activate_rule, revise_rule, rules_in_force

    first = made()
    try_rule(version=first)
    activate_rule(version=first)
    changed = msgspec.structs.replace(a_rule(), severity="R")
    with pytest.raises(RuleRefused, match="why"):
        revise_rule(rule=first.rule, content=changed, note="")
    with pytest.raises(RuleRefused, match="nothing is changed"):
        revise_rule(rule=first.rule, content=a_rule(), note="x")
    with acting_as("rita"):
        second = revise_rule(rule=first.rule, content=changed, note="still denied")
    assert [one.severity for one in rules_in_force()] == ["H"], "the old one stands until the new one is tried"
    with pytest.raises(RuleRefused):
        activate_rule(version=second)
    try_rule(version=second)
    activate_rule(version=second)
    first.refresh_from_db()
    assert (first.state, first.retired_reason) == ("retired", "version 2 took its place")
    assert [(one.id, one.severity) for one in rules_in_force()] == [(first.rule.key, "R")]
    assert AuditEvent.objects.filter(action="rule.write", actor="rita").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [({"payer_ids": (), "codes": (), "missing": ""}, "without a condition"), ({"severity": "Z"}, "severity")],
)
def test_a_rule_that_cannot_be_used_is_refused(inside, given, says):
    from claimwright.web.submissions.models import LocalRule
    from claimwright.web.submissions.rules import RuleRefused

    with pytest.raises(RuleRefused, match=says):
        made(**given)
    assert not LocalRule.objects.exists()


def test_a_learned_rule_warns_until_it_is_right_often_enough_and_always_ends(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.rule_trials import try_rule
    from claimwright.web.submissions.rules import RuleRefused, activate_rule, create_rule

    sent(tenant, clinic)
    with tenant_scope(tenant):
        holding = create_rule(name="learned", rule=a_rule(), origin="learned")
        try_rule(version=holding)
        with pytest.raises(RuleRefused, match="let it warn first"):
            activate_rule(version=holding)
        warning = create_rule(name="learned", rule=a_rule(severity="W"), origin="learned")
        try_rule(version=warning)
        assert activate_rule(version=warning).expires_on == date(2027, 3, 29)


def test_a_rule_ends_on_its_day_and_may_be_renewed_before(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.rule_trials import try_rule
    from claimwright.web.submissions.rules import (
        RuleRefused,
        activate_rule,
        expire_rules,
        renew_rule,
        retire_rule,
        rules_in_force,
    )

    with tenant_scope(tenant):
        version = made()
        try_rule(version=version)
        with pytest.raises(RuleRefused, match="before it begins"):
            activate_rule(version=version, expires_on=date(2026, 9, 30))
        version = activate_rule(version=version, expires_on=date(2026, 10, 1))
        assert len(rules_in_force()) == 1
        renew_rule(version=version, until=date(2026, 10, 2))
    tenant.fixed_date = date(2026, 10, 2)
    tenant.save()
    with tenant_scope(tenant):
        assert rules_in_force() == ()
        assert (expire_rules(), expire_rules()) == (1, 0)
        version.refresh_from_db()
        assert version.state == "retired" and "expired" in version.retired_reason
        with pytest.raises(RuleRefused):
            renew_rule(version=version, until=date(2027, 1, 1))
        with pytest.raises(RuleRefused, match="why"):
            retire_rule(version=version, reason=" ")


def test_a_rule_that_people_override_warns_instead(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.rule_trials import try_rule
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.rules import (
        activate_rule,
        demote_overridden_rules,
        results_of,
        rules_in_force,
    )
    from claimwright.web.submissions.services import override_finding, scrub

    with tenant_scope(tenant):
        version = made()
        try_rule(version=version)
        activate_rule(version=version)
        take_in(clinic, *visits(10))
        scrub()
        findings = list(EditFinding.objects.filter(edit_id="PAY11"))
        assert len(findings) == 10
        for finding in findings[:5]:
            override_finding(finding=finding, reason="not for this plan", role="manager")
        assert results_of(version.rule).override_rate == Decimal("0.5") and demote_overridden_rules() == []
        override_finding(finding=findings[5], reason="again", role="manager")
        (weaker,) = demote_overridden_rules()
        assert (weaker.number, [one.severity for one in rules_in_force()]) == (2, ["W"])


def test_another_tenants_rules_are_not_asked(tenant, other_tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.rule_trials import try_rule
    from claimwright.web.submissions.rules import activate_rule, rules_in_force

    with tenant_scope(tenant):
        version = made()
        try_rule(version=version)
        activate_rule(version=version)
        assert len(rules_in_force()) == 1
    with tenant_scope(other_tenant):
        assert rules_in_force() == ()
