"""Claims priced by their contracts, in memory: what the services keep, and what the edits are told before a claim leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from claimwright.billing.pricing.expected import expected_allowed
from claimwright.billing.pricing.words import Expected
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.edits.facts import Contract as ContractFact
from claimwright.edits.records import ExpectedPrice
from claimwright.web.contracts import selectors
from claimwright.web.contracts.models import Contract


class ClaimToPrice(msgspec.Struct, frozen=True, kw_only=True):
    """A claim version by id, the payer's row it goes to, and what it says. `network` chooses among contracts."""

    claim_version_id: UUID
    payer_id: UUID
    content: ClaimNoun
    network: str = ""


class ContractFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Two facts of an edit run. Both are None for a practice without any contract: those edits are then not armed."""

    contracts: tuple[ContractFact, ...] | None = None
    expected_prices: dict[str, ExpectedPrice] | None = None  # by line control number


def priced(claims: Sequence[ClaimToPrice]) -> tuple[dict[UUID, Expected], dict[UUID, Contract | None]]:
    """The price of each claim version and the contract it went by, by claim version. Writes nothing."""
    tables = selectors.price_tables()
    contracts = _contracts_for(claims)
    nouns = selectors.contract_nouns({row.pk: row for row in contracts.values() if row is not None}.values())
    found: dict[UUID, Expected] = {}
    for claim in claims:
        row = contracts[claim.claim_version_id]
        found[claim.claim_version_id] = expected_allowed(claim.content, nouns[row.pk] if row else None, tables)
    return found, contracts


def facts_of(claims: Sequence[ClaimToPrice]) -> Mapping[UUID, ContractFacts]:
    """What BIL10, LIN07, PAY09, PAY10 and PX30 ask of each claim version, priced as of now."""
    if not Contract.objects.exists():
        return {claim.claim_version_id: ContractFacts() for claim in claims}
    held = selectors.contract_facts({claim.payer_id for claim in claims})
    found, _ = priced(claims)
    return {
        claim.claim_version_id: ContractFacts(
            contracts=held[claim.payer_id],
            expected_prices={
                line.control_number: ExpectedPrice(
                    line_control_number=line.control_number, allowed=line.contract_amount, capitated=line.capitated,
                    reason=line.reason,
                )
                for line in found[claim.claim_version_id].lines
            },
        )
        for claim in claims
    }  # fmt: skip


def _contracts_for(claims: Sequence[ClaimToPrice]) -> dict[UUID, Contract | None]:
    """Each claim's contract, in one query for all."""
    held = selectors.contracts_in_force({claim.payer_id for claim in claims})
    found: dict[UUID, Contract | None] = {}
    for claim in claims:
        on = claim.content.date_of_service
        versions = held.get((claim.payer_id, claim.content.billing_provider.tax_id), [])
        found[claim.claim_version_id] = (
            selectors.chosen(versions, on, network=claim.network) if on is not None else None
        )
    return found
