"""A payer sends one payment again, put right: only the claims that differ are taken back and posted anew."""

from __future__ import annotations

from collections import Counter

import msgspec

from claimwright.claims.nouns import ZERO, Adjustment, ClaimPayment, Remittance, RemittanceLine

REVERSAL = "22"  # CLP02


class ResendRefused(ValueError):
    """The two do not explain one sum of money, or nothing differs; the text says which."""


def correction(earlier: Remittance, corrected: Remittance) -> Remittance:
    """What posts of `corrected` once `earlier` has posted: reversals of the claims that changed, then those claims.

    Claims that both have alike stay as they were posted. The money came once, so the amount of the correction is zero.
    A reversal stands at the earlier CLP's segment with a minus before it, for it is in no file. Raises ResendRefused
    where the amounts or the provider adjustments differ: then there is other money, and this is no resend.
    """
    if earlier.amount != corrected.amount:
        raise ResendRefused(
            f"the earlier payment is {earlier.amount} and this one {corrected.amount}: a resend explains the same money"
        )
    if _adjustments(earlier) != _adjustments(corrected):
        raise ResendRefused("their provider adjustments differ; ask the payer for a reversal of the earlier payment")
    stays = Counter(map(_bare, earlier.claims)) & Counter(map(_bare, corrected.claims))
    taken_back = _beyond(earlier.claims, stays)
    anew = _beyond(corrected.claims, stays)
    if not taken_back and not anew:
        raise ResendRefused("no claim differs: it is the same payment again")
    claims = (*map(opposite, taken_back), *anew)
    return msgspec.structs.replace(corrected, amount=ZERO, claims=claims, provider_adjustments=())


def opposite(claim: ClaimPayment) -> ClaimPayment:
    """The reversal of a CLP: every amount with changed sign."""
    responsibility = claim.patient_responsibility
    return msgspec.structs.replace(
        claim, status=REVERSAL, charge=-claim.charge, paid=-claim.paid, segment=-claim.segment,
        patient_responsibility=None if responsibility is None else -responsibility,
        adjustments=tuple(map(_opposite_adjustment, claim.adjustments)), lines=tuple(map(_opposite_line, claim.lines)),
    )  # fmt: skip


def _opposite_adjustment(adjustment: Adjustment) -> Adjustment:
    return msgspec.structs.replace(adjustment, amount=-adjustment.amount)


def _opposite_line(line: RemittanceLine) -> RemittanceLine:
    return msgspec.structs.replace(
        line, charge=-line.charge, paid=-line.paid, segment=-line.segment,
        adjustments=tuple(map(_opposite_adjustment, line.adjustments)),
    )  # fmt: skip


def _adjustments(remittance: Remittance) -> Counter[tuple[object, ...]]:
    return Counter((entry.code, entry.reference, entry.amount) for entry in remittance.provider_adjustments)


def _bare(claim: ClaimPayment) -> bytes:
    """The CLP without its places in the file: what two files may have alike."""
    lines = tuple(msgspec.structs.replace(line, segment=0) for line in claim.lines)
    return msgspec.json.encode(msgspec.structs.replace(claim, segment=0, lines=lines))


def _beyond(claims: tuple[ClaimPayment, ...], stays: Counter[bytes]) -> tuple[ClaimPayment, ...]:
    left = stays.copy()
    found = []
    for claim in claims:
        if left[_bare(claim)] > 0:
            left[_bare(claim)] -= 1
        else:
            found.append(claim)
    return tuple(found)
