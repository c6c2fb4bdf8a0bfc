"""The demonstration: a practice bills two months of work, from encounters to reconciled cents, in a few minutes."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec

from claimwright.claims.from_csv.registration import read_registrations
from claimwright.claims.from_fhir.code_map import load_code_map
from claimwright.simulation import biller, office
from claimwright.simulation.clearinghouse import Clearinghouse, Member
from claimwright.web.charges.services import save_code_map
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.operations import intake
from claimwright.web.operations.post import PostReport, post
from claimwright.web.operations.receive import receive
from claimwright.web.payments.statements import issue_statements
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import payer_nouns
from claimwright.web.submissions.sending import submit_ready
from claimwright.web.submissions.services import scrub

FIRST_DAY = date(2026, 8, 1)
LAST_SERVICE = date(2026, 9, 25)
LAST_DAY = date(2026, 10, 30)
STEP_DAYS = 2
STATEMENTS_FROM = date(2026, 9, 14)
STATEMENTS_EVERY_DAYS = 14
STRAY_DEPOSIT_ON = date(2026, 10, 12)
FHIR_INTERFACE = "ehr"

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
    clearinghouse = Clearinghouse(home / "sandbox")
    totals = Totals()
    try:
        practice = office.set_up(
            tenant, data, host=clearinghouse.host, port=clearinghouse.port, username=clearinghouse.username,
            password=clearinghouse.password, host_key=clearinghouse.host_key,
        )  # fmt: skip
        _register(tenant, practice, data)
        clearinghouse.enrol(members(data, tenant))
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
        biller.collect_copays(tenant, day)
    biller.work_rejections(tenant)
    biller.work_denials(tenant)
    with tenant_scope(tenant), acting_as("scrubber"):
        scrub()
    biller.work_edit_holds(tenant)
    submit_ready(tenant=tenant)
    clearinghouse.day(day)
    receive(tenant=tenant)
    _count(totals, post(tenant=tenant))
    biller.bank(tenant)
    biller.approve_write_offs(tenant)
    biller.patients_pay(tenant)
    biller.end_of_day(tenant)
    biller.refund(tenant)
    if day == STRAY_DEPOSIT_ON or day - timedelta(days=1) == STRAY_DEPOSIT_ON:
        biller.stray_deposit(tenant, STRAY_DEPOSIT_ON)
    since = (day - STATEMENTS_FROM).days
    if since >= 0 and since % STATEMENTS_EVERY_DAYS < STEP_DAYS:
        with tenant_scope(tenant), acting_as("statements"):
            issue_statements(as_of=day)


def _count(totals: Totals, report: PostReport) -> None:
    totals.remittances_posted += report.remittances_posted
    totals.auto_posted_lines += report.auto_posted_lines
    totals.exceptions += report.exceptions


def take_in(tenant: Tenant, practice: Practice, delivery: Delivery) -> None:
    """One delivered file through the intake of its kind."""
    last = min(delivery.day - timedelta(days=1), LAST_SERVICE)
    with tenant_scope(tenant), acting_as("intake"):
        intake.take_in(
            kind=delivery.kind, name=delivery.name, content=delivery.content, practice=practice,
            interface=FHIR_INTERFACE, shift=shift_into(FIRST_DAY, last),
        )  # fmt: skip


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
        intake.load_registrations(practice=practice, name="registration.csv", content=(data / "registration.csv").read_bytes())
        save_code_map(interface=FHIR_INTERFACE, code_map=load_code_map((data / "code_map.csv").read_bytes()))


def members(data: Path, tenant: Tenant) -> list[Member]:
    """The payers' own lists: everyone registered, half of those with a second payer crossed over by the first."""
    with tenant_scope(tenant):
        registrations = read_registrations((data / "registration.csv").read_bytes(), payer_nouns())
    found = []
    for number, (_, registration) in enumerate(sorted(registrations.patients.items())):
        first, *later = registration.coverages
        crossed = bool(later) and first.payer.payer_id == "MEDB1" and number % 2 == 0
        for coverage in registration.coverages:
            forward = crossed and coverage is first
            found.append(
                Member(
                    member_id=coverage.member_id, payer=coverage.payer.payer_id,
                    crossover_to=later[0].payer.payer_id if forward else "",
                    crossover_member_id=later[0].member_id if forward else "",
                )
            )  # fmt: skip
    return found


