"""The follow-up desk: payers that do not answer are asked and called, records sent, claims not on file sent again."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import acting_as, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.followup.contacts import log_contact
from claimwright.web.followup.models import PayerContact
from claimwright.web.submissions import services as submissions
from claimwright.web.submissions.models import ClaimVersion

CALLED = (
    Worklist.NO_CLEARINGHOUSE_ANSWER, Worklist.NO_PAYER_ACKNOWLEDGEMENT, Worklist.NO_PAYER_ANSWER, Worklist.MISSING_REMITTANCES
)  # fmt: skip
LISTS = (
    *CALLED, Worklist.INFORMATION_REQUESTED, Worklist.CLAIMS_NOT_ON_FILE, Worklist.CONTACTS_DUE,
    Worklist.NO_FILE_ACKNOWLEDGEMENT, Worklist.STATUS_ANSWERS, Worklist.ORPHAN_ACKNOWLEDGEMENTS,
)  # fmt: skip
PROMISED_DAYS = 12
TODAY_SHARE = "0.6"
CALLS_BEFORE_SENT_AGAIN = 3


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-biller"):
        for item in items(place, day, LISTS, after_days=1, share=TODAY_SHARE):
            _work(item, day, counts)
    return counts


def _work(item: WorkItem, day: date, counts: Counter[str]) -> None:
    version = _version(item)
    if version is None:
        attempt(
            counts, "looked at", lambda: resolve_work_items(keys=[item.key], resolution="looked at and told the sender")
        )
        return
    if item.worklist == Worklist.CLAIMS_NOT_ON_FILE:
        _send_again(version, "the payer has no such claim", counts)
    elif item.worklist == Worklist.INFORMATION_REQUESTED:
        said = "records sent through the portal, received"
        _log(version, said, "portal", day, counts, "records sent")
    elif PayerContact.objects.filter(version=version).count() >= CALLS_BEFORE_SENT_AGAIN:
        _send_again(version, "asked three times, and no decision", counts)
    else:
        _log(version, "in process, call again", "telephone", day, counts, "payers called")


def _version(item: WorkItem) -> ClaimVersion | None:
    if item.subject_type != "claim_version":
        return None
    return ClaimVersion.objects.select_related("claim__payer").get(pk=item.subject_id)


def _log(version: ClaimVersion, said: str, channel: str, day: date, counts: Counter[str], word: str) -> None:
    attempt(
        counts, word,
        lambda: log_contact(
            version=version, channel=channel, said=said, promised_on=day + timedelta(days=PROMISED_DAYS),
            reference_number=f"{day:%y%m%d}{version.control_number[-4:]}", spoke_with="Provider services",
        ),
    )  # fmt: skip


def _send_again(version: ClaimVersion, reason: str, counts: Counter[str]) -> None:
    def step() -> None:
        following = submissions.resubmit(version=version, reason=reason)
        submissions.scrub(version_ids=[following.pk])

    if not attempt(counts, "sent again", step):
        attempt(
            counts, "called instead",
            lambda: log_contact(version=version, channel="telephone", said=f"{reason}; the payer looks for it"),
        )  # fmt: skip
