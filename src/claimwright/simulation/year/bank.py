"""The office's bank: what payers and patients pay comes a day or more later, split, merged, late, short of a fee, back.

It knows the payers' money from the 835s as they leave the clearinghouse, whether the office receives them or not, and
the patients' from the slips the office hands in. Its statements are files of one of three formats.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claimwright.codes.dates import next_business_day
from claimwright.codes.money import money
from claimwright.simulation.biller import share
from claimwright.x12 import read

CENT = Decimal("0.01")
CARD_FEE_SHARE, CARD_FEE_FLAT = Decimal("0.026"), Decimal("0.10")
MONTHLY_FEE = Decimal("18.50")
DAYS = {"ACH": 1, "CHK": 4}
# What befalls a payer's payment on its way: (manner, share).
MANNERS = (
    ("split", Decimal("0.03")), ("late", Decimal("0.03")), ("no_payer", Decimal("0.015")), ("slip", Decimal("0.01")),
    ("reversed", Decimal("0.008")),
)  # fmt: skip
MERGED_SHARE = Decimal("0.25")  # of the days on which a payer pays twice
LATE_DAYS, BACK_DAYS, AGAIN_DAYS, BOUNCE_DAYS = 9, 3, 7, 6
OPENING_BALANCE = Decimal("50000.00")


class Paid(msgspec.Struct, frozen=True):
    """One payment as its 835 says it."""

    trace: str
    payer_id: str
    payer: str
    amount: Decimal
    method: str
    on: date


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a statement to be. `kind`: ach, check, card, deposit, fee, returned."""

    kind: str
    amount: Decimal
    text: str
    reference: str
    trace: str = ""
    payer_id: str = ""
    payer: str = ""
    check: str = ""
    batch: str = ""  # of the slip or the card settlement
    gross: Decimal | None = None
    fee: Decimal | None = None


class Bank:
    """Lines by the day they will stand on a statement."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.lines: dict[date, list[Row]] = defaultdict(list)
        self.seen: set[tuple[str, str]] = set()
        self.serial = 0
        self.balance = OPENING_BALANCE

    def hear_of(self, content: bytes) -> None:
        """An 835 was released: its payments are on their way. A copy of one moves nothing."""
        fresh = [paid for paid in payments_of(content) if (paid.payer_id, paid.trace) not in self.seen]
        self.seen |= {(paid.payer_id, paid.trace) for paid in fresh}
        paying = [paid for paid in fresh if paid.amount > 0]
        if len(paying) > 1 and share(self.seed, "merged", paying[0].trace) < MERGED_SHARE and paying[0].method == "ACH":
            self._merge(paying)
            return
        for paid in paying:
            self._send(paid)

    def slip(self, *, kind: str, amount: Decimal, on: date, number: str) -> None:
        """The office's own money: a day's cards with the processor's fee kept, or a check or cash brought."""
        day = next_business_day(on + timedelta(days=1))
        if kind == "card":
            fee = min(money(amount * CARD_FEE_SHARE) + CARD_FEE_FLAT, amount - CENT)
            said = f"MERCHANT SETTLEMENT BATCH: {number} GROSS: {amount} FEE: {fee}"
            row = self._row("card", amount - fee, said, gross=amount, fee=fee, batch=number)
        else:
            row = self._row("deposit", amount, f"DEPOSIT BATCH: {number}", batch=number)
        self.lines[day].append(row)

    def transfer(self, *, who: str, amount: Decimal, on: date) -> None:
        """Money from somebody who is no payer: his name, and no trace number."""
        day = next_business_day(on + timedelta(days=2))
        self.lines[day].append(self._row("ach", amount, f"ORIG CO NAME:{who} CO ENTRY DESCR:COLLECTION", payer=who))

    def bounce(self, *, amount: Decimal, on: date) -> None:
        """A patient's check comes back, days after it was deposited."""
        self.lines[next_business_day(on + timedelta(days=BOUNCE_DAYS))].append(
            self._row("returned", -amount, "RETURNED ITEM INSUFFICIENT FUNDS")
        )

    def charge_month(self, day: date) -> None:
        self.lines[day].append(self._row("fee", -MONTHLY_FEE, "ACCOUNT ANALYSIS FEE"))

    def take(self, day: date) -> list[Row]:
        """The lines of all days up to `day` that were on no statement yet."""
        due = sorted(on for on in self.lines if on <= day)
        return [row for on in due for row in self.lines.pop(on)]

    def _merge(self, paying: list[Paid]) -> None:
        total = sum((paid.amount for paid in paying), Decimal("0.00"))
        text = " ".join(f"TRN*1*{paid.trace}*{paid.payer_id}\\" for paid in paying)
        row = self._row("ach", total, f"ORIG CO NAME:{paying[0].payer} {text}", payer=paying[0].payer)
        self.lines[self._day(paying[0])].append(row)

    def _send(self, paid: Paid) -> None:
        at, manner = share(self.seed, "bank", paid.payer_id, paid.trace), "exact"
        for name, part in MANNERS:
            if at < part:
                manner = name
                break
            at -= part
        day = self._day(paid)
        if paid.method == "CHK":
            text = f"CHECK: {paid.trace} PAYER: {paid.payer}"
            late = LATE_DAYS if manner == "late" else 0
            row = self._row("check", paid.amount, text, check=paid.trace, payer=paid.payer)
            self.lines[next_business_day(day + timedelta(days=late))].append(row)
        elif manner == "split" and paid.amount > 1:
            first = money(paid.amount / 3)
            self.lines[day] += [self._eft(paid, first), self._eft(paid, paid.amount - first)]
        elif manner == "late":
            self.lines[next_business_day(day + timedelta(days=LATE_DAYS))].append(self._eft(paid, paid.amount))
        elif manner == "no_payer":
            self.lines[day].append(self._eft(msgspec.structs.replace(paid, payer_id=""), paid.amount))
        elif manner == "slip":
            wrong = paid.trace[:-2] + ("97" if not paid.trace.endswith("97") else "98")
            self.lines[day].append(self._eft(msgspec.structs.replace(paid, trace=f"X{wrong}"), paid.amount))
        elif manner == "reversed":
            self.lines[day].append(self._eft(paid, paid.amount))
            self.lines[next_business_day(day + timedelta(days=BACK_DAYS))].append(self._eft(paid, -paid.amount))
            self.lines[next_business_day(day + timedelta(days=AGAIN_DAYS))].append(self._eft(paid, paid.amount))
        else:
            self.lines[day].append(self._eft(paid, paid.amount))

    def _day(self, paid: Paid) -> date:
        return next_business_day(paid.on + timedelta(days=DAYS.get(paid.method, 1)))

    def _eft(self, paid: Paid, amount: Decimal) -> Row:
        tail = f"*{paid.payer_id}" if paid.payer_id else ""
        text = f"ORIG CO NAME:{paid.payer} CO ENTRY DESCR:HCCLAIMPMT TRN*1*{paid.trace}{tail}\\"
        return self._row("ach", amount, text, trace=paid.trace, payer_id=paid.payer_id, payer=paid.payer)

    def _row(self, kind: str, amount: Decimal, text: str, **more: str | Decimal) -> Row:
        self.serial += 1
        return msgspec.convert(
            {"kind": kind, "amount": amount, "text": text, "reference": f"B{self.serial:08d}"} | more, Row
        )


def payments_of(content: bytes) -> list[Paid]:
    """Trace, payer, amount, method and day of each ST of an 835 file, from its BPR, TRN and N1*PR."""
    found = []
    for transaction in read(content).transactions():
        if transaction.set_id.strip() != "835":
            continue
        bpr = next(segment for segment in transaction.segments if segment.id == "BPR")
        trn = next(segment for segment in transaction.segments if segment.id == "TRN")
        payer = next((s[2] for s in transaction.segments if s.id == "N1" and s[1] == "PR"), "")
        text = bpr[16]
        on = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        found.append(Paid(trn[2].strip(), trn[3].strip(), payer, Decimal(bpr[2]), bpr[4].strip(), on))
    return found
