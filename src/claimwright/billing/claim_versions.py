"""What goes out after a claim has gone: a replacement, a void, a new claim, the next payer's. Each is asked for by name
and refused with a sentence where it is not allowed.

Sources: 005010X222A1 2300 CLM05-3 and REF*F8; Medicare Claims Processing Manual 100-04 chapter 1 sections 70 and 80 (Part
B takes originals only, and returns what it could not process); RARC N142, MA130 and N380.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal

import msgspec

from claimwright.billing.corrections import ORIGINAL, REPLACEMENT
from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import ZERO, Claim, Noun
from claimwright.codes.denials import rarc_rule

VOID = "8"  # CLM05-3
DECIDED = (State.ADJUDICATED, State.CLOSED)
REJECTED = (State.FILE_REJECTED, State.CH_REJECTED, State.PAYER_REJECTED)
NEW_CLAIM = "new_claim"  # effect of a remark: what was decided was no claim, only a new one is


class VersionRefused(ValueError):
    """This version may not be made; the text says why and what to do instead. It names no patient value."""


class Standing(Noun, frozen=True, kw_only=True):
    """How the version to follow stands with its payer.

    `payer_takes` are the frequencies the payer's profile allows, `remarks` the RARCs of its last decision.
    """

    state: State
    payer_takes: tuple[str, ...] = (ORIGINAL, REPLACEMENT, VOID)
    payer_claim_number: str = ""
    remarks: tuple[str, ...] = ()


def must_be_new(remarks: Iterable[str]) -> str:
    """The remark by which the payer asks for a new claim, "" when none does."""
    for remark in remarks:
        rule = rarc_rule(remark)
        if rule is not None and NEW_CLAIM in rule.effects:
            return remark
    return ""


def replacement(
    claim: Claim, standing: Standing, *, control_number: str, version: int, corrected: Claim | None = None,
    uncharged: Collection[str] = (),
) -> Claim:  # fmt: skip
    """The claim that takes the place of one the payer has decided: all its lines again, under the payer's own number.

    `corrected` is the whole claim as it should have been; without it the content is the same. `uncharged` are lines
    whose charge was taken back: those alone may be missing. Raises VersionRefused.
    """
    _follows_a_decision(standing, REPLACEMENT, "replacement")
    content = corrected if corrected is not None else claim
    kept = {line.control_number for line in content.lines}
    for line in claim.lines:
        if line.control_number not in kept and line.control_number not in uncharged:
            raise VersionRefused(
                f"line {line.number} of the claim is missing: a replacement states every line again, also those that "
                "were right; take its charge back first"
            )
    return _numbered(content, REPLACEMENT, standing.payer_claim_number, control_number, version)


def void(claim: Claim, standing: Standing, *, control_number: str, version: int) -> Claim:
    """The claim that takes one back: its content as it was sent, under the payer's own number. Raises VersionRefused."""
    _follows_a_decision(standing, VOID, "void")
    return _numbered(claim, VOID, standing.payer_claim_number, control_number, version)


def after_rejection(
    claim: Claim, standing: Standing, *, control_number: str, version: int, corrected: Claim | None = None
) -> Claim:
    """The claim again after a front end refused it: a first claim under a new number, for nobody has decided it.

    Raises VersionRefused.
    """
    if standing.state not in REJECTED:
        raise VersionRefused(
            f"the claim is {standing.state.value}, not rejected: what the payer has decided is replaced or appealed"
        )
    return _numbered(corrected if corrected is not None else claim, ORIGINAL, "", control_number, version)


def new_claim(
    claim: Claim, standing: Standing, *, control_number: str, version: int, corrected: Claim | None = None
) -> Claim:
    """The claim again as a first one, where the payer says that it could not process what it has.

    Raises VersionRefused where no remark says so: the payer would deny it as a duplicate.
    """
    if standing.state not in DECIDED:
        raise VersionRefused(f"the claim is {standing.state.value}: nothing is decided that a new claim could follow")
    if not must_be_new(standing.remarks):
        raise VersionRefused(
            "the payer decided this claim and did not ask for a new one: a second first claim is denied as a duplicate; "
            "send a replacement, or ask for a reopening or appeal where the payer takes none"
        )
    return _numbered(corrected if corrected is not None else claim, ORIGINAL, "", control_number, version)


def _follows_a_decision(standing: Standing, frequency: str, name: str) -> None:
    """Refuses what the payer would not take. The order of the questions is the order in which a biller can act."""
    if standing.state in REJECTED:
        raise VersionRefused(
            f"the claim never reached the payer's books ({standing.state.value}): correct it and send it as a new claim"
        )
    if standing.state not in DECIDED:
        raise VersionRefused(
            f"the payer has not decided this claim ({standing.state.value}): a {name} follows a finalized claim only; "
            "wait for the remittance, or ask for the claim's status"
        )
    remark = must_be_new(standing.remarks)
    if remark and frequency == REPLACEMENT:
        raise VersionRefused(
            f"remark {remark}: the payer could not process the claim and holds nothing to replace; send a new claim"
        )
    if frequency not in standing.payer_takes:
        only = ", ".join(standing.payer_takes)
        raise VersionRefused(
            f"this payer takes no {name} (frequency {frequency}), only {only}: ask it for a reopening, or appeal"
        )
    if not standing.payer_claim_number.strip():
        raise VersionRefused(
            f"the payer's own claim number is not known: a {name} must name it (REF*F8); it stands in CLP07 of the "
            "remittance or REF*1K of the 277CA"
        )


def _numbered(content: Claim, frequency: str, payer_claim_number: str, control_number: str, version: int) -> Claim:
    if control_number == content.control_number:
        raise VersionRefused("a version needs a claim number of its own: no number is used twice")
    return msgspec.structs.replace(
        content, control_number=control_number, version=version, frequency=frequency,
        payer_claim_number=payer_claim_number,
    )  # fmt: skip


# Coordination of benefits --------------------------------------------------------------------------------------------


class OutOfBalance(Noun, frozen=True, kw_only=True):
    """A payer's figures on a claim that do not add up: `line` 0 for the claim as a whole, `off` = told less charged."""

    payer_id: str
    line: int = 0
    off: Decimal = ZERO


def out_of_balance(claim: Claim) -> tuple[OutOfBalance, ...]:
    """Where what a prior payer paid and adjusted is not what was charged, at the line (2430) or at the claim (2320).

    SV102 = SVD02 + the line's CAS; CLM02 = AMT*D + CAS of claim and lines. A payer that decided nothing is not judged.
    """
    found: list[OutOfBalance] = []
    for prior in claim.prior_payments:
        if not prior.adjudicated:
            continue
        payer = prior.coverage.payer.payer_id
        told = prior.paid_amount + sum((one.amount for one in prior.adjustments), ZERO)
        for line in claim.lines:
            own = [one for one in line.adjudications if one.payer_id == payer]
            if not own:
                continue
            adjusted = sum((a.amount for one in own for a in one.adjustments), ZERO)
            told += adjusted
            off = sum((one.paid_amount for one in own), ZERO) + adjusted - line.charge
            if off:
                found.append(OutOfBalance(payer_id=payer, line=line.number, off=off))
        if told != claim.total_charge:
            found.append(OutOfBalance(payer_id=payer, off=told - claim.total_charge))
    return tuple(found)


def check_balance(claim: Claim) -> None:
    """Raises VersionRefused where a next payer's claim would be rejected for its arithmetic."""
    found = out_of_balance(claim)
    if found:
        first = found[0]
        where = f"line {first.line}" if first.line else "the claim"
        raise VersionRefused(
            f"what payer {first.payer_id} paid and adjusted on {where} is {first.off:+} off the charge: post its whole "
            "remittance, or correct the record, before the next payer is billed"
        )


ControlNumbers = Callable[[int], str]  # of the n-th claim made, from 1
