"""835 transactions as they lie in the inbox, read here segment by segment; no mapping of the product is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from claimwright.auditor.report import Cursor, rows
from claimwright.x12 import Segment, Transaction, read

ZERO = Decimal("0.00")
REVERSAL = "22"


class RawClaim(msgspec.Struct):
    """One CLP: `number` is its segment's place in the ST; `lines` digests its service lines as sent."""

    number: int
    control_number: str
    status: str
    charge: Decimal
    paid: Decimal
    payer_claim_number: str
    adjusted: Decimal = ZERO
    line_charges: Decimal = ZERO
    line_paid: Decimal = ZERO
    claim_adjusted: Decimal = ZERO
    has_lines: bool = False
    lines: str = ""

    def balances(self) -> bool:
        """CLP03 less every CAS is CLP04; with lines their payments less the claim's own CAS are CLP04 as well."""
        whole = self.charge - self.adjusted == self.paid
        return whole and (not self.has_lines or self.line_paid - self.claim_adjusted == self.paid)


class RawAdjustment(msgspec.Struct):
    """One pair of a PLB."""

    number: int
    code: str
    amount: Decimal


class RawPayment(msgspec.Struct):
    """One ST..SE with the row that stands for it."""

    row: str
    number: str
    state: str
    trace_payer_id: str
    trace_number: str
    payee_id: str
    row_amount: Decimal
    payer_key: str
    fate: str
    found: bool = False
    amount: Decimal = ZERO
    method: str = ""
    handling: str = ""
    day: str = ""
    trace: str = ""
    payer: str = ""
    tax_id: str = ""
    payees: set[str] = msgspec.field(default_factory=set)
    claims: list[RawClaim] = msgspec.field(default_factory=list)
    adjustments: list[RawAdjustment] = msgspec.field(default_factory=list)
    sent: tuple[object, ...] = ()  # amount, day, claims and adjustments as in the file, whatever was decided of them
    decision: str = ""
    suffix: str = ""
    decision_problem: str = ""

    @property
    def posted(self) -> bool:
        return self.state in ("posted", "partial")

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.trace_payer_id.strip(), self.trace_number.strip(), self.payee_id.strip()

    def difference(self) -> Decimal:
        """Claims paid, less provider adjustments, less BPR02."""
        paid = sum((claim.paid for claim in self.claims), ZERO)
        return paid - sum((entry.amount for entry in self.adjustments), ZERO) - self.amount


def amount(text: str) -> Decimal:
    """An amount as sent; what is none counts as zero, so that it shows as a difference."""
    try:
        found = Decimal(text or "0")
    except InvalidOperation:
        return ZERO
    return found if found.is_finite() else ZERO


class Payments:
    """Every remittance row with its raw ST..SE, read once an audit."""

    def __init__(self, decide: Callable[[Cursor, list[RawPayment]], None]) -> None:
        self._decide = decide
        self._read: list[RawPayment] | None = None

    def all(self, cursor: Cursor) -> list[RawPayment]:
        if self._read is None:
            self._read = list(_payments(cursor))
            self._decide(cursor, self._read)
        return self._read


def _payments(cursor: Cursor) -> Iterator[RawPayment]:
    query = """
      SELECT f.id, f.content, array_agg(p.byte_start ORDER BY r.number), array_agg(r.id::text ORDER BY r.number),
        array_agg(r.number ORDER BY r.number), array_agg(r.state ORDER BY r.number),
        array_agg(r.trace_payer_id ORDER BY r.number), array_agg(r.trace_number ORDER BY r.number),
        array_agg(r.payee_id ORDER BY r.number), array_agg(r.amount::text ORDER BY r.number),
        array_agg(coalesce(y.key, '') ORDER BY r.number), array_agg(p.fate ORDER BY r.number)
      FROM payments_remittance r JOIN exchange_inboxpart p ON p.id = r.part_id
      JOIN exchange_inboxfile f ON f.id = p.file_id LEFT JOIN practice_payer y ON y.id = r.payer_id
      GROUP BY f.id, f.content ORDER BY min(r.number)"""
    for _, content, starts, *columns in rows(cursor, query):
        transactions = {t.st.offset: t for t in read(bytes(content)).transactions()}
        for start, ident, number, state, payer, trace, payee, total, key, fate in zip(starts, *columns, strict=True):
            payment = RawPayment(ident, number, state, payer, trace, payee, Decimal(total), key, fate)
            if start in transactions:
                _fill(payment, transactions[start])
            payment.sent = (payment.amount, payment.day, tuple(payment.claims), tuple(payment.adjustments))
            yield payment


def _fill(payment: RawPayment, transaction: Transaction) -> None:
    segments = transaction.segments
    payment.found = True
    in_header = True
    claim: list[Segment] = []
    for position, segment in enumerate(segments):
        name = segment.id
        if name in ("LX", "CLP", "PLB", "SE") and claim:
            payment.claims.append(_claim(claim))
            claim = []
        if name in ("LX", "CLP"):
            in_header = False
        if name == "CLP":
            claim = [segment]
        elif name == "PLB":
            payment.adjustments += _adjustments(segment)
        elif claim:
            claim.append(segment)
        elif in_header:
            _header(payment, segments, position)
    if claim:
        payment.claims.append(_claim(claim))


def _header(payment: RawPayment, segments: Sequence[Segment], position: int) -> None:
    segment = segments[position]
    if segment.id == "BPR":
        payment.handling, payment.amount, payment.method = segment[1].strip(), amount(segment[2]), segment[4].strip()
        payment.day = segment[16]
    elif segment.id == "TRN" and not payment.trace:
        payment.trace, payment.payer = segment[2].strip(), segment[3].strip()
    elif segment.id == "N1" and segment[1] == "PE":
        payment.payees.add(segment[4].strip())
        payment.tax_id = segment[4].strip() if segment[3] == "FI" else ""
        for later in segments[position + 1 : position + 8]:
            if later.id == "N1" or later.id == "LX":
                break
            if later.id == "REF" and later[1] == "TJ":
                payment.payees.add(later[2].strip())
                payment.tax_id = later[2].strip()


def _claim(segments: Sequence[Segment]) -> RawClaim:
    clp = segments[0]
    claim = RawClaim(
        clp.number, clp[1].strip(), clp[2].strip(), amount(clp[3]), amount(clp[4]), clp[7].strip(),
        lines=_digest(segment for segment in segments if segment.id in ("SVC", "CAS", "DTM", "REF", "AMT")),
    )  # fmt: skip
    for segment in segments[1:]:
        if segment.id == "SVC":
            claim.has_lines = True
            claim.line_charges += amount(segment[2])
            claim.line_paid += amount(segment[3])
        elif segment.id == "CAS":
            taken = sum((amount(segment[index]) for index in range(3, len(segment) + 1, 3)), ZERO)
            claim.adjusted += taken
            if not claim.has_lines:
                claim.claim_adjusted += taken
    return claim


def _adjustments(plb: Segment) -> Iterator[RawAdjustment]:
    for index in range(3, len(plb) + 1, 2):
        if plb.component(index, 1).strip():
            yield RawAdjustment(plb.number, plb.component(index, 1).strip(), amount(plb[index + 1]))


def _digest(segments: Iterable[Segment]) -> str:
    return hashlib.sha256("\n".join("*".join(segment) for segment in segments).encode()).hexdigest()
