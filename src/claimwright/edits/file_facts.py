"""The facts of claims that came in a file: all that the code sets and lists at hand can give, and nothing of a practice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.codes.releases import CodeSets
from claimwright.edits.facts import Facts
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.payers.medicare_b import MEDICARE_B
from claimwright.edits.reference import MEDICAID, with_reference
from claimwright.edits.registry import entity_types, npis_of, registries

MEDICARE_PART_B = "MB"  # SBR09


def facts_of_file(claims: Collection[Claim], sets: CodeSets, today: date) -> Callable[[Claim], Facts]:
    """Answers with the facts of each of these claims: one object for all that are alike."""
    wanted: dict[date, set[str]] = defaultdict(set)
    for claim in claims:
        wanted[claim.date_of_service or today] |= npis_of(claim)
    held = registries(sets, wanted)
    providers = tuple(entity_types(held).values()) or None
    made: dict[tuple[str, bool, str, date | None], Facts] = {}

    def facts(claim: Claim) -> Facts:
        payer = claim.coverage.payer
        national = payer.payer_id if claim.kind == "P" and payer.filing_indicator == MEDICARE_PART_B else ""
        on = (claim.date_of_service or today) if held is not None else None
        key = (claim.kind, payer.filing_indicator == MEDICAID, national, on)
        if key not in made:
            made[key] = Facts(
                today=today,
                code_sets=sets,
                payer=medicare_part_b(national) if national else None,
                providers=providers,
                registry=held.get(on, {}) if held is not None and on is not None else None,
            )
            made[key] = with_reference(made[key], sets, claim.kind, key[1])
        return made[key]

    return facts


@lru_cache(maxsize=64)
def medicare_part_b(payer_id: str) -> PayerProfile:
    """Medicare's rules for one of its contractors: they are the nation's. Every other payer's are known to a practice alone."""
    return msgspec.structs.replace(MEDICARE_B, payer_id=payer_id)
