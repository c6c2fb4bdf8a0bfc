"""What working a denial now is worth: contract, what patients owe, the payer's yield and the own record, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Sum

from claimwright.billing import denials as rules
from claimwright.billing.posting.classify import PostingClass
from claimwright.billing.root_causes import learned_chances, usual_cause
from claimwright.codes.money import ZERO, money
from claimwright.web.contracts.models import ExpectedLine
from claimwright.web.core import clock
from claimwright.web.core.services import record_audit
from claimwright.web.core.writing import write_rows
from claimwright.web.denials.models import Denial, LearnedChance
from claimwright.web.denials.selectors import chances
from claimwright.web.payments.models import AdjudicationRecord, ClaimPayment, WriteOff

YIELD_DAYS = 365
FEWEST_FOR_YIELD = rules.LEARNED_AFTER_CASES
# How long a denial of a category may wait for its first step: our own habit, shorter where days cost most.
ACT_WITHIN_DAYS = {"TIME": 3, "DOC": 5, "ELIG": 5, "COB": 5, "AUTH": 5, "TECH": 5}
ACT_WITHIN_DAYS_OTHERWISE = 10
OPEN = tuple(state.value for state in rules.OPEN_STATES)
SCORED = ("priority", "priority_working", "root_cause", "preventable", "act_by")


def rescore(rows: Sequence[Denial]) -> None:
    """Bring score, its working and the usual cause up to date. A few queries for all of them."""
    if not rows:
        return
    allowed, shares = _allowed({row.line_id for row in rows}), _patient_shares({row.version_id for row in rows})
    yields, learned = _yields({row.payer_id for row in rows}), chances()
    before = {row.pk: [getattr(row, name) for name in SCORED] for row in rows}
    for row in rows:
        held = learned.get(row.category)
        chance, minutes = rules.chance_and_minutes(row.category, held.won if held else 0, held.decided if held else 0)
        contract = allowed.get(row.line_id)
        share = shares.get((row.version_id, row.line_id), ZERO)
        brings, why = _expected(row, contract, share, yields.get(row.payer_id))
        days = _days_left(row)
        found = rules.priority(expected=brings, chance=chance, minutes=minutes, days_left=days)
        row.priority = found.score
        row.priority_working = (
            f"{found.expected} ({why}) x {found.chance:.2f} / {found.minutes} min x {found.urgency:.2f} urgency"
            + (": past its deadline" if found.expired else "")
        )
        if not row.root_cause:
            cause = usual_cause(row.category, row.carc)
            row.root_cause, row.preventable = cause.name, cause.preventable
        if row.act_by is None:
            row.act_by = row.received_on + timedelta(days=ACT_WITHIN_DAYS.get(row.category, ACT_WITHIN_DAYS_OTHERWISE))
    write_rows([row for row in rows if [getattr(row, name) for name in SCORED] != before[row.pk]], SCORED)


def _expected(row: Denial, contract: Decimal | None, share: Decimal, historic: Decimal | None) -> tuple[Decimal, str]:
    """What winning brings, at most what was denied, and where the figure comes from."""
    if contract is not None:
        brings = rules.expected_amount(allowed=contract, patient_share=share)
        return max(ZERO, min(brings, row.amount)), "contract"
    if historic is not None:
        return rules.expected_amount(allowed=None, charge=row.amount, historic_yield=historic), "payer's yield"
    return row.amount, "denied"


def _days_left(row: Denial) -> int | None:
    """To the first deadline that is still open; past all of them, below zero."""
    days = [(day - clock.today()).days for day in (row.corrected_deadline, row.appeal_deadline) if day is not None]
    ahead = [left for left in days if left >= 0]
    return min(ahead) if ahead else max(days, default=None)


def _allowed(line_ids: Iterable[str]) -> dict[str, Decimal]:
    """What the contract allows on each line, by the latest pricing."""
    rows = ExpectedLine.objects.filter(line_control_number__in=line_ids, allowed__isnull=False).order_by(
        "expected__priced_at", "expected__ordinal"
    )
    return dict(rows.values_list("line_control_number", "allowed"))


def _patient_shares(version_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Decimal]:
    rows = (
        AdjudicationRecord.objects.filter(
            claim_payment__version__in=version_ids,
            claim_payment__reversed_by__isnull=True,
            group="PR",
            posting_class=PostingClass.TRANSFER.value,
        )
        .values_list("claim_payment__version_id", "line_id")
        .annotate(total=Sum("amount"))
    )
    return {(version, line): total for version, line, total in rows}


def _yields(payer_ids: Iterable[UUID]) -> Mapping[UUID, Decimal]:
    """Allowed over charged of the last year, of payers that decided enough claims to say."""
    rows = (
        ClaimPayment.objects.filter(
            payer__in=payer_ids, state__in=["posted", "released"], reversed_by__isnull=True, charge__gt=0,
            posted_on__gte=clock.today() - timedelta(days=YIELD_DAYS),
        )
        .values_list("payer_id")
        .annotate(count=Count("id"), paid=Sum("paid"), share=Sum("patient_responsibility"), charged=Sum("charge"))
    )  # fmt: skip
    return {
        payer: (paid + (share or ZERO)) / charged
        for payer, count, paid, share, charged in rows
        if count >= FEWEST_FOR_YIELD
    }


def rescore_open() -> int:
    """Every open denial as of today: deadlines come nearer each day. Says how many."""
    rows = list(Denial.objects.filter(state__in=OPEN))
    rescore(rows)
    return len(rows)


def learn_chances() -> int:
    """Count what became of the practice's own denials; says how many categories now speak from their own record."""
    found = learned_chances(Denial.objects.values_list("category", "state").iterator())
    before = chances()
    for category, chance in found.items():
        if before.get(category) == chance:
            continue
        LearnedChance.objects.update_or_create(
            category=category, defaults={"won": chance.won, "decided": chance.decided, "counted_on": clock.today()}
        )
        if chance.holds:
            record_audit(
                action="denial.learn", subject_type="denial_category", subject_id=category,
                detail=f"{chance.won} of {chance.decided}",
            )  # fmt: skip
    return sum(chance.holds for chance in found.values())


def written_off_by_line(since: date) -> dict[str, Decimal]:
    """What was given up on each line, approved write-offs only."""
    rows = WriteOff.objects.filter(state="APPROVED", requested_on__gte=since).values_list("line_id")
    return {line: money(total) for line, total in rows.annotate(total=Sum("amount"))}
