"""Writing off: how much who may write off, for which reasons, and never alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO, Noun
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer


def limits(policies: Policies = DEFAULT_POLICIES) -> dict[str, Decimal | None]:
    """The highest amount each role approves; None is without limit. Source: domain specification section 7."""
    return {
        "biller": policies.write_off_biller_limit_amount,
        "supervisor": policies.write_off_supervisor_limit_amount,
        "manager": policies.write_off_manager_limit_amount,
        "owner": None,
    }


REASONS: Mapping[str, str] = {
    "TIMELY": "filed too late",
    "NO-AUTH": "authorization missing",
    "REFERRAL": "referral missing",
    "NON-COVERED": "not covered",
    "BUNDLING": "paid within another service",
    "CREDENTIALING": "provider not enrolled",
    "SMALL-BALANCE": "small balance",
    "CHARITY": "financial assistance",
    "COURTESY": "courtesy",
    "PROMPT-PAY": "prompt payment",
    "BANKRUPTCY": "bankruptcy",
    "DECEASED": "deceased, no estate",
    "BAD-DEBT": "bad debt",
    "ADMIN-ERROR": "our own mistake",
}
# What the practice lost by its own doing or by its contract is never the patient's to pay: these come off the payer's
# receivable, and a balance under them is never moved to the patient. Source: domain specification sections 7 and 8.
NEVER_BILLED = ("TIMELY", "NO-AUTH", "REFERRAL", "BUNDLING", "CREDENTIALING", "ADMIN-ERROR")
# The payer's reasons that mean the same, under group CO: the provider's own doing by contract.
OWN_DOING: Mapping[str, str] = {
    "29": "TIMELY", "15": "NO-AUTH", "197": "NO-AUTH", "198": "NO-AUTH", "165": "REFERRAL", "288": "REFERRAL",
    "97": "BUNDLING", "236": "BUNDLING", "B7": "CREDENTIALING",
}  # fmt: skip
# Waiving a deductible or copay as a routine is unlawful: only these reasons reach the patient's bucket on their own.
WAIVERS_NEED_EVIDENCE = ("COURTESY", "PROMPT-PAY")


class WriteOffRefused(PermissionError):
    """A write-off that the rules do not allow; the message says why."""


class WriteOffRequest(Noun, frozen=True, kw_only=True):
    chain_id: str
    line_id: str
    bucket: str
    amount: Decimal
    reason: str
    requested_by: str
    requested_on: date
    hardship_evidence: bool = False


def may_approve(role: str, amount: Decimal, policies: Policies = DEFAULT_POLICIES) -> bool:
    limit = limits(policies).get(role, ZERO)
    return limit is None or amount <= limit


def approver_role(amount: Decimal, policies: Policies = DEFAULT_POLICIES) -> str:
    """The lowest role that may approve the amount."""
    return next(role for role in limits(policies) if may_approve(role, amount, policies))


def check_never_billed(reason: str, denied: Iterable[tuple[str, str]] = ()) -> None:
    """Raises WriteOffRefused where a balance may not go to the patient, for what the practice lost is not theirs to pay.

    `reason` is why a person would move it, `denied` group and CARC of the payer's open denials of the balance.
    """
    found = [reason.strip().upper(), *(OWN_DOING.get(carc, "") for group, carc in denied if group == "CO")]
    never = next((one for one in found if one in NEVER_BILLED), "")
    if never:
        raise WriteOffRefused(
            f"{REASONS[never]}: the patient is never billed for it; correct it, appeal it or write it off"
        )


def _parts(request: WriteOffRequest, recent: Iterable[WriteOffRequest]) -> list[WriteOffRequest]:
    return [other for other in recent if other.chain_id == request.chain_id and other.reason == request.reason]


def split_total(request: WriteOffRequest, recent: Iterable[WriteOffRequest]) -> Decimal:
    """The request with what the same person asked for the same visit and reason before: what decides who approves."""
    return request.amount + sum((other.amount for other in _parts(request, recent)), ZERO)


def is_split(
    request: WriteOffRequest, recent: Iterable[WriteOffRequest], role: str, policies: Policies = DEFAULT_POLICIES
) -> bool:
    """Whether the parts asked for one visit by one person, none of them refused, stay below a limit that their sum is above."""
    same = _parts(request, recent)
    total = split_total(request, recent)
    return bool(same) and may_approve(role, request.amount, policies) and not may_approve(role, total, policies)


def approve(
    request: WriteOffRequest,
    *,
    open_balance: Decimal,
    approved_by: str,
    role: str,
    recent: Iterable[WriteOffRequest] = (),
    practice_id: str,
    key: str,
    on: date,
    policies: Policies = DEFAULT_POLICIES,
) -> Transfer:
    """The transfer of an approved write-off. Raises WriteOffRefused with the reason."""
    if request.reason not in REASONS:
        raise WriteOffRefused("the reason is in no list")
    if request.amount <= 0 or request.amount > open_balance:
        raise WriteOffRefused("a write-off is above zero and at most the open balance")
    if is_one_person(request.requested_by, approved_by):
        raise WriteOffRefused("who asks for a write-off does not approve it")
    if not may_approve(role, request.amount, policies):
        raise WriteOffRefused(f"{request.amount} needs a {approver_role(request.amount, policies)}")
    if is_split(request, recent, role, policies):
        raise WriteOffRefused("parts of one amount were asked for below the limit")
    if request.bucket == "PAT" and request.reason in WAIVERS_NEED_EVIDENCE and not request.hardship_evidence:
        raise WriteOffRefused("waiving a patient's share needs a policy and evidence of hardship")
    reason = f"WO-{request.reason}"
    made = transfer(
        debit=Account(Kind.ADJUSTMENT, practice_id, reason), credit=receivable(request.line_id, request.bucket),
        amount=request.amount, entry_type=EntryType.ADJ, key=key, effective_date=on, reason=reason,
        note=f"asked by {request.requested_by}, approved by {approved_by}",
    )  # fmt: skip
    if made is None:
        raise WriteOffRefused("a write-off of nothing")
    return made


def payer_residual(
    balances: Mapping[str, Decimal], *, bucket: str, final: bool, practice_id: str, key: str, on: date,
    policies: Policies = DEFAULT_POLICIES,
) -> tuple[Transfer, ...]:  # fmt: skip
    """The automatic write-off of what a payer left after its final decision, when all of it is within the limit.

    `balances` by line id. Nothing when the decision is not final or a denial is open.
    """
    total = sum(balances.values(), ZERO)
    within = ZERO < total <= policies.small_balance_limit_amount
    if not final or not within or any(amount < 0 for amount in balances.values()):
        return ()
    made = (
        transfer(
            debit=Account(Kind.ADJUSTMENT, practice_id, "WO-SMALL-BALANCE"),
            credit=receivable(line_id, bucket),
            amount=amount,
            entry_type=EntryType.ADJ,
            key=f"{key}/{number}",
            effective_date=on,
            reason="WO-SMALL-BALANCE",
        )  # fmt: skip
        for number, (line_id, amount) in enumerate(sorted(balances.items()), start=1)
    )
    return tuple(entry for entry in made if entry is not None)


class Underpayment(Noun, frozen=True, kw_only=True):
    expected: Decimal
    actual: Decimal
    variance: Decimal
    flagged: bool


def underpayment(
    expected: Decimal | None, actual: Decimal, policies: Policies = DEFAULT_POLICIES
) -> Underpayment | None:
    """Expected less actual allowed, not paid; flagged beyond the larger of both tolerances. None: cannot evaluate."""
    if expected is None:
        return None
    variance = expected - actual
    tolerance = max(policies.underpayment_amount, expected * policies.underpayment_share)
    return Underpayment(expected=expected, actual=actual, variance=variance, flagged=abs(variance) > tolerance)
