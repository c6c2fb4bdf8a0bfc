"""One office's year: day after day, an audit after each, a planted corruption each month, and the proof at the end."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from django.db import connection

from claimwright.auditor.daily import DailyAuditor
from claimwright.codes.dates import is_business_day
from claimwright.sandbox.plan import load_plan
from claimwright.simulation.clearinghouse import Clearinghouse
from claimwright.simulation.year.bank import OPENING_BALANCE, Bank
from claimwright.simulation.year.corruption import PLANTED, plant_and_look
from claimwright.simulation.year.desks import (
    appeals,
    arrangements,
    bank,
    cashier,
    claims,
    close,
    coverage,
    credits,
    denials,
    exceptions,
    followup,
    front,
    holds,
    lost,
    patients,
    payers,
    recoveries,
)
from claimwright.simulation.year.offices import Office
from claimwright.simulation.year.people import people
from claimwright.simulation.year.proof import account_for_charges, tie_reports
from claimwright.simulation.year.setting_up import open_office
from claimwright.simulation.year.touch import count_touched
from claimwright.simulation.year.visits import FrontDesk
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.bootstrap import connection_text
from claimwright.web.operations.day import end_day

MANNERS = Path(__file__).with_name("manners.json")
DESKS: tuple[tuple[str, Callable[[Workplace, date], Counter[str]]], ...] = (
    ("front", front.work),
    ("coverage", coverage.work),
    ("denials", denials.work),
    ("claims", claims.work),
    ("supervisor", holds.work),
    ("payers", payers.work),
    ("lost", lost.work),
    ("posting", exceptions.work),
    ("followup", followup.work),
    ("appeals", appeals.work),
    ("patients", patients.work),
    ("arrangements", arrangements.work),
    ("cashier", cashier.work),
    ("recoveries", recoveries.work),
    ("credits", credits.work),
    ("bank", bank.work),
    ("close", close.work),
)
ZERO = Decimal("0.00")


class OfficeRun(msgspec.Struct):
    """What an office's days came to. `seconds` by desk, `counts` by desk and word; the rest as the books say at the end."""

    office: str
    days: int = 0
    audits: int = 0
    full_audits: int = 0
    examined: int = 0
    seconds: dict[str, float] = {}
    counts: dict[str, dict[str, int]] = {}
    faults: list[str] = []
    planted: int = 0
    planted_found: int = 0
    encounters: int = 0
    claims_sent: int = 0
    decided: int = 0
    untouched: int = 0
    charges: Decimal = ZERO
    credits: Decimal = ZERO
    old: Decimal = ZERO
    settled: dict[str, Decimal] = {}
    open: dict[str, Decimal] = {}
    homeless: int = 0
    untied: list[str] = []
    peak_megabytes: int = 0


def work_days(first: date, last: date) -> list[date]:
    span = (last - first).days + 1
    return [day for day in (first + timedelta(days=n) for n in range(span)) if is_business_day(day)]


def run_office(
    office: Office, home: Path, first: date, last: date, progress: Callable[[str, date], None] = lambda *_: None
) -> OfficeRun:
    """Open the office, live its work days from `first` to `last`, and ask the books what they came to."""
    root = home / office.slug
    root.mkdir(parents=True, exist_ok=True)
    plan = root / "plan.json"
    plan.write_bytes(msgspec.json.encode(msgspec.structs.replace(load_plan(MANNERS), seed=office.seed)))
    clearinghouse = Clearinghouse(root / "sandbox", plan=str(plan))
    run = OfficeRun(office.slug, seconds={}, counts={}, faults=[])
    try:
        tenant, practice = open_office(office, first, clearinghouse)
        place = Workplace(
            office, tenant, practice, clearinghouse, FrontDesk(office, people(office, first)), Bank(office.seed), root
        )
        close.agree_terms(place, first)
        auditor = DailyAuditor(connection_text(), str(tenant.pk))
        days = work_days(first, last)
        for at, day in enumerate(days):
            month_ends = at + 1 == len(days) or days[at + 1].month != day.month
            live(place, day, run, auditor, full=month_ends)
            if run.faults:
                break
            if month_ends:
                _close_month(place, day, run)
            progress(office.slug, day)
        _gather(place, first, run)
    finally:
        clearinghouse.stop()
    run.peak_megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return run


def live(place: Workplace, day: date, run: OfficeRun, auditor: DailyAuditor, *, full: bool) -> None:
    """One work day: every desk, the end of the day, the audit: of what the day touched, or `full` of everything."""
    place.stands_still(day)
    for name, work in DESKS:
        began = time.perf_counter()
        counts = work(place, day)
        _note(run, name, began, counts)
    began = time.perf_counter()
    end_day(tenant=place.tenant)
    _note(run, "end of day", began, Counter())
    began = time.perf_counter()
    report = auditor.audit(full=full)
    run.faults += [f"{day} {fault.invariant} {fault.subject}: {fault.message}" for fault in report.faults]
    run.examined += sum(check.examined for check in report.checks)
    run.audits += 1
    run.full_audits += auditor.was_full
    if full:
        close.note_audit(place, sum(check.examined for check in report.checks), len(report.faults))
    run.days += 1
    _note(run, "full audit" if auditor.was_full else "audit of the day", began, Counter())


def _close_month(place: Workplace, day: date, run: OfficeRun) -> None:
    """The bank's fee, and one corruption that the auditor must find; it is rolled back."""
    place.bank.charge_month(day)
    began = time.perf_counter()
    planted = PLANTED[(day.month + place.office.seed) % len(PLANTED)]
    settings = connection.settings_dict
    found = plant_and_look(settings["HOST"], settings["NAME"], str(place.tenant.pk), planted)
    run.planted += 1
    run.planted_found += bool(found)
    if not found:
        run.faults.append(f"{day} {planted.name}: planted, and the auditor missed it")
    _note(run, "planted corruption", began, Counter())


def _gather(place: Workplace, first: date, run: OfficeRun) -> None:
    as_of = place.tenant.fixed_date
    accounted = account_for_charges(place.tenant, as_of)
    run.charges, run.credits, run.old = accounted.charges, accounted.credits, accounted.old
    run.settled, run.open, run.homeless = accounted.settled, accounted.open, len(accounted.homeless)
    if not accounted.adds_up:
        run.faults.append(f"charges are not all accounted for: {accounted.homeless[:3]}")
    run.untied = tie_reports(place.tenant, first, as_of, place.bank.balance, OPENING_BALANCE).differences
    run.faults += [f"{name}: made again it is not the same" for name in close.prove_closed(place, first)]
    touched = count_touched(place.tenant)
    run.decided, run.untouched = touched.decided, touched.untouched
    run.encounters, run.claims_sent = touched.encounters, touched.claims_sent


def _note(run: OfficeRun, name: str, began: float, counts: Counter[str]) -> None:
    run.seconds[name] = run.seconds.get(name, 0.0) + time.perf_counter() - began
    mine = run.counts.setdefault(name, {})
    for word, count in counts.items():
        mine[word] = mine.get(word, 0) + count
