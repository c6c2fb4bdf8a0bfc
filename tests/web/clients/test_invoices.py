"""A client's months: collected, closed, invoiced, paid; money undone later comes back on the next invoice."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from decimal import Decimal as D
from types import SimpleNamespace

import pytest

from tests.faults import office as offices
from tests.lib.web_data import a_user
from tests.web.payments.test_release import at_work, deliver

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (9, 10, 11, 12))


def stand_on(office, day):
    office.tenant.fixed_date = day
    office.tenant.save()


def terms(**changes):
    from claimwright.billing.service_invoices import Exclusion, Fee, FeeItem, FeeTerms, Tier

    items = (
        FeeItem(fee=Fee.PERCENT, words="Billing service", tiers=(Tier(percent=D(6)),)),
        FeeItem(fee=Fee.PER_CLAIM, words="Claims sent", rate=D("0.50")),
    )
    return FeeTerms(**({"items": items, "exclusions": (Exclusion.INTEREST,)} | changes))


def close(office, month):
    from claimwright.web.accounts import periods

    with at_work(office):
        periods.close_month(month=month, by=office.owner)


def books_are_proved(office):
    from claimwright.auditor import audit
    from claimwright.web.bootstrap import connection_text

    return not audit(connection_text(), str(office.tenant.pk)).faults


@pytest.fixture
def service(office):
    """The practice with terms from September, an owner, and September's money: three claims of 85.00 paid by the payer
    with 1.98 of interest, a check of 25.00 from a patient."""
    from claimwright.web.clients.services import set_terms
    from claimwright.web.payments.services import receive_patient_payment
    from claimwright.web.practice.models import Practice

    owner = a_user(office.tenant, "olivia", role="owner")
    with at_work(office):
        practice = Practice.objects.get()
        set_terms(practice=practice, first_month=SEPTEMBER, terms=terms())
    from claimwright.claims.nouns import ProviderAdjustment

    deliver(
        office, 1, [offices.payment(version) for version in office.versions],
        adjustments=(ProviderAdjustment(code="L6", reference="INT", amount=D(offices.INTEREST)),),
    )  # fmt: skip
    with at_work(office):
        check = receive_patient_payment(
            patient=office.versions[0].claim.patient,
            practice=practice,
            amount=D("25.00"),
            method="check",
            key="c1",
        )
    return SimpleNamespace(tenant=office.tenant, versions=office.versions, practice=practice, check=check, owner=owner)


def given_back(check, amount):
    """Cash handed back over the counter for a payment of the same amount: a month's collections without either."""
    from claimwright.ledger.accounts import Account, Kind
    from claimwright.ledger.transfers import EntryType, transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.core import clock

    credit, cash = (
        Account(Kind.CREDIT, str(check.patient_id)),
        Account(Kind.PATIENT_CASH, str(check.practice_id), "cash"),
    )
    told = {"amount": amount, "entry_type": EntryType.PAT_PAY, "effective_date": clock.today()}
    entries = [
        transfer(debit=cash, credit=credit, key="in", **told), transfer(debit=credit, credit=cash, key="out", **told)
    ]  # fmt: skip
    post_transfers(transfers=entries)
    return entries[1]


def reverse_later(entry):
    from claimwright.ledger.reversal import reverse
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.core import clock

    post_transfers(transfers=[reverse(entry, key="kept", effective_date=clock.today())])


def test_a_month_is_invoiced_once_closed_and_what_is_undone_comes_back(service):
    from claimwright.web.clients.models import ClientInvoice
    from claimwright.web.clients.selectors import account_of, balance_of
    from claimwright.web.clients.services import (
        InvoiceRefused,
        draft,
        issue_invoice,
        issue_invoices,
        record_payment,
        set_terms,
        void_invoice,
    )
    from claimwright.web.payments.services import return_payment

    practice = service.practice
    with at_work(service):
        out = given_back(service.check, D("10.00"))
        found = draft(practice=practice, month=date(2026, 9, 17))
        assert found.money.collected.payments == D("281.98")  # 3 x 85.00, 25.00 and the interest
        assert (found.money.collected.excluded, found.money.collected.claims) == ({"interest": D("1.98")}, 3)
        assert found.invoice.total == D("18.30")  # 280.00 x 6% and 3 x 0.50
        with pytest.raises(InvoiceRefused, match="not closed"):
            issue_invoice(practice=practice, month=SEPTEMBER)
    stand_on(service, date(2026, 10, 5))
    close(service, SEPTEMBER)
    with at_work(service):
        (first,) = issue_invoices(month=SEPTEMBER)
        assert (first.total, first.due_on, first.pdf[:5]) == (D("18.30"), date(2026, 11, 4), b"%PDF-")
        assert issue_invoice(practice=practice, month=SEPTEMBER).pk == first.pk
        with pytest.raises(InvoiceRefused, match="void it first"):
            set_terms(practice=practice, first_month=SEPTEMBER, terms=terms())
        return_payment(receipt=service.check)
    stand_on(service, date(2026, 11, 3))
    close(service, OCTOBER)
    with at_work(service):
        second = issue_invoice(practice=practice, month=OCTOBER)
        assert second.content["credited"] == {first.number: "1.50"}
        assert second.total == D("-1.50")  # nothing else came in, no claim went out
        record_payment(practice=practice, amount=D("18.30"), received_on=date(2026, 11, 2), key="p1", reference="4411")
        record_payment(practice=practice, amount=D("18.30"), received_on=date(2026, 11, 2), key="p1", reference="4411")
        assert balance_of(practice) == D("-1.50")
        assert [row.balance for row in account_of(practice)] == [D("18.30"), D("0.00"), D("-1.50")]
        with pytest.raises(InvoiceRefused, match="later month"):
            void_invoice(invoice=first, reason="wrong terms")
        void_invoice(invoice=second, reason="wrong terms")
        again = issue_invoice(practice=practice, month=OCTOBER)
        assert (again.total, again.number) == (D("-1.50"), f"{second.number}-2")
        assert ClientInvoice.objects.count() == 3 and balance_of(practice) == D("-1.50")
    stand_on(service, date(2026, 12, 2))
    close(service, NOVEMBER)
    with at_work(service):
        assert issue_invoice(practice=practice, month=NOVEMBER).total == 0  # credited once, not every month
    assert books_are_proved(service)
    with at_work(service):
        reverse_later(out)
    stand_on(service, date(2027, 1, 4))
    close(service, DECEMBER)
    with at_work(service):
        last = issue_invoice(practice=practice, month=DECEMBER)  # 10.00 of September was not given back after all
        assert (last.total, last.content["credited"]) == (D("0.60"), {first.number: "-0.60"})


def test_the_pages(service):
    from django.test import Client

    client = Client()
    stand_on(service, date(2026, 10, 5))
    close(service, SEPTEMBER)
    client.force_login(service.owner, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get("/clients/").content.decode()
    assert service.practice.name in shown and "6%" in shown
    address = f"/clients/{service.practice.pk}/"
    shown = client.get(f"{address}?month=2026-09").content.decode()
    assert "280.00 × 6% = 16.80" in shown and "18.30" in shown
    sent = client.post(f"{address}invoice/", {"month": "2026-09"}, follow=True).content.decode()
    assert "Invoice 2026-09-" in sent
    paper = client.get(f"{address}invoice/2026-09.pdf")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF-")
    report = client.get(f"{address}report/2026-09.pdf")
    assert report.content.startswith(b"%PDF-")
    text = _text(report.content)
    assert "Payments" in text and "280.00" in text and "Owed at the end" in text
    book = client.get(f"{address}report/2026-09.xlsx")
    assert book.content.startswith(b"PK") and client.get(f"{address}report/2026-09.doc").status_code == 404
    bad = client.post(f"{address}terms/", {"first_month": "2026-10", "percent": "six"}, follow=True).content.decode()
    assert "is not a number" in bad
    good = client.post(
        f"{address}terms/",
        {
            "first_month": "2026-10",
            "percent": "5.5",
            "minimum": "1500",
            "exclude": ["capitation"],
            "flat": "",
            "per_claim": "",
        },
        follow=True,
    ).content.decode()
    assert "The terms hold from October 2026" in good
    later = client.get(f"{address}?month=2026-10").content.decode()
    assert "5.5% of net collections" in later and "at least 1,500.00" in later and "without capitation" in later
    paid = client.post(
        f"{address}payment/",
        {"amount": "18.30", "received_on": "2026-10-05", "reference": "4411", "key": "x1"},
        follow=True,
    ).content.decode()
    assert "Payment 4411" in paid
    biller = a_user(service.tenant, "bill", role="biller")
    client.force_login(biller, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/clients/").status_code == 403


def _text(pdf):
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext is missing: apt-get install poppler-utils"
    return subprocess.run([tool, "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
