"""Payments that people decided on: what of them counts, worked out here from the raw files, and who answers for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from claimwright.auditor.raw import REVERSAL, ZERO, RawClaim, RawPayment
from claimwright.auditor.report import Cursor, rows

DUPLICATE, SEPARATE, RESEND = "DUPLICATE", "SEPARATE", "RESEND"


def apply_decisions(cursor: Cursor, payments: Sequence[RawPayment]) -> None:
    """Give each payment its decision. Of a corrected resend only what differs counts, and no money.

    Its claims become those that the rows say were posted, and the earlier payment's that were taken back. What was left
    out must stand alike in both files, or `decision_problem` says so.
    """
    query = """SELECT r.number, r.decision, r.identity_suffix, r.decided_by, r.approved_by,
                 length(trim(r.decision_reason)) > 0, coalesce(e.number, ''),
                 EXISTS (SELECT 1 FROM core_auditevent a WHERE a.subject_id = r.id::text
                         AND a.action = 'remittance.' || lower(r.decision)),
                 ARRAY(SELECT c.segment FROM payments_claimpayment c WHERE c.remittance_id = r.id)
               FROM payments_remittance r LEFT JOIN payments_remittance e ON e.id = r.earlier_id WHERE r.decision <> ''"""
    by_number = {payment.number: payment for payment in payments}
    sent = {payment.number: (payment.amount, list(payment.claims)) for payment in payments}
    for number, decision, suffix, asked, approved, has_reason, earlier, on_trail, segments in rows(cursor, query):
        payment = by_number[number]
        payment.decision, payment.suffix = decision, suffix
        if payment.state == "held":
            continue  # asked for, and nobody has approved it
        if not asked or not has_reason or not on_trail:
            payment.decision_problem = f"{number} is decided by nobody, without a reason or without a trace of it"
        elif payment.posted and (not approved or approved == asked):
            payment.decision_problem = f"{number} was not approved by another person"
        elif payment.posted and decision == RESEND:
            if earlier not in by_number:
                payment.decision_problem = f"{number} puts right a payment that is not there"
            else:
                _as_correction(payment, by_number[earlier], *sent[earlier], set(segments))


def _as_correction(
    payment: RawPayment, earlier: RawPayment, amount: object, earlier_claims: list[RawClaim], kept: set[int]
) -> None:
    same_pairs = _pairs(payment) == _pairs(earlier) or earlier.decision == RESEND
    if payment.amount != amount or earlier.identity != payment.identity or not same_pairs:
        payment.decision_problem = f"{payment.number} and the payment it puts right are not one sum of money"
        return
    left_out = [claim for claim in payment.claims if claim.number not in kept]
    standing = [claim for claim in earlier_claims if -claim.number not in kept]
    if _marks(left_out) != _marks(standing):
        payment.decision_problem = f"{payment.number} leaves a claim unposted that differs from the earlier payment's"
    taken_back = [_opposite(claim) for claim in earlier_claims if -claim.number in kept]
    payment.claims = taken_back + [claim for claim in payment.claims if claim.number in kept]
    payment.amount, payment.adjustments = ZERO, []


def _pairs(payment: RawPayment) -> Counter[tuple[object, ...]]:
    return Counter((entry.code, entry.amount) for entry in payment.adjustments)


def _marks(claims: Iterable[RawClaim]) -> Counter[tuple[object, ...]]:
    return Counter(
        (one.control_number, one.status, one.charge, one.paid, one.payer_claim_number, one.lines) for one in claims
    )


def _opposite(claim: RawClaim) -> RawClaim:
    return msgspec.structs.replace(
        claim, number=-claim.number, status=REVERSAL, charge=-claim.charge, paid=-claim.paid, adjusted=-claim.adjusted,
        line_charges=-claim.line_charges, line_paid=-claim.line_paid, claim_adjusted=-claim.claim_adjusted,
    )  # fmt: skip


def identity_problem(posted: Sequence[RawPayment]) -> str:
    """One payment of an identity posts by itself; each further one by a recorded decision under a suffix of its own."""
    suffixes: dict[str, list[RawPayment]] = defaultdict(list)
    for payment in posted:
        suffixes[payment.suffix].append(payment)
    if any(len(same) > 1 for same in suffixes.values()):
        return f"posted {len(posted)} times"
    if any(one.suffix and one.decision not in (SEPARATE, RESEND) for one in posted):
        return f"posted {len(posted)} times, and no decision says that they are two"
    return ""
