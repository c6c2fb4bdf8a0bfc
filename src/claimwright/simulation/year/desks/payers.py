"""The payers' day: the clearinghouse moves on, some files are lost and come again, answers are received and posted."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.sandbox.day import advance
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.operations.post import post
from claimwright.web.operations.receive import receive

LOST_SHARE = Decimal("0.02")  # remittance files that do not arrive; the payer sends them again when asked
FOUND_AFTER_DAYS = 45  # without asking; the desk of the lost ones asks sooner


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    advance(place.clearinghouse.root, day)
    counts["lost files"] = _lose(place, day)
    received = receive(tenant=place.tenant)
    posted = post(tenant=place.tenant)
    counts["files received"] = received.files
    counts["remittances"] = posted.remittances_posted
    counts["auto-posted lines"] = posted.auto_posted_lines
    counts["exceptions"] = posted.exceptions
    counts["duplicate remittances"] = posted.duplicates
    counts["failed postings"] = posted.failed
    return counts


def _lose(place: Workplace, day: date) -> int:
    """The bank hears of every 835; a few never reach the office until their payer sends them again."""
    lost = 0
    aside = place.home / "lost"
    aside.mkdir(exist_ok=True)
    for path in sorted(place.outbound.glob("835_*")):
        if path.name.startswith("835_AGAIN_"):
            continue
        place.bank.hear_of(path.read_bytes())
        if "_COPY_" not in path.name and place.chance("lost", path.name) < LOST_SHARE:
            path.rename(aside / f"{(day + timedelta(days=FOUND_AFTER_DAYS)).isoformat()}_{path.name}")
            lost += 1
    for path in sorted(aside.iterdir()):
        if path.name[:10] <= day.isoformat():
            path.rename(place.outbound / f"835_AGAIN_{path.name[11:]}")
    return lost
