"""What all three 837 guides have in common."""

from __future__ import annotations

# Provider identifiers the payer assigned stand in 2010BB, those of a state or a registry in 2010AA.
PAYER_ASSIGNED = ("G2", "LU")
