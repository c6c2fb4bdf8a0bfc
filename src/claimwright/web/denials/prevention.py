"""Denials that repeat, proposed as rules of the practice: tried on a year of claims, decided by a person, watched after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q

from claimwright.billing.prevention import MISSING_BY_CATEGORY, WINDOW_DAYS, LineCase, propose, rule_of
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.edits.records import LocalRule as RuleNoun
from claimwright.web.core import clock
from claimwright.web.core.models import User
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.models import Denial, RuleProposal
from claimwright.web.denials.rule_trials import try_rule
from claimwright.web.practice.models import Payer
from claimwright.web.submissions.models import ClaimVersion, LocalRule, LocalRuleVersion
from claimwright.web.submissions.rules import (
    FINDINGS_TO_JUDGE,
    PRECISION_TO_HOLD,
    RuleRefused,
    activate_rule,
    create_rule,
    revise_rule,
)

MAY_DECIDE = (User.Role.SUPERVISOR, User.Role.MANAGER, User.Role.OWNER)
DECLINED_FOR_DAYS = 180  # what was declined is not proposed again for so long


def _cases() -> Iterator[LineCase]:
    """The lines that payers decided in the window, each with its denials: of each claim its first version."""
    since = clock.today() - timedelta(days=WINDOW_DAYS)
    versions = ClaimVersion.objects.filter(number=1, first_adjudicated__gte=since).select_related("claim__payer")
    denied: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    rows = Denial.objects.filter(version__number=1, version__first_adjudicated__gte=since)
    for version_id, line_id, carc in rows.values_list("version_id", "line_id", "carc"):
        denied[version_id, line_id].append(carc)
    for version in versions.iterator(chunk_size=500):
        claim = msgspec.convert(version.content, ClaimNoun)
        lacks = tuple(field for field in sorted(MISSING_BY_CATEGORY.values()) if not getattr(claim, field))
        for line in claim.lines:
            pointers = [
                claim.diagnoses[at - 1].code for at in line.diagnosis_pointers if 0 < at <= len(claim.diagnoses)
            ]
            yield LineCase(
                claim_id=str(version.claim_id), payer_id=version.claim.payer.payer_id, code=line.procedure_code,
                modifiers=line.modifiers, diagnosis=pointers[0] if pointers else "",
                place=line.place_of_service or claim.place_of_service,
                missing=tuple(field for field in lacks if not getattr(line, field, "")),
                denied=tuple(denied.get((version.pk, line.control_number), ())), decided=version.first_adjudicated,
            )  # fmt: skip


@transaction.atomic
def propose_rules() -> list[RuleProposal]:
    """New proposals for what repeats, each with its rule as a draft and a dry run of a year; a second run adds none."""
    payers = {payer.payer_id: payer for payer in Payer.objects.order_by("-key")}
    recent = clock.today() - timedelta(days=DECLINED_FOR_DAYS)
    standing = Q(state=RuleProposal.State.OPEN) | Q(decided_on__gte=recent)
    in_force = Q(rule_version__rule__versions__state=LocalRuleVersion.State.ACTIVE)
    known = set(RuleProposal.objects.filter(standing | in_force).values_list("pattern", flat=True))
    made = []
    for found in propose(_cases(), clock.today()):
        pattern = found.pattern
        payer = payers.get(pattern.payer_id)
        if payer is None or pattern.key in known:
            continue
        rule = rule_of(found, payer=payer.name)
        version = create_rule(
            name=f"{payer.name[:60]}: {pattern.code} {pattern.carc}", rule=rule, origin=LocalRule.Origin.LEARNED,
            note=f"{found.denied} of {found.claims} claims denied in {WINDOW_DAYS} days",
        )  # fmt: skip
        trial = try_rule(version=version)
        row = RuleProposal.objects.create(
            pattern=pattern.key[:120], payer=payer, carc=pattern.carc, denied=found.denied, claims=found.claims,
            rule_version=version, proposed_on=clock.today(),
        )  # fmt: skip
        raise_work_item(
            worklist=Worklist.RULE_PROPOSALS, key=f"rule_proposal:{row.pk}", reason_code=pattern.carc, reason=rule.text,
            what_to_do=f"In a year it would have stopped {trial.denied} claims that were denied and"
            f" {trial.not_denied} that were not: accept it as a warning, or decline it",
            subject_type="rule_proposal", subject_id=row.pk,
        )  # fmt: skip
        made.append(row)
    return made


@transaction.atomic
def accept_proposal(*, proposal: RuleProposal, by: User) -> LocalRuleVersion:
    """Put the rule in force as a warning for 180 days. Raises RuleRefused for a role that may not."""
    row = _to_decide(proposal, by)
    version = activate_rule(version=row.rule_version)
    _decide(row, RuleProposal.State.ACCEPTED, "")
    return version


@transaction.atomic
def decline_proposal(*, proposal: RuleProposal, by: User, reason: str) -> None:
    row = _to_decide(proposal, by)
    if not reason.strip():
        raise RuleRefused("say why it is declined")
    _decide(row, RuleProposal.State.DECLINED, reason.strip())


def _to_decide(proposal: RuleProposal, by: User) -> RuleProposal:
    row = RuleProposal.objects.select_for_update().select_related("rule_version").get(pk=proposal.pk)
    if by.role not in MAY_DECIDE:
        raise RuleRefused("a supervisor, manager or owner decides on rules")
    if row.state != RuleProposal.State.OPEN:
        raise RuleRefused("it was decided already")
    return row


def _decide(row: RuleProposal, state: str, reason: str) -> None:
    row.state, row.reason, row.decided_on, row.decided_by = state, reason[:200], clock.today(), actor()
    row.save(update_fields=["state", "reason", "decided_on", "decided_by"])
    resolve_work_items(keys=[f"rule_proposal:{row.pk}"], resolution=state)
    record_audit(action="rule_proposal.decide", subject_type="rule_proposal", subject_id=row.pk, detail=state)


def promote_learned_rules() -> list[LocalRuleVersion]:
    """Learned rules that warned rightly hold from now on: of at least ten decided claims they warned of since they
    are in force, four in five were denied. Their last day stays."""
    made = []
    active = LocalRuleVersion.objects.filter(
        state=LocalRuleVersion.State.ACTIVE, rule__origin=LocalRule.Origin.LEARNED, content__severity="W"
    ).select_related("rule")
    for version in active:
        if _was_demoted(version) or version.activated_at is None:
            continue
        days = (clock.today() - clock.day_of(version.activated_at)).days
        if days < 1:
            continue
        trial = try_rule(version=version, days=days)
        if trial.denied + trial.not_denied < FINDINGS_TO_JUDGE or (trial.precision or 0) < PRECISION_TO_HOLD:
            continue
        noun = msgspec.structs.replace(msgspec.convert(version.content, RuleNoun), severity="H")
        following = revise_rule(
            rule=version.rule, content=noun, note=f"{trial.precision:.0%} of the claims it warned of were denied"
        )
        try_rule(version=following, days=days)
        made.append(activate_rule(version=following, expires_on=version.expires_on))
    return made


def _was_demoted(version: LocalRuleVersion) -> bool:
    """A rule that people overrode does not climb back by itself."""
    earlier = version.rule.versions.filter(number__lt=version.number).values_list("content", flat=True)
    return any(msgspec.convert(content, RuleNoun).severity != "W" for content in earlier)
