"""Premium payment: the money an employer or agency pays an insurer for its members' coverage (820, X218)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Noun
from claimwright.claims.parties import Party, Period, Reference

ORGANIZATION_KINDS = ("2L", "AG", "NH", "RGA", "UN")
INDIVIDUAL = "2J"


class BankAccount(Noun, frozen=True):
    """One side of the transfer: BPR06-09 or BPR12-15."""

    bank_qualifier: str = ""  # 01 routing number, 02 SWIFT, 04 Canadian
    bank_number: str = ""
    account_qualifier: str = ""  # DA demand deposit, SG savings
    account_number: str = ""


class RemittanceDelivery(Noun, frozen=True):
    """RDM: how the receiver wants the remittance."""

    method: str = ""  # RDM01: BM mail, EM e-mail, FT file transfer, FX fax, OL online
    name: str = ""  # RDM02
    number: str = ""  # RDM03


class PremiumAdjustment(Noun, frozen=True):
    """One ADX. Negative reduces, positive increases what is paid."""

    amount: Decimal = ZERO  # ADX01
    reason: str = ""  # ADX02: 52 credit for an earlier overpayment, H1 ... as the payer and insurer agreed
    reference_qualifier: str = ""  # ADX03
    reference: str = ""  # ADX04
    references: tuple[Reference, ...] = ()


class PremiumCharge(Noun, frozen=True):
    """One SAC: a charge in a summary bill."""

    indicator: str = "C"  # SAC01
    code: str = ""  # SAC02
    amount: Decimal = ZERO  # SAC05, in dollars here, in cents on the wire


class MemberCount(Noun, frozen=True):
    """One SLN: how many members of a kind a summary bill is for."""

    line: str = ""  # SLN01
    relation: str = "O"  # SLN03
    count: Decimal | None = None  # SLN04
    unit: str = ""  # SLN05-1: IE employees, PR persons, 10 groups


class PremiumItem(Noun, frozen=True):
    """One IT1 of a summary bill."""

    line: str = ""  # IT101
    charges: tuple[PremiumCharge, ...] = ()
    counts: tuple[MemberCount, ...] = ()


class PremiumDetail(Noun, frozen=True):
    """One RMR: what is paid on one bill, contract or policy. `segment` is the RMR's ordinal within its ST."""

    reference_qualifier: str = ""  # RMR01: IK invoice, CT contract, AZ policy, IG policy of the insured ...
    reference: str = ""  # RMR02
    action: str = ""  # RMR03: PI for the bill, PO on account, PP partial, PA in advance
    paid: Decimal = ZERO  # RMR04
    billed: Decimal | None = None  # RMR05
    discount: Decimal | None = None  # RMR06, of other trades
    references: tuple[Reference, ...] = ()
    period: Period | None = None  # DTM*582, AAG
    items: tuple[PremiumItem, ...] = ()
    adjustments: tuple[PremiumAdjustment, ...] = ()  # why `paid` is not `billed`
    segment: int = 0

    @property
    def difference(self) -> Decimal | None:
        """What billed and adjustments leave unexplained of paid; None where nothing was billed by name."""
        if self.billed is None:
            return None
        explained = sum((item.amount for item in self.adjustments), ZERO) - (self.discount or ZERO)
        return self.billed + explained - self.paid


class PremiumRemitter(Noun, frozen=True):
    """One ENT: for whom is paid, an organization as a whole or one individual of it."""

    number: str = ""  # ENT01
    kind: str = ""  # ENT02: 2L corporation, AG agency, UN union ... or 2J individual
    id_qualifier: str = ""  # ENT03
    identifier: str = ""  # ENT04
    names: tuple[Party, ...] = ()  # NM1 of an individual
    references: tuple[Reference, ...] = ()  # of exchange payments, which name the policy here
    earlier_adjustments: tuple[PremiumAdjustment, ...] = ()  # of money paid before
    details: tuple[PremiumDetail, ...] = ()

    @property
    def is_individual(self) -> bool:
        return self.kind == INDIVIDUAL

    @property
    def total(self) -> Decimal:
        paid = sum((detail.paid for detail in self.details), ZERO)
        return paid + sum((item.amount for item in self.earlier_adjustments), ZERO)


class PremiumPayment(Noun, frozen=True):
    """One 820 transaction (ST..SE): one payment."""

    transaction_control_number: str = ""  # ST02
    handling: str = ""  # BPR01: C payment with remittance, I remittance only ...
    amount: Decimal = ZERO  # BPR02
    credit_debit: str = "C"  # BPR03
    method: str = ""  # BPR04: ACH CHK NON FWT BOP SWT
    format: str = ""  # BPR05: CCP, CTX
    sender_account: BankAccount = BankAccount()
    originator_id: str = ""  # BPR10
    originator_code: str = ""  # BPR11
    receiver_account: BankAccount = BankAccount()
    payment_date: date | None = None  # BPR16
    trace_kind: str = ""  # TRN01: 1 of the payment, 3 of the remittance alone
    trace_number: str = ""  # TRN02
    trace_originator: str = ""  # TRN03
    trace_division: str = ""  # TRN04
    currency_entity: str = ""  # CUR01
    currency: str = ""  # CUR02
    references: tuple[Reference, ...] = ()  # 14 master account, 2F invoice, 38 master policy ...
    dates: tuple[Period, ...] = ()  # DTM: 582 coverage period, 097 creation, 009 process, 035 delivery
    receiver: Party = Party()  # N1*PE, the insurer
    delivery: RemittanceDelivery | None = None
    payer: Party = Party()  # N1*PR; RM of exchange payments
    intermediaries: tuple[Party, ...] = ()  # banks between the two
    remitters: tuple[PremiumRemitter, ...] = ()

    @property
    def total(self) -> Decimal:
        """What the remittance adds up to: all RMR04 and the adjustments of earlier money. It should be `amount`."""
        return sum((remitter.total for remitter in self.remitters), ZERO)

    @property
    def difference(self) -> Decimal:
        """`amount` less `total`: 0.00 where the payment balances."""
        return self.amount - self.total

    @property
    def is_balanced(self) -> bool:
        return self.difference == 0

    @property
    def organizations(self) -> tuple[PremiumRemitter, ...]:
        return tuple(remitter for remitter in self.remitters if not remitter.is_individual)

    @property
    def individuals(self) -> tuple[PremiumRemitter, ...]:
        return tuple(remitter for remitter in self.remitters if remitter.is_individual)
