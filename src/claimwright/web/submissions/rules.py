"""The practice's own rules: written as versions, tried on last year's claims before they go live, ended and expired.

The dry run itself stands in `denials.rule_trials`, which knows what became of claims; it is recorded here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import msgspec
from django.db.models import Q

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.edits.local_rules import matches, problems
from claimwright.edits.records import LocalRule as RuleNoun
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import actor, next_number, record_audit
from claimwright.web.submissions.models import ClaimVersion, EditFinding, LocalRule, LocalRuleTrial, LocalRuleVersion

EDIT_ID = "PAY11"
TRIAL_DAYS = 365
SAMPLE = 20
KEY_DIGITS = 4
# Domain section 8: a learned rule warns first, holds from this precision on, and ends unless it is renewed.
PRECISION_TO_HOLD = Decimal("0.80")
LEARNED_DAYS = 180
MOST_OVERRIDDEN, FINDINGS_TO_JUDGE = Decimal("0.50"), 10
PRECISION = Decimal("0.0001")


class RuleRefused(ValueError):
    """A rule that cannot be used or a step it does not allow; the text says why and what to do."""


def create_rule(*, name: str, rule: RuleNoun, origin: str = "manual", note: str = "") -> LocalRuleVersion:
    """A new rule as a draft. Its id is given here. Raises RuleRefused for what cannot be used."""
    if not name.strip():
        raise RuleRefused("give the rule a name")
    key = f"R{base36(next_number(name='local_rule'), KEY_DIGITS)}"
    content = _checked(rule, key)
    row = LocalRule.objects.create(
        key=key, name=name.strip()[:120], origin=origin, created_at=clock.now(), created_by=actor()
    )
    return _version(row, 1, content, note)


def revise_rule(*, rule: LocalRule, content: RuleNoun, note: str) -> LocalRuleVersion:
    """A new version as a draft; the one in force stays in force until the new one is activated."""
    row = LocalRule.objects.select_for_update().get(pk=rule.pk)
    if not note.strip():
        raise RuleRefused("say why the rule is changed")
    content = _checked(content, row.key)
    last = row.versions.order_by("-number").first()
    if last is not None and msgspec.convert(last.content, RuleNoun) == content:
        raise RuleRefused("nothing is changed")
    return _version(row, (last.number if last else 0) + 1, content, note)


def _checked(rule: RuleNoun, key: str) -> RuleNoun:
    rule = msgspec.structs.replace(rule, id=key)
    found = problems(rule)
    if found:
        raise RuleRefused("; ".join(found))
    return rule


def _version(row: LocalRule, number: int, content: RuleNoun, note: str) -> LocalRuleVersion:
    made = LocalRuleVersion.objects.create(
        rule=row, number=number, content=msgspec.to_builtins(content), note=note, created_at=clock.now(),
        created_by=actor(),
    )  # fmt: skip
    record_audit(action="rule.write", subject_type="local_rule", subject_id=row.pk, detail=f"{row.key} v{number}")
    return made


def activate_rule(*, version: LocalRuleVersion, expires_on: date | None = None) -> LocalRuleVersion:
    """Put a version in force in place of the one before. Refused without a dry run of this very version.

    A learned rule only warns until its precision allows more, and always ends.
    """
    rule = LocalRule.objects.select_for_update().get(pk=version.rule_id)
    version = LocalRuleVersion.objects.select_for_update().get(pk=version.pk)
    trial = version.trials.order_by("-ran_at").first()
    if version.state == LocalRuleVersion.State.ACTIVE:
        return version
    if trial is None:
        raise RuleRefused("try it on last year's claims first")
    noun = msgspec.convert(version.content, RuleNoun)
    if rule.origin == LocalRule.Origin.LEARNED:
        if noun.severity != "W" and (trial.precision is None or trial.precision < PRECISION_TO_HOLD):
            raise RuleRefused(
                f"of the claims it stops fewer than {PRECISION_TO_HOLD:.0%} were denied: let it warn first"
            )
        expires_on = expires_on or clock.today() + timedelta(days=LEARNED_DAYS)
    if expires_on is not None and expires_on <= clock.today():
        raise RuleRefused("it would end before it begins")
    for older in rule.versions.filter(state=LocalRuleVersion.State.ACTIVE):
        _retire(older, f"version {version.number} took its place")
    version.state, version.expires_on = LocalRuleVersion.State.ACTIVE, expires_on
    version.activated_at, version.activated_by = clock.now(), actor()
    version.save(update_fields=["state", "expires_on", "activated_at", "activated_by"])
    record_audit(
        action="rule.activate", subject_type="local_rule", subject_id=rule.pk, detail=f"{rule.key} v{version.number}"
    )
    return version


def retire_rule(*, version: LocalRuleVersion, reason: str) -> None:
    """End a version. It stays on record; activating it again needs a new version."""
    if not reason.strip():
        raise RuleRefused("say why the rule is ended")
    _retire(LocalRuleVersion.objects.select_for_update().get(pk=version.pk), reason)


def renew_rule(*, version: LocalRuleVersion, until: date) -> None:
    """Let an active version run longer."""
    if version.state != LocalRuleVersion.State.ACTIVE or until <= clock.today():
        raise RuleRefused("only a rule in force is renewed, to a day that is to come")
    version.expires_on = until
    version.save(update_fields=["expires_on"])
    record_audit(
        action="rule.renew", subject_type="local_rule", subject_id=version.rule_id, detail=f"v{version.number} {until}"
    )


def _retire(version: LocalRuleVersion, reason: str) -> None:
    version.state, version.retired_at, version.retired_by = LocalRuleVersion.State.RETIRED, clock.now(), actor()
    version.retired_reason = reason.strip()[:200]
    version.save(update_fields=["state", "retired_at", "retired_by", "retired_reason"])
    record_audit(
        action="rule.retire", subject_type="local_rule", subject_id=version.rule_id,
        detail=f"v{version.number}: {reason}",
    )  # fmt: skip


def expire_rules() -> int:
    """Rules whose day has come are ended; says how many. They are not asked from that day on in any case."""
    due = LocalRuleVersion.objects.filter(state=LocalRuleVersion.State.ACTIVE, expires_on__lte=clock.today())
    for version in due:
        _retire(version, f"expired on {version.expires_on}")
    return len(due)


def rules_in_force() -> tuple[RuleNoun, ...]:
    """The rules that claims are asked by today, as the edits take them. One query."""
    rows = LocalRuleVersion.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=clock.today()), state=LocalRuleVersion.State.ACTIVE
    ).order_by("rule__key")
    return tuple(msgspec.convert(content, RuleNoun) for content in rows.values_list("content", flat=True))


# The dry run ---------------------------------------------------------------------------------------------------------


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have stopped: how many claims were looked at, and the versions as they first went out."""

    claims: int
    stopped: tuple[ClaimVersion, ...]


def try_on_sent_claims(*, rule: RuleNoun, since: date, until: date) -> Tried:
    """The claims that first went out in those days and that the rule would have stopped. Changes nothing.

    The rule's own period is left aside: the question is what it would have done, had it been there.
    """
    rule = msgspec.structs.replace(rule, start=None, end=None)
    rules = (rule,)
    claims = 0
    stopped = []
    for version in _sent(rule, since, until):
        claims += 1
        content = msgspec.convert(version.content, ClaimNoun)
        if next(matches(content, rules), None) is not None:
            version.content = {}  # a year of them would fill the memory
            stopped.append(version)
    return Tried(claims=claims, stopped=tuple(sorted(stopped, key=lambda one: one.control_number)))


def _sent(rule: RuleNoun, since: date, until: date) -> Iterator[ClaimVersion]:
    """Of each claim the version that went out first, where that was in the days asked for."""
    rows = ClaimVersion.objects.filter(first_sent__gte=since, first_sent__lte=until)
    if rule.payer_ids:
        rows = rows.filter(claim__payer__payer_id__in=rule.payer_ids)
    earlier: set[UUID] = set()
    ordered = rows.order_by("claim_id", "number").only(
        "claim_id", "number", "control_number", "content", "outcome", "first_adjudicated"
    )
    for version in ordered.iterator(chunk_size=500):
        if version.claim_id not in earlier:
            earlier.add(version.claim_id)
            yield version


def record_trial(
    *, version: LocalRuleVersion, since: date, until: date, claims: int, stopped: Sequence[ClaimVersion],
    denied: Mapping[UUID, Sequence[str]],
) -> LocalRuleTrial:  # fmt: skip
    """Keep the dry run. `denied` names the denied ones of `stopped` with their CARCs."""
    decided = [one for one in stopped if one.first_adjudicated is not None]
    hit = [one for one in decided if one.pk in denied]
    by_reason: dict[str, int] = {}
    for one in hit:
        for carc in dict.fromkeys(denied[one.pk]):
            by_reason[carc] = by_reason.get(carc, 0) + 1
    precision = None
    if decided:
        precision = (Decimal(len(hit)) / len(decided)).quantize(PRECISION, ROUND_HALF_UP)
    trial = LocalRuleTrial.objects.create(
        version=version, ran_at=clock.now(), ran_by=actor(), since=since, until=until, claims=claims,
        stopped=len(stopped), denied=len(hit), not_denied=len(decided) - len(hit), undecided=len(stopped) - len(decided),
        denied_by_reason=dict(sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))), precision=precision,
        sample=[one.control_number for one in [*hit, *(o for o in stopped if o.pk not in denied)][:SAMPLE]],
    )  # fmt: skip
    record_audit(
        action="rule.try", subject_type="local_rule", subject_id=version.rule_id,
        detail=f"v{version.number}: {len(stopped)} of {claims}",
    )  # fmt: skip
    return trial


# How a rule does -----------------------------------------------------------------------------------------------------


class RuleResults(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found since it is there. `override_rate` None where it found nothing."""

    found: int
    overridden: int

    @property
    def override_rate(self) -> Decimal | None:
        return (Decimal(self.overridden) / self.found).quantize(PRECISION) if self.found else None


def results_of(rule: LocalRule) -> RuleResults:
    rows = EditFinding.objects.filter(edit_id=EDIT_ID, message__startswith=f"Rule {rule.key}:", severity__in=("H", "R"))
    return RuleResults(found=rows.count(), overridden=rows.exclude(override_reason="").count())


def demote_overridden_rules() -> list[LocalRuleVersion]:
    """Holding rules that people mostly override warn from now on, as a new version with the same dry run behind it."""
    made = []
    for version in LocalRuleVersion.objects.filter(state=LocalRuleVersion.State.ACTIVE).select_related("rule"):
        noun = msgspec.convert(version.content, RuleNoun)
        results = results_of(version.rule)
        rate = results.override_rate
        if noun.severity != "H" or results.found < FINDINGS_TO_JUDGE or rate is None or rate <= MOST_OVERRIDDEN:
            continue
        weaker = msgspec.structs.replace(noun, severity="W")
        following = revise_rule(rule=version.rule, content=weaker, note=f"{rate:.0%} of its holds were overridden")
        trial = version.trials.order_by("-ran_at").first()
        if trial is not None:
            LocalRuleTrial.objects.create(
                version=following, ran_at=trial.ran_at, ran_by=trial.ran_by, since=trial.since, until=trial.until,
                claims=trial.claims, stopped=trial.stopped, denied=trial.denied, not_denied=trial.not_denied,
                undecided=trial.undecided, denied_by_reason=trial.denied_by_reason, precision=trial.precision,
                sample=trial.sample,
            )  # fmt: skip
        made.append(activate_rule(version=following, expires_on=version.expires_on))
    return made
