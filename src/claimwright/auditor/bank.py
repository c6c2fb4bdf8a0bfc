"""I3 at the bank: each line of a statement is in one match that sums to its money, or on a worklist."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.auditor.report import Check, Cursor, rows

STANDING = """WITH standing AS (
  SELECT m.* FROM bank_bankmatch m WHERE m.kind <> 'UNDONE'
    AND NOT EXISTS (SELECT 1 FROM bank_bankmatch u WHERE u.undoes_id = m.id))"""


def lines_are_matched_once_or_listed(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = f"""{STANDING}
      SELECT l.id::text, count(s.id), coalesce(bool_or(w.state <> 'done'), false),
             coalesce(bool_or(s.id IS NOT NULL AND t.amount <> l.amount), false)
        FROM bank_bankline l LEFT JOIN bank_bankmatchline t ON t.line_id = l.id
        LEFT JOIN standing s ON s.id = t.match_id
        LEFT JOIN core_workitem w ON w.key = 'bank-line:' || l.id::text GROUP BY l.id"""
    for line, matched, listed, differs in rows(cursor, query):
        problem = ""
        if matched > 1:
            problem = f"it is in {matched} matches"
        elif differs:
            problem = "its match holds another amount of it"
        elif not matched and not listed:
            problem = "it is neither matched nor on a worklist"
        yield f"bank line {line}", problem


def matches_sum_to_their_money(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = f"""{STANDING}
      SELECT s.id::text, s.kind, s.fee,
             (SELECT coalesce(sum(amount), 0) FROM bank_bankmatchline t WHERE t.match_id = s.id),
             (SELECT coalesce(sum(amount), 0) FROM bank_bankmatchpart p WHERE p.match_id = s.id) FROM standing s"""
    for match, kind, fee, lines, money in rows(cursor, query):
        problem = "" if kind == "EXPLAINED" or lines == money - fee else f"its lines are {lines}, its money {money}"
        yield f"bank match {match}", problem


def money_is_matched_once(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = f"""{STANDING}
      SELECT coalesce(p.remittance_id, p.receipt_id, p.refund_id, p.deposit_id)::text, p.amount > 0, count(*)
        FROM bank_bankmatchpart p JOIN standing s ON s.id = p.match_id GROUP BY 1, 2"""
    for subject, _, times in rows(cursor, query):
        yield f"bank money {subject}", f"{times} matches count it" if times > 1 else ""


def what_waits_is_marked(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = f"""{STANDING}
      SELECT 'bank line ' || l.id, NOT EXISTS (SELECT 1 FROM bank_openline o WHERE o.line_id = l.id),
             EXISTS (SELECT 1 FROM bank_bankmatchline t JOIN standing s ON s.id = t.match_id WHERE t.line_id = l.id)
        FROM bank_bankline l
      UNION ALL
      SELECT 'payment ' || r.id, r.is_at_bank,
             EXISTS (SELECT 1 FROM bank_bankmatchpart p JOIN standing s ON s.id = p.match_id WHERE p.receipt_id = r.id)
        FROM payments_patientreceipt r
      UNION ALL
      SELECT 'remittance ' || r.number, r.bank_state <> 'AWAITING_FUNDS',
             EXISTS (SELECT 1 FROM payments_deposit d WHERE d.remittance_id = r.id)
        FROM payments_remittance r WHERE r.state IN ('posted', 'partial') AND r.amount > 0"""
    for subject, marked, matched in rows(cursor, query):
        right = "matched" if matched else "open"
        yield str(subject), "" if marked == matched else f"it is {right}, and not marked so"


CHECKS = (
    Check("I3", "Each line of the bank is matched once or listed", lines_are_matched_once_or_listed),
    Check("I3", "Each match of the bank sums to its money", matches_sum_to_their_money),
    Check("I3", "No money is matched to the bank twice", money_is_matched_once),
    Check("I13", "What waits at the bank is marked as the matches say", what_waits_is_marked),
)
