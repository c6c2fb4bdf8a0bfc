"""The bank desk: the day's statement in, what no proof matched accepted or explained, returned checks given back."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal

from claimwright.simulation.year.bank_files import FORMATS
from claimwright.simulation.year.setting_up import BANK_ACCOUNT
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.bank import selectors
from claimwright.web.bank.models import BankAccount, BankLine
from claimwright.web.bank.services import BankRefused, accept_match, explain_line, import_bank_file
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.payments.models import PatientReceipt

BOUNCED_SHARE = Decimal("0.03")
SLIP = re.compile(r"BATCH: (\S+)")
CHECKS = "CH"  # ends the number of a slip of mailed checks, after its day


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    rows = place.bank.take(day)
    with tenant_scope(place.tenant), acting_as("bank desk"):
        account = BankAccount.objects.get(name=BANK_ACCOUNT)
        if rows:
            ending, write = FORMATS[place.office.bank_format]
            content = write(day, rows, place.bank.balance, f"000{place.office.seed}")
            done = import_bank_file(name=f"statement-{day}.{ending}", content=content, account=account)
            if done.faults:
                raise ValueError(f"the bank's file of {day} was refused: {done.faults[0]}")
            place.bank.balance += sum((row.amount for row in rows), Decimal("0.00"))
            counts["bank lines"], counts["matched by proof"] = done.new_lines, done.matched
        counts += _by_hand(account)
        _hand_in(place, day)
    return counts


def _by_hand(account: BankAccount) -> Counter[str]:
    """A person accepts what agrees to the cent, and says what is no money of claims."""
    counts: Counter[str] = Counter()
    lines = list(selectors.open_lines(account).order_by("posted_on", "place"))
    if not lines:
        return counts
    left = []
    for line in lines:
        if line.kind == "FEE":
            explain_line(line=line, category="bank_fee")
            counts["explained"] += 1
        elif _by_slip(line):
            counts["by the slip"] += 1
        else:
            left.append(line)
    suggester = selectors.suggester(account)
    used: set[str] = set()
    for line in left:
        for best in suggester.for_line(selectors.as_money(line)):
            if best.difference or used & {*best.expected_ids, *best.line_ids, best.undoes or "-"}:
                continue
            try:
                accept_match(
                    line_ids=best.line_ids, expected_ids=best.expected_ids, fee=best.fee, undoes=best.undoes,
                    score=best.score, reasons=best.reasons,
                )  # fmt: skip
            except BankRefused:
                continue
            used |= {*best.expected_ids, *best.line_ids, best.undoes or "-"}
            counts["accepted"] += 1
            break
    return counts


def _by_slip(line: BankLine) -> bool:
    """The office has its copy of the slip and the terminal's report: they say which receipts went with that number."""
    named = SLIP.search(line.description)
    if named is None or line.amount <= 0:
        return False
    number = named[1]
    rows = PatientReceipt.objects.filter(method="card", reference=number)
    if number.endswith(CHECKS):
        day = date.fromisoformat(f"20{number.removesuffix(CHECKS)}")
        rows = PatientReceipt.objects.filter(method="check", received_on=day, counter__isnull=True)
    receipts = list(rows.filter(state="posted").order_by("amount", "key"))
    total = sum((row.amount for row in receipts), Decimal("0.00"))
    if not receipts or total < line.amount:
        return False
    try:
        accept_match(
            line_ids=[str(line.pk)], expected_ids=[f"receipt:{row.pk}" for row in receipts], fee=total - line.amount,
            reasons=[f"the office's copy of {number}"],
        )  # fmt: skip
    except BankRefused:
        return False
    return True


def _hand_in(place: Workplace, day: date) -> None:
    """The day's patient money goes to the bank: cards settle together less a fee, mailed checks are brought; some bounce.

    What came over the counter goes on the cashier's own slip.
    """
    receipts = PatientReceipt.objects.filter(received_on=day, state="posted").exclude(
        counter__isnull=False, method__in=["cash", "check"]
    )
    totals: dict[tuple[str, str], Decimal] = {}
    for number, receipt in enumerate(receipts.order_by("method", "amount", "key")):
        batch = (receipt.method, receipt.reference if receipt.method == "card" else "")
        totals[batch] = totals.get(batch, Decimal("0.00")) + receipt.amount
        if receipt.method == "check" and place.chance("bounces", day, number) < BOUNCED_SHARE:
            place.bank.bounce(amount=receipt.amount, on=day)
    for (method, reference), total in totals.items():
        place.bank.slip(kind=method, amount=total, on=day, number=reference or f"{day:%y%m%d}{method[:2].upper()}")
