"""The recovery desk: underpayments disputed and answered, accounts placed with an agency, what it collects posted."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.codes.money import money as cents
from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.services import acting_as, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.recoveries.agencies import (
    debt_of,
    decline_placement,
    export_placements,
    import_agency_payments,
    open_agency,
    place_account,
)
from claimwright.web.recoveries.disputes import make_dispute, record_dispute_answer, send_dispute
from claimwright.web.recoveries.models import Agency, AgencyPlacement, Dispute, Underpayment
from claimwright.web.recoveries.underpaid import decide_underpayment, open_groups

LISTS = (Worklist.UNDERPAYMENTS, Worklist.AGENCY_REVIEW, Worklist.AGENCY_PROBLEMS)
AGENCY, FEE_SHARE = "Prairie Recovery Services", Decimal("0.25")
DISPUTE_WEEKDAY, WORTH_A_LETTER = 2, Decimal("20.00")
ANSWERED_AFTER_DAYS, AGREED_SHARE = 30, Decimal("0.5")
SETTLED_AFTER_DAYS = 75  # a payer that agreed pays by then
PLACEMENT_WEEKDAY, COLLECTED_SHARE = 4, Decimal("0.12")  # of placed accounts, each month


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    slug = place.office.slug
    with tenant_scope(place.tenant), acting_as(f"{slug}-biller"):
        if day.weekday() == DISPUTE_WEEKDAY:
            _dispute(day, counts)
        _answers(place, day, counts)
    with tenant_scope(place.tenant), acting_as(f"{slug}-manager"):
        _reviews(place, day, counts)
        if day.weekday() == PLACEMENT_WEEKDAY:
            _agency(place, day, counts)
        for item in items(place, day, (Worklist.AGENCY_PROBLEMS,)):
            resolve_work_items(keys=[item.key], resolution="the agency sends the row again with its next file")
    return counts


def _dispute(day: date, counts: Counter[str]) -> None:
    """One letter for each group that is worth it; what is not is accepted with that reason, as are overpayments."""
    for group in open_groups():
        cases = list(Underpayment.objects.filter(pk__in=list(group.ids), state="OPEN"))
        fresh = [case for case in cases if case.dispute_id is None]
        worth = sum((case.variance for case in fresh), Decimal("0.00")) >= WORTH_A_LETTER
        if fresh and worth:

            def letter(fresh: list[Underpayment] = fresh) -> None:
                send_dispute(dispute=make_dispute(cases=fresh, signer="Billing manager"))

            attempt(counts, "disputes sent", letter)
    stale = Underpayment.objects.filter(state="OPEN", found_on__lte=day - timedelta(days=ANSWERED_AFTER_DAYS))
    for case in stale.order_by("found_on", "line_id"):
        attempt(
            counts, "differences accepted",
            lambda case=case: decide_underpayment(case=case, state="ACCEPTED", note="not worth another letter"),
        )  # fmt: skip


def _answers(place: Workplace, day: date, counts: Counter[str]) -> None:
    due = Dispute.objects.filter(state="SENT", sent_on__lte=day - timedelta(days=ANSWERED_AFTER_DAYS))
    for row in due.order_by("number"):
        agreed = place.chance("dispute", row.number) < AGREED_SHARE
        said = "will be reprocessed" if agreed else "priced as agreed"
        attempt(
            counts, "disputes answered",
            lambda row=row, said=said, agreed=agreed: record_dispute_answer(dispute=row, answer=said, agreed=agreed),
        )  # fmt: skip
    unpaid = Underpayment.objects.filter(
        state="DISPUTED", dispute__state="ANSWERED", dispute__sent_on__lte=day - timedelta(days=SETTLED_AFTER_DAYS)
    )
    for case in unpaid.order_by("found_on", "line_id"):
        attempt(
            counts, "differences accepted",
            lambda case=case: decide_underpayment(case=case, state="ACCEPTED", note="agreed, and paid otherwise"),
        )  # fmt: skip


def _reviews(place: Workplace, day: date, counts: Counter[str]) -> None:
    """Accounts whose dunning is over go to the agency, unless the rules keep them."""
    for item in items(place, day, (Worklist.AGENCY_REVIEW,)):
        row = AgencyPlacement.objects.filter(patient=item.subject_id, state="REVIEW").first()
        if row is None:
            continue
        placed = attempt(
            counts, "accounts placed", lambda row=row: place_account(placement=row, agency=_our_agency())
        )  # fmt: skip
        if not placed:
            attempt(
                counts, "accounts kept",
                lambda row=row: decline_placement(placement=row, reason="the rules keep it from an agency"),
            )  # fmt: skip


def _our_agency() -> Agency:
    return Agency.objects.filter(name=AGENCY).first() or open_agency(name=AGENCY, fee_share=FEE_SHARE)


def _agency(place: Workplace, day: date, counts: Counter[str]) -> None:
    """Each week the file of new accounts goes out; in the first week of a month what was collected comes in."""
    agency = Agency.objects.filter(name=AGENCY).first()
    if agency is None:
        return
    if AgencyPlacement.objects.filter(agency=agency, state="PLACED", sent_in__isnull=True).exists():
        attempt(counts, "agency files", lambda: export_placements(agency=agency))
    if day.day > 7:
        return
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("account", "date", "gross", "fee", "net"))
    rows = 0
    for row in (
        AgencyPlacement.objects.filter(agency=agency, state="PLACED").select_related("patient").order_by("number")
    ):
        debt = sum(debt_of(row.patient).values(), Decimal("0.00"))
        if debt > 0 and place.chance("collected", row.number, day) < COLLECTED_SHARE:
            fee = cents(debt * FEE_SHARE)
            writer.writerow((row.number, (day - timedelta(days=3)).isoformat(), debt, fee, debt - fee))
            rows += 1
    if rows:

        def take() -> None:
            done = import_agency_payments(agency=agency, name=f"collected-{day}.csv", content=text.getvalue().encode())
            if done.net:
                place.bank.transfer(who=AGENCY, amount=done.net, on=day)

        attempt(counts, "agency payments", take)
