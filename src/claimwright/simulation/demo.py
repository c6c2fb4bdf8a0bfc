"""The demonstration: a practice bills two months of work, from encounters to reconciled cents, in a few minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.claims.from_csv.registration import Registration as RegistrationNoun
from claimwright.claims.nouns import Coverage
from claimwright.simulation import biller, mishaps, office
from claimwright.simulation.clearinghouse import Clearinghouse, Member
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.exchange.services import store_received
from claimwright.web.operations import intake
from claimwright.web.operations.day import end_day
from claimwright.web.operations.post import PostReport, post
from claimwright.web.operations.receive import ReceiveReport, receive, split_file
from claimwright.web.patients.models import PatientCoverage, Registration
from claimwright.web.practice.models import Practice
from claimwright.web.statements.services import issue_due_statements
from claimwright.web.submissions.sending import submit_ready
from claimwright.web.submissions.services import scrub
from claimwright.x12 import read

FIRST_DAY = date(2026, 8, 1)
LAST_SERVICE = date(2026, 9, 25)
LAST_DAY = date(2026, 10, 30)
STEP_DAYS = 3
STATEMENTS_FROM = date(2026, 9, 14)
STATEMENTS_EVERY_DAYS = 14
STRAY_DEPOSIT_ON = date(2026, 10, 12)
MISHAPS_ON = date(2026, 9, 21)
POWER_CUT_ON = date(2026, 9, 8)
FHIR_INTERFACE = "ehr"
NOT_OURS = "chiropractic.edi"  # this sender's files are billed by whatever practice they name
MEDICARE = "MEDB1"
HALF, UNKNOWN_TO_THE_PAYER = Decimal("0.5"), Decimal("0.02")

Progress = Callable[[str, int, int], None]


class Totals(msgspec.Struct):
    """What the run counted on its way; everything else is asked of the books at the end."""

    remittances_posted: int = 0
    auto_posted_lines: int = 0
    exceptions: int = 0


class Delivery(msgspec.Struct, frozen=True):
    """A file an interface delivers on a day."""

    day: date
    kind: str  # csv, fhir, 837p
    name: str
    content: bytes


def run(data: Path, home: Path, progress: Progress) -> tuple[Tenant, Totals]:
    """Set up, take in, bill, post and collect through LAST_DAY. `home` holds the sandbox's folder too."""
    tenant = office.create_tenants(FIRST_DAY)
    clearinghouse = Clearinghouse(home / "sandbox", plan=str(data / "sandbox_plan.json"))
    totals = Totals()
    try:
        practice = office.set_up(
            tenant, data, home, host=clearinghouse.host, port=clearinghouse.port, username=clearinghouse.username,
            password=clearinghouse.password, host_key=clearinghouse.host_key,
        )  # fmt: skip
        _register(tenant, practice, data)
        deliveries = sorted(read_deliveries(data), key=lambda one: (one.day, one.kind, one.name))
        days = [FIRST_DAY + timedelta(days=n) for n in range(0, (LAST_DAY - FIRST_DAY).days + 1, STEP_DAYS)]
        for number, day in enumerate(days, 1):
            progress(f"{day:%d %b %Y}", number, len(days))
            due = [one for one in deliveries if one.day <= day]
            deliveries = [one for one in deliveries if one.day > day]
            live_a_day(tenant, practice, clearinghouse, day, due, totals)
    finally:
        clearinghouse.stop()
    return tenant, totals


def live_a_day(
    tenant: Tenant, practice: Practice, clearinghouse: Clearinghouse, day: date, due: list[Delivery], totals: Totals
) -> None:
    """Intake, scrub, send, receive, post, work the lists, collect: a day of a billing office."""
    Tenant.objects.filter(slug__in=[office.SLUG, office.NEIGHBOUR]).update(fixed_date=day)
    tenant.fixed_date = day
    for delivery in due:
        take_in(tenant, practice, delivery)
    if due:
        clearinghouse.enrol(members(tenant))
        biller.collect_copays(tenant, day)
    biller.work_rejections(tenant)
    biller.work_denials(tenant)
    with tenant_scope(tenant), acting_as("scrubber"):
        scrub(version_ids=None if due else biller.drafts())
    biller.work_edit_holds(tenant)
    if reached(POWER_CUT_ON, day):
        cut_the_power_while_sending(tenant)
    else:
        submit_ready(tenant=tenant)
    clearinghouse.day(day)
    if reached(MISHAPS_ON, day):
        mishaps.drop_all(tenant, clearinghouse.root / "sftp" / "outbound", day)
    receive(tenant=tenant)
    _count(totals, post(tenant=tenant))
    biller.bank(tenant)
    biller.approve_write_offs(tenant)
    biller.patients_pay(tenant)
    end_day(tenant=tenant)
    biller.refund(tenant)
    if reached(STRAY_DEPOSIT_ON, day):
        biller.stray_deposit(tenant, STRAY_DEPOSIT_ON)
    since = (day - STATEMENTS_FROM).days
    if since >= 0 and since % STATEMENTS_EVERY_DAYS < STEP_DAYS:
        with tenant_scope(tenant), acting_as("statements"):
            issue_due_statements(as_of=day)


def reached(wanted: date, day: date) -> bool:
    """Whether `wanted` falls into the step that ends on `day`."""
    return 0 <= (day - wanted).days < STEP_DAYS


def cut_the_power_while_sending(tenant: Tenant) -> None:
    """The sending process dies after the file reached the partner and before that was noted."""
    subprocess.run(
        [sys.executable, "-m", "claimwright.cli", "submit", "--tenant", tenant.slug, "--json"],
        env=os.environ | {"FAIL_AT": "exchange.after_rename"}, capture_output=True, check=False,
    )  # fmt: skip


def _count(totals: Totals, report: PostReport) -> None:
    totals.remittances_posted += report.remittances_posted
    totals.auto_posted_lines += report.auto_posted_lines
    totals.exceptions += report.exceptions


def take_in(tenant: Tenant, practice: Practice, delivery: Delivery) -> None:
    """One delivered file through the intake of its kind: bytes first."""
    shift = shift_into(FIRST_DAY, min(delivery.day - timedelta(days=1), LAST_SERVICE))
    with tenant_scope(tenant), acting_as("intake"):
        file = store_received(source=delivery.kind, name=delivery.name, content=delivery.content)
    with tenant_scope(tenant), acting_as("intake"):
        if delivery.kind == "csv":
            intake.take_in_csv(file=file, practice=practice, partial="damaged" not in delivery.name)
        elif delivery.kind == "fhir":
            intake.take_in_fhir(file=file, practice=practice, interface=FHIR_INTERFACE, shift=shift)
        else:
            split_file(file=file, document=read(delivery.content), report=ReceiveReport())
            own = None if delivery.name.endswith(NOT_OURS) else practice
            intake.take_in_837p(file=file, practice=own, shift=shift)


def shift_into(first: date, last: date) -> Callable[[date], int]:
    """Whole days from a date to its place in the window: spread over all of it, always the same."""
    span = (last - first).days + 1

    def shift(day: date) -> int:
        return (first + timedelta(days=day.toordinal() * 37 % span) - day).days

    return shift


def read_deliveries(data: Path) -> Iterator[Delivery]:
    """Superbills on the Friday of their week, a few charts and other systems' claim files each week."""
    for path in sorted((data / "intake" / "csv").glob("*.csv")):
        stamp = path.stem.removeprefix("superbill-")
        day = date.fromisoformat(stamp) if stamp[:2] == "20" else LAST_SERVICE
        yield Delivery(day, "csv", path.name, path.read_bytes())
    fridays = [FIRST_DAY + timedelta(days=6 + 7 * week) for week in range(1, 8)]
    bundles = []
    for archive in sorted((data / "intake" / "fhir").glob("*.tar.xz")):
        with tarfile.open(archive) as members_:
            for member in members_.getmembers():
                handle = members_.extractfile(member) if member.isfile() and member.name.endswith(".json") else None
                if handle is not None:
                    bundles.append((Path(member.name).name, handle.read()))
    bundles.sort(key=lambda pair: (len(pair[1]), pair[0]))
    for position, (name, content) in enumerate(bundles):
        yield Delivery(fridays[position * len(fridays) // len(bundles)], "fhir", name, content)
    files = sorted(path for path in (data / "intake" / "837p").rglob("*") if path.is_file())
    for position, path in enumerate(files):
        name = "-".join(path.relative_to(data / "intake" / "837p").parts)
        yield Delivery(fridays[position % len(fridays)], "837p", name, path.read_bytes())


def _register(tenant: Tenant, practice: Practice, data: Path) -> None:
    with tenant_scope(tenant), acting_as("front desk"):
        for name in ("registration.csv", "code_map.csv"):
            file = store_received(source="front desk", name=name, content=(data / name).read_bytes())
            if name == "registration.csv":
                intake.load_registration_csv(file=file, practice=practice)
            else:
                intake.load_code_map_csv(file=file, interface=FHIR_INTERFACE)


def members(tenant: Tenant) -> list[Member]:
    """The payers' own lists: all coverages we know, but a few they do not; half of those with a second payer crossed over."""
    with tenant_scope(tenant):
        registered = [row.content for row in Registration.objects.order_by("record_number")]
        covers = [msgspec.convert(content, RegistrationNoun).coverages for content in registered]
        by_patient: dict[object, list[Coverage]] = defaultdict(list)
        for row in PatientCoverage.objects.select_related("payer").order_by("patient_id", "sequence"):
            cover = msgspec.convert(row.content, Coverage)
            payer = msgspec.structs.replace(cover.payer, payer_id=row.payer.payer_id)
            by_patient[row.patient_id].append(msgspec.structs.replace(cover, payer=payer))
    covers += [tuple(rows) for rows in by_patient.values()]
    found: dict[tuple[str, str], Member] = {}
    for first, *later in filter(None, covers):
        crossed = bool(later) and first.payer.payer_id == MEDICARE and biller.share("crossover", first.member_id) < HALF
        for coverage in (first, *later):
            forward = crossed and coverage is first
            if biller.share("unknown member", coverage.member_id) > UNKNOWN_TO_THE_PAYER:
                found.setdefault(
                    (coverage.payer.payer_id, coverage.member_id),
                    Member(
                        member_id=coverage.member_id, payer=coverage.payer.payer_id,
                        crossover_to=later[0].payer.payer_id if forward else "",
                        crossover_member_id=later[0].member_id if forward else "",
                    ),
                )  # fmt: skip
    return list(found.values())
