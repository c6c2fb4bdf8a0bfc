"""The patients' side: statements each week, payments in answer to them, refunds by two people."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.codes.money import money as cents
from claimwright.simulation.year.desks import cashier
from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.visits import registration_at
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.services import store_received
from claimwright.web.operations import intake
from claimwright.web.patients.models import Patient
from claimwright.web.payments import models
from claimwright.web.statements.delivery import make_mail_batch, return_mail
from claimwright.web.statements.issuing import issue_due_statements
from claimwright.web.statements.models import Delivery

STATEMENT_WEEKDAY = 3
# What patients do with a statement, by a roll: pay all, pay half, nothing.
PAYS, PAYS_ALL = Decimal("0.72"), Decimal("0.62")
ANSWERS_WITHIN_DAYS = 16
MOVED_SHARE, MAIL_RETURNS_AFTER_DAYS, ADDRESS_FOUND_AFTER_DAYS = Decimal("0.01"), 7, 10
LISTS = (Worklist.RETURNED_MAIL,)


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    counts["payments"] = _pay(place, day)
    if day.weekday() == STATEMENT_WEEKDAY:
        with tenant_scope(place.tenant), acting_as("statements"):
            counts["statements"] = len(issue_due_statements(as_of=day).issued)
    counts += _mail(place, day)
    return counts


def _pay(place: Workplace, day: date) -> int:
    done = 0
    with tenant_scope(place.tenant), acting_as("front desk"):
        recent = models.Statement.objects.filter(
            issued_on__gte=day - timedelta(days=ANSWERS_WITHIN_DAYS + 4), issued_on__lt=day
        ).select_related("patient", "practice").defer("pdf")  # fmt: skip
        for statement in recent.order_by("number"):
            roll = place.chance("pays", statement.patient.record_number, statement.issued_on)
            due = statement.issued_on + timedelta(days=3 + int(roll * ANSWERS_WITHIN_DAYS))
            key = f"statement:{statement.number}"
            if roll > PAYS or due > day or cashier.paid(key):
                continue
            amount = statement.amount_due if roll < PAYS_ALL else cents(statement.amount_due / 2)
            done += attempt(
                Counter(), "paid",
                lambda statement=statement, amount=amount, key=key: cashier.take(place, statement, amount, key, day),
            )  # fmt: skip
    return done


def _mail(place: Workplace, day: date) -> Counter[str]:
    """Each batch goes to the post; some of it comes back, and the address is looked for until another is known."""
    counts: Counter[str] = Counter()
    with tenant_scope(place.tenant), acting_as("statements"):
        batch = make_mail_batch()
        counts["pieces mailed"] = batch.pieces if batch is not None else 0
        week = Delivery.objects.filter(
            state="sent", channel="mail", sent_on=day - timedelta(days=MAIL_RETURNS_AFTER_DAYS)
        )
        for piece in week.select_related("account__patient").order_by("made_on", "account__key", "pk"):
            number = piece.account.patient.record_number
            if place.chance("moved", number) < MOVED_SHARE and "bad_address" not in piece.account.patient.flags:
                attempt(counts, "mail came back", lambda piece=piece: return_mail(piece=piece))
        for item in items(place, day, (Worklist.RETURNED_MAIL,), after_days=ADDRESS_FOUND_AFTER_DAYS):
            attempt(counts, "addresses found", lambda item=item: _new_address(place, item, day))
    return counts


def _new_address(place: Workplace, item: WorkItem, day: date) -> None:
    """The patient was called: the front desk's registration brings the new address."""
    number = Patient.objects.values_list("record_number", flat=True).get(pk=item.subject_id)
    person = next((one for one in place.front_desk.everyone if one.record_number == number), None)
    if person is None:
        raise ValueError("a patient that the front desk does not know")
    content = registration_at(person, f"{100 + day.toordinal() % 800} New Street")
    file = store_received(source="front desk", name=f"address-{day}-{number}.csv", content=content)
    intake.load_registration_csv(file=file, practice=place.practice)
