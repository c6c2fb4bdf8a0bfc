"""The appeals desk: letters that are out are followed to the answer; records go to who asked for them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from claimwright.billing.denials import AppealState
from claimwright.sandbox.appeals import Letter, answer_to, post_letter
from claimwright.simulation.year.desks.steps import attempt
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.appeals import OUT, close_appeal
from claimwright.web.denials.models import Appeal, Denial, RecordsRequest
from claimwright.web.denials.records import open_request, send_records

LISTS = (Worklist.APPEALS_UNANSWERED, Worklist.RECORDS_REQUESTED)
RECORDS_WANTED = ("252", "226", "251")
SENT_AFTER_DAYS = 4


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-biller"):
        _ask_for_records(day, counts)
        for request in _requests(day):
            attempt(
                counts, "records sent",
                lambda request=request: send_records(request=request, method="portal", tracking=f"REC{day:%y%m%d}"),
            )  # fmt: skip
        for appeal in _out(day):
            letter = Letter(control_number=appeal.denial.version.control_number, sent_on=appeal.sent_on or day)
            counts["letters sent"] += post_letter(place.clearinghouse.root, letter)
            _answer(place, appeal, day, counts)
    return counts


def _ask_for_records(day: date, counts: Counter[str]) -> None:
    rows = Denial.objects.filter(state__in=["NEW", "ANALYZED"], carc__in=RECORDS_WANTED, received_on__lt=day)
    for denial in rows.filter(records_requests__isnull=True).order_by(
        "received_on", "version__control_number", "line_id"
    ):
        attempt(
            counts, "records asked for",
            lambda denial=denial: open_request(denial=denial, requested_on=denial.received_on, what="medical records"),
        )  # fmt: skip


def _requests(day: date) -> list[RecordsRequest]:
    rows = RecordsRequest.objects.filter(state="open", requested_on__lte=day - timedelta(days=SENT_AFTER_DAYS))
    return list(
        rows.select_related("denial").order_by("requested_on", "denial__version__control_number", "denial__line_id")
    )


def _out(day: date) -> list[Appeal]:
    rows = Appeal.objects.filter(state__in=OUT, sent_on__lte=day).select_related("denial__version", "denial__payer")
    return list(rows.order_by("sent_on", "denial__version__control_number", "denial__line_id", "level"))


def _answer(place: Workplace, appeal: Appeal, day: date, counts: Counter[str]) -> None:
    """A letter that keeps the decision ends the level. A win comes as money by remittance and is booked by it alone."""
    answer = answer_to(place.clearinghouse.root, appeal.denial.version.control_number)
    if answer is not None and answer.decided_on <= day:
        attempt(
            counts, "appeals lost",
            lambda: close_appeal(appeal=appeal, state=AppealState.UPHELD, note="the payer's letter keeps its decision"),
        )  # fmt: skip
