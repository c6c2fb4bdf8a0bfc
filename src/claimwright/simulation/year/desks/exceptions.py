"""The posting desk: held claims and adjustments released or explained, remittances that differ decided by two people.

What only has to be read, such as a remittance that came twice, is read and closed with what was found.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from claimwright.ledger.accounts import Kind
from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import acting_as, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.payments.assignments import acknowledge_refund, assign_to_practice, map_adjustment, refunds_for
from claimwright.web.payments.conflicts import RESEND, approve_held, ask_to_post_held, dismiss_held
from claimwright.web.payments.models import ClaimPayment, ProviderAdjustment, Remittance
from claimwright.web.payments.release import holds_money, release_held
from claimwright.web.payments.services import request_write_off
from claimwright.web.payments.writing_off import write_off_small_balances
from claimwright.web.submissions.models import ClaimVersion

HELD_CLAIMS = (
    Worklist.UNMATCHED_PAYMENTS, Worklist.PARTIAL_MATCHES, Worklist.UNMATCHED_LINES, Worklist.PAYER_NOT_ON_CLAIM,
    Worklist.UNKNOWN_REASON_CODES, Worklist.REVERSALS_WITHOUT_ORIGINAL, Worklist.SECOND_REMITTANCES,
    Worklist.WOULD_GO_NEGATIVE, Worklist.CLAIM_STATUS_ON_HOLD, Worklist.CLAIM_NOT_SENT, Worklist.OTHER_PRACTICE,
    Worklist.BEFORE_POSTING,
)  # fmt: skip
HELD_ADJUSTMENTS = (Worklist.PROVIDER_ADJUSTMENTS, Worklist.UNIDENTIFIED_TAKEBACKS)
CONFLICTS = (Worklist.REMITTANCE_CONFLICTS, Worklist.QUARANTINED_REMITTANCES)
# Lists whose items ask a person to look: what was found closes them.
READ = {
    Worklist.DUPLICATE_REMITTANCES: "the same bytes as the first one", Worklist.POSTING_REVIEW: "posted as the payer says",
    Worklist.PRIMARY_CHANGED: "the second payer has the new decision", Worklist.QUARANTINED_FILES: "told the sender",
    Worklist.REVERSED_WITHOUT_CORRECTION: "asked the payer for the new decision",
    Worklist.MISSING_CROSSOVER: "asked the second payer", Worklist.CONNECTION_PROBLEMS: "the connection works again",
    Worklist.AMBIGUOUS_SENDS: "the clearinghouse has the file", Worklist.FAILED_JOBS: "ran again",
}  # fmt: skip
LISTS = (*HELD_CLAIMS, *HELD_ADJUSTMENTS, *CONFLICTS, *READ, Worklist.OPEN_AFTER_DECISION)
# A PLB code without an account of its own: what the payer adds is income, what it takes an expense of its own account.
OTHER_ACCOUNT = Kind.OTHER_INCOME
TODAY_SHARE = "0.7"


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-biller"):
        for item in items(place, day, HELD_CLAIMS, share=TODAY_SHARE):
            _claims(item, counts)
        for item in items(place, day, HELD_ADJUSTMENTS, share=TODAY_SHARE):
            _adjustments(item, counts)
        for item in items(place, day, READ, after_days=3, share=TODAY_SHARE):
            if not holds_money(item=item):
                resolve_work_items(keys=[item.key], resolution=READ[Worklist(item.worklist)])
                counts["read"] += 1
        for item in items(place, day, (Worklist.OPEN_AFTER_DECISION,), share=TODAY_SHARE):
            attempt(counts, "left open by a decision", lambda item=item: _left_open(item))
    _conflicts(place, day, counts)
    return counts


def _left_open(item: WorkItem) -> None:
    """The payer says that its decision stands: the residual is written off, or its write-off asked for."""
    version = ClaimVersion.objects.select_related("claim__encounter__practice").get(pk=item.subject_id)
    encounter, bucket = version.claim.encounter, version.claim.bucket
    write_off_small_balances(practice=encounter.practice, visits=[encounter.pk])
    lines = ChargeLine.objects.filter(encounter=encounter).order_by("line_id").values_list("line_id", flat=True)
    for line_id, buckets in line_balances(list(lines)).items():
        amount = buckets.get(bucket, Decimal("0.00"))
        if amount > 0:
            request_write_off(
                encounter=encounter, line_id=line_id, bucket=bucket, amount=amount, reason="ADMIN-ERROR",
                note="the payer's decision stands",
            )  # fmt: skip
    resolve_work_items(keys=[item.key], resolution="settled, or its write-off asked for")


def _claims(item: WorkItem, counts: Counter[str]) -> None:
    """Once its cause is put right a held claim posts by the rules; another practice's goes to that practice."""
    held = ClaimPayment.objects.filter(remittance_id=item.subject_id, segment=item.segment, state="held").first()
    if held is None:
        if not holds_money(item=item):
            resolve_work_items(keys=[item.key], resolution="nothing of it is held")
            counts["read"] += 1
    elif item.worklist == Worklist.OTHER_PRACTICE:
        attempt(counts, "to its practice", lambda: assign_to_practice(claim_payment=held, reason="its claim number"))
    else:
        attempt(counts, "claims released", lambda: release_held(claim_payment=held))


def _adjustments(item: WorkItem, counts: Counter[str]) -> None:
    for held in ProviderAdjustment.objects.filter(remittance_id=item.subject_id, state="held").order_by("ordinal"):
        checks = refunds_for(held)
        if checks:
            attempt(
                counts, "refunds acknowledged",
                lambda held=held, check=checks[0]: acknowledge_refund(adjustment=held, refund=check),
            )  # fmt: skip
        else:
            attempt(
                counts, "adjustments explained",
                lambda held=held: map_adjustment(
                    adjustment=held, kind=OTHER_ACCOUNT.value, note=f"payer's notice about {held.reference or held.code}"
                ),
            )  # fmt: skip


def _conflicts(place: Workplace, day: date, counts: Counter[str]) -> None:
    """What came again with other content is the earlier one put right, by the word of two people; else a duplicate."""
    slug = place.office.slug
    with tenant_scope(place.tenant):
        for item in items(place, day, CONFLICTS):
            row = Remittance.objects.filter(pk=item.subject_id, state=Remittance.State.HELD).first()
            if row is None:
                continue

            def two_people(row: Remittance = row) -> None:
                with acting_as(f"{slug}-biller"):
                    ask_to_post_held(remittance=row, decision=RESEND, reason="the payer says so by telephone")
                with acting_as(f"{slug}-manager"):
                    approve_held(remittance=row, approver=place.person("manager"))

            def dismiss(row: Remittance = row) -> None:
                with acting_as(f"{slug}-biller"):
                    dismiss_held(remittance=row, reason="the payer knows of one payment only")

            if not attempt(counts, "conflicts posted", two_people):
                attempt(counts, "conflicts dismissed", dismiss)
