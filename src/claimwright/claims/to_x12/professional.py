"""Claim to 837P, 005010X222A1. The builders take claims of any kind; `to_x12.claims` is their home."""

from __future__ import annotations

from claimwright.claims.positions.professional import GUIDE
from claimwright.claims.to_x12.claims import (
    build_interchange,
    build_transaction,
    shares,
    text_notices,
)
from claimwright.claims.to_x12.professional_writer import ProfessionalWriter
from claimwright.x12.limits import CLAIMS_PER_TRANSACTION

__all__ = [
    "CLAIMS_PER_TRANSACTION",
    "GUIDE",
    "ProfessionalWriter",
    "build_interchange",
    "build_transaction",
    "shares",
    "text_notices",
]
