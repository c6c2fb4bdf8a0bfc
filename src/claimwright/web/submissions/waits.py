"""What a claim waits for that no edit judges: an edit reads the claim, these wait for a person.

Each is a HOLD beside those of the catalogue, and is let go in the same way: by what it waits for, or with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from claimwright.billing.claim_versions import VOID
from claimwright.billing.pricing.anesthesia import is_anesthesia
from claimwright.billing.questionnaires import is_stale
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.coding.anesthesia import MOST_DIRECTED, Concurrency, too_many_at_once
from claimwright.edits.shapes import HOLD, Finding
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.web.charges.anesthesia import cases_beside
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.patients.selectors import practices_that_ask
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.facts import FactsGatherer
from claimwright.web.submissions.models import ClaimVersion

OPEN_QUERY = "QUERY"
MEDICARE_QUESTIONS = "MSPQ"
ANESTHESIA_CASES = "ANES"
SUPERVISED = "AD"  # more than four cases: supervised, not directed, and paid as such


class Waits:
    """What the claims of one run wait for. `gatherer` has loaded their facts."""

    def __init__(self, versions: Sequence[ClaimVersion], gatherer: FactsGatherer) -> None:
        self.gatherer = gatherer
        self._asks: dict[UUID, bool] = {}
        self._versions = versions

    def of(self, version: ClaimVersion, content: ClaimNoun) -> tuple[Finding, ...]:
        return (
            *self._queries(version),
            *self._medicare_questions(version, content),
            *self._anesthesia_cases(version, content),
        )

    def _queries(self, version: ClaimVersion) -> Iterator[Finding]:
        """While the provider of its visit has not answered (domain section 3)."""
        waiting = self.gatherer.open_queries.get(version.claim.encounter_id, 0)
        if waiting:
            message = f"{waiting} provider queries of this visit are open"
            fix = "Get the answer, or withdraw the query with a reason"
            yield _hold(OPEN_QUERY, "encounter.queries", message, fix)

    def _medicare_questions(self, version: ClaimVersion, content: ClaimNoun) -> Iterator[Finding]:
        """Medicare is billed first only on answers that say so and still speak for the visit (domain section 1).

        For practices that keep the answers here: by their policy, or where it says nothing once one was ever recorded.
        """
        first = content.coverage.sequence == "P" and self.gatherer.profile(version).pays_after_employer_plan
        on = content.date_of_service
        if not first or on is None or content.frequency == VOID or not self._asked_for(version.claim.practice):
            return
        days = policies_of(version.claim.practice).medicare_questionnaire_days
        answers = self.gatherer.medicare_answers.get(version.claim.patient_id)
        answered_on = answers.answered_on if answers is not None else None
        if answered_on is None:
            message = "The Medicare secondary payer questions were never asked"
        elif is_stale(answered_on, on, days=days):
            message = f"The Medicare secondary payer answers of {answered_on:%m/%d/%Y} are more than {days} days older than the visit"
        else:
            return
        fix = "Ask the patient and record the answers with the coverages"
        yield _hold(MEDICARE_QUESTIONS, "patient.medicare_answers", message, fix)

    def _anesthesia_cases(self, version: ClaimVersion, content: ClaimNoun) -> Iterator[Finding]:
        """One provider with more than four cases at once (domain section 3), by the times recorded with the visits."""
        here = str(version.claim.encounter_id)
        told = set()
        for at, line in enumerate(content.lines):
            npi = (line.rendering or content.rendering or content.billing_provider).npi
            if npi in told or SUPERVISED in line.modifiers or not is_anesthesia(line.procedure_code):
                continue
            found = [one for one in self._too_many if one.provider_npi == npi and here in one.cases]
            if not found:
                continue
            told.add(npi)
            worst = max(found, key=lambda one: one.most)
            fix = f"Correct the times of the visits, or bill {SUPERVISED} where the physician supervised them"
            yield _hold(ANESTHESIA_CASES, f"lines[{at}].modifiers", self._at_once(worst, here), fix)

    @cached_property
    def _too_many(self) -> tuple[Concurrency, ...]:
        visits = {version.claim.encounter_id for version in self._versions if _has_anesthesia(version.content)}
        return too_many_at_once(cases_beside(visits)) if visits else ()

    def _at_once(self, found: Concurrency, here: str) -> str:
        moment = found.at.astimezone(ZoneInfo(current_tenant().time_zone)) if found.at is not None else None
        others = [case for case in found.cases if case != here]
        rows = ClaimVersion.objects.filter(claim__encounter_id__in=others, claim__bucket=INSURANCE_BUCKETS[0])
        numbers = dict(rows.order_by("number", "control_number").values_list("claim__encounter_id", "control_number"))
        named = [numbers[UUID(case)] for case in others if UUID(case) in numbers]
        without = len(others) - len(named)
        more = [f"{without} visits without a claim"] if without else []
        return (
            f"Provider {found.provider_npi} has {found.most} anesthesia cases at once, at most {MOST_DIRECTED} may be "
            f"directed: at {moment:%m/%d/%Y %H:%M}, with {', '.join([*sorted(named), *more])}"
        )

    def _asked_for(self, practice: Practice) -> bool:
        if practice.pk not in self._asks:
            told = policies_of(practice).medicare_questionnaire_required
            self._asks[practice.pk] = bool(practices_that_ask([practice.pk])) if told is None else told
        return self._asks[practice.pk]


def _has_anesthesia(content: dict[str, Any]) -> bool:
    return any(is_anesthesia(line.get("procedure_code", "")) for line in content.get("lines", ()))


def _hold(edit_id: str, path: str, message: str, fix: str) -> Finding:
    return Finding(edit_id=edit_id, severity=HOLD, path=path, message=message, fix=fix)
