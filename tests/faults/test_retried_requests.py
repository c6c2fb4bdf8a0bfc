"""Row 16: a request that comes again has one effect, and another request under its key is refused.

Every service that a button, a partner's message or a job may call twice: five times in a row, eight at once, after a
process died in the middle of it, and with another body. What counts as effect is every row of every table that holds
money, papers, messages or runs; the audit log is not counted, for it says that somebody asked. `make prove ROW=16` does it
all thirty times over.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.billing.patient import RefusedPayment
from claimwright.billing.write_offs import WriteOffRefused
from tests.faults import office as offices
from tests.faults.clients import Clients
from tests.faults.processes import Child
from tests.lib import world
from tests.lib.proving import result, scale

DIED = 86
TWENTY, TEN = Decimal("20.00"), Decimal("10.00")
UNCOUNTED = {"core_auditevent", "core_counter"}  # asked again may be noted again; a number may be skipped


class Request(msgspec.Struct, kw_only=True):
    """`make(number)` prepares one request in the scope and gives (send, send with another body or None).

    `again` is what a second press is told: the first answer, or a refusal of this kind. `rows` of the effect, by model.
    """

    name: str
    make: Callable[[int], tuple[Callable[[], Any], Callable[[], Any] | None]]
    refuses: tuple[type[Exception], ...] = ()
    refuses_other: tuple[type[Exception], ...] = ()


class Practice:
    """A practice with patients who owe 25.00 each, and the requests that may come twice."""

    def __init__(self, tenant: Any, patients: int) -> None:
        from claimwright.web.practice.models import Practice as Row
        from tests.lib.web_data import a_user

        self.tenant = tenant
        self.world = world.set_up()
        self.practice = Row.objects.get()
        versions = world.sent_claims(self.world, [world.visit(number) for number in range(patients)])
        self.patients = iter([version.claim.patient for version in versions])
        self.lines = {version.claim.patient_id: version.content["lines"][0]["control_number"] for version in versions}
        self.supervisor = a_user(tenant, "stella", role="owner")
        payment = world.remittance([world.paid(version) for version in versions], trace="ALL")
        world.deliver(world.as_file([payment], control_number=900), "all.835")

    def requests(self) -> list[Request]:
        from claimwright.web.bank.services import BankRefused
        from claimwright.web.clients.services import InvoiceRefused

        money = {"refuses_other": (RefusedPayment,)}
        return [
            Request(name="a patient's payment", make=self.payment, **money),
            Request(name="a payment at the counter", make=self.counter, **money),
            Request(name="a payment on a plan", make=self.plan, **money),
            Request(name="the start of a checkout", make=self.checkout, **money),
            Request(name="the processor's message", make=self.message),
            Request(name="a returned check", make=self.returned, **money),
            Request(name="a refund paid out", make=self.refund, refuses=(RefusedPayment,), **money),
            Request(name="a refund to the card", make=self.card_refund, **money),
            Request(name="a payer's refund", make=self.payer_refund, refuses=(RefusedPayment,)),
            Request(name="an approved write-off", make=self.write_off, refuses=(WriteOffRefused,)),
            Request(name="financial assistance", make=self.charity, refuses_other=(WriteOffRefused,)),
            Request(name="a client's payment", make=self.client_payment, refuses_other=(InvoiceRefused,)),
            Request(name="a client's invoice", make=self.client_invoice),
            Request(name="a bank file", make=self.bank_file),
            Request(name="an explained bank line", make=self.bank_line, refuses=(BankRefused,)),
            Request(name="a file of a partner", make=self.received),
            Request(name="a run of a job", make=self.job),
        ]  # fmt: skip

    def paper_requests(self) -> list[Request]:
        """Of few patients: each gets a page."""
        return [Request(name="statements of the day", make=self.statements)]

    # Each makes what the request needs and gives the request itself -------------------------------------------------

    def payment(self, number: int):
        from claimwright.web.payments.services import receive_patient_payment

        patient = next(self.patients)
        return self._with_other(
            receive_patient_payment, patient=patient, practice=self.practice, method="card", key=f"pay-{number}"
        )

    def counter(self, number: int):
        from claimwright.web.cashier.services import take_payment

        patient = next(self.patients)
        return self._with_other(
            take_payment, patient=patient, practice=self.practice, method="check", key=f"counter-{number}",
            check_number="118",
        )  # fmt: skip

    def plan(self, number: int):
        from claimwright.web.arrangements.plans import accept_plan, offer_plan, pay_plan

        patient = next(self.patients)
        plan = offer_plan(patient=patient, starts_on=date(2026, 10, 15), instalment=Decimal("25.00"))
        accept_plan(plan=plan)
        return self._with_other(pay_plan, plan=plan, method="check", check_number="118", key=f"plan-{number}")

    def checkout(self, number: int):
        from claimwright.web.cashier.services import start_checkout

        patient = next(self.patients)
        return self._with_other(start_checkout, patient=patient, practice=self.practice, key=f"checkout-{number}")

    def _with_other(self, service: Callable[..., Any], **fields: Any):
        return lambda: service(amount=TWENTY, **fields), lambda: service(amount=TEN, **fields)

    def captured(self, number: int, amount: Decimal = TWENTY):
        """A checkout and the message that it was paid."""
        from claimwright.web.cashier.processors import SandboxProcessor
        from claimwright.web.cashier.services import start_checkout

        attempt = start_checkout(
            patient=next(self.patients), practice=self.practice, amount=amount, key=f"begun-{number}"
        )
        said = SandboxProcessor().outcome(
            session=attempt.session, amount=amount, outcome="captured", means="card", on="2026-09-30"
        )
        return attempt, said

    def message(self, number: int):
        from claimwright.web.cashier.services import take_message

        _, said = self.captured(number)
        return lambda: take_message(message=said), None  # another body: a test of its own, below

    def returned(self, number: int):
        from claimwright.web.cashier.services import record_return, take_payment

        taken = take_payment(
            patient=next(self.patients), practice=self.practice, amount=TWENTY, method="check", key=f"nsf-{number}",
            check_number="7",
        )  # fmt: skip
        return (
            lambda: record_return(receipt=taken.receipt, kind="nsf"),
            lambda: record_return(receipt=taken.receipt, kind="chargeback"),
        )

    def asked_refund(self, patient: Any):
        from claimwright.web.payments.models import Refund
        from claimwright.web.payments.services import request_refund

        return request_refund(refund=Refund.objects.get(patient=patient))

    def refund(self, number: int):
        from claimwright.web.core.services import acting_as
        from claimwright.web.payments.services import issue_refund, receive_patient_payment

        patient = next(self.patients)
        receive_patient_payment(
            patient=patient, practice=self.practice, amount=TWENTY + 25, method="check", key=f"over-{number}"
        )
        asked = self.asked_refund(patient)

        def send(amount: Decimal) -> Any:
            with acting_as("stella"):
                return issue_refund(refund=_fresh(asked), amount=amount)

        return lambda: send(TWENTY), lambda: send(TEN)

    def card_refund(self, number: int):
        from claimwright.web.cashier.services import refund_to_card, take_message
        from claimwright.web.core.services import acting_as

        attempt, said = self.captured(number, TWENTY + 25)
        take_message(message=said)
        asked = self.asked_refund(attempt.patient)

        def send(amount: Decimal) -> Any:
            with acting_as("stella"):
                return refund_to_card(refund=_fresh(asked), attempt=_fresh(attempt), amount=amount)

        return lambda: send(TWENTY), lambda: send(TEN)

    def payer_refund(self, number: int):
        from claimwright.web.core.services import acting_as
        from claimwright.web.payments import payer_refunds, refunds
        from claimwright.web.submissions.models import Claim

        patient = next(self.patients)
        claim = Claim.objects.select_related("encounter").get(patient=patient)
        asked = payer_refunds.record_payer_request(
            encounter=claim.encounter, line_id=self.lines[patient.pk], bucket="INS1", amount=TEN
        )
        refunds.request_refund(refund=asked)
        with acting_as("stella"):
            refunds.approve_refund(refund=asked)
        return lambda: payer_refunds.issue_payer_refund(refunds=[_fresh(asked)], reference=f"5{number}"), None

    def write_off(self, number: int):
        from claimwright.web.payments.services import approve_write_off, request_write_off
        from claimwright.web.submissions.models import Claim

        patient = next(self.patients)
        asked = request_write_off(
            encounter=Claim.objects.get(patient=patient).encounter, line_id=self.lines[patient.pk], bucket="PAT",
            amount=TEN, reason="ADMIN-ERROR",
        )  # fmt: skip
        return lambda: approve_write_off(write_off=_fresh(asked), approver=self.supervisor), None

    def charity(self, number: int):
        from claimwright.web.payments.writing_off import write_off_charity

        line = self.lines[next(self.patients).pk]

        def send(amount: Decimal) -> Any:
            return write_off_charity(
                amounts={line: amount}, requested_by="sam", approver=self.supervisor, key=f"help-{number}"
            )

        return lambda: send(TWENTY), lambda: send(TEN)

    def client_payment(self, number: int):
        from claimwright.web.clients.services import record_payment

        fields = {"practice": self.practice, "received_on": date(2026, 9, 29), "key": f"client-{number}"}
        return self._with_other(record_payment, **fields)

    def client_invoice(self, number: int):
        """A month long ago, closed: later ones first, since an invoice reckons on those of earlier months."""
        from claimwright.billing.service_invoices import Fee, FeeItem, FeeTerms
        from claimwright.codes.dates import add_months
        from claimwright.web.accounts import periods
        from claimwright.web.clients.selectors import first_month_of
        from claimwright.web.clients.services import issue_invoice, set_terms

        if first_month_of(self.practice) is None:
            flat = FeeItem(fee=Fee.FLAT, words="A month", rate=Decimal("100.00"))
            set_terms(practice=self.practice, first_month=date(1990, 1, 1), terms=FeeTerms(items=(flat,)))
            periods.close_month(month=date(2020, 12, 1), by=self.supervisor)
        month = add_months(date(2020, 12, 1), -number)
        return lambda: issue_invoice(practice=self.practice, month=month), None

    def statements(self, number: int):
        """A day on which all who owe are due again: the cycle is past, each has had one before."""
        from claimwright.web.statements.services import issue_due_statements

        issue_due_statements(as_of=date(2027, 1, 4) + timedelta(days=90 * (number - 1)))
        day = date(2027, 1, 4) + timedelta(days=90 * number - 45)
        return lambda: issue_due_statements(as_of=day), None

    def bank_file(self, number: int):
        from claimwright.web.bank.services import import_bank_file, open_account

        account = open_account(name="Operating")
        rows = f"posted on,amount,description\n2026-09-29,{number + 1}.17,NOTHING OF OURS {number}\n".encode()
        return lambda: import_bank_file(name=f"{number}.csv", content=rows, account=account), None

    def bank_line(self, number: int):
        from claimwright.web.bank.models import BankLine
        from claimwright.web.bank.services import explain_line

        send, _ = self.bank_file(number + 5_000)
        send()
        line = BankLine.objects.get(description__contains=f"OURS {number + 5_000}")
        return lambda: explain_line(line=line, category="other", note="rent"), None

    def received(self, number: int):
        from claimwright.web.exchange.services import store_received

        content = f"ISA nothing {number}".encode()
        return lambda: store_received(source="upload", name=f"{number}.835", content=content, stamp="s1"), None

    def job(self, number: int):
        from claimwright.web.operations.job_runs import run_again, run_now
        from claimwright.web.operations.models import JobRun

        run = run_now(tenant=self.tenant, job="post")
        JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.FAILED)
        return lambda: run_again(run=_fresh(run)), None


def _fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def effect() -> Counter[str]:
    """How many rows stand in each table of tenants' data, and in the queue of jobs."""
    from django.apps import apps
    from django.db import connection

    from claimwright.web.core.models import TenantModel

    tables = [model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)]
    tables = [*sorted(set(tables) - UNCOUNTED), "procrastinate_jobs"]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables))
        return Counter(dict(cursor.fetchall()))


def _draw_nothing() -> None:
    """In a forked process alone: the pages are drawn by threads, and a fork has none of its parent's."""
    from claimwright.web.clients import services
    from claimwright.web.payments import statements

    services.render_invoice = lambda paper: b"%PDF-"  # type: ignore[assignment]
    statements.render = lambda document: b"%PDF-"  # type: ignore[assignment]


class Trial:
    """One request, sent in every way in which it may come twice."""

    def __init__(self, practice: Practice, clients: Clients, number: int) -> None:
        self.practice, self.clients, self.number, self.cases = practice, clients, number, 0

    @contextmanager
    def at_work(self) -> Any:
        from claimwright.web.core.services import acting_as
        from claimwright.web.core.tenancy import tenant_scope

        with tenant_scope(self.practice.tenant), acting_as("sam"):
            yield

    def fresh(self, request: Request) -> tuple[Callable[[], Any], Callable[[], Any] | None, Counter[str]]:
        self.number += 1
        with self.at_work():
            send, other = request.make(self.number)
            return send, other, effect()

    def send(self, request: Request, send: Callable[[], Any], *, may_refuse: bool = True) -> None:
        try:
            with self.at_work():
                send()
        except request.refuses:
            assert may_refuse

    def since(self, before: Counter[str]) -> Counter[str]:
        with self.at_work():
            now = effect()
        return Counter({table: now[table] - before[table] for table in now if now[table] != before[table]})

    def all_ways(self, request: Request) -> None:
        once = self.in_a_row(request)
        self.at_once(request, once)
        for committed in (False, True):
            self.after_a_crash(request, once, committed=committed)

    def in_a_row(self, request: Request) -> Counter[str]:
        send, other, before = self.fresh(request)
        self.send(request, send, may_refuse=False)
        once = self.since(before)
        assert once, f"{request.name}: it has no effect that is counted"
        for _ in range(4):
            self.send(request, send)
        assert self.since(before) == once, request.name
        if other is not None:
            with pytest.raises(request.refuses_other), self.at_work():
                other()
            assert self.since(before) == once, request.name
        self.cases += 1 + (other is not None)
        return once

    def at_once(self, request: Request, once: Counter[str]) -> None:
        send, _, before = self.fresh(request)
        answers = self.clients.together(lambda _: send())
        faults = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(fault, request.refuses or ()) for fault in faults), f"{request.name}: {faults}"
        assert len(faults) < len(answers)
        assert self.since(before) == once, request.name
        self.cases += 1

    def after_a_crash(self, request: Request, once: Counter[str], *, committed: bool) -> None:
        """The process dies with all done and not committed, or committed and nobody told."""
        send, _, before = self.fresh(request)

        def die() -> None:
            _draw_nothing()
            with self.at_work():
                send()
                if not committed:
                    os._exit(DIED)
            os._exit(DIED)

        child = Child(die)
        child.go()
        status, said = child.end()
        assert status == DIED, said
        assert self.since(before) == (once if committed else Counter()), request.name
        self.send(request, send, may_refuse=committed)
        assert self.since(before) == once, request.name
        self.cases += 1


def retry(tenant: Any, rounds: int, *, papers: bool = False) -> tuple[int, int]:
    """Every request in every way, `rounds` times; says how many requests and cases."""
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post

    with tenant_scope(tenant), acting_as("sam"):
        practice = Practice(tenant, patients=2 if papers else 64 * rounds)
    post(tenant=tenant)
    requests = practice.paper_requests() if papers else practice.requests()
    with Clients(tenant) as clients:
        trial = Trial(practice, clients, 0)
        for _ in range(rounds):
            for request in requests:
                trial.all_ways(request)
    assert offices.audit_faults(tenant) == []
    return len(requests), trial.cases


def test_every_request_that_comes_again_has_one_effect(tenant):
    requests, cases = retry(tenant, 1)
    assert requests >= 17 and cases >= 50


def test_statements_of_one_day_go_out_once(tenant):
    assert retry(tenant, 1, papers=True) == (1, 4)


def test_a_message_that_comes_again_with_other_content_moves_nothing_and_is_listed(tenant):
    from claimwright.web.cashier.models import CardEvent
    from claimwright.web.cashier.services import take_message
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import PatientReceipt
    from tests.web.payments.test_release import open_items

    with tenant_scope(tenant), acting_as("sam"):
        practice = Practice(tenant, patients=1)
        _, said = practice.captured(1)
        take_message(message=said)
        for _ in range(3):
            take_message(message=msgspec.structs.replace(said, amount=TEN))
        assert (CardEvent.objects.count(), PatientReceipt.objects.get().amount) == (1, TWENTY)
    assert open_items(practice, "card_payments") == 1


def test_canary_a_request_with_a_new_key_each_time_is_seen(tenant):
    from itertools import count

    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.services import receive_patient_payment

    with tenant_scope(tenant), acting_as("sam"):
        practice = Practice(tenant, patients=4)
    keys = count()

    def careless(number: int):
        patient = next(practice.patients)
        return lambda: receive_patient_payment(
            patient=patient, practice=practice.practice, amount=TWENTY, method="card", key=f"new-{next(keys)}"
        ), None  # fmt: skip

    with Clients(tenant, count=2) as clients:
        trial = Trial(practice, clients, 0)
        with pytest.raises(AssertionError, match="careless"):
            trial.in_a_row(Request(name="careless", make=careless))
        with pytest.raises(AssertionError, match="careless"):
            trial.at_once(Request(name="careless", make=careless), Counter(payments_patientreceipt=1))


@pytest.mark.prove
def test_row16_every_request_thirty_times(tenant, other_tenant):
    found: list[tuple[int, int]] = []

    def words() -> str:
        requests, cases = (sum(numbers) for numbers in zip(*found, strict=True))
        return f"{requests} requests, {cases:,} cases: in a row, at once, after a crash, with another body; no second effect"

    with result(16, words):
        found.append(retry(tenant, scale(30)))
        found.append(retry(other_tenant, scale(30), papers=True))
