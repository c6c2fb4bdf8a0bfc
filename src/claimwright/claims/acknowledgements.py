"""What answers a file: TA1 for the interchange, 999 for its groups, 277CA for its claims. Import from `claims.nouns`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.basis import Noun
from claimwright.claims.parties import Party, Period, Procedure, Reference


class InterchangeAcknowledgement(Noun, frozen=True):
    """TA1."""

    control_number: str = ""  # TA101 = the ISA13 it answers
    interchange_date: str = ""
    interchange_time: str = ""
    code: str = ""  # A, E, R
    note: str = ""  # TA105


class SyntaxError999(Noun, frozen=True):
    segment_id: str = ""
    segment: int = 0
    loop: str = ""
    code: str = ""  # IK304
    element: int = 0
    component: int = 0
    element_code: str = ""  # IK403
    bad_value: str = ""
    claim_control_number: str = ""  # CTX


class TransactionAcknowledgement(Noun, frozen=True):
    set_id: str = ""
    control_number: str = ""  # AK202 = ST02
    code: str = ""  # IK501: A E R M W X
    errors: tuple[SyntaxError999, ...] = ()


class GroupAcknowledgement(Noun, frozen=True):
    """999 (or 997): one AK1..AK9."""

    functional_id: str = ""
    control_number: str = ""  # AK102 = GS06
    guide: str = ""
    code: str = ""  # AK901: A E P R M W X
    included: int = 0
    received: int = 0
    accepted: int = 0
    transactions: tuple[TransactionAcknowledgement, ...] = ()


class ClaimStatus(Noun, frozen=True):
    """One STC composite: category (A0-A8, P, F, R...), status code, entity."""

    category: str = ""
    code: str = ""
    entity: str = ""


class AcknowledgedLine(Noun, frozen=True):
    """One SVC of a 277CA: a service line that is spoken of, as a rule because it is not accepted."""

    procedure: Procedure | None = None  # SVC01
    charge: Decimal | None = None  # SVC02
    revenue_code: str = ""  # SVC04
    units: Decimal | None = None  # SVC07
    statuses: tuple[ClaimStatus, ...] = ()
    effective_date: date | None = None  # STC02
    action: str = ""  # STC03
    control_number: str = ""  # REF*FJ
    prescription_number: str = ""  # REF*XZ
    service: Period | None = None  # DTP*472


class ClaimAcknowledgement(Noun, frozen=True):
    """One claim of a 277CA (2200D), or one batch-level verdict (2200B, 2200C) when `level` is not "claim"."""

    level: str = "claim"  # receiver, provider, claim
    control_number: str = ""  # TRN02 = CLM01
    accepted: bool = False  # STC03 WQ / U
    statuses: tuple[ClaimStatus, ...] = ()
    charge: Decimal | None = None
    message: str = ""
    payer_claim_number: str = ""  # REF*1K
    clearinghouse_trace: str = ""  # REF*D9
    effective_date: date | None = None
    provider: Party | None = None  # NM1*85, of a claim and of a provider's verdict
    patient: Party | None = None  # NM1*QC
    references: tuple[Reference, ...] = ()  # all but 1K and D9: BLT type of bill, a provider's other numbers
    service: Period | None = None  # DTP*472
    lines: tuple[AcknowledgedLine, ...] = ()
    accepted_count: Decimal | None = None  # QTY*90, QA: of a batch
    rejected_count: Decimal | None = None  # QTY*AA, QC
    accepted_amount: Decimal | None = None  # AMT*YU
    rejected_amount: Decimal | None = None  # AMT*YY
    segment: int = 0

    @property
    def line_statuses(self) -> tuple[tuple[str, ClaimStatus], ...]:
        """(line control number, status) of every status of every line."""
        return tuple((line.control_number, status) for line in self.lines for status in line.statuses)


class ClaimAcknowledgementReport(Noun, frozen=True):
    """One 277CA transaction. `source_*` is 2100A: the clearinghouse (AY) or the payer (PR)."""

    transaction_control_number: str = ""  # ST02
    source_qualifier: str = ""  # AY, PR
    source_name: str = ""
    source_id_qualifier: str = ""  # NM108
    source_id: str = ""
    source_trace: str = ""  # 2200A TRN02
    received_date: date | None = None  # 2200A DTP*050
    processed_date: date | None = None  # 2200A DTP*009
    receiver: Party = Party()  # 2100B: who sent the claims
    trace_number: str = ""  # 2200B TRN02: our BHT03
    reference: str = ""  # BHT03
    created: date | None = None  # BHT04
    created_time: str = ""  # BHT05, HHMM
    items: tuple[ClaimAcknowledgement, ...] = ()
