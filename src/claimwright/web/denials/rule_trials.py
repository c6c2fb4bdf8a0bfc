"""Dry runs of the practice's own rules over claims that went out: what they would have stopped, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

import msgspec

from claimwright.edits.records import LocalRule as RuleNoun
from claimwright.web.core import clock
from claimwright.web.denials.models import Denial
from claimwright.web.submissions.models import LocalRuleTrial, LocalRuleVersion
from claimwright.web.submissions.rules import TRIAL_DAYS, record_trial, try_on_sent_claims


def try_rule(*, version: LocalRuleVersion, days: int = TRIAL_DAYS) -> LocalRuleTrial:
    """Run a version over the claims of the last `days` days and keep the result. No claim is touched.

    Denied is a claim whose first version has a denial on record; paid, one that was decided without.
    """
    until = clock.today()
    since = until - timedelta(days=days)
    tried = try_on_sent_claims(rule=msgspec.convert(version.content, RuleNoun), since=since, until=until)
    denied: dict[UUID, list[str]] = defaultdict(list)
    for pk, carc in Denial.objects.filter(version__in=[one.pk for one in tried.stopped]).values_list(
        "version_id", "carc"
    ):
        denied[pk].append(carc)
    for one in tried.stopped:
        if one.outcome == "DENIED" and one.pk not in denied:
            denied[one.pk] = []
    return record_trial(
        version=version, since=since, until=until, claims=tried.claims, stopped=tried.stopped, denied=denied
    )
