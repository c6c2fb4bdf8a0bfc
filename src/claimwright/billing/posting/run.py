"""One payment while it is being posted: the chains as they change, and what has been decided so far.

The only mutable state of posting; it lives for one call and ends as a frozen plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.lifecycle import State, Transition, Trigger, apply
from claimwright.billing.posting.plan import (
    ClaimEvent,
    DenialUpdate,
    Item,
    NewDenial,
    NextPayerAction,
    OffsetMovement,
    PostedClaim,
    RefundHold,
    StatementHold,
    SuspenseItem,
    Worklist,
)
from claimwright.billing.posting.state import (
    AdjudicationRecord,
    ChainPosition,
    Lookup,
    PostingContext,
    PracticeIdentity,
    VersionPosition,
)
from claimwright.claims.nouns import ZERO, ClaimPayment, Remittance
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, Transfer, transfer


class Effect:
    """What one CLP or PLB does, gathered before any of it counts: a hold throws it away whole."""

    def __init__(self) -> None:
        self.transfers: list[Transfer] = []
        self.records: list[AdjudicationRecord] = []
        self.reversed_records: list[str] = []
        self.claims: list[PostedClaim] = []
        self.events: list[ClaimEvent] = []
        self.denials: list[NewDenial] = []
        self.denial_updates: list[DenialUpdate] = []
        self.items: list[Item] = []
        self.suspense: list[SuspenseItem] = []
        self.offsets: list[OffsetMovement] = []
        self.acknowledged_refunds: list[str] = []
        self.next_payer: list[NextPayerAction] = []
        self.statement_holds: list[StatementHold] = []
        self.refund_holds: list[RefundHold] = []
        self.payer_claim_numbers: list[tuple[str, str]] = []

    def merge(self, other: Effect) -> None:
        for name, values in vars(other).items():
            getattr(self, name).extend(values)


class Run:
    """The payment, its surroundings, and the working copy of each chain it touches."""

    def __init__(
        self,
        remittance: Remittance,
        context: PostingContext,
        lookup: Lookup,
        *,
        payment_id: str,
        practices: tuple[PracticeIdentity, ...],
        payer: str,
        subject: str,
        key_prefix: str = "",
    ) -> None:
        self.remittance, self.context, self._lookup = remittance, context, lookup
        self.payment_id, self.practices, self.payer, self.subject = payment_id, practices, payer, subject
        self.prefix = key_prefix or payment_id
        self.effect = Effect()
        self.chains: dict[str, ChainPosition] = {}
        self.reversed_chains: dict[str, tuple[str, int]] = {}  # chain -> (control number, segment)
        self.corrected_chains: set[str] = set()
        self.released_from: Account | None = None  # Suspense, while a held item is released

    @property
    def practice(self) -> PracticeIdentity:
        return self.practices[0]

    @property
    def on(self) -> date:
        return self.context.effective_date

    @property
    def cash(self) -> Account:
        """Where the money comes from: the payment, or Suspense when a held item is released."""
        return self.released_from or Account(Kind.REMITTANCE, self.payment_id)

    def suspense_account(self, place: str) -> Account:
        return Account(Kind.SUSPENSE, self.payment_id, place)

    # The lookup, over the working copies -----------------------------------------------------------------------

    def current(self, chain: ChainPosition) -> ChainPosition:
        return self.chains.get(chain.chain_id, chain)

    def by_control_number(self, control_number: str) -> tuple[ChainPosition, ...]:
        return tuple(self.current(chain) for chain in self._lookup.by_control_number(control_number))

    def by_payer_claim_number(self, payer_claim_number: str) -> tuple[ChainPosition, ...]:
        return tuple(self.current(chain) for chain in self._lookup.by_payer_claim_number(payer_claim_number))

    def candidates(self, claim_payment: ClaimPayment) -> tuple[ChainPosition, ...]:
        return tuple(self.current(chain) for chain in self._lookup.candidates(claim_payment))

    @property
    def lookup(self) -> Lookup:
        return self._lookup

    # Writing ---------------------------------------------------------------------------------------------------

    def key(self, place: str, number: int) -> str:
        """A transfer's key: the same payment posted again gives the same keys, so that nothing is written twice."""
        return f"{self.prefix}/{place}/{number}"

    def hold(
        self,
        effect: Effect,
        *,
        place: str,
        segment: int,
        amount: Decimal,
        worklist: Worklist,
        code: str,
        reason: str,
        fix: str,
        control_number: str = "",
        chain_id: str = "",
    ) -> None:
        """Put the money of a held item in Suspense, and the item on its worklist."""
        written = None
        if self.released_from is None:
            written = transfer(
                debit=self.cash,
                credit=self.suspense_account(place),
                amount=amount,
                entry_type=EntryType.HOLD,
                key=self.key(place, 0),
                effective_date=self.on,
                payment=self.payment_id,
                claim=control_number,
                reason=code,
            )
        if written is not None:
            effect.transfers.append(written)
            effect.suspense.append(
                SuspenseItem(place=place, amount=amount, code=code, worklist=worklist, control_number=control_number)
            )
        effect.items.append(
            Item(
                worklist=worklist,
                code=code,
                reason=reason,
                fix=fix,
                segment=segment,
                control_number=control_number,
                chain_id=chain_id,
                amount=amount,
                holds=True,
            )
        )

    def item(
        self,
        effect: Effect,
        worklist: Worklist,
        code: str,
        reason: str,
        fix: str,
        *,
        claim: ClaimPayment | None = None,
        chain_id: str = "",
        line_id: str = "",
        segment: int = 0,
        amount: Decimal = ZERO,
    ) -> None:
        """A task that does not hold: posted, and a person looks at it."""
        effect.items.append(
            Item(
                worklist=worklist,
                code=code,
                reason=reason,
                fix=fix,
                segment=segment or (claim.segment if claim else 0),
                control_number=claim.control_number if claim else "",
                chain_id=chain_id,
                line_id=line_id,
                amount=amount,
            )
        )

    def move(
        self, effect: Effect, version: VersionPosition, trigger: Trigger, *, segment: int = 0, note: str = ""
    ) -> VersionPosition:
        """Apply a trigger; the version as it is after it. A refused trigger is written as not moved."""
        outcome = apply(version.state, trigger, previous=version.previous_state)
        moved = isinstance(outcome, Transition)
        target = outcome.target if isinstance(outcome, Transition) else version.state
        effect.events.append(
            ClaimEvent(
                version_id=version.version_id,
                trigger=trigger,
                source=version.state,
                target=target,
                moved=moved,
                segment=segment,
                note=note,
            )
        )
        return msgspec.structs.replace(version, state=target) if moved else version

    def save(self, chain: ChainPosition) -> None:
        self.chains[chain.chain_id] = chain


def with_version(chain: ChainPosition, version: VersionPosition) -> ChainPosition:
    """The chain with one version replaced."""
    versions = tuple(version if v.version_id == version.version_id else v for v in chain.versions)
    return msgspec.structs.replace(chain, versions=versions)


def with_transfers(chain: ChainPosition, transfers: list[Transfer]) -> ChainPosition:
    """The chain with its lines' balances moved by the transfers."""
    change: dict[tuple[str, str], Decimal] = {}
    for entry in transfers:
        for account, amount in ((entry.debit, entry.amount), (entry.credit, -entry.amount)):
            if account.kind is Kind.RECEIVABLE:
                place = (account.subject, account.bucket)
                change[place] = change.get(place, ZERO) + amount
    return msgspec.structs.replace(
        chain,
        lines=tuple(
            msgspec.structs.replace(line, balances=_moved(line.line_id, line.balances, change)) for line in chain.lines
        ),
    )


def _moved(
    line_id: str, balances: Mapping[str, Decimal], change: Mapping[tuple[str, str], Decimal]
) -> dict[str, Decimal]:
    moved = dict(balances)
    for (subject, bucket), amount in change.items():
        if subject == line_id:
            moved[bucket] = moved.get(bucket, ZERO) + amount
    return moved


LIVE_STATES = frozenset(set(State) - {State.CANCELLED, State.VOIDED, State.REPLACED})


def is_version_of(other: VersionPosition, version: VersionPosition) -> bool:
    """Whether both are versions of one claim: to one coverage, and of the same part where the visit was split."""
    return (other.sequence, other.claim_id) == (version.sequence, version.claim_id)


def parts_undecided(chain: ChainPosition, version: VersionPosition) -> bool:
    """Whether other claims of this visit to the same coverage wait for the payer: it was split, and not all is decided."""
    latest: dict[str, VersionPosition] = {}
    for other in chain.versions:
        if other.sequence == version.sequence and not is_version_of(other, version) and other.state in LIVE_STATES:
            if other.claim_id not in latest or latest[other.claim_id].number < other.number:
                latest[other.claim_id] = other
    return any(other.state not in (State.ADJUDICATED, State.CLOSED) for other in latest.values())


def live_version(chain: ChainPosition, sequence: str) -> VersionPosition | None:
    """The last version to a coverage that still counts."""
    versions = [v for v in chain.versions if v.sequence == sequence and v.state in LIVE_STATES]
    return max(versions, key=lambda v: v.number) if versions else None
