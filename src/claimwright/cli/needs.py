"""What edits lack to run, in the words of an office: which files to import, and what only the office's own system knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from claimwright.codes.fact_sets import FACT_SETS
from claimwright.codes.provider_registry import NPPES

if TYPE_CHECKING:
    from claimwright.edits.shapes import Finding

# Facts that an import gives, and the sets it is made of. A practice knows the kind of its own providers without.
IMPORTED = FACT_SETS | {"providers": (NPPES,)}
# Facts that no file gives. The importable ones are told by the names of their sets.
OWN_DATA = {
    "authorizations": "referrals and authorizations",
    "cases": "accident and injury cases",
    "charge_master": "the charge master",
    "contracts": "contracts",
    "control_numbers": "the claim numbers in use",
    "coverages": "the patient's coverages",
    "documents": "documents on file",
    "eligibility": "eligibility answers",
    "encounter": "the visit and its note",
    "enrolments": "enrolments with payers",
    "expected_prices": "expected prices",
    "filing": "proof of timely filing",
    "interchange": "the file to be sent",
    "local_rules": "rules of the office",
    "locum_periods": "the days of substitutes",
    "medicare_secondary": "answers to the Medicare secondary payer questions",
    "original": "the claim that is replaced",
    "partner": "the agreement with the receiver",
    "patient": "the patient's record",
    "payer": "the payer's rules",
    "practice": "the practice's numbers and laboratories",
    "prior_adjudications": "decisions of the payers before",
    "prior_claims": "earlier claims",
    "route": "the way the claim goes",
    "stays": "stays in hospital",
    "therapy_used": "therapy used in the year",
}


def wants(unarmed: Iterable[Finding]) -> list[dict[str, Any]]:
    """What is lacking, each with the edits that wait for it: what can be imported first, then what only an office has.

    An edit is told under the first thing it lacks that no import gives.
    """
    waiting: dict[str, list[str]] = {}
    for finding in unarmed:
        own = [need for need in finding.values if not can_be_imported(need)]
        waiting.setdefault((own or list(finding.values))[0], []).append(finding.edit_id)
    return [
        {"lacking": need, "words": in_words(need), "can_be_imported": can_be_imported(need), "edits": sorted(edits)}
        for need, edits in sorted(waiting.items(), key=lambda item: (not can_be_imported(item[0]), item[0]))
    ]


def together(answers: Iterable[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The wants of several files as one list, each edit once beneath what it lacks."""
    found: dict[str, dict[str, Any]] = {}
    for one in (one for answer in answers for one in answer):
        before = found.get(one["lacking"], one)
        found[one["lacking"]] = one | {"edits": sorted({*before["edits"], *one["edits"]})}
    return sorted(found.values(), key=lambda one: (not one["can_be_imported"], one["lacking"]))


def can_be_imported(need: str) -> bool:
    from claimwright.edits.facts import FACT_NAMES

    return need in IMPORTED or need not in FACT_NAMES


def in_words(need: str) -> str:
    if need in OWN_DATA:
        return OWN_DATA[need]
    return " or ".join(IMPORTED.get(need, (need,)))
