"""One day of the sandbox: take in what was uploaded, let the payers work, release what is due. No wall clock."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.codes.money import ZERO
from claimwright.sandbox.adjudicate import Desk
from claimwright.sandbox.answers import Status, Verdict
from claimwright.sandbox.appeals import read_letters
from claimwright.sandbox.behaviour import happens, nth
from claimwright.sandbox.books import Books, Delivery, load_books, save_books, write_whole
from claimwright.sandbox.front_end import TAKEN_IN, payer_refusal, slow_days
from claimwright.sandbox.intake import Intake, acknowledge
from claimwright.sandbox.plan import Member, Payer, Plan, load_members, load_plan
from claimwright.sandbox.records import Record
from claimwright.sandbox.remittance import Payment, write_file
from claimwright.sandbox.treasury import first_pay_day, next_icn, run

PLAN_IN_ROOT = "plan.json"


class DayError(ValueError):
    """A day that cannot be run: the sandbox has been further already, or another run holds it."""


class DayReport(msgspec.Struct, kw_only=True):
    """What happened in one `advance`: counts, money paid out and the names released."""

    day: date
    files_received: int = 0
    files_unreadable: int = 0
    interchanges_rejected: int = 0
    transactions_accepted: int = 0
    transactions_rejected: int = 0
    inquiries_received: int = 0
    inquiries_refused: int = 0
    status_inquiries_received: int = 0
    status_inquiries_not_found: int = 0
    appeals_received: int = 0
    claims_received: int = 0
    clearinghouse_accepted: int = 0
    clearinghouse_rejected: int = 0
    payer_accepted: int = 0
    payer_rejected: int = 0
    claims_decided: int = 0
    claims_denied: int = 0
    crossovers: int = 0
    reversals: int = 0
    remittances: int = 0
    paid: Decimal = ZERO
    carried_forward: Decimal = ZERO
    waiting: int = 0
    released: list[str] = []


def folders(root: Path) -> tuple[Path, Path]:
    """The two folders a trading partner sees; made where absent."""
    inbound, outbound = root / "sftp" / "inbound", root / "sftp" / "outbound"
    for folder in (inbound, outbound, root / "received", root / "state"):
        folder.mkdir(parents=True, exist_ok=True)
    return inbound, outbound


def advance(root: Path, day: date, plan: Plan | None = None) -> DayReport:
    """Run the sandbox through `day`: days since the last one are made up first, uploads count as received on `day`.

    May be called again for the same day (later uploads). Raises DayError for a day before the last.
    `plan` defaults to <root>/plan.json, else the shipped plan. A killed run changes nothing but files that the next
    run writes again, byte for byte.
    """
    root = Path(root)
    inbound, outbound = folders(root)
    with _alone(root):
        books = load_books(root)
        if books.day and day < books.day:
            raise DayError(f"the sandbox is already at {books.day.isoformat()}; time runs forward only")
        _move_away(root, inbound, books)
        office = Office(plan or plan_of(root), books, root)
        report = DayReport(day=day)
        at = books.day + timedelta(days=1) if books.day else day
        while at < day:
            office.work(at, report)
            _release(outbound, books, at, report)
            at += timedelta(days=1)
        office.take_in(inbound, day, report)
        report.appeals_received += read_letters(root, office.plan, books, day)
        office.work(day, report)
        _release(outbound, books, day, report)
        books.day = day
        report.carried_forward = sum((carried.amount for carried in books.carried), ZERO)
        report.waiting = len(books.deliveries)
        save_books(root, books)
        _move_away(root, inbound, books)
    return report


def plan_of(root: Path) -> Plan:
    own = root / PLAN_IN_ROOT
    return load_plan(own if own.exists() else None)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with (root / "state" / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DayError("another run of this sandbox is at work") from error
        yield


def _move_away(root: Path, inbound: Path, books: Books) -> None:
    """Move files that the books have read out of inbound; finishes what a killed run left."""
    for name, digest in books.taken:
        source = inbound / name
        if source.exists() and _digest(source.read_bytes()) == digest:
            source.replace(root / "received" / f"{digest[:12]}_{name}")
    books.taken = []


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _release(outbound: Path, books: Books, day: date, report: DayReport) -> None:
    due = sorted((d for d in books.deliveries if d.due <= day), key=lambda d: d.stem)
    books.deliveries = [delivery for delivery in books.deliveries if delivery.due > day]
    for delivery in due:
        number = books.count(f"file {delivery.stem} {day.isoformat()}")
        name = f"{delivery.stem}_{day:%Y%m%d}_{number:04d}.edi"
        write_whole(outbound / name, delivery.content.encode("ascii"), outbound.parents[1] / "state")
        report.released.append(name)


class Office:
    """The clearinghouse and its payers with the books open."""

    def __init__(self, plan: Plan, books: Books, root: Path) -> None:
        self.plan, self.books = plan, books
        self.members: dict[tuple[str, str], Member] = load_members(root / plan.members)

    def take_in(self, inbound: Path, day: date, report: DayReport) -> None:
        intake = Intake(self.plan, self.books, self.members, day)
        for path in sorted(inbound.iterdir()):
            if not path.is_file() or path.name.startswith(".") or path.name.endswith((".part", ".tmp", ".filepart")):
                continue
            data = path.read_bytes()
            self.books.taken.append((path.name, _digest(data)))
            intake.take(path.name, data)
        intake.finish()
        for name, count in intake.counts.items():
            setattr(report, name, getattr(report, name) + count)

    def work(self, day: date, report: DayReport) -> None:
        """Every payer's day: claims that arrive, then its payment run."""
        for payer in self.plan.payers:
            desk = Desk(plan=self.plan, payer=payer, members=self.members, books=self.books, today=day)
            self._arrivals(desk, report)
            for receiver, payments in run(desk).items():
                self._remit(payer, receiver, payments, day, report)

    def _arrivals(self, desk: Desk, report: DayReport) -> None:
        verdicts: dict[tuple[str, date], list[Verdict]] = {}
        middle = self.plan.clearinghouse
        for record in self.books.records:
            if record.payer != desk.payer.id or record.state != "forwarded" or record.arrives > desk.today:
                continue
            status = None if record.crossover_from else payer_refusal(desk, record)
            if status is None:
                record.state, record.icn = "accepted", next_icn(desk)
                record.slow_days = 0 if record.crossover_from else slow_days(desk, record)
                record.pay_on = first_pay_day(desk, record)
            else:
                record.state = "refused"
            if record.crossover_from:
                continue
            report.payer_accepted += status is None
            report.payer_rejected += status is not None
            late = happens(middle.late_share, self.plan.seed, "late", desk.payer.id, record.chain)
            days = middle.payer_acknowledgement_days + (middle.late_days if late else 0)
            verdict = _verdict(record, status)
            receiver = record.claim.sender
            verdicts.setdefault((receiver, desk.today + timedelta(days=days)), []).append(verdict)
        source = ("PR", desk.payer.name, desk.payer.id)
        for (_, due), found in sorted(verdicts.items()):
            acknowledge(self.plan, self.books, source, found, desk.today, due)

    def _remit(self, payer: Payer, receiver: str, payments: list[Payment], day: date, report: DayReport) -> None:
        books, repeat = self.books, self.plan.clearinghouse.duplicate_remittance
        content = write_file(payments, self.plan.clearinghouse, receiver, books.count("interchange")).decode("ascii")
        stem = f"835_{payer.id}"
        books.deliveries.append(Delivery(due=day, stem=stem, content=content))
        if nth(books.count("835 files"), repeat.every, repeat.offset):
            books.deliveries.append(Delivery(due=day + timedelta(days=2), stem=f"{stem}_COPY", content=content))
        for payment in payments:
            report.remittances += 1
            report.paid += payment.amount
            for settlement in payment.settlements:
                report.reversals += settlement.sign < 0
                report.claims_decided += settlement.sign > 0
                report.crossovers += bool(settlement.forwarded_id)
                denied = any(row.denied for row in settlement.result.lines)
                report.claims_denied += settlement.sign > 0 and denied and not settlement.result.paid


def _verdict(record: Record, refusal: Status | None) -> Verdict:
    return Verdict(
        claim=record.claim,
        status=refusal or TAKEN_IN,
        accepted=refusal is None,
        icn=record.icn,
        member_id=record.member_id,
    )


def day(root: Path | str, day: date) -> DayReport:
    """The CLI's verb: `advance` with the root's own plan."""
    return advance(Path(root), day)
