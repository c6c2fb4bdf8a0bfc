"""One office's year: day after day, an audit after each."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import msgspec

from claimwright.auditor import audit
from claimwright.codes.dates import is_business_day
from claimwright.sandbox.plan import load_plan
from claimwright.simulation.clearinghouse import Clearinghouse
from claimwright.simulation.year.bank import Bank
from claimwright.simulation.year.desks import bank, claims, denials, front, patients, payers
from claimwright.simulation.year.offices import Office
from claimwright.simulation.year.people import people
from claimwright.simulation.year.setting_up import open_office
from claimwright.simulation.year.visits import FrontDesk
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.bootstrap import connection_text
from claimwright.web.operations.day import end_day

MANNERS = Path(__file__).with_name("manners.json")
DESKS: tuple[tuple[str, Callable[[Workplace, date], Counter[str]]], ...] = (
    ("front", front.work),
    ("denials", denials.work),
    ("claims", claims.work),
    ("payers", payers.work),
    ("bank", bank.work),
    ("patients", patients.work),
)


class OfficeRun(msgspec.Struct):
    """What an office's days came to. `seconds` by desk, `counts` by desk and word."""

    office: str
    days: int = 0
    seconds: dict[str, float] = {}
    counts: dict[str, dict[str, int]] = {}
    faults: list[str] = []
    peak_megabytes: int = 0


def work_days(first: date, last: date) -> list[date]:
    span = (last - first).days + 1
    return [day for day in (first + timedelta(days=n) for n in range(span)) if is_business_day(day)]


def run_office(
    office: Office, home: Path, first: date, last: date, progress: Callable[[str], None] = print
) -> OfficeRun:
    """Open the office and live its work days from `first` to `last`."""
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
        for day in work_days(first, last):
            live(place, day, run)
            progress(f"{office.slug} {day}")
            if run.faults:
                break
    finally:
        clearinghouse.stop()
    run.peak_megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return run


def live(place: Workplace, day: date, run: OfficeRun) -> None:
    place.stands_still(day)
    for name, work in DESKS:
        began = time.perf_counter()
        counts = work(place, day)
        _note(run, name, began, counts)
    began = time.perf_counter()
    end_day(tenant=place.tenant)
    _note(run, "end of day", began, Counter())
    began = time.perf_counter()
    report = audit(connection_text(), str(place.tenant.pk))
    run.faults += [f"{day} {fault.invariant} {fault.subject}: {fault.message}" for fault in report.faults]
    _note(run, "audit", began, Counter(examined=sum(check.examined for check in report.checks)))
    run.days += 1


def _note(run: OfficeRun, name: str, began: float, counts: Counter[str]) -> None:
    run.seconds[name] = run.seconds.get(name, 0.0) + time.perf_counter() - began
    mine = run.counts.setdefault(name, {})
    for word, count in counts.items():
        mine[word] = mine.get(word, 0) + count
