"""Payments: the claim payments of one payer to one practice, and what the payer adds and takes beside them (PLB)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import msgspec

from claimwright.claims.nouns import ClaimPayment, Person, Provider, ProviderAdjustment, Remittance
from claimwright.claims.synthetic.claims import cents, money
from claimwright.claims.synthetic.people import Plan, Practice
from claimwright.claims.synthetic.streams import OpenTransaction
from claimwright.claims.to_x12.remittance import RemittanceWriter

# PLB03-1
FORWARD_BALANCE, RECOVERY, INTEREST, AUTHORIZED_RETURN, ADJUSTMENT = "FB", "WO", "L6", "72", "CS"
SETTLEMENT = 1_250  # cents of an occasional CS
SETTLED_EVERY = 3  # payments


class Debt(msgspec.Struct):
    """What a payer still takes from payments of its cycle and later ones, in cents, and the PLB it began with."""

    code: str
    reference: str
    amount: int
    cycle: int = 1


class Debts:
    """Open debts by payer and practice. Those that no later payment could bear are told in the manifest."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], list[Debt]] = {}

    def add(self, payer: str, practice: str, debt: Debt) -> None:
        self._open.setdefault((payer, practice), []).append(debt)

    def take(self, payer: str, practice: str, most: int, cycle: int = 1) -> list[Debt]:
        """What is taken from a payment of `most` cents: each debt whole, or as much of it as is there."""
        taken: list[Debt] = []
        kept: list[Debt] = []
        for debt in self._open.pop((payer, practice), []):
            amount = min(debt.amount, most) if debt.cycle <= cycle else 0
            if amount > 0:
                taken.append(Debt(debt.code, debt.reference, amount, debt.cycle))
                most -= amount
                debt.amount -= amount
            if debt.amount:
                kept.append(debt)
        if kept:
            self._open[payer, practice] = kept
        return taken

    def outstanding(self) -> list[dict[str, object]]:
        return [
            {"payer": payer, "practice": practice, "code": debt.code, "reference": debt.reference, "cents": debt.amount}
            for (payer, practice), debts in self._open.items()
            for debt in debts
        ]


class _Writer(RemittanceWriter):
    """Names the people whose numbers alone a claim payment keeps, as payers do."""

    subscriber = Person()
    rendering = Provider()

    def claim_names(self, claim: ClaimPayment) -> None:
        named = len(self.builder.segments)
        people: dict[str, Person | Provider] = {"IL": self.subscriber, "82": self.rendering}
        super().claim_names(claim)
        for segment in self.builder.segments[named:]:
            person = people.get(segment[1])
            if person is not None:
                segment.elements[3:6] = [person.last_name, person.first_name, person.middle_name]


class PaymentStream:
    """One 835: claim payments as they come; PLB and BPR02 when it closes."""

    def __init__(
        self,
        transaction: OpenTransaction,
        plan: Plan,
        practice: Practice,
        trace: str,
        on: date,
        number: int,
        cycle: int,
    ) -> None:
        self.transaction, self.plan, self.practice, self.trace, self.on = transaction, plan, practice, trace, on
        self.number, self.cycle = number, cycle
        self.paid = self.count = 0
        self.beside: list[ProviderAdjustment] = []
        self.later: list[Debt] = []
        self.writer = _Writer(transaction.builder)
        self.writer.add("LX", 1)

    def add(self, payment: ClaimPayment, subscriber: Person, rendering: Provider | None) -> None:
        """One claim payment; the two are named in it where it has their numbers."""
        self.writer.subscriber, self.writer.rendering = subscriber, rendering or Provider()
        self.writer.claim(payment)
        self.paid += cents(payment.paid)
        self.count += 1
        if payment.interest:
            self.adjust(INTEREST, payment.control_number, -cents(payment.interest))
        self.transaction.drain()

    def adjust(self, code: str, reference: str, amount: int) -> None:
        """A PLB: below zero it increases the payment."""
        self.beside.append(
            ProviderAdjustment(
                code=code,
                reference=reference,
                amount=money(amount),
                provider_id=self.practice.billing.npi,
                fiscal_period_end=date(self.on.year, 12, 31),
            )
        )

    def recoup_later(self, reference: str, amount: int) -> None:
        """Give back now what a correction took, to take it from a later payment."""
        self.adjust(RECOVERY, reference, -amount)
        self.later.append(Debt(RECOVERY, reference, amount, self.cycle))

    def left(self) -> int:
        """What would be paid now, in cents."""
        return self.paid - sum(cents(one.amount) for one in self.beside)

    def close(self, debts: Debts, totals: Counter[str]) -> None:
        """Settle, so that the payment is not below zero, and end the transaction."""
        payer, practice = self.plan.payer.payer_id, self.practice.billing.npi
        if self.number % SETTLED_EVERY == 1:
            amount = SETTLEMENT if self.left() > SETTLEMENT * 4 else -SETTLEMENT
            self.adjust(ADJUSTMENT, f"CS{self.trace}", amount)
        for debt in debts.take(payer, practice, self.left(), self.cycle):
            self.adjust(debt.code, debt.reference, debt.amount)
        if self.left() < 0:
            amount = -self.left()
            self.adjust(FORWARD_BALANCE, self.trace, -amount)
            self.later.append(Debt(FORWARD_BALANCE, self.trace, amount, self.cycle))
        for debt in self.later:
            debts.add(payer, practice, debt)
        payment = self.left()
        self.writer.header(self._remittance(payment))
        head = self.transaction.take()
        self.writer.provider_adjustments(self.beside)
        totals["payment"] += payment
        for one in self.beside:
            totals[f"provider_adjustment_{one.code}"] += cents(one.amount)
        self.transaction.close(
            head,
            payer=payer,
            payee_npi=practice,
            trace=self.trace,
            claims=self.count,
            claim_payments_cents=self.paid,
            provider_adjustments=[
                {"code": one.code, "reference": one.reference, "cents": cents(one.amount)} for one in self.beside
            ],
            payment_cents=payment,
        )

    def _remittance(self, payment: int) -> Remittance:
        billing = self.practice.billing
        return Remittance(
            handling="I" if payment else "H",
            amount=money(payment),
            method="ACH" if payment else "NON",
            payment_date=self.on,
            trace_number=self.trace,
            trace_payer_id=self.plan.trace_id,
            production_date=self.on,
            payer=self.plan.payer,
            payee_name=billing.last_name,
            payee_npi=billing.npi,
            payee_tax_id=billing.tax_id,
        )
