"""The counter: payments with numbered receipts, the cash drawer counted by two, deposit slips of checks and cash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from claimwright.billing import cash_drawer
from claimwright.billing import patient as patient_rules
from claimwright.billing.cash_drawer import Count, DrawerRefused, SlipItem
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO
from claimwright.codes.money import money
from claimwright.web.accounts.services import post_transfers
from claimwright.web.bank.services import lock_matching
from claimwright.web.cashier import models, selectors
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.payments.credits import list_patient_credits, lock_visits
from claimwright.web.payments.models import PatientReceipt, Remittance
from claimwright.web.payments.services import patient_lines, receipt_of, receive_patient_payment
from claimwright.web.practice.models import Practice

METHODS = ("cash", "check")
State = models.CashDrawer.State


def take_payment(
    *, patient: Patient, practice: Practice, amount: Decimal, method: str, key: str, check_number: str = "",
    designated: Sequence[str] = (), received_on: date | None = None,
) -> models.CounterReceipt:  # fmt: skip
    """Cash or a check over the counter, with its receipt number. The same `key` again gives the first receipt.

    `designated` are line ids in the order the patient wants them paid; then the oldest service. Cash goes through the
    practice's open drawer. Raises RefusedPayment: no open drawer, checks blocked, an amount that is none, a key that
    was another payment's.
    """
    seen = receipt_of(key=key, patient=patient, amount=amount, method=method)
    if seen is not None:
        return number_receipt(receipt=seen)
    if method not in METHODS:
        raise RefusedPayment("the counter takes cash and checks; cards are paid on the processor's page")
    if amount <= 0 or amount != money(amount):
        raise RefusedPayment("a payment is above zero and has two places")
    drawer = _drawer_for(practice) if method == "cash" else None
    if method == "check":
        _may_pay_by_check(patient, practice, check_number)
    receipt = receive_patient_payment(
        patient=patient, practice=practice, amount=amount, method=method, key=key, received_on=received_on,
        apply=not designated,
    )  # fmt: skip
    if check_number:
        receipt.reference = check_number.strip()[:60]
        receipt.save(update_fields=["reference"])
    if designated:
        use_receipt(receipt=receipt, designated=designated)
    return number_receipt(receipt=receipt, drawer=drawer)


def _drawer_for(practice: Practice) -> models.CashDrawer:
    drawer = models.CashDrawer.objects.select_for_update().filter(practice=practice).exclude(state=State.CLOSED).first()
    if drawer is None:
        raise RefusedPayment("open the cash drawer first: cash is only taken into a drawer")
    if drawer.state == State.COUNTED:
        raise RefusedPayment("the drawer is being counted: take no cash until it is closed and opened again")
    return drawer


def _may_pay_by_check(patient: Patient, practice: Practice, check_number: str) -> None:
    if not check_number.strip():
        raise RefusedPayment("type the number of the check")
    until = selectors.checks_blocked_until(patient=patient, practice=practice)
    if until is not None and clock.today() < until:
        raise RefusedPayment(f"a check of this account was returned: no checks before {until}; take cash or a card")


def use_receipt(*, receipt: PatientReceipt, designated: Sequence[str]) -> int:
    """What is unapplied of a new receipt onto the lines the patient named, then the oldest; says how many took some."""
    owner = str(receipt.patient_id)
    lock_visits(patient_id=owner)
    lines = patient_lines(owner)
    unknown = set(designated) - {line.line_id for line in lines}
    if unknown:
        raise RefusedPayment("a line that was named has nothing to pay on it, or is not this patient's")
    entries = patient_rules.apply_credit(
        patient_id=owner, available=receipt.amount, lines=lines, key=f"receipt/{receipt.pk}", on=receipt.received_on,
        designated=designated, payment=str(receipt.pk),
    )  # fmt: skip
    post_transfers(transfers=entries)
    list_patient_credits(patient_ids=[receipt.patient_id])
    return len(entries)


def number_receipt(*, receipt: PatientReceipt, drawer: models.CashDrawer | None = None) -> models.CounterReceipt:
    """The receipt's own number, without gaps where nothing fails; once."""
    made, is_new = models.CounterReceipt.objects.get_or_create(
        receipt=receipt,
        defaults={
            "number": f"RC{next_number(name='counter_receipt'):06d}", "drawer": drawer, "taken_by": actor(),
            "taken_at": clock.now(),
        },
    )  # fmt: skip
    if is_new:
        record_audit(action="receipt.numbered", subject_type="receipt", subject_id=receipt.pk, detail=made.number)
    return made


# The drawer ----------------------------------------------------------------------------------------------------------


def open_drawer(*, practice: Practice, float_amount: Decimal) -> models.CashDrawer:
    """Begin a drawer with its float. Raises DrawerRefused while another of the practice is open."""
    Practice.objects.select_for_update().get(pk=practice.pk)
    if models.CashDrawer.objects.filter(practice=practice).exclude(state=State.CLOSED).exists():
        raise DrawerRefused("a drawer of this practice is open: count and close it first")
    if float_amount < 0 or float_amount != money(float_amount):
        raise DrawerRefused("the float is not below zero and has two places")
    made = models.CashDrawer.objects.create(
        practice=practice, opened_on=clock.today(), opened_by=actor(), float_amount=float_amount
    )
    record_audit(action="drawer.open", subject_type="drawer", subject_id=made.pk, detail=str(float_amount))
    return made


def count_drawer(
    *, drawer: models.CashDrawer, amount: Decimal | None = None, pieces: Mapping[str, int] | None = None, note: str = ""
) -> models.CashDrawer:
    """One person's count, float included, as a sum or by denomination. The second person's equal count closes the
    drawer and books what it is over or short; a count that differs begins a new round, both sums kept.

    Raises DrawerRefused: closed, an amount that is none, or the same person twice.
    """
    drawer = models.CashDrawer.objects.select_for_update(of=("self",)).select_related("practice").get(pk=drawer.pk)
    if drawer.state == State.CLOSED:
        raise DrawerRefused("the drawer is closed")
    found = cash_drawer.counted(pieces) if pieces else amount
    if found is None or found < 0 or found != money(found):
        raise DrawerRefused("say what is in the drawer, in dollars and cents")
    last = drawer.counts.order_by("round_number").last()
    waiting = drawer.state == State.COUNTED and last is not None
    if waiting and last is not None and is_one_person(last.counted_by, actor()):
        raise DrawerRefused("the second count is another person's than the first")
    number = last.round_number if waiting and last is not None else (last.round_number + 1 if last else 1)
    models.DrawerCount.objects.create(
        drawer=drawer, round_number=number, counted_by=actor(), counted_at=clock.now(), amount=found,
        pieces=dict(pieces or {}),
    )  # fmt: skip
    record_audit(action="drawer.count", subject_type="drawer", subject_id=drawer.pk, detail=str(found))
    if not waiting or last is None:
        drawer.state = State.COUNTED
    elif found != last.amount:
        drawer.state = State.OPEN  # both count again; the two sums stay on record
    else:
        cash_drawer.check_second(
            Count(counted_by=last.counted_by, amount=last.amount), Count(counted_by=actor(), amount=found)
        )
        return _close(drawer, found, note)
    drawer.save(update_fields=["state"])
    return drawer


def _close(drawer: models.CashDrawer, count: Decimal, note: str) -> models.CashDrawer:
    receipts = drawer.receipts.filter(receipt__method="cash", receipt__state="posted")
    amounts = list(receipts.values_list("receipt__amount", flat=True))
    over = cash_drawer.difference(float_amount=drawer.float_amount, receipts=amounts, count=count)
    drawer.state, drawer.closed_on, drawer.over_short_amount, drawer.note = (
        State.CLOSED,
        clock.today(),
        over,
        note[:200],
    )
    drawer.save(update_fields=["state", "closed_on", "over_short_amount", "note"])
    post_transfers(
        transfers=cash_drawer.book_difference(
            practice_id=str(drawer.practice_id), amount=over, key=f"drawer/{drawer.pk}/over-short", on=clock.today()
        )
    )
    if over:
        raise_work_item(
            worklist=Worklist.CASH_DIFFERENCES, key=f"drawer:{drawer.pk}", reason_code="OVER" if over > 0 else "SHORT",
            amount=over, subject_type="drawer", subject_id=drawer.pk, practice_id=drawer.practice_id,
            reason="The cash drawer does not hold what its float and receipts say",
            what_to_do="Compare the receipts of the day with the drawer; it is booked, the cause is not known",
        )  # fmt: skip
    record_audit(action="drawer.close", subject_type="drawer", subject_id=drawer.pk, detail=str(over))
    return drawer


# The deposit slip ----------------------------------------------------------------------------------------------------


def make_slip(
    *, practice: Practice, receipt_ids: Iterable[object] | None = None, remittance_ids: Iterable[object] = ()
) -> models.DepositSlip:
    """One deposit of everything that waits at the counter, or of what is named: checks, the cash of closed drawers with
    their over or short, and payers' checks. From then on the bank expects this one sum. Raises DrawerRefused."""
    lock_matching()
    Practice.objects.select_for_update().get(pk=practice.pk)
    waiting = selectors.undeposited(practice)
    chosen = list(waiting if receipt_ids is None else waiting.filter(pk__in=list(receipt_ids)))
    wanted = list(remittance_ids)
    checks = list(selectors.undeposited_checks(practice).filter(pk__in=wanted))
    if len(checks) != len(wanted) or (receipt_ids is not None and len(chosen) != len(list(receipt_ids))):
        raise DrawerRefused("some of it is on a slip or at the bank by now; look at the list again")
    drawers = _whole_drawers(chosen, waiting)
    over = sum((drawer.over_short_amount for drawer in drawers), ZERO)
    items = [SlipItem(item_id=str(one.pk), kind=one.receipt.method, amount=one.receipt.amount) for one in chosen]
    items += [SlipItem(item_id=str(row.pk), kind="check", amount=row.amount) for row in checks]
    sums = cash_drawer.slip_sums(items, over)
    slip = models.DepositSlip.objects.create(
        practice=practice, number=f"D{next_number(name='deposit_slip'):06d}", made_on=clock.today(), made_by=actor(),
        cash_amount=sums.cash, check_amount=sums.checks, over_short_amount=sums.over_short,
    )  # fmt: skip
    models.CounterReceipt.objects.filter(pk__in=[one.pk for one in chosen]).update(slip=slip)
    models.SlipDrawer.objects.bulk_create([models.SlipDrawer(slip=slip, drawer=drawer) for drawer in drawers])
    models.SlipCheck.objects.bulk_create([models.SlipCheck(slip=slip, remittance=row) for row in checks])
    record_audit(action="slip.make", subject_type="slip", subject_id=slip.pk, detail=f"{slip.number} {sums.total}")
    return slip


def _whole_drawers(
    chosen: Sequence[models.CounterReceipt], waiting: Iterable[models.CounterReceipt]
) -> list[models.CashDrawer]:
    """The drawers whose cash goes, whole: a drawer's difference belongs to all of its cash."""
    ids = {one.drawer_id for one in chosen if one.drawer_id}
    picked = {one.pk for one in chosen}
    if any(one.drawer_id in ids and one.pk not in picked for one in waiting):
        raise DrawerRefused("the cash of a drawer goes to the bank whole: take all of its receipts")
    return list(models.CashDrawer.objects.filter(pk__in=ids, slip_of__isnull=True))


def void_slip(*, slip: models.DepositSlip, note: str) -> None:
    """A slip that never went: its money waits at the counter again. Raises DrawerRefused once the bank showed it."""
    lock_matching()
    slip.refresh_from_db(from_queryset=models.DepositSlip.objects.select_for_update())
    if slip.is_void or selectors.slip_is_at_bank(slip):
        raise DrawerRefused("the slip is void, or the bank has shown it: undo the match there first")
    if not note.strip():
        raise DrawerRefused("say why in a note")
    slip.receipts.update(slip=None)
    slip.drawers.all().delete()
    slip.checks.all().delete()
    slip.is_void = True
    slip.save(update_fields=["is_void"])
    record_audit(action="slip.void", subject_type="slip", subject_id=slip.pk, detail=note)


def waiting_checks(practice: Practice) -> list[Remittance]:
    return list(selectors.undeposited_checks(practice).defer("content"))
