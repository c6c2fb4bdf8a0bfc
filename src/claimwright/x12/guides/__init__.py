"""Implementation guides as tables of frozen rows, one module each."""

from __future__ import annotations

from claimwright.x12.guides import (
    claim_acknowledgement,
    functional_acknowledgement,
    implementation_acknowledgement,
    professional_claim,
    remittance,
)
from claimwright.x12.guides.rows import Guide

GUIDES: tuple[Guide, ...] = (
    professional_claim.GUIDE,
    remittance.GUIDE,
    implementation_acknowledgement.GUIDE,
    claim_acknowledgement.GUIDE,
    functional_acknowledgement.GUIDE,
)

BY_ID: dict[str, Guide] = {name: guide for guide in GUIDES for name in (guide.id, *guide.aliases)}


def find(guide_id: str) -> Guide | None:
    """The guide that GS08 or ST03 names, errata aliases resolved; None when there is no such guide here."""
    return BY_ID.get(guide_id.strip())


__all__ = ["GUIDES", "Guide", "find"]
