"""Open lines and open money as the pure room's nouns, and the figures of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from claimwright.billing.bank_files import BankLine as LineNoun
from claimwright.billing.bank_files import Trace
from claimwright.billing.bank_matching import Expected, ExpectedKind, Money, Settled
from claimwright.billing.bank_reconciliation import LineFigure, LineState, Movement, RollForward, roll_forward
from claimwright.billing.bank_suggestions import Suggester
from claimwright.web.bank.groups import grouped
from claimwright.web.bank.marks import STANDS
from claimwright.web.bank.models import BankAccount, BankLine, BankMatch, BankMatchLine, BankMatchPart
from claimwright.web.payments.models import Deposit, PatientReceipt, Refund, Remittance
from claimwright.web.practice.models import Payer

METHODS = {"card": "CARD", "check": "CHK", "cash": "CASH"}
AWAITING = "AWAITING_FUNDS"  # what has an index: the remittances of years are matched
OWN_KEY = "bank:"  # deposits that a matched line made begin their key so


def standing_matches() -> QuerySet[BankMatch]:
    """Matches that hold: not undone, and not the act of undoing."""
    return BankMatch.objects.filter(~Exists(BankMatch.objects.filter(undoes=OuterRef("pk")))).exclude(kind="UNDONE")


def open_lines(account: BankAccount | None = None) -> QuerySet[BankLine]:
    """Lines that no standing match holds, oldest first."""
    lines = BankLine.objects.filter(open__isnull=False).order_by("posted_on", "pk")
    return lines.filter(account=account) if account else lines


def as_money(row: BankLine) -> Money:
    noun = msgspec.convert(row.content, LineNoun)
    return Money(
        line_id=str(row.pk), amount=row.amount, posted_on=row.posted_on, kind=noun.kind, traces=noun.traces,
        check_number=noun.check_number, batch_number=noun.batch_number, payer_name=noun.payer_name, items=noun.items,
        gross=noun.gross, fee=noun.fee,
    )  # fmt: skip


def _held(field: str) -> Exists:
    return Exists(BankMatchPart.objects.filter(STANDS, **{field: OuterRef("pk")}))


def open_money(account: BankAccount | None = None) -> list[Expected]:
    """What should come to, or leave, the account, as the bank will show it: a deposit slip stands for its receipts."""
    found = grouped(open_single_money())
    return found if account is None else money_of(account, found)


def money_of(account: BankAccount, money: Iterable[Expected]) -> list[Expected]:
    """Of open money what may come to this account: that of its practice, and what is of none."""
    mine = ("", str(account.practice_id))
    return [one for one in money if account.practice_id is None or one.practice_id in mine]


def open_single_money() -> list[Expected]:
    """What should come to, or leave, the bank and is in no standing match: posted remittances without a deposit,
    announced deposits, patients' payments, issued refunds."""
    names = _payer_names()
    remittances = Remittance.objects.filter(
        state__in=["posted", "partial"], deposit__isnull=True, amount__gt=0, bank_state=AWAITING
    ).defer("content")  # fmt: skip
    found = [_of_remittance(row, names) for row in remittances]
    notices = Deposit.objects.filter(~_held("deposit")).exclude(state="CLOSED").exclude(key__startswith=OWN_KEY)
    found += [_of_deposit(row, names) for row in notices.select_related("remittance").defer("remittance__content")]
    found += [_of_receipt(row) for row in PatientReceipt.objects.filter(state="posted", is_at_bank=False)]
    return found + [_of_refund(row) for row in Refund.objects.filter(~_held("refund"), state="ISSUED")]


def _payer_names() -> dict[object, tuple[str, ...]]:
    """A payer's name and those of its aliases that are names; by its row and by each id it goes by."""
    names: dict[object, tuple[str, ...]] = {}
    for payer in Payer.objects.all():
        known = (payer.name, *(alias for alias in payer.aliases if not alias.isdigit()))
        for key in (payer.pk, *payer.aliases):
            names[key] = known
    return names


def _of_remittance(row: Remittance, names: dict[object, tuple[str, ...]]) -> Expected:
    return Expected(
        expected_id=f"remittance:{row.pk}", kind=ExpectedKind.REMITTANCE, amount=row.amount,
        paid_on=row.payment_date or row.received_on, method=row.method,
        trace=Trace(number=row.trace_number, payer_id=row.trace_payer_id),
        check_number=row.trace_number if row.method == "CHK" else "",
        payer_names=names.get(row.payer_id) or names.get(row.trace_payer_id, ()),
        practice_id=str(row.practice_id or ""),
    )  # fmt: skip


def _of_deposit(row: Deposit, names: dict[object, tuple[str, ...]]) -> Expected:
    is_check = row.kind == "CHECK"
    payer = row.remittance.payer_id if row.remittance else None
    return Expected(
        expected_id=f"deposit:{row.pk}", kind=ExpectedKind.DEPOSIT, amount=row.amount, paid_on=row.effective_date,
        method="CHK" if is_check else "ACH", check_number=row.trace_number if is_check else "",
        trace=Trace(number=row.trace_number, payer_id=row.trace_payer_id),
        payer_names=(row.trace_payer_id,) if row.state == "ANNOUNCED" else names.get(payer) or names.get(row.trace_payer_id, ()),
        practice_id=str(row.practice_id or ""),
    )  # fmt: skip


def _of_receipt(row: PatientReceipt) -> Expected:
    return Expected(
        expected_id=f"receipt:{row.pk}", kind=ExpectedKind.RECEIPT, amount=row.amount, paid_on=row.received_on,
        method=METHODS.get(row.method, row.method.upper()),
        check_number=row.reference if row.method == "check" else "",
        batch_number=row.reference if row.method == "card" else "", practice_id=str(row.practice_id or ""),
    )  # fmt: skip


def _of_refund(row: Refund) -> Expected:
    return Expected(
        expected_id=f"refund:{row.pk}", kind=ExpectedKind.REFUND, amount=-row.amount,
        paid_on=row.issued_on or row.identified_on, method=row.method or "CHK",
        check_number=row.reference if row.method == "CHK" else "", practice_id=str(row.practice_id or ""),
    )  # fmt: skip


def settled_traces() -> list[Settled]:
    """Lines of standing matches that carried a trace, without their money: all that a proof asks of the past."""
    rows = BankMatchLine.objects.filter(match__in=standing_matches(), line__content__traces__0__isnull=False)
    rows = rows.exclude(match__kind__in=["EXPLAINED", "REVERSAL"])
    traces = KeyTransform("traces", "line__content")
    return [
        Settled(
            line_id=str(line_id), match_id=str(match_id), amount=amount, posted_on=posted_on,
            traces=msgspec.convert(found, tuple[Trace, ...]),
        )
        for line_id, match_id, amount, posted_on, found in rows.values_list(
            "line_id", "match_id", "amount", "line__posted_on", traces
        )
    ]  # fmt: skip


def settled_lines(taken_back: Collection[Decimal]) -> list[Settled]:
    """Lines of standing matches that one of these amounts may take back, with the receipts they were: what a person is
    offered for reversals and returned items. A line or a receipt is taken back whole, so no other can be meant."""
    if not taken_back:
        return []
    parts: dict[object, list[Expected]] = defaultdict(list)
    receipts = BankMatchPart.objects.filter(
        match__in=standing_matches(), receipt__isnull=False, receipt__amount__in=taken_back, amount__gt=0
    ).select_related("receipt")  # fmt: skip
    found = list(receipts)
    returned = set(
        BankMatchPart.objects.filter(
            match__in=standing_matches(), amount__lt=0, receipt__in=[one.receipt_id for one in found]
        ).values_list("receipt_id", flat=True)
    )
    for part in found:
        if part.receipt_id not in returned:
            parts[part.match_id].append(_of_receipt(part.receipt))
    rows = BankMatchLine.objects.filter(
        Q(amount__in=taken_back) | Q(match__in=list(parts)), match__in=standing_matches()
    ).exclude(match__kind__in=["EXPLAINED", "REVERSAL"])
    return [
        Settled(
            line_id=str(row.line_id), match_id=str(row.match_id), amount=row.amount, posted_on=row.line.posted_on,
            traces=msgspec.convert(row.line.content, LineNoun).traces, expected=tuple(parts[row.match_id]),
        )
        for row in rows.select_related("line")
    ]  # fmt: skip


def taken_back(lines: Iterable[BankLine]) -> set[Decimal]:
    """The amounts that these lines may take back."""
    return {-line.amount for line in lines if line.amount < 0}


def suggester(account: BankAccount | None = None, money: Sequence[Expected] | None = None) -> Suggester:
    """For the open lines of an account. `money` is all open money where the caller has it already."""
    rows = list(open_lines(account))
    expected = money_of(account, money) if account and money is not None else open_money(account)
    return Suggester([as_money(row) for row in rows], expected, settled_lines(taken_back(rows)))


def reconcile_period(*, start: date, end: date) -> RollForward:
    """The bank's lines and the books of all accounts for the days from `start` up to and without `end`."""
    return roll_forward(
        start=start, end=end, received=_received(end), cleared=_cleared(end), lines=_figures(start, end)
    )


def _received(end: date) -> list[Movement]:
    """Money that the books say came: posted remittances, patients' payments, announced deposits; and what went back."""
    remittances = Remittance.objects.filter(state__in=["posted", "partial"], amount__gt=0, received_on__lt=end)
    receipts = PatientReceipt.objects.filter(received_on__lt=end).exclude(state="returned", is_at_bank=False)
    # A notice whose amount differs from its remittance is that remittance's money: counted there.
    notices = Deposit.objects.filter(
        effective_date__lt=end, remittance__isnull=True, state__in=["UNMATCHED_EFT", "ANNOUNCED"]
    )
    went = BankMatchPart.objects.filter(match__in=standing_matches(), amount__lt=0)
    rows = [
        *remittances.values_list("received_on", "amount"), *receipts.values_list("received_on", "amount"),
        *notices.values_list("effective_date", "amount"), *went.values_list("match__effective_on", "amount"),
    ]  # fmt: skip
    return [Movement(on=on, amount=amount) for on, amount in rows]


def _cleared(end: date) -> list[Movement]:
    """The money of each standing match on its bank day. Of several lines each clears its own amount, the last one
    what is left of the money: so the sum is the money's, not the lines', and a match that does not sum shows."""
    money: dict[object, Decimal] = defaultdict(Decimal)
    for match_id, amount in BankMatchPart.objects.filter(match__in=standing_matches()).values_list("match", "amount"):
        money[match_id] += amount
    lines: dict[object, list[tuple[date, Decimal]]] = defaultdict(list)
    tied = BankMatchLine.objects.filter(match__in=standing_matches()).exclude(match__kind="EXPLAINED")
    for match_id, on, amount in tied.order_by("line__posted_on").values_list("match", "line__posted_on", "amount"):
        lines[match_id].append((on, amount))
    found = []
    for match_id, several in lines.items():
        found += [Movement(on=on, amount=amount) for on, amount in several[:-1]]
        others = sum((amount for _, amount in several[:-1]), Decimal("0.00"))
        found.append(Movement(on=several[-1][0], amount=money[match_id] - others))
    return [one for one in found if one.on < end]


def _figures(start: date, end: date) -> list[LineFigure]:
    held: dict[object, BankMatch] = {}
    last: dict[object, object] = {}
    tied = BankMatchLine.objects.filter(match__in=standing_matches()).select_related("match")
    for row in tied.order_by("line__posted_on", "line_id"):
        held[row.line_id] = row.match
        last[row.match_id] = row.line_id  # a match's fee counts once, with its last line
    figures = []
    for line in BankLine.objects.filter(posted_on__gte=start, posted_on__lt=end).only("posted_on", "amount"):
        match = held.get(line.pk)
        state = LineState.OPEN if match is None else _state(match)
        fee = match.fee if match is not None and last[match.pk] == line.pk else Decimal("0.00")
        figures.append(LineFigure(posted_on=line.posted_on, amount=line.amount, state=state, fee=fee))
    return figures


def _state(match: BankMatch) -> LineState:
    return LineState.EXPLAINED if match.kind == "EXPLAINED" else LineState.MATCHED
