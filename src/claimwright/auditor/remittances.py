"""I3 to I7: each payment against its raw 835, read here segment by segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from claimwright.auditor.report import Check, Cursor, rows
from claimwright.x12 import Segment, read

ZERO = Decimal("0.00")
PARTS = """
SELECT r.id, r.number, r.state, r.trace_payer_id, r.trace_number, r.payee_id, r.amount, f.content, p.byte_start,
       r.bank_state, coalesce(d.state, '')
FROM payments_remittance r JOIN exchange_inboxpart p ON p.id = r.part_id JOIN exchange_inboxfile f ON f.id = p.file_id
LEFT JOIN payments_deposit d ON d.remittance_id = r.id
"""


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return ZERO


def _segments(content: bytes, start: int) -> list[Segment]:
    """The ST..SE that begins at byte `start` of a stored file."""
    for transaction in read(bytes(content)).transactions():
        if transaction.st.offset == start:
            return transaction.segments
    return []


def _payment(segments: list[Segment]) -> tuple[Decimal, str, str, set[str]]:
    amount, trace, payer, payees = ZERO, "", "", set()
    for position, segment in enumerate(segments):
        if segment.id == "BPR":
            amount = _amount(segment[2])
        elif segment.id == "TRN" and not trace:
            trace, payer = segment[2].strip(), segment[3].strip()
        elif segment.id == "N1" and segment[1] == "PE":
            payees.add(segment[4].strip())
            payees |= {s[2].strip() for s in segments[position + 1 : position + 6] if s.id == "REF" and s[1] == "TJ"}
        elif segment.id == "LX":
            break
    return amount, trace, payer, payees


def payments_sum_to_their_raw_amount(cursor: Cursor) -> Iterator[tuple[str, str]]:
    cursor.execute(
        """SELECT subject, sum(amount) FROM (
             SELECT debit_subject AS subject, amount FROM accounts_ledgertransfer
               WHERE debit_kind = 'REMITTANCE' AND entry_type <> 'DEPOSIT'
             UNION ALL SELECT credit_subject, -amount FROM accounts_ledgertransfer
               WHERE credit_kind = 'REMITTANCE' AND entry_type <> 'DEPOSIT') s GROUP BY subject"""
    )
    received = dict(cursor.fetchall())
    cursor.execute("SELECT credit_subject, sum(amount) FROM accounts_ledgertransfer "
                   "WHERE credit_kind = 'REMITTANCE' AND entry_type = 'DEPOSIT' GROUP BY 1")  # fmt: skip
    banked = dict(cursor.fetchall())
    for _, number, state, payer, trace, payee, amount, content, start, bank, deposit in rows(cursor, PARTS):
        raw_amount, raw_trace, raw_payer, payees = _payment(_segments(content, start))
        booked = received.pop(number, ZERO)
        posted = state in ("posted", "partial")
        problem = ""
        if raw_amount != amount:
            problem = f"the file says {raw_amount}, the row {amount}"
        elif state != "quarantined" and (
            (raw_trace, raw_payer or payer) != (trace.strip(), payer.strip()) or payee.strip() not in payees
        ):
            problem = "its identity is not that of the file"
        elif posted and booked != raw_amount:
            problem = f"transfers received for it sum to {booked}, the file says {raw_amount}"
        elif not posted and booked:
            problem = f"it is {state}, yet {booked} was booked for it"
        elif deposit == "MATCHED" and banked.get(number, ZERO) != raw_amount:
            problem = "its deposit is matched, its clearing account is not zero"
        elif not deposit and banked.get(number, ZERO):
            problem = "money went to the bank without a deposit"
        elif posted and not deposit and raw_amount and bank != "AWAITING_FUNDS":
            problem = "no deposit, and not listed as awaiting funds"
        yield f"remittance {number}", problem
    for number, amount in received.items():
        yield f"remittance {number}", f"{amount} booked for a payment that is not there" if amount else ""


def held_money_stands_in_suspense(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Held CLPs and PLBs by payment, against what the ledger keeps in Suspense for it."""
    query = """
      SELECT r.number,
        coalesce((SELECT sum(c.paid) FROM payments_claimpayment c
                  WHERE c.remittance_id = r.id AND c.state = 'held'), 0)
        - coalesce((SELECT sum(a.amount) FROM payments_provideradjustment a
                  WHERE a.remittance_id = r.id AND a.state = 'held'), 0),
        coalesce((SELECT sum(t.amount) FROM accounts_ledgertransfer t
                  WHERE t.credit_kind = 'SUSPENSE' AND t.credit_subject = r.number), 0)
        - coalesce((SELECT sum(t.amount) FROM accounts_ledgertransfer t
                  WHERE t.debit_kind = 'SUSPENSE' AND t.debit_subject = r.number), 0)
      FROM payments_remittance r WHERE r.state IN ('posted', 'partial')"""
    for number, held, suspense in rows(cursor, query):
        yield f"remittance {number}", "" if held == suspense else f"held {held}, in suspense {suspense}"


def identities_are_posted_once(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT trace_payer_id || '|' || trace_number || '|' || payee_id,
                      count(*) FILTER (WHERE state IN ('posted', 'partial')) FROM payments_remittance
               GROUP BY trim(trace_payer_id), trim(trace_number), trim(payee_id), 1"""
    for identity, times in rows(cursor, query):
        yield f"payment {identity}", "" if times <= 1 else f"posted {times} times"


def claim_payments_are_counted_once(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT fingerprint, count(*) FILTER (WHERE state = 'posted' AND reversed_by_id IS NULL)
               FROM payments_claimpayment WHERE status <> '22' GROUP BY fingerprint"""
    for fingerprint, times in rows(cursor, query):
        yield f"claim payment {fingerprint[:12]}", "" if times <= 1 else f"the same claim payment posted {times} times"


def reversals_have_one_counterpart(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT v.id, v.state, v.paid, v.charge, count(o.id), sum(o.paid), sum(o.charge)
               FROM payments_claimpayment v LEFT JOIN payments_claimpayment o ON o.reversed_by_id = v.id
               WHERE v.status = '22' GROUP BY v.id"""
    for row_id, state, paid, charge, count, original_paid, original_charge in rows(cursor, query):
        problem = ""
        if state == "posted" and count != 1:
            problem = f"a posted reversal with {count} originals"
        elif state == "posted" and (original_paid != -paid or original_charge != -charge):
            problem = "its amounts are not the opposite of its original's"
        elif state != "posted" and count:
            problem = "held, yet it took its original back"
        yield f"claim payment {row_id}", problem


def balances_carried_forward_are_conserved(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """FB by remittance, from raw PLB segments, against the ledger's PayerOffset entries of the same remittance."""
    forwarded: dict[str, Decimal] = defaultdict(lambda: ZERO)
    query = """SELECT r.number, f.content, p.byte_start FROM payments_remittance r
               JOIN exchange_inboxpart p ON p.id = r.part_id JOIN exchange_inboxfile f ON f.id = p.file_id
               WHERE r.state IN ('posted', 'partial')"""
    for number, content, start in rows(cursor, query):
        for segment in _segments(content, start):
            if segment.id == "PLB":
                for index in range(3, len(segment) + 1, 2):
                    if segment.component(index, 1) == "FB":
                        forwarded[number] += _amount(segment[index + 1])
    cursor.execute(
        """SELECT payment, sum(CASE WHEN debit_kind = 'PAYER_OFFSET' THEN amount ELSE -amount END)
           FROM accounts_ledgertransfer WHERE reason = 'FB' AND (debit_kind = 'PAYER_OFFSET')
             <> (credit_kind = 'PAYER_OFFSET') GROUP BY payment"""
    )
    booked = dict(cursor.fetchall())
    for number in sorted(set(forwarded) | set(booked)):
        ledger = booked.get(number, ZERO)
        file = forwarded.get(number, ZERO)
        yield f"remittance {number}", "" if ledger == file else f"FB in the file {file}, in the ledger {ledger}"


CHECKS = (
    Check("I3", "Each payment's transfers sum to its raw BPR02", payments_sum_to_their_raw_amount),
    Check("I4", "What is held stands in Suspense, and nothing else", held_money_stands_in_suspense),
    Check("I5", "Each payment identity is posted once", identities_are_posted_once),
    Check("I6", "Each claim payment is counted once", claim_payments_are_counted_once),
    Check("I6", "Each reversal took back exactly one original", reversals_have_one_counterpart),
    Check("I7", "Balances carried forward are conserved", balances_carried_forward_are_conserved),
)
