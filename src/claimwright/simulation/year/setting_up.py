"""An office before its first day: tenant, staff, connection, practice, payers, prices, bank account."""

from __future__ import annotations

import csv
import io
import secrets
from datetime import date

import msgspec

from claimwright.simulation.clearinghouse import Clearinghouse
from claimwright.simulation.year.contracts import agree_rates
from claimwright.simulation.year.offices import IDENTIFIED_FROM, PAYERS, STAFF, Office
from claimwright.web.bank.services import open_account
from claimwright.web.core.models import Tenant, User
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.eligibility.asking import save_payer_check
from claimwright.web.exchange.models import Connection
from claimwright.web.exchange.services import create_connection
from claimwright.web.followup.norms import save_payer_norm
from claimwright.web.practice import services
from claimwright.web.practice.models import Payer, Practice

BANK_ACCOUNT = "Operating"
CHECKED = ("medicaid", "advantage")  # payers whose members change often: no claim goes without a fresh answer


def open_office(office: Office, first_day: date, clearinghouse: Clearinghouse) -> tuple[Tenant, Practice]:
    """The office's tenant, its clock on `first_day`, and its practice, ready to bill."""
    tenant = Tenant.objects.create(
        slug=office.slug, name=office.billing.last_name, fixed_date=first_day, time_zone="America/Chicago"
    )
    for name, role in STAFF:
        User.objects.create_user(f"{office.slug}-{name}", password=secrets.token_urlsafe(16), tenant=tenant, role=role)
    with tenant_scope(tenant):
        practice = services.save_practice(
            provider=office.billing, start=IDENTIFIED_FROM, statement_name=office.billing.last_name,
            statement_phone="(217) 555-0100",
        )  # fmt: skip
        services.replace_identifier(practice=practice, kind="CLIA", value="14D0000001", start=IDENTIFIED_FROM)
        services.save_location(practice=practice, code="main", name="Office")
        for provider in office.providers:
            services.save_provider(provider=provider, practice=practice)
        _payers(office, _connection(office, clearinghouse))
        for payer in Payer.objects.order_by("key"):
            save_payer_norm(payer=payer, asks_status=True)
            if payer.key in CHECKED:
                save_payer_check(payer=payer, calendar_month=payer.key == "medicaid", discovery=True)
        services.load_charge_master(practice=practice, content=_price_list(office))
        agree_rates(office)
        open_account(name=BANK_ACCOUNT, practice=practice)
    return tenant, practice


def _connection(office: Office, clearinghouse: Clearinghouse) -> Connection:
    name = office.billing.last_name.upper()
    return create_connection(
        secret=clearinghouse.password, name="clearinghouse", kind=Connection.Kind.SFTP, host=clearinghouse.host,
        port=clearinghouse.port, username=clearinghouse.username, host_key=clearinghouse.host_key, outgoing="inbound",
        incoming="outbound", usage="T", sender_id=office.slug.upper(), receiver_id="CWSANDBOX",
        receiver_name="CLAIMWRIGHT SANDBOX", submitter_name=name, submitter_contact="BILLING OFFICE",
        submitter_phone="2175550142",
    )  # fmt: skip


def _payers(office: Office, connection: Connection) -> None:
    for key in office.payer_keys:
        row = PAYERS[key]
        services.save_payer(
            key=key, filing_indicator=row.filing_indicator, aliases=(row.trace_id, row.name.upper()),
            connection=connection, usual_pay_days=row.usual_pay_days,
            profile=msgspec.structs.replace(
                row.profile, payer_id=row.sandbox_id, name=row.name, requires_enrolment=False,
                appeal_days=row.appeal_days, presumed_receipt_days=row.presumed_receipt_days,
            ),
        )  # fmt: skip


def _price_list(office: Office) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("code", "modifier", "amount", "start", "end", "description"))
    writer.writerows((code, "", amount, "2025-01-01", "", "Service") for code, amount in office.prices.items())
    return text.getvalue().encode()
