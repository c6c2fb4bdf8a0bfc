"""A front desk whose day moves: the desk of the payments' tests, with guarantors, and statements sent as a whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.web.payments.test_statements import PAID, Desk

PRINTED = "https://billing.lakeside.example"


class SendingDesk(Desk):
    """`on` is the tenant's day. Amounts of visits are the PAT part; the payer's is paid and adjusted."""

    def set_day(self, on: date) -> None:
        self.tenant.fixed_date = on
        self.tenant.save()

    def child_of(self, guarantor, **fields):
        child = self.add_patient(**fields)
        with self.scope():
            child.guarantor = guarantor
            child.save()
        return child

    def small_visit(self, owed: str, patient=None, **more):
        rest = str(Decimal("150.00") - Decimal(owed))
        return self.visit(("paid", "INS1", rest), ("PAT", "INS1", owed), patient=patient, **more)

    def send(self):
        from claimwright.web.statements.services import issue_due_statements

        with self.scope():
            return issue_due_statements()

    def dun(self):
        from claimwright.web.statements.services import run_dunning

        with self.scope():
            return run_dunning()

    def rows(self, name, **match):
        from claimwright.web.statements import models

        with self.scope():
            return list(getattr(models, name).objects.filter(**match))

    def pay(self, amount: str, patient=None, key="r1"):
        from claimwright.web.payments.services import receive_patient_payment

        with self.scope():
            return receive_patient_payment(
                patient=patient or self.patient, practice=self.practice, amount=Decimal(amount), method="check", key=key
            )


__all__ = ["PAID", "PRINTED", "SendingDesk"]
