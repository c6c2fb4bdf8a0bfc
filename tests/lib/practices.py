"""A practice set up in the tenant under test: payers, provider, prices, a folder connection; and visits for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from tests.lib.builders import (
    COMMERCIAL,
    MEDICAID,
    MEDICARE,
    SECOND_COMMERCIAL,
    a_billing_provider,
    a_rendering_provider,
)

CHARGES = b"""code,amount,start,modifier,description
99213,150.00,2025-01-01,,visit
99214,210.00,2025-01-01,,longer visit
87880,40.00,2025-01-01,,strep
93000,60.00,2025-01-01,,ecg
"""
START = date(2020, 1, 1)


class Clinic(msgspec.Struct, kw_only=True):
    """Rows of a practice that is ready to bill, and the partner's folders."""

    practice: Any
    connection: Any
    outgoing: Path
    incoming: Path


def set_up(root: Path, *, npi: str = "1000000004", **connection: Any) -> Clinic:
    """In the open tenant scope. `connection` overrides fields of the folder connection."""
    from claimwright.edits.payers.commercial import COMMERCIAL as COMMERCIAL_RULES
    from claimwright.edits.payers.medicaid import MEDICAID as MEDICAID_RULES
    from claimwright.edits.payers.medicare_b import MEDICARE_B as MEDICARE_RULES
    from claimwright.web.exchange.services import create_connection
    from claimwright.web.practice import services

    outgoing, incoming = root / "out", root / "in"
    for folder in (outgoing, incoming):
        folder.mkdir(parents=True, exist_ok=True)
    way = create_connection(
        **{
            "name": "Clearinghouse", "kind": "folder", "outgoing": str(outgoing), "incoming": str(incoming),
            "sender_id": "LAKESIDE01", "receiver_id": "CLEARHOUSE", "receiver_name": "PRETEND CLEARINGHOUSE",
            "submitter_name": "LAKESIDE FAMILY MEDICINE", "submitter_contact": "BILLING",
            "submitter_phone": "6085550142",
        }
        | connection
    )  # fmt: skip
    practice = services.save_practice(provider=a_billing_provider(npi=npi), start=START)
    services.save_provider(provider=a_rendering_provider(), practice=practice)
    services.save_location(practice=practice, code="MAIN", name="Main office")
    services.load_charge_master(practice=practice, content=CHARGES)
    rules = (
        ("NMUT", COMMERCIAL, COMMERCIAL_RULES), ("PRAIRIE", SECOND_COMMERCIAL, COMMERCIAL_RULES),
        ("MEDB", MEDICARE, MEDICARE_RULES), ("WIMCD", MEDICAID, MEDICAID_RULES),
    )  # fmt: skip
    for key, noun, profile in rules:
        services.save_payer(
            key=key, profile=msgspec.structs.replace(profile, payer_id=noun.payer_id, name=noun.name),
            filing_indicator=noun.filing_indicator, connection=way,
        )  # fmt: skip
    return Clinic(practice=practice, connection=way, outgoing=outgoing, incoming=incoming)


class TwoClinics(msgspec.Struct, kw_only=True):
    """Two tenants with a clinic of the same NPI each; the folders are nobody's yet."""

    tenant: Any
    mine: Clinic
    theirs: Clinic


def two_clinics() -> TwoClinics:
    from claimwright.web.core.tenancy import tenant_scope
    from tests.conftest import _two_tenants

    first, other = _two_tenants()
    with TemporaryDirectory() as folder:
        with tenant_scope(other):
            theirs = set_up(Path(folder) / "other")
        with tenant_scope(first):
            mine = set_up(Path(folder) / "partner")
    return TwoClinics(tenant=first, mine=mine, theirs=theirs)


def settled(clinic: Clinic, root: Path) -> Clinic:
    """The clinic with folders of its own. In the open tenant scope."""
    outgoing, incoming = root / "out", root / "in"
    for folder in (outgoing, incoming):
        folder.mkdir(parents=True, exist_ok=True)
    way = clinic.connection
    way.outgoing, way.incoming = str(outgoing), str(incoming)
    way.save(update_fields=["outgoing", "incoming"])
    return msgspec.structs.replace(clinic, outgoing=outgoing, incoming=incoming)


def superbill_row(**cells: str) -> dict[str, str]:
    """A clean visit of one line to the commercial payer."""
    return {
        "external_id": "V1", "mrn": "MRN1001", "last": "TESTER", "first": "ANNA", "dob": "1980-05-17", "sex": "F",
        "address": "12 BIRCH ST", "city": "MADISON", "state": "WI", "zip": "537034321", "payer": "NMUT",
        "member_id": "W12345678", "relationship": "self", "practice_npi": "1000000004", "location": "MAIN",
        "dos_from": "2026-08-31", "pos": "11", "rendering_npi": "1234567893", "dx1": "J06.9", "cpt": "99213",
        "units": "1", "charge": "150.00",
    } | cells  # fmt: skip


def superbill(*rows: dict[str, str]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def store(content: bytes, name: str = "visits.csv", source: str = "upload") -> Any:
    from claimwright.web.exchange.services import store_received

    return store_received(source=source, name=name, content=content)


def take_in(clinic: Clinic, *rows: dict[str, str], name: str = "visits.csv") -> Any:
    """A superbill of these rows taken in; the report."""
    from claimwright.web.operations.intake import take_in_csv

    return take_in_csv(file=store(superbill(*rows), name), practice=clinic.practice)


def visits(count: int) -> Sequence[dict[str, str]]:
    """Clean visits of as many patients."""
    return [
        superbill_row(
            external_id=f"V{n}", mrn=f"MRN{n:05d}", member_id=f"W{10_000_000 + n}", last=f"TESTER{'ABCDEFGHIJ'[n % 10]}"
        )
        for n in range(count)
    ]


def work_items(**match: Any) -> list[tuple[str, str]]:
    from claimwright.web.core.models import WorkItem

    found = WorkItem.objects.filter(**({"state": "open"} | match)).values_list("worklist", "reason_code")
    return sorted(found)


def states() -> dict[str, int]:
    """How many claim versions stand in which state."""
    from collections import Counter

    from claimwright.web.submissions.models import ClaimVersion

    return dict(Counter(ClaimVersion.objects.values_list("state", flat=True)))
