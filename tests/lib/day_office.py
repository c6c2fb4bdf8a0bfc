"""The office of a biller's day: claims that went out and were answered, money at the bank, a payer that answers at once.

Everything is made by the services that a real office uses. The last day of a month is posted; the story is on the next.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from claimwright.claims.nouns import Adjustment
from tests.faults import office as offices
from tests.lib import answers, practices, world
from tests.lib.bank_lines import Row, as_bai2

TODAY, SENT_ON, PAID_ON = date(2026, 10, 1), world.DAY + timedelta(days=2), world.DAY + timedelta(days=15)
ACCOUNT = "000123456789"
REJECTED, PAID, DENIED, NO_AUTHORIZATION, HELD, WAITING = range(6)


def denied(version: Any, carc: str, *remarks: str) -> Any:
    """The payer's CLP that pays nothing, for this reason."""
    one = offices.payment(version, paid="0.00", patient="0.00")
    line = msgspec.structs.replace(
        one.lines[0], paid=Decimal("0.00"), remarks=remarks,
        adjustments=(Adjustment(group="CO", reason=carc, amount=one.charge),),
    )  # fmt: skip
    return msgspec.structs.replace(one, lines=(line,))


def open_day(tenant: Any, root: Path) -> Any:
    """Six claims of September and their answers; the tenant then stands on the first of October. Gives the office."""
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer
    from claimwright.web.practice.posting_automation import set_payer_automation
    from claimwright.web.submissions.services import scrub

    stand_on(tenant, SENT_ON)
    office = offices.open_office(tenant, root, claims=6)
    ours = office.versions
    numbers = {version.control_number: (True, "") for version in ours}
    office.put("10.999", answers.functional(10, office.sent.group_control_number, {"0001": "A"}))
    office.put("20.277", answers.claims(20, numbers))
    accepted = {number: (True, f"ICN{number}") for number in numbers}
    office.put("30.277", answers.claims(30, accepted | {ours[REJECTED].control_number: (False, "")}, source="PR"))
    stand_on(tenant, PAID_ON)
    first = world.remittance(
        [offices.payment(ours[PAID]), denied(ours[DENIED], "16", "N290"), denied(ours[NO_AUTHORIZATION], "197")],
        trace="T1001",
    )  # fmt: skip
    office.put("40.835", world.as_file([first], control_number=40))
    offices.run(office)
    with tenant_scope(tenant), acting_as("manager"):
        payer = Payer.objects.get(key="NMUT")
        set_payer_automation(
            payer=payer, posts_by_itself=False, hold_over_amount=None, reason="looked at first for a while"
        )
    stand_on(tenant, date(2026, 9, 30))
    with tenant_scope(tenant):
        practices.take_in(
            office.clinic,
            practices.superbill_row(external_id="TWICE", mrn="MRN77777", last="TWICE", member_id="W77777777",
                                    dos_from="2026-09-28", mod1="25", mod2="52"),
            name="twice.csv",
        )  # fmt: skip
        scrub()
    office.put(
        "50.835",
        world.as_file(
            [world.remittance([offices.payment(ours[HELD], paid="95.00")], trace="T1002")], control_number=50
        ),
    )
    offices.run(office)
    with tenant_scope(tenant), acting_as("manager"):
        bank_statement()
    audit(tenant)
    stand_on(tenant, TODAY)
    return office


def stand_on(tenant: Any, day: date) -> None:
    tenant.fixed_date = day
    tenant.save(update_fields=["fixed_date"])


def ask_about_everybody(tenant: Any) -> None:
    """The payer asked at once about each coverage, as the morning's questions are; refused ones fail."""
    from claimwright.web.core import clock
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import ask
    from claimwright.web.eligibility.models import EligibilitySnapshot
    from claimwright.web.operations.real_time import ask_question
    from claimwright.web.patients.models import PatientCoverage

    with tenant_scope(tenant):
        questions = [
            ask(patient=one.patient, payer=one.payer, coverage=one, on=clock.today(), in_real_time=True).pk
            for one in PatientCoverage.objects.select_related("patient__practice", "payer")
        ]
    for question in questions:
        ask_question(tenant=tenant, inquiry_id=question)
    with tenant_scope(tenant):
        assert EligibilitySnapshot.objects.filter(status="active").count() == len(questions) > 0


def bank_statement() -> None:
    """One deposit of the first payment's amount whose trace number the bank cut off: a person has to say what it is."""
    from claimwright.web.bank.services import import_bank_file, open_account

    row = Row(code="142", amount=Decimal("85.00"), text="NORTHERN MUTUAL HCCLAIMPMT", reference="B1")
    account = open_account(name="Operating", number=ACCOUNT)
    import_bank_file(name="day.bai", content=as_bai2(PAID_ON, [row], ACCOUNT), account=account)


def audit(tenant: Any) -> None:
    """The nightly audit of the books, kept as the checklist of the month wants it."""
    from claimwright.auditor import audit as examine
    from claimwright.web.bootstrap import connection_text
    from claimwright.web.close.services import record_audit_result
    from claimwright.web.core.tenancy import tenant_scope

    report = examine(connection_text(), str(tenant.pk))
    sequence, _, digest = report.ledger_head.partition(":")
    with tenant_scope(tenant):
        record_audit_result(
            ledger_sequence=int(sequence), ledger_hash=digest, faults=len(report.faults),
            examined=sum(check.examined for check in report.checks),
        )  # fmt: skip
