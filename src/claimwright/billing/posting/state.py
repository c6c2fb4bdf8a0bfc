"""What posting is told: the practices and payers of the tenant, and the state of each visit's claims on the ledger.

One visit is a chain: its charge lines, its coverages in order, and the claim versions sent to each. The caller loads
it; nothing here asks a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol

from claimwright.billing.lifecycle import State
from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.claims.nouns import ZERO, Adjustment, ClaimPayment, Noun
from claimwright.ledger.accounts import Account
from claimwright.ledger.transfers import Transfer


class PracticeIdentity(Noun, frozen=True, kw_only=True):
    """A practice of the tenant with every NPI and TIN it ever had: a remittance under an old TIN still matches."""

    practice_id: str
    npis: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()


class PayerAutomation(Noun, frozen=True, kw_only=True):
    """Whether a payer's payments post without a person, and above which payment (dollars) they wait for one."""

    posts_by_itself: bool = True
    hold_over_amount: Decimal | None = None  # None: the practice's own limit


class Automation(Noun, frozen=True, kw_only=True):
    """What waits for a person's look before it posts. The default holds nothing beyond what the rules hold anyway."""

    payers: Mapping[str, PayerAutomation] = {}  # by our payer key
    hold_over_amount: Decimal | None = None  # of payers without a limit of their own; None: no payment for its size
    never_automatic: Mapping[str, frozenset[str]] = {}  # practice id -> CARCs


class PostingContext(Noun, frozen=True, kw_only=True):
    """The surroundings of one payment. `payment_id` names its Remittance account and starts its transfers' keys."""

    practices: tuple[PracticeIdentity, ...]
    effective_date: date
    payment_id: str = ""  # blank: the payment's identity
    payer_aliases: Mapping[str, str] = {}  # any id or name a payer goes by -> our payer key
    policies: Policies = DEFAULT_POLICIES
    retired_reasons: Mapping[str, date] = {}  # CARC -> its last day, from the loaded list
    provider_adjustment_accounts: Mapping[str, Account] = {}  # PLB code -> account, over the default map
    automation: Automation = Automation()


class LinePosition(Noun, frozen=True, kw_only=True):
    """A charge line. `line_id` is its REF*6R; `balances` its receivable buckets INS1 INS2 INS3 PAT."""

    line_id: str
    procedure_code: str = ""
    modifiers: tuple[str, ...] = ()
    charge: Decimal = ZERO
    units: Decimal = Decimal(1)
    date_of_service: date | None = None
    balances: Mapping[str, Decimal] = {}


class CoveragePosition(Noun, frozen=True, kw_only=True):
    """One cover of the visit in payment order. `payer_keys`: our key, payer ids, TRN03, names, in any case."""

    sequence: str  # P, S, T
    bucket: str  # INS1, INS2, INS3
    payer_keys: tuple[str, ...] = ()
    payer_id: str = ""  # SVD01 and 2330B NM109 when a later payer is told of this one
    member_id: str = ""
    active: bool = True
    is_medicaid: bool = False
    is_medicare: bool = False
    qmb: bool = False
    nsa_protected: bool = False
    out_of_network: bool = False


class VersionPosition(Noun, frozen=True, kw_only=True):
    """One claim version. `control_number` is its CLM01, `sequence` the coverage it goes to.

    `claim_id` tells apart the claims of a visit that was split among several to one coverage; each has its own versions.
    """

    version_id: str
    control_number: str
    sequence: str = "P"
    state: State = State.SENT
    previous_state: State | None = None
    number: int = 1
    frequency: str = "1"
    payer_claim_number: str = ""
    charge: Decimal = ZERO
    outcome: str = ""
    claim_id: str = ""


class LineRecord(Noun, frozen=True, kw_only=True):
    """What a payer decided on one charge line, summed when the payer split it."""

    line_id: str
    procedure_code: str = ""  # as adjudicated
    procedure_qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    charge: Decimal = ZERO
    paid: Decimal = ZERO
    units_paid: Decimal | None = None
    allowed: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    segment: int = 0


class AdjudicationRecord(Noun, frozen=True, kw_only=True):
    """Every CLP received, posted or held, as data. The next payer's COB and a reversal's match read these."""

    record_id: str
    payment: str
    segment: int
    control_number: str = ""
    payer_claim_number: str = ""
    chain_id: str = ""
    version_id: str = ""
    claim_id: str = ""  # blank in records of a visit with one claim a coverage, and in old ones
    sequence: str = ""
    payer_id: str = ""
    status: str = ""
    charge: Decimal = ZERO
    paid: Decimal = ZERO
    patient_responsibility: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()  # claim level
    remarks: tuple[str, ...] = ()
    lines: tuple[LineRecord, ...] = ()
    adjudication_date: date | None = None
    outcome: str = ""
    posted: bool = True  # False: held, its money stands in Suspense
    reverses: str = ""  # the record this one takes back


class PriorPosting(Noun, frozen=True, kw_only=True):
    """A CLP posted before: its record, its own transfers, and whether a reversal took it back."""

    record: AdjudicationRecord
    transfers: tuple[Transfer, ...] = ()
    reversed: bool = False
    undone: frozenset[str] = frozenset()  # keys of its transfers that a recovery (PLB WO) took back by itself


class DenialPosition(Noun, frozen=True, kw_only=True):
    """An open denial of a line: what a later remittance may overturn or uphold."""

    denial_id: str
    line_id: str
    reason: str  # CARC
    sequence: str = "P"
    state: str = "NEW"
    amount: Decimal = ZERO
    under_appeal: bool = False


class ChainPosition(Noun, frozen=True, kw_only=True):
    """One visit as it stands."""

    chain_id: str
    practice_id: str
    patient_id: str
    last_name: str = ""
    first_name: str = ""
    birth_date: date | None = None
    member_ids: tuple[str, ...] = ()
    billing_npis: tuple[str, ...] = ()
    lines: tuple[LinePosition, ...] = ()
    coverages: tuple[CoveragePosition, ...] = ()
    versions: tuple[VersionPosition, ...] = ()
    postings: tuple[PriorPosting, ...] = ()  # oldest first
    held_reversals: tuple[str, ...] = ()  # coverage sequences with a reversal on hold
    denials: tuple[DenialPosition, ...] = ()  # open ones
    patient_credit: Decimal = ZERO  # unapplied money we hold, positive

    @property
    def is_qmb(self) -> bool:
        return any(coverage.qmb for coverage in self.coverages)

    def coverage(self, sequence: str) -> CoveragePosition | None:
        return next((cover for cover in self.coverages if cover.sequence == sequence), None)

    def line(self, line_id: str) -> LinePosition | None:
        return next((line for line in self.lines if line.line_id == line_id), None)


class PaymentSeen(Noun, frozen=True, kw_only=True):
    """A payment already known under an identity."""

    payment_id: str
    fingerprint: str


class OpenOffset(Noun, frozen=True, kw_only=True):
    """Money carried forward (FB) or deferred (WO) by a payer and not yet settled; positive when we owe the payer."""

    code: str
    reference: str
    amount: Decimal
    payment: str = ""


class IssuedRefund(Noun, frozen=True, kw_only=True):
    """A refund check we sent to a payer: PLB 72 answers it. `transfers` are those that took it off the lines."""

    refund_id: str
    reference: str
    amount: Decimal
    transfers: tuple[Transfer, ...] = ()


class ClaimLookup(Protocol):
    """How a claim is found. Answers are limited to the tenant."""

    def by_control_number(self, control_number: str) -> tuple[ChainPosition, ...]:
        """Chains with a version of this CLM01, in whatever practice."""
        ...

    def by_payer_claim_number(self, payer_claim_number: str) -> tuple[ChainPosition, ...]:
        """Chains of which the payer gave a claim this number."""
        ...

    def candidates(self, claim_payment: ClaimPayment) -> tuple[ChainPosition, ...]:
        """Chains that may fit by name, member id, date or charge; posting scores them."""
        ...


class Lookup(ClaimLookup, Protocol):
    """All the questions posting asks while it works. Answers are limited to the tenant."""

    def payment_identity(self, identity: str) -> PaymentSeen | None:
        """The payment known by `payment_identity(...)` text, if any."""
        ...

    def open_offsets(self, subject: str) -> tuple[OpenOffset, ...]:
        """Unsettled FB and WO of a `payer|TIN` subject, oldest first."""
        ...

    def issued_refunds(self, subject: str) -> tuple[IssuedRefund, ...]:
        """Refund checks of a `payer|TIN` subject that the payer has not yet acknowledged."""
        ...
