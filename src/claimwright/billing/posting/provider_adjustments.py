"""PLB: money that belongs to no one claim of this payment. Negative increases, positive reduces what is paid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from claimwright.billing.posting.match import Hold
from claimwright.billing.posting.plan import OffsetMovement, Worklist
from claimwright.billing.posting.run import Effect, Run, with_transfers
from claimwright.billing.posting.state import ChainPosition, IssuedRefund, OpenOffset, PriorPosting
from claimwright.claims.nouns import ZERO, ProviderAdjustment
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer, transfer

FORWARD_BALANCE = "FB"
RECOVERY = "WO"
REFUND_ACKNOWLEDGED = "72"
INTEREST = "L6"

# Code -> (account kind, entry type, own label). Source: domain specification section 7, table PLB.
ACCOUNTS: Mapping[str, tuple[Kind, EntryType, str]] = {
    INTEREST: (Kind.INTEREST, EntryType.INTEREST, "interest paid to us"),
    "CS": (Kind.OTHER_INCOME, EntryType.OTHER, "adjustment"),
    "J1": (Kind.OTHER_INCOME, EntryType.OTHER, "non-reimbursable"),
    "AP": (Kind.OTHER_INCOME, EntryType.OTHER, "acceleration of benefits"),
    "AM": (Kind.OTHER_INCOME, EntryType.OTHER, "applied to a borrower's account"),
    "IS": (Kind.OTHER_INCOME, EntryType.OTHER, "interim settlement"),
    "IR": (Kind.OTHER_INCOME, EntryType.OTHER, "tax withholding"),
    "LE": (Kind.OTHER_INCOME, EntryType.OTHER, "levy"),
    "E3": (Kind.WITHHOLD, EntryType.OTHER, "withhold"),
    "50": (Kind.OTHER_INCOME, EntryType.OTHER, "late charge"),
    "51": (Kind.OTHER_INCOME, EntryType.OTHER, "interest penalty"),
    "90": (Kind.OTHER_INCOME, EntryType.OTHER, "early payment allowance"),
    "AH": (Kind.OTHER_INCOME, EntryType.OTHER, "origination fee"),
    "L3": (Kind.OTHER_INCOME, EntryType.OTHER, "penalty"),
    "SL": (Kind.OTHER_INCOME, EntryType.OTHER, "student loan"),
    "TL": (Kind.OTHER_INCOME, EntryType.OTHER, "third-party liability"),
    "WU": (Kind.OTHER_INCOME, EntryType.OTHER, "unspecified recovery"),
    "OB": (Kind.OTHER_INCOME, EntryType.OTHER, "offset for an affiliate"),
    "CT": (Kind.CAPITATION_REVENUE, EntryType.CAP_REVENUE, "capitation"),
    "CR": (Kind.INTEREST, EntryType.INTEREST, "capitation interest"),
    "IP": (Kind.OTHER_INCOME, EntryType.OTHER, "incentive"),
    "BN": (Kind.OTHER_INCOME, EntryType.OTHER, "bonus"),
    "RA": (Kind.CAPITATION_REVENUE, EntryType.CAP_REVENUE, "retroactive capitation"),
    "LS": (Kind.OTHER_INCOME, EntryType.OTHER, "lump sum"),
    "PI": (Kind.OTHER_INCOME, EntryType.OTHER, "periodic interim payment"),
    "PL": (Kind.OTHER_INCOME, EntryType.OTHER, "final payment"),
    "B2": (Kind.OTHER_INCOME, EntryType.OTHER, "rebate"),
    "C5": (Kind.OTHER_INCOME, EntryType.OTHER, "temporary allowance"),
    "CV": (Kind.OTHER_INCOME, EntryType.OTHER, "capital pass-through"),
    "DM": (Kind.OTHER_INCOME, EntryType.OTHER, "direct medical education pass-through"),
    "GO": (Kind.OTHER_INCOME, EntryType.OTHER, "graduate medical education pass-through"),
}
# What a person may map a code to that the table does not know: nothing of these is a debt of ours or of the payer's.
MAPPABLE: Mapping[str, str] = {
    Kind.OTHER_INCOME.value: "Other income, or a cost where it lowers the payment",
    Kind.INTEREST.value: "Interest",
    Kind.WITHHOLD.value: "Withhold, settled later",
    Kind.CAPITATION_REVENUE.value: "Capitation",
}
_TOKEN = re.compile(r"[^A-Za-z0-9-]+")


def place_of(adjustment: ProviderAdjustment, number: int) -> str:
    """The place of a PLB pair in its payment: its segment and its number among all pairs."""
    return f"PLB{adjustment.segment}.{number}"


def post_provider_adjustment(run: Run, adjustment: ProviderAdjustment, number: int) -> None:
    """Post one PLB pair into the run. Raises Hold for what must stand in Suspense."""
    if adjustment.amount == ZERO:
        return
    effect = Effect()
    place = place_of(adjustment, number)
    if adjustment.code == FORWARD_BALANCE:
        _offset(run, effect, adjustment, place)
    elif adjustment.code == RECOVERY:
        _recovery(run, effect, adjustment, place)
    elif adjustment.code == REFUND_ACKNOWLEDGED:
        _refund(run, effect, adjustment, place)
    else:
        _mapped(run, effect, adjustment, place)
    run.effect.merge(effect)


def _write(
    run: Run, effect: Effect, adjustment: ProviderAdjustment, place: str, account: Account, kind: EntryType,
    *, amount: Decimal | None = None, number: int = 1, claim: str = "",
) -> None:  # fmt: skip
    """Dr Remittance, Cr `account` for a negative PLB; the opposite for a positive one."""
    entry = transfer(
        debit=run.cash, credit=account, amount=-adjustment.amount if amount is None else amount,
        entry_type=kind, key=run.key(place, number), effective_date=run.on, reason=adjustment.code,
        payment=run.payment_id, claim=claim, note=adjustment.reference,
    )  # fmt: skip
    if entry is not None:
        effect.transfers.append(entry)


def _mapped(run: Run, effect: Effect, adjustment: ProviderAdjustment, place: str) -> None:
    account = run.context.provider_adjustment_accounts.get(adjustment.code)
    row = ACCOUNTS.get(adjustment.code)
    if account is None and row is None:
        raise Hold(
            Worklist.PROVIDER_ADJUSTMENT, "UNKNOWN_PLB",
            f"PLB at segment {adjustment.segment} has a code that no account is mapped to: {adjustment.amount}",
            "Map the code to an account, then release",
        )  # fmt: skip
    kind, entry_type, _ = row or (Kind.OTHER_INCOME, EntryType.OTHER, "")
    if account is None:
        account = mapped_account(kind, adjustment.code, subject=run.subject, practice_id=run.practice.practice_id)
    tagged = _chain_of(run, adjustment.reference) if adjustment.code == INTEREST else None
    claim = tagged.versions[-1].control_number if tagged and tagged.versions else ""
    _write(run, effect, adjustment, place, account, entry_type, claim=claim)


def mapped_account(kind: Kind, code: str, *, subject: str, practice_id: str) -> Account:
    """The account of a kind for a code: a withhold is owed by payer and TIN (`subject`), all else is the practice's."""
    bucket = code if kind is Kind.OTHER_INCOME else ""
    return Account(kind, subject if kind is Kind.WITHHOLD else practice_id, bucket)


# Forwarding balances and recoveries ----------------------------------------------------------------------------------


def _open(run: Run, code: str) -> list[OpenOffset]:
    """Unsettled movements of this payer and code: those of earlier payments, less what this one already settled."""
    settled: dict[tuple[str, str], Decimal] = {}
    for movement in run.effect.offsets:
        if movement.amount > 0 and movement.matched_payment:
            place = (movement.matched_reference, movement.matched_payment)
            settled[place] = settled.get(place, ZERO) + movement.amount
    found = []
    for offset in run.lookup.open_offsets(run.subject):
        left = offset.amount - settled.get((offset.reference, offset.payment), ZERO)
        if offset.code == code and left > 0:
            found.append(OpenOffset(code=code, reference=offset.reference, amount=left, payment=offset.payment))
    return found


def _matching(run: Run, adjustment: ProviderAdjustment) -> OpenOffset | None:
    """The open movement that this one settles: by reference, else the only one of the same amount."""
    candidates = _open(run, adjustment.code)
    named = [offset for offset in candidates if offset.reference and offset.reference == adjustment.reference]
    if named:
        return named[0]
    equal = [offset for offset in candidates if offset.amount == adjustment.amount]
    return equal[0] if len(equal) == 1 else None


def _offset(run: Run, effect: Effect, adjustment: ProviderAdjustment, place: str) -> None:
    """FB: negative carries a debt of ours into a later payment, positive brings it in."""
    account = Account(Kind.PAYER_OFFSET, run.subject)
    _write(run, effect, adjustment, place, account, EntryType.CLEARING)
    matched = _matching(run, adjustment) if adjustment.amount > 0 else None
    effect.offsets.append(
        OffsetMovement(
            subject=run.subject,
            code=adjustment.code,
            reference=adjustment.reference,
            amount=adjustment.amount,
            place=place,
            matched_payment=matched.payment if matched else "",
            matched_reference=matched.reference if matched else "",
        )  # fmt: skip
    )
    if adjustment.amount < 0:
        return
    if matched is None:
        _unidentified(run, effect, adjustment, "No forwarded balance of this payer is open under this reference")
    elif adjustment.amount > matched.amount:
        excess = adjustment.amount - matched.amount
        _unidentified(run, effect, adjustment, f"The payer takes {excess} more than it carried forward", excess)


def _unidentified(
    run: Run, effect: Effect, adjustment: ProviderAdjustment, says: str, amount: Decimal | None = None
) -> None:
    run.item(effect, Worklist.UNIDENTIFIED_TAKEBACK, "UNIDENTIFIED_TAKEBACK", says,
             "Ask the payer which claim or balance it recovers, then match it", segment=adjustment.segment,
             amount=adjustment.amount if amount is None else amount)  # fmt: skip


def _recovery(run: Run, effect: Effect, adjustment: ProviderAdjustment, place: str) -> None:
    """WO: negative defers the recovery of a reversal; positive recovers now."""
    matched = _matching(run, adjustment) if adjustment.amount > 0 else None
    if adjustment.amount > 0 and matched is None:
        chain = _chain_of(run, adjustment.reference)
        posting = _whole_payment(chain, adjustment.amount) if chain else None
        if chain is not None and posting is not None:
            _take_back(run, effect, adjustment, place, chain, posting)
            return
    _write(run, effect, adjustment, place, Account(Kind.PAYER_OFFSET, run.subject), EntryType.CLEARING)
    effect.offsets.append(
        OffsetMovement(
            subject=run.subject,
            code=adjustment.code,
            reference=adjustment.reference,
            amount=adjustment.amount,
            place=place,
            matched_payment=matched.payment if matched else "",
            matched_reference=matched.reference if matched else "",
        )  # fmt: skip
    )
    if adjustment.amount > 0 and matched is None:
        _unidentified(run, effect, adjustment, "The recovery names no claim of ours that was paid this amount")
    elif matched is not None and adjustment.amount > matched.amount:
        excess = adjustment.amount - matched.amount
        _unidentified(run, effect, adjustment, f"The payer takes {excess} more than it deferred", excess)


def reference_parts(reference: str) -> tuple[str, ...]:
    """What of a PLB reference may be a claim number: the whole, then its parts."""
    parts = [reference, *(_TOKEN.split(reference) if reference else ())]
    return tuple(dict.fromkeys(filter(None, parts)))


def _chain_of(run: Run, reference: str) -> ChainPosition | None:
    """The one visit a PLB reference names: whole, or one of its parts, for its format varies by payer."""
    found: dict[str, ChainPosition] = {}
    for part in reference_parts(reference):
        for chain in (*run.by_control_number(part), *run.by_payer_claim_number(part)):
            if chain.practice_id in {practice.practice_id for practice in run.practices}:
                found[chain.chain_id] = chain
    return next(iter(found.values())) if len(found) == 1 else None


def _payments(posting: PriorPosting) -> list[Transfer]:
    return [entry for entry in posting.transfers if entry.entry_type is EntryType.INS_PAY]


def _whole_payment(chain: ChainPosition, amount: Decimal) -> PriorPosting | None:
    """The standing decision that paid exactly this amount, and whose payment no recovery took back before."""
    standing = [
        posting for posting in chain.postings if posting.record.posted and not posting.reversed and not posting.undone
    ]
    paid = [posting for posting in standing if _payments(posting) and posting.record.paid == amount]
    return paid[-1] if paid else None


def _take_back(
    run: Run, effect: Effect, adjustment: ProviderAdjustment, place: str, chain: ChainPosition, posting: PriorPosting
) -> None:
    """A recovery without a reversal in any remittance: the payment goes back, adjustments and shares stay."""
    for number, entry in enumerate(reversed(_payments(posting)), start=1):
        effect.transfers.append(
            reverse(
                entry,
                key=run.key(place, number),
                effective_date=run.on,
                payment=run.payment_id,
                cash=run.cash,
                note=adjustment.reference,
            )  # fmt: skip
        )
    run.item(effect, Worklist.REVIEW, "TAKEBACK", f"The payer took back {adjustment.amount} without a reversal",
             "Ask the payer why; dispute it, or ask for the reversal and correction", segment=adjustment.segment,
             chain_id=chain.chain_id, amount=adjustment.amount)  # fmt: skip
    gone = posting.undone.union(entry.key for entry in _payments(posting))
    postings = tuple(msgspec.structs.replace(one, undone=gone) if one is posting else one for one in chain.postings)
    run.save(msgspec.structs.replace(with_transfers(chain, effect.transfers), postings=postings))


# Refund checks -------------------------------------------------------------------------------------------------------


def _refund(run: Run, effect: Effect, adjustment: ProviderAdjustment, place: str) -> None:
    """72: the payer acknowledges our refund check. What the check took off the lines is what a reversal takes again."""
    refund = _issued(run, adjustment)
    if refund is None:
        raise Hold(
            Worklist.PROVIDER_ADJUSTMENT, "REFUND_UNKNOWN",
            f"PLB at segment {adjustment.segment} acknowledges a refund of {-adjustment.amount} that we have not issued",
            "Find the refund check, or ask the payer what it received", None,
        )  # fmt: skip
    account = Account(Kind.REFUND, run.subject, refund.refund_id)
    _write(run, effect, adjustment, place, account, EntryType.REFUND)
    for number, entry in enumerate(reversed(refund.transfers), start=2):
        effect.transfers.append(
            reverse(entry, key=run.key(place, number), effective_date=run.on, payment=run.payment_id)
        )
    effect.acknowledged_refunds.append(refund.refund_id)


def _issued(run: Run, adjustment: ProviderAdjustment) -> IssuedRefund | None:
    open_refunds = [
        refund
        for refund in run.lookup.issued_refunds(run.subject)
        if refund.refund_id not in run.effect.acknowledged_refunds and refund.amount == -adjustment.amount
    ]
    named = [refund for refund in open_refunds if refund.reference and refund.reference == adjustment.reference]
    chosen = named or open_refunds
    return chosen[0] if len(chosen) == 1 or named else None
