"""Row 7: eight people press Post at the same moment, from one starting shot, on a real PostgreSQL with a connection each.

The same payment of a patient, the same remittance from a file, the same check on paper, eight checks for one claim: what
is posted is posted once, who comes second is told so in words, and nobody is shown a deadlock. Fifty rounds here,
`make prove ROW=7` makes a thousand and prints how long a client waited.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.faults import office as offices
from tests.faults.clients import Clients
from tests.lib import world
from tests.lib.proving import result, scale

FULL_SCALE = 1_000
PAID = Decimal("85.00")


class Rounds:
    """A practice with a claim for each round, and the clients who press."""

    def __init__(self, tenant: Any, clients: Clients, count: int) -> None:
        self.tenant, self.clients, self.made = tenant, clients, Counter[str]()
        with self.at_work():
            self.world = world.set_up()
            versions = world.sent_claims(self.world, [world.visit(number) for number in range(count)])
            self.versions = iter([(version, version.claim.patient)[0] for version in versions])  # loaded in the scope

    def at_work(self) -> Any:
        from claimwright.web.core.tenancy import tenant_scope

        return tenant_scope(self.tenant)

    def go(self, count: int) -> None:
        kinds = (
            self.same_payment,
            self.same_file,
            self.same_payment,
            self.same_check,
            self.same_payment,
            self.same_claim,
        )
        for number in range(count):
            kind = kinds[number % len(kinds)]
            kind(next(self.versions), number)
            self.made[kind.__name__] += 1

    def same_payment(self, version: Any, number: int) -> None:
        from claimwright.web.accounts.models import LedgerTransfer
        from claimwright.web.cashier.services import take_payment
        from claimwright.web.payments.models import PatientReceipt

        patient = version.claim.patient
        answers = self.clients.together(
            lambda _: take_payment(
                patient=patient, practice=self.world["practice"], amount=Decimal("25.00"), method="check",
                key=f"press-{number}", check_number="118",
            )
        )  # fmt: skip
        assert {type(answer).__name__ for answer in answers} == {"CounterReceipt"}, answers
        assert len({answer.pk for answer in answers}) == 1
        with self.at_work():
            (receipt,) = PatientReceipt.objects.filter(patient=patient)
            rows = LedgerTransfer.objects.filter(payment=str(receipt.pk), debit_kind="PATIENT_CASH")
            assert [row.amount for row in rows] == [Decimal("25.00")]

    def same_file(self, version: Any, number: int) -> None:
        from claimwright.web.operations.post import post

        with self.at_work():
            payment = world.remittance([world.paid(version)], trace=f"F{number}")
            world.deliver(world.as_file([payment], control_number=number + 1), f"{number}.835")
        answers = self.clients.together(lambda _: post(tenant=self.tenant), scope=False)
        assert sorted(answer.remittances_posted for answer in answers) == [0] * 7 + [1]
        assert sum(answer.failed + answer.held + answer.duplicates for answer in answers) == 0
        self.paid_once(version)

    def draft(self, version: Any, check: str) -> Any:
        from claimwright.web.cashier import services

        paper = services.start_paper(
            practice=self.world["practice"], payer=self.world["payers"]["first"], check_number=check,
            check_date=world.DAY + timedelta(days=14), amount=PAID,
        )  # fmt: skip
        paper = services.add_claim(paper=paper, version=version)
        typed = {"allowed": "110", "paid": "85.00", "copay": "25", "adjustments": "co45"}
        paper.grid["claims"][0]["lines"][0] |= typed
        return services.save_paper(paper=paper, grid=paper.grid)

    def same_check(self, version: Any, number: int) -> None:
        """One draft on eight screens."""
        from claimwright.web.cashier.services import PaperRefused, post_paper

        with self.at_work():
            paper = self.draft(version, f"70{number:05d}")
        answers = self.clients.together(lambda _: post_paper(paper=paper))
        refused = [answer for answer in answers if isinstance(answer, PaperRefused)]
        (posted,) = [answer for answer in answers if answer not in refused]
        assert posted.fate.value == "posted" and len(refused) == 7, answers
        self.paid_once(version)

    def same_claim(self, version: Any, number: int) -> None:
        """Eight checks for one claim: one pays it, the money of the others is held for a person."""
        from claimwright.web.cashier.services import post_paper
        from claimwright.web.payments.models import ClaimPayment

        with self.at_work():
            papers = [self.draft(version, f"8{client}{number:05d}") for client in range(self.clients.count)]
        answers = self.clients.together(lambda client: post_paper(paper=papers[client]))
        assert [type(answer).__name__ for answer in answers] == ["PartPosted"] * 8, answers
        with self.at_work():
            states = ClaimPayment.objects.filter(control_number=version.control_number).values_list("state", flat=True)
            assert sorted(states) == ["held"] * 7 + ["posted"]
        self.paid_once(version)

    def paid_once(self, version: Any) -> None:
        from claimwright.web.accounts.models import LedgerTransfer

        line = version.content["lines"][0]["control_number"]
        with self.at_work():
            rows = LedgerTransfer.objects.filter(credit_subject=line, entry_type="INS_PAY")
            assert [row.amount for row in rows] == [PAID]


def press(tenant: Any, count: int) -> tuple[Rounds, Clients]:
    with Clients(tenant) as clients:
        rounds = Rounds(tenant, clients, count)
        rounds.go(count)
    assert offices.audit_faults(tenant) == []
    return rounds, clients


def test_whoever_presses_second_posts_nothing_more(tenant):
    rounds, _ = press(tenant, 50)
    assert set(rounds.made) == {"same_payment", "same_file", "same_check", "same_claim"}


def test_canary_without_the_constraint_and_the_turns_a_payment_is_taken_twice(tenant, monkeypatch):
    from django.db import connections

    from claimwright.web.payments import services

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE payments_patientreceipt DROP CONSTRAINT patient_receipt_once")
    monkeypatch.setattr(services, "one_at_a_time", lambda name: None)
    with Clients(tenant) as clients:
        rounds = Rounds(tenant, clients, 3)
        with pytest.raises(AssertionError):
            for number in range(3):
                rounds.same_payment(next(rounds.versions), number)


@pytest.mark.prove
def test_row7_a_thousand_rounds(tenant):
    found: list[tuple[Rounds, Clients]] = []

    def words() -> str:
        rounds, clients = found[0]
        told = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(rounds.made.items()))
        return f"{rounds.made.total():,} rounds of 8 ({told}), no extra posting, no deadlock; p95 {clients.p95:.2f} s"

    with result(7, words):
        found.append(press(tenant, scale(FULL_SCALE)))
