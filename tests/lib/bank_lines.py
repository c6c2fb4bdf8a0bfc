"""Bank lines with every manner that banks and payers have, as BAI2 files, with the truth beside them: seeded.

Each day is one file. `truth` says for a line's bank reference which expected payments it is the money of; a line that
is in no entry is the money of nothing that is expected, and any automatic match of it is wrong.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claimwright.billing.bank_files import Trace
from claimwright.billing.bank_matching import Expected, ExpectedKind

START = date(2026, 1, 5)
PAYERS = tuple((f"1{999000000 + n}", f"PLAN {name} HEALTH") for n, name in enumerate(
    ("ALDER", "BIRCH", "CEDAR", "DOGWOOD", "ELM", "FIR", "GINKGO", "HAZEL", "IVY", "JUNIPER", "LARCH", "MAPLE")))  # fmt: skip
# Few amounts, so that equal ones are everywhere: an amount alone must never decide.
AMOUNTS = tuple(Decimal(n) / 100 for n in (8500, 10000, 11250, 12500, 15000, 21043, 30000, 45075, 90000, 120099))

MANNERS = {
    "exact": 44, "check": 10, "split_traced": 5, "split_untraced": 3, "merged": 3, "card_fee_stated": 3, "card_fee": 2,
    "delayed": 4, "very_late": 1, "reversed": 2, "slipped_trace": 2, "other_trace": 1, "cut_trace": 1, "no_payer_id": 2,
    "check_for_eft": 2, "eft_for_check": 2, "lockbox": 2, "lockbox_total": 1, "chargeback": 1, "returned_check": 1,
    "doubled": 1, "missing_era": 2, "missing_eft": 1, "same_check_two_payers": 1, "check_without_payer": 1,
    "recycled_check": 1, "short": 1, "bank_fee": 1, "nothing_of_ours": 1, "shared_number": 1,
}  # fmt: skip
CLEAN = {"exact", "check", "split_traced", "merged", "card_fee_stated", "delayed", "eft_for_check", "lockbox"}


class Row(msgspec.Struct, kw_only=True):
    """One line to be: BAI2 type, signed amount, text, and for a lockbox its items."""

    code: str
    amount: Decimal
    text: str
    reference: str
    items: tuple[tuple[str, Decimal, str], ...] = ()


class Feed:
    """`days(count)` yields (day, new expected payments, rows) until about `count` lines were made."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.truth: dict[str, frozenset[str]] = {}
        self.reversals: dict[str, str] = {}  # reference of the line that takes back: of the line taken back
        self.manner: dict[str, str] = {}
        self.made: Counter[str] = Counter()
        self.later: dict[date, list[Row]] = {}
        self.serial = 0

    def days(self, count: int, per_day: int = 400) -> Iterator[tuple[date, list[Expected], list[Row]]]:
        day, made = START, 0
        while made < count or self.later:
            expected: list[Expected] = []
            rows = self.later.pop(day, [])
            while made + len(rows) < count and len(rows) < per_day:
                manner = self.random.choices(list(MANNERS), list(MANNERS.values()))[0]
                self.made[manner] += 1
                fresh = getattr(self, f"_{manner}")(day, expected)
                for row in fresh:
                    self.manner[row.reference] = manner
                rows += fresh
            self.random.shuffle(rows)
            made += len(rows)
            yield day, expected, rows
            day += timedelta(days=1)

    # Parts ---------------------------------------------------------------------------------------------------------

    def _number(self) -> int:
        self.serial += 1
        return self.serial

    def _expect(self, day: date, into: list[Expected], *, method: str = "ACH", payer: int | None = None,
                amount: Decimal | None = None, number: str = "", on: date | None = None) -> Expected:  # fmt: skip
        payer_id, name = PAYERS[self.random.randrange(len(PAYERS)) if payer is None else payer]
        serial = self._number()
        number = number or (f"{40000 + serial}" if method == "CHK" else f"EFT{serial:09d}")
        made = Expected(
            expected_id=f"R{serial:07d}", kind=ExpectedKind.REMITTANCE, amount=amount or self.random.choice(AMOUNTS),
            paid_on=on or day - timedelta(days=self.random.randrange(4)), method=method,
            trace=Trace(number=number, payer_id=payer_id), check_number=number if method == "CHK" else "",
            payer_names=(name,),
        )  # fmt: skip
        into.append(made)
        return made

    def _row(self, code: str, amount: Decimal, text: str, of: list[Expected] | None = None, **more: object) -> Row:
        row = Row(code=code, amount=amount, text=text, reference=f"B{self._number():09d}", **more)
        if of:
            self.truth[row.reference] = frozenset(one.expected_id for one in of)
        return row

    def _eft(self, money: Expected, *, amount: Decimal | None = None, trace: str | None = None, payer: str | None = None,
             of: bool = True) -> Row:  # fmt: skip
        number = money.trace.number if trace is None else trace
        payer_id = money.trace.payer_id if payer is None else payer
        tail = f"*{payer_id}" if payer_id else ""
        text = f"ORIG CO NAME:{money.payer_names[0]} CO ENTRY DESCR:HCCLAIMPMT TRN*1*{number}{tail}\\"
        return self._row("142", money.amount if amount is None else amount, text, [money] if of else None)

    def _check_row(self, money: Expected, *, payer: bool = True, number: str = "", of: bool = True) -> Row:
        name = f" PAYER: {money.payer_names[0]}" if payer else ""
        return self._row("174", money.amount, f"CHECK: {number or money.trace.number}{name}", [money] if of else None)

    def _later(self, day: date, row: Row, least: int, most: int) -> None:
        self.manner.setdefault(row.reference, "later")
        self.later.setdefault(day + timedelta(days=self.random.randint(least, most)), []).append(row)

    # Manners -------------------------------------------------------------------------------------------------------

    def _exact(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._eft(self._expect(day, into))]

    def _check(self, day: date, into: list[Expected]) -> list[Row]:
        money = self._expect(day, into, method="CHK")
        return [self._check_row(money, number=self.random.choice(("", f"000{money.trace.number}")))]

    def _split_traced(self, day: date, into: list[Expected]) -> list[Row]:
        payer = self.random.randrange(len(PAYERS))
        parts = [self._expect(day, into, payer=payer) for _ in range(self.random.randint(2, 4))]
        text = " ".join(f"TRN*1*{one.trace.number}*{one.trace.payer_id}\\" for one in parts)
        return [self._row("142", sum(one.amount for one in parts), f"{text} HCCLAIMPMT", parts)]

    def _split_untraced(self, day: date, into: list[Expected]) -> list[Row]:
        payer = self.random.randrange(len(PAYERS))
        parts = [self._expect(day, into, payer=payer) for _ in range(2)]
        return [self._row("142", sum(one.amount for one in parts), f"ORIG CO NAME:{PAYERS[payer][1]} ORIG ID:1", parts)]

    def _merged(self, day: date, into: list[Expected]) -> list[Row]:
        money = self._expect(day, into)
        first = (money.amount * self.random.randint(10, 90) / 100).quantize(Decimal("0.01"))
        return [self._eft(money, amount=first), self._eft(money, amount=money.amount - first)]

    def _card_batch(self, day: date, into: list[Expected], *, stated: bool) -> list[Row]:
        batch = f"SET{self._number():08d}"
        parts = [
            msgspec.structs.replace(
                self._expect(day, [], method="CARD", on=day), kind=ExpectedKind.RECEIPT, trace=Trace(number=""),
                batch_number=batch if stated else "",
            )
            for _ in range(self.random.randint(1, 5))
        ]  # fmt: skip
        into.extend(parts)
        gross = sum(one.amount for one in parts)
        fee = (gross * Decimal("0.029")).quantize(Decimal("0.01"))
        said = f"BATCH: {batch} GROSS: {gross} FEE: {fee} MERCHANT SETTLEMENT" if stated else "MERCHANT SETTLEMENT"
        return [self._row("169", gross - fee, said, parts)]

    def _card_fee_stated(self, day: date, into: list[Expected]) -> list[Row]:
        return self._card_batch(day, into, stated=True)

    def _card_fee(self, day: date, into: list[Expected]) -> list[Row]:
        return self._card_batch(day, into, stated=False)

    def _delayed(self, day: date, into: list[Expected]) -> list[Row]:
        self._later(day, self._named("delayed", self._eft(self._expect(day, into))), 6, 60)
        return []

    def _named(self, manner: str, row: Row) -> Row:
        self.manner[row.reference] = manner
        return row

    def _very_late(self, day: date, into: list[Expected]) -> list[Row]:
        self._later(day, self._eft(self._expect(day, into)), 95, 120)
        return []

    def _reversed(self, day: date, into: list[Expected]) -> list[Row]:
        money = self._expect(day, into)
        came = self._eft(money)
        back = msgspec.structs.replace(self._eft(money, of=False), amount=-money.amount, code="451")
        self.reversals[back.reference] = came.reference
        self._later(day, back, 1, 8)
        return [came]

    def _slipped_trace(self, day: date, into: list[Expected]) -> list[Row]:
        money = self._expect(day, into)
        number = money.trace.number
        # A digit that no payment of ours begins with: never by chance the number of another.
        return [self._eft(money, trace=number[:3] + "9" + number[4:])]

    def _other_trace(self, day: date, into: list[Expected]) -> list[Row]:
        payer = self.random.randrange(len(PAYERS))
        money = self._expect(day, into, payer=payer, amount=Decimal("77.10"))
        other = self._expect(day, into, payer=payer, amount=Decimal("91.30"))
        rows = [self._eft(money, trace=other.trace.number)]
        return [*rows, self._eft(other)] if self.random.random() < 0.5 else rows

    def _cut_trace(self, day: date, into: list[Expected]) -> list[Row]:
        money = self._expect(day, into)
        return [self._eft(money, trace=money.trace.number[:-2])]

    def _no_payer_id(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._eft(self._expect(day, into), payer="")]

    def _check_for_eft(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._check_row(self._expect(day, into), number=f"{900000 + self._number()}")]

    def _eft_for_check(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._eft(self._expect(day, into, method="CHK"))]

    def _lockbox(self, day: date, into: list[Expected], *, listed: bool = True) -> list[Row]:
        parts = [self._expect(day, into, method="CHK") for _ in range(self.random.randint(2, 6))]
        items = tuple((one.trace.number, one.amount, one.payer_names[0]) for one in parts) if listed else ()
        return [self._row("115", sum(one.amount for one in parts), "LOCKBOX DEPOSIT", parts, items=items)]

    def _lockbox_total(self, day: date, into: list[Expected]) -> list[Row]:
        return self._lockbox(day, into, listed=False)

    def _chargeback(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._row("469", -self.random.choice(AMOUNTS), "MERCHANT CHARGEBACK")]

    def _returned_check(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._row("555", -self.random.choice(AMOUNTS), f"CHECK: {40000 + self.random.randrange(9000)}")]

    def _doubled(self, day: date, into: list[Expected]) -> list[Row]:
        """The bank shows one payment twice, on one day or later again. Which is the true one nobody can say."""
        money = self._expect(day, into)
        first, again = self._eft(money), self._eft(money, of=False)
        if self.random.random() < 0.5:
            del self.truth[first.reference]
            return [first, again]
        self._later(day, again, 1, 9)
        return [first]

    def _missing_era(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._eft(self._expect(day, []), of=False)]

    def _missing_eft(self, day: date, into: list[Expected]) -> list[Row]:
        self._expect(day, into)
        return []

    def _same_check_two_payers(self, day: date, into: list[Expected]) -> list[Row]:
        """Two payers' checks with one number and amount; only the first payer's remittance came."""
        first = self._expect(day, into, method="CHK", payer=0, number=f"7{self._number():06d}")
        other = self._expect(day, [], method="CHK", payer=1, number=first.trace.number, amount=first.amount)
        rows = [self._check_row(other, of=False)]
        return [*rows, self._check_row(first)] if self.random.random() < 0.5 else rows

    def _check_without_payer(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._check_row(self._expect(day, into, method="CHK"), payer=False)]

    def _recycled_check(self, day: date, into: list[Expected]) -> list[Row]:
        """A check of last year whose number, payer and amount come again, without a remittance this time."""
        old = self._expect(day, into, method="CHK", on=day - timedelta(days=365))
        return [self._check_row(old, of=False)]

    def _short(self, day: date, into: list[Expected]) -> list[Row]:
        money = self._expect(day, into)
        return [self._eft(money, amount=money.amount - Decimal("10.00"))]

    def _bank_fee(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._row("698", Decimal("-12.50"), "ANALYSIS FEE")]

    def _nothing_of_ours(self, day: date, into: list[Expected]) -> list[Row]:
        return [self._row("174", self.random.choice(AMOUNTS), "DEPOSIT")]

    def _shared_number(self, day: date, into: list[Expected]) -> list[Row]:
        """Two payers number their payments alike; each is known by TRN03."""
        number = f"SHARED{self._number():06d}"
        one = self._expect(day, into, payer=2, number=number)
        other = self._expect(day, into, payer=3, number=number, amount=one.amount)
        return [self._eft(one), self._eft(other)]


def as_bai2(day: date, rows: list[Row], account: str = "000123456789") -> bytes:
    """The day's rows as a BAI2 file whose totals and balances agree."""
    opening = Decimal("50000.00")
    closing = opening + sum((row.amount for row in rows), Decimal("0.00"))
    stamp = f"{day:%y%m%d}"
    body = [f"03,{account},USD,010,{_cents(opening)},,,015,{_cents(closing)},,/"]
    control = opening + closing
    for row in rows:
        body.append(f"16,{row.code},{_cents(abs(row.amount))},Z,{row.reference},,{row.text}")
        control += abs(row.amount)
        for number, amount, payer in row.items:
            body.append(f"16,116,{_cents(amount)},Z,{row.reference}I,,CHECK: {number} PAYER: {payer}")
            control += amount
    total = _cents(control)
    account_records = len(body) + 1
    lines = [
        f"01,BANKROUTE,OFFICE,{stamp},0600,1,80,,2/", f"02,OFFICE,BANKROUTE,1,{stamp},,USD,2/", *body,
        f"49,{total},{account_records}/", f"98,{total},1,{account_records + 2}/", f"99,{total},1,{account_records + 4}/",
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


def _cents(amount: Decimal) -> str:
    return str(int(amount * 100))
