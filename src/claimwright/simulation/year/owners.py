"""Who owns what stands on a list: the desk of the product's own table."""

from __future__ import annotations

from claimwright.web.core.desks import desk_of

BILLER = "Biller"


def owner_of(worklist: str) -> str:
    """Raises KeyError for a list that nobody shows."""
    return str(desk_of(worklist).label)
