"""I3 to I7: each payment's rows and transfers against its raw 835."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from claimwright.auditor.decisions import DUPLICATE, apply_decisions, identity_problem
from claimwright.auditor.raw import REVERSAL, ZERO, Payments, RawPayment
from claimwright.auditor.report import Check, Cursor, Listed, rows

FORWARDED = "FB"
IN_BOOKS = ("posted", "released")  # a CLP that posted, at once or out of Suspense
NON_PAYMENT = ("H", "NON")  # BPR01, BPR04
TODAY = "coalesce(t.fixed_date, (now() AT TIME ZONE t.time_zone)::date)"
FATES = {"posted": "posted", "partial": "posted"}  # of the part, by the remittance's state; the others share a word


class PaymentChecks:
    """The checks that need the raw files, over one reading of them."""

    def __init__(self) -> None:
        self.payments = Payments(apply_decisions)

    def sum_to_their_raw_amount(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        received = _sums(cursor, "entry_type <> 'DEPOSIT'")
        banked = {number: -amount for number, amount in _sums(cursor, "entry_type = 'DEPOSIT'").items()}
        cursor.execute(
            "SELECT remittance_id::text, state, amount FROM payments_deposit WHERE remittance_id IS NOT NULL"
        )
        deposits = {ident: (state, amount) for ident, state, amount in cursor.fetchall()}
        for payment in self.payments.all(cursor):
            booked = received.pop(payment.number, ZERO)
            bank = banked.pop(payment.number, ZERO)
            yield f"remittance {payment.number}", _money_problem(payment, booked, bank, deposits.get(payment.row))
        for number, amount in (received | banked).items():
            yield f"remittance {number}", f"{amount} booked for a payment that is not there" if amount else ""

    def move_what_each_place_says(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        """Each CLP's and PLB's own transfers against its amount: money of one is not hidden in another."""
        cursor.execute(
            """SELECT payment, split_part(split_part(key, '/', 2), '.', 1),
                 sum(CASE WHEN debit_kind = 'REMITTANCE' THEN amount ELSE -amount END) FROM accounts_ledgertransfer
               WHERE 'REMITTANCE' IN (debit_kind, credit_kind) AND entry_type <> 'DEPOSIT' GROUP BY 1, 2"""
        )
        booked = {(payment, place): amount for payment, place, amount in cursor.fetchall()}
        for payment in self.payments.all(cursor):
            if not payment.posted:
                continue
            said: dict[str, Decimal] = defaultdict(lambda: ZERO)
            for claim in payment.claims:
                said[f"CLP{claim.number}"] += claim.paid
            for entry in payment.adjustments:
                said[f"PLB{entry.number}"] -= entry.amount
            for place, amount in said.items():
                found = booked.pop((payment.number, place), ZERO)
                yield (
                    f"remittance {payment.number} {place}",
                    "" if found == amount else f"the file says {amount}, its transfers {found}",
                )

    def post_whole_or_not_at_all(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        cursor.execute(
            """SELECT p.npi FROM practice_practice p UNION SELECT p.tax_id FROM practice_practice p
               UNION SELECT value FROM practice_practiceidentifier"""
        )
        ours = {value for (value,) in cursor.fetchall()}
        cursor.execute("SELECT payment, count(*) FROM accounts_ledgertransfer WHERE payment <> '' GROUP BY 1")
        moved = dict(cursor.fetchall())
        query = """SELECT r.number, count(DISTINCT c.id) FILTER (WHERE true), count(DISTINCT a.id) FROM payments_remittance r
                   LEFT JOIN payments_claimpayment c ON c.remittance_id = r.id
                   LEFT JOIN payments_provideradjustment a ON a.remittance_id = r.id GROUP BY r.number"""
        kept = {number: (claims, adjustments) for number, claims, adjustments in rows(cursor, query)}
        for payment in self.payments.all(cursor):
            problem = ""
            if payment.fate != FATES.get(payment.state, payment.state):
                problem = f"its part is {payment.fate}, the payment {payment.state}"
            elif not payment.posted and (payment.number in moved or kept[payment.number] != (0, 0)):
                problem = f"it is {payment.state}, yet something of it was posted"
            elif payment.posted:
                problem = _gate_problem(payment, ours, kept[payment.number])
            yield f"remittance {payment.number}", problem

    def have_one_identity(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        """A second arrival is a duplicate when it is the same, and waits for two people's word when it differs."""
        by_identity: dict[tuple[str, str, str], list[RawPayment]] = defaultdict(list)
        for payment in self.payments.all(cursor):
            if payment.state != "quarantined":
                by_identity[payment.identity].append(payment)
        for identity, same in by_identity.items():
            posted = [payment for payment in same if payment.posted]
            problem = identity_problem(posted)
            for payment in same:
                payer, trace, payee = identity
                if (payment.trace, payment.payer or payer) != (trace, payer) or payee not in payment.payees:
                    problem = f"the identity of {payment.number} is not that of the file"
                elif payment.decision_problem:
                    problem = payment.decision_problem
                elif (
                    payment.state == "duplicate"
                    and payment.decision != DUPLICATE
                    and not any(_alike(payment, other) for other in same)
                ):
                    problem = f"{payment.number} is called a duplicate and no payment is like it"
            yield f"payment {'|'.join(identity)}", problem

    def count_each_claim_payment_once(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        """The fingerprint is made here from the raw segments; the row's own is not asked."""
        query = """SELECT r.number, c.segment FROM payments_claimpayment c JOIN payments_remittance r
                     ON r.id = c.remittance_id WHERE c.state IN ('posted', 'released') AND c.reversed_by_id IS NULL"""
        standing = set(rows(cursor, query))
        times: Counter[tuple[object, ...]] = Counter()
        for payment in self.payments.all(cursor):
            for claim in payment.claims if payment.posted else ():
                mark = (
                    claim.payer_claim_number, claim.control_number, claim.status, claim.charge, claim.paid, claim.lines,
                    payment.trace, payment.payer,
                )  # fmt: skip
                times[mark] += (payment.number, claim.number) in standing
        for fingerprint, count in times.items():
            yield (
                f"claim payment {fingerprint[1]}",
                "" if count <= 1 else f"the same claim payment posted {count} times",
            )

    def keep_what_was_received(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        """The figures kept of each CLP against the CLP."""
        query = """SELECT r.number, c.segment, c.control_number, c.status, c.charge, c.paid, c.payer_claim_number
                   FROM payments_claimpayment c JOIN payments_remittance r ON r.id = c.remittance_id"""
        kept = {row[:2]: row[2:] for row in rows(cursor, query)}
        for payment in self.payments.all(cursor):
            for claim in payment.claims if payment.posted else ():
                found = kept.pop((payment.number, claim.number), None)
                said = (
                    claim.control_number[:40], claim.status[:2], claim.charge, claim.paid, claim.payer_claim_number[:80],
                )  # fmt: skip
                yield f"remittance {payment.number} CLP{claim.number}", "" if found == said else "kept unlike received"
        for number, segment in kept:
            yield f"remittance {number} CLP{segment}", "kept, and in no file"

    def carry_balances_forward(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        """FB by remittance, from raw PLB segments, against the ledger's PayerOffset entries of the same remittance."""
        forwarded: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for payment in self.payments.all(cursor):
            for entry in payment.adjustments if payment.posted else ():
                if entry.code == FORWARDED:
                    forwarded[payment.number, f"{payment.payer_key}|{payment.tax_id}"] += entry.amount
        cursor.execute(
            """SELECT payment, CASE WHEN debit_kind = 'PAYER_OFFSET' THEN debit_subject ELSE credit_subject END,
                 sum(CASE WHEN debit_kind = 'PAYER_OFFSET' THEN amount ELSE -amount END) FROM accounts_ledgertransfer
               WHERE reason = 'FB' AND (debit_kind = 'PAYER_OFFSET') <> (credit_kind = 'PAYER_OFFSET') GROUP BY 1, 2"""
        )
        booked = {(payment, subject): amount for payment, subject, amount in cursor.fetchall()}
        by_subject: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
        for number, subject in sorted(set(forwarded) | set(booked)):
            file, ledger = forwarded.get((number, subject), ZERO), booked.get((number, subject), ZERO)
            by_subject[subject][0] += file
            by_subject[subject][1] += ledger
            yield f"remittance {number}", "" if ledger == file else f"FB in the file {file}, in the ledger {ledger}"
        listed = _unidentified_takebacks(cursor)
        for subject, (file, ledger) in by_subject.items():
            problem = "" if file == ledger else f"forwarded {file} in the files, {ledger} in the ledger"
            if not problem and file > listed:
                problem = f"{file} more was taken back than was carried forward, and {listed} of it is listed"
            yield f"forwarding balance {subject.partition('|')[0]}", problem


def _money_problem(payment: RawPayment, booked: Decimal, banked: Decimal, deposit: tuple[str, Decimal] | None) -> str:
    if not payment.found:
        return "its transaction is not in the stored file"
    if payment.row_amount != payment.amount:
        return f"the file says {payment.amount}, the row {payment.row_amount}"
    if payment.posted and booked != payment.amount:
        return f"transfers received for it sum to {booked}, the file says {payment.amount}"
    if not payment.posted and booked:
        return f"it is {payment.state}, yet {booked} was booked for it"
    if deposit is None:
        return f"{banked} went to the bank without a deposit" if banked else ""
    if deposit[0] == "MATCHED" and (banked, deposit[1]) != (payment.amount, payment.amount):
        return "its deposit is matched, its clearing account is not zero"
    return ""


def _gate_problem(payment: RawPayment, ours: set[str], kept: tuple[int, int]) -> str:
    """What should have kept a posted ST out."""
    if payment.difference():
        return f"posted, though claims and adjustments differ from BPR02 by {payment.difference()}"
    if payment.amount < 0:
        return "posted with an amount below zero"
    if payment.amount and (payment.handling == NON_PAYMENT[0] or payment.method == NON_PAYMENT[1]):
        return "posted with money, though the file says that none moves"
    if not payment.payees & ours:
        return "posted, though the payee is no practice of this tenant"
    if kept[0] != len(payment.claims):
        return f"{len(payment.claims)} claims in the file, {kept[0]} kept"
    if kept[1] != len(payment.adjustments):
        return f"{len(payment.adjustments)} provider adjustments in the file, {kept[1]} kept"
    return ""


def _alike(payment: RawPayment, other: RawPayment) -> bool:
    return other is not payment and payment.sent == other.sent


def _sums(cursor: Cursor, which: str) -> dict[str, Decimal]:
    """Debits less credits of each payment's clearing account."""
    cursor.execute(
        f"""SELECT subject, sum(amount) FROM (
             SELECT debit_subject AS subject, amount FROM accounts_ledgertransfer
               WHERE debit_kind = 'REMITTANCE' AND {which}
             UNION ALL SELECT credit_subject, -amount FROM accounts_ledgertransfer
               WHERE credit_kind = 'REMITTANCE' AND {which}) s GROUP BY subject"""
    )
    return dict(cursor.fetchall())


def _unidentified_takebacks(cursor: Cursor) -> Decimal:
    cursor.execute("SELECT coalesce(sum(amount), 0) FROM core_workitem WHERE worklist = 'unidentified_takebacks'")
    row = cursor.fetchone()
    assert row is not None
    return Decimal(row[0])


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
                  WHERE t.debit_kind = 'SUSPENSE' AND t.debit_subject = r.number), 0),
        (SELECT count(*) FROM payments_claimpayment c WHERE c.remittance_id = r.id AND c.state = 'held'
           AND c.worklist = '')
      FROM payments_remittance r WHERE r.state IN ('posted', 'partial')"""
    for number, held, suspense, unlisted in rows(cursor, query):
        problem = "" if held == suspense else f"held {held}, in suspense {suspense}"
        yield f"remittance {number}", problem or (f"{unlisted} held claims are on no worklist" if unlisted else "")


def reversals_have_one_counterpart(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = f"""
      SELECT r.number, v.segment, v.state, v.paid, v.charge, count(o.id), sum(o.paid), sum(o.charge),
        bool_and(o.status <> '{REVERSAL}' AND o.state <> 'held' AND (o.posting_order < v.posting_order)
          AND (o.control_number = v.control_number OR o.payer_claim_number = v.payer_claim_number
               OR o.encounter_id = v.encounter_id))
      FROM payments_claimpayment v JOIN payments_remittance r ON r.id = v.remittance_id
      LEFT JOIN payments_claimpayment o ON o.reversed_by_id = v.id WHERE v.status = '{REVERSAL}' GROUP BY v.id, r.number"""
    for number, segment, state, paid, charge, count, original_paid, original_charge, earlier in rows(cursor, query):
        problem = ""
        if state in IN_BOOKS and count != 1:
            problem = f"a posted reversal with {count} originals"
        elif state in IN_BOOKS and (original_paid != -paid or original_charge != -charge):
            problem = "its amounts are not the opposite of its original's"
        elif state in IN_BOOKS and not earlier:
            problem = "what it takes back is no earlier payment of the same claim"
        elif count and state not in IN_BOOKS:
            problem = "held, yet it took its original back"
        yield f"remittance {number} CLP{segment}", problem


def deposits_have_a_payment_or_are_listed(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT d.key, d.state, d.remittance_id IS NOT NULL, w.state, w.worklist,
                 EXISTS (SELECT 1 FROM bank_bankmatchpart p JOIN bank_bankmatch m ON m.id = p.match_id
                   WHERE p.deposit_id = d.id AND m.kind <> 'UNDONE'
                     AND NOT EXISTS (SELECT 1 FROM bank_bankmatch u WHERE u.undoes_id = m.id))
               FROM payments_deposit d LEFT JOIN core_workitem w ON w.key = 'deposit:' || d.id::text"""
    for key, state, tied, item, worklist, at_bank in rows(cursor, query):
        problem = ""
        if state == "ANNOUNCED" and at_bank:
            problem = ""
        elif (state == "MATCHED") != tied:
            problem = f"it is {state} {'with' if tied else 'without'} a payment"
        elif not tied and state != "CLOSED" and (item in (None, "done") or not worklist):
            problem = "no payment explains it, and no worklist shows it"
        yield f"deposit {key}", problem


def money_on_its_way(cursor: Cursor) -> Iterator[Listed]:
    """Posted payments whose deposit has not come, and deposits whose payment has not, with their age in days."""
    query = f"""
      SELECT 'ERA without EFT', r.number, r.amount, {TODAY} - coalesce(r.payment_date, r.received_on)
        FROM payments_remittance r JOIN core_tenant t ON t.id = r.tenant_id
        WHERE r.state IN ('posted', 'partial') AND r.amount <> 0
          AND NOT EXISTS (SELECT 1 FROM payments_deposit d WHERE d.remittance_id = r.id)
      UNION ALL
      SELECT 'EFT without ERA', d.key, d.amount, {TODAY} - d.effective_date
        FROM payments_deposit d JOIN core_tenant t ON t.id = d.tenant_id
        WHERE d.remittance_id IS NULL AND d.state NOT IN ('CLOSED', 'ANNOUNCED') ORDER BY 4 DESC, 2"""
    for what, subject, amount, age in rows(cursor, query):
        yield Listed(what, subject, amount, age)


def checks() -> tuple[Check, ...]:
    """Made anew for each audit: they share one reading of the raw files."""
    raw = PaymentChecks()
    return (
        Check("I3", "Each payment's transfers sum to its raw BPR02", raw.sum_to_their_raw_amount, money_on_its_way),
        Check("I3", "Each CLP and PLB moved what the file says", raw.move_what_each_place_says),
        Check("I3", "Each deposit has its payment or is listed", deposits_have_a_payment_or_are_listed),
        Check("I4", "Each ST posted whole or not at all", raw.post_whole_or_not_at_all),
        Check("I4", "What is held stands in Suspense, and nothing else", held_money_stands_in_suspense),
        Check("I5", "Each payment identity is posted once", raw.have_one_identity),
        Check("I6", "Each claim payment is counted once", raw.count_each_claim_payment_once),
        Check("I6", "Each reversal took back exactly one original", reversals_have_one_counterpart),
        Check("I7", "Balances carried forward are conserved", raw.carry_balances_forward),
        Check("I13", "Figures kept of each CLP are those received", raw.keep_what_was_received),
    )
