"""The demonstration practice: who it is, whom it bills, what it charges, and who works there."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import msgspec

from claimwright.claims.nouns import Address, Provider
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B
from claimwright.web.core.models import Tenant, User
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.exchange.models import Connection
from claimwright.web.exchange.services import create_connection
from claimwright.web.practice import services
from claimwright.web.practice.models import Practice

SLUG, NEIGHBOUR = "demo", "neighbour"
IDENTIFIED_FROM = date(2015, 1, 1)
LABORATORY = "14D0000001"  # a CLIA number of the right form that no laboratory has
PASSWORD = "practice-makes-paid"  # of the demonstration only, printed at its end

BILLING = Provider(
    npi="1000000004", is_organization=True, last_name="Lakeside Family Medicine", taxonomy="207Q00000X",
    tax_id="371234567", address=Address(line1="12 Lakeshore Drive", city="Springfield", state="IL", postal_code="627031234"),
    contact_name="Billing office", phone="2175550142",
)  # fmt: skip

# key, profile to start from, payer id, name, filing indicator, other names, usual days to pay, first appeal level.
PAYERS: tuple[tuple[str, PayerProfile, str, str, str, tuple[str, ...], int, int], ...] = (
    ("medicare", MEDICARE_B, "MEDB1", "Sandbox Medicare Part B", "MB", ("1900000001", "SANDBOX MEDICARE PART B"), 21, 120),
    ("commercial", COMMERCIAL, "COMM1", "Sandbox Commercial Health", "CI", ("1900000002", "SANDBOX COMMERCIAL HEALTH"), 14, 180),
    ("medicaid", MEDICAID, "MCAID", "Sandbox State Medicaid", "MC", ("1900000003", "SANDBOX STATE MEDICAID"), 14, 90),
    # Half set up: no folder to reach it by, no contact for its files. Its claims wait on the lists that say so.
    ("county", COMMERCIAL, "CNTY1", "County Health Plan", "CI", (), 30, 180),
    ("medigap", COMMERCIAL, "SUPP1", "Sandbox Medigap", "CI", ("1900000004", "SANDBOX MEDIGAP"), 21, 180),
)  # fmt: skip
PRESUMED_RECEIPT_DAYS = {"medicare": 5}
STAFF = (
    ("desk", "front_desk"), ("coder", "coder"), ("biller", "biller"), ("poster", "poster"), ("supervisor", "supervisor"),
    ("manager", "manager"), ("owner", "owner"), ("auditor", "auditor"),
)  # fmt: skip


def create_tenants(first_day: date) -> Tenant:
    """The demonstration's tenant, its clock fixed, and a neighbour that must never see or be seen."""
    Tenant.objects.create(slug=NEIGHBOUR, name="Neighbour Pediatrics", fixed_date=first_day)
    tenant = Tenant.objects.create(
        slug=SLUG, name="Lakeside Family Medicine", fixed_date=first_day, time_zone="America/Chicago"
    )
    for name, role in STAFF:
        User.objects.create_user(
            name, password=PASSWORD, tenant=tenant, role=role, is_staff=role == "owner", is_superuser=role == "owner"
        )
    return tenant


def set_up(
    tenant: Tenant, data: Path, home: Path, *, host: str, port: int, username: str, password: str, host_key: str
) -> Practice:
    """Practice, providers, payers, prices and the connection to the clearinghouse."""
    with tenant_scope(tenant):
        connection = create_connection(
            secret=password, name="clearinghouse", kind=Connection.Kind.SFTP, host=host, port=port, username=username,
            host_key=host_key, outgoing="inbound", incoming="outbound", usage="T", sender_id="LAKESIDE",
            receiver_id="CWSANDBOX", receiver_name="CLAIMWRIGHT SANDBOX", submitter_name="LAKESIDE FAMILY MEDICINE",
            submitter_contact="BILLING OFFICE", submitter_phone="2175550142",
        )  # fmt: skip
        county = create_connection(
            name="county", kind=Connection.Kind.FOLDER, outgoing=str(home / "county" / "in"),
            incoming=str(home / "county" / "out"), usage="T", sender_id="LAKESIDE", receiver_id="COUNTY",
        )  # fmt: skip
        practice = services.save_practice(
            provider=BILLING, start=IDENTIFIED_FROM, statement_name="Lakeside Family Medicine",
            statement_phone="(217) 555-0142",
        )  # fmt: skip
        if not practice.identifiers.filter(kind="CLIA").exists():
            services.replace_identifier(practice=practice, kind="CLIA", value=LABORATORY, start=IDENTIFIED_FROM)
        services.save_location(practice=practice, code="main", name="Lakeshore Drive office")
        for row in json.loads((data / "providers.json").read_text()):
            aliases = row.pop("aliases", [])
            services.save_provider(provider=msgspec.convert(row, Provider), practice=practice, aliases=aliases)
        called = payer_aliases(data)
        for key, profile, payer_id, name, filing, aliases, days, appeal in PAYERS:
            services.save_payer(
                key=key, filing_indicator=filing, aliases=(*aliases, *called.get(key, ())),
                connection=county if key == "county" else connection, usual_pay_days=days,
                profile=msgspec.structs.replace(
                    profile, payer_id=payer_id, name=name, requires_enrolment=False, appeal_days=appeal,
                    presumed_receipt_days=PRESUMED_RECEIPT_DAYS.get(key, 0),
                ),
            )  # fmt: skip
        services.load_charge_master(practice=practice, content=(data / "charge_master.csv").read_bytes())
    return practice


def payer_aliases(data: Path) -> dict[str, list[str]]:
    """What the clients' systems call our payers."""
    with (data / "payer_aliases.csv").open(newline="") as handle:
        called: dict[str, list[str]] = {}
        for row in csv.DictReader(handle):
            called.setdefault(row["payer"], []).append(row["alias"])
    return called
