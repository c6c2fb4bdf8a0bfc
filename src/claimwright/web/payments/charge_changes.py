"""Charges that change under money that came: whatever is paid beyond them is a credit on its list at once."""

from __future__ import annotations

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.web.payments.credits import list_credits, list_patient_credits
from claimwright.web.submissions import charging
from claimwright.web.submissions.models import ClaimVersion


def _list(version: ClaimVersion) -> None:
    list_credits(encounter_ids=[version.claim.encounter_id])
    list_patient_credits(patient_ids=[version.claim.patient_id])


def correct_charges(*, version: ClaimVersion, content: ClaimNoun, reason: str) -> ClaimNoun:
    """`submissions.charging.correct_charges`, and the credits it leaves. Raises ContentRefused."""
    made = charging.correct_charges(version=version, content=content, reason=reason)
    _list(version)
    return made


def cancel_claim(*, version: ClaimVersion, reason: str) -> None:
    """`submissions.charging.cancel_claim`, and the credits it leaves. Raises StepRefused."""
    charging.cancel_claim(version=version, reason=reason)
    _list(version)
