"""Calls, letters and messages to and from payers about a claim: logged, due on their next-action date, closed."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from claimwright.web.core import clock
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import Worklist
from claimwright.web.followup.models import PayerContact
from claimwright.web.submissions.models import ClaimVersion

LONGEST_SAID = 4000


class ContactRefused(ValueError):
    """A contact that cannot be logged; the text names the field and what to do."""


@transaction.atomic
def log_contact(
    *,
    version: ClaimVersion,
    channel: str,
    said: str,
    on: date | None = None,
    incoming: bool = False,
    spoke_with: str = "",
    reference_number: str = "",
    promised_on: date | None = None,
    next_action_on: date | None = None,
    owner: str = "",
) -> PayerContact:
    """What was said, and when somebody looks again: the next action's day, else the day promised. It takes the place of
    earlier contacts about the claim that were still open.

    Raises ContactRefused, and logs nothing, for a channel that is none, nothing said, a day that cannot be, an owner
    who is no user of the practice.
    """
    today = clock.today()
    on = on or today
    if channel not in PayerContact.Channel.values:
        raise ContactRefused(f"choose a channel: {', '.join(PayerContact.Channel.values)}")
    if not said.strip():
        raise ContactRefused("write what was said")
    if on > today:
        raise ContactRefused("the day of the contact lies ahead")
    after = next_action_on or promised_on
    if after is not None and after < on:
        raise ContactRefused("the next action lies before the contact")
    if owner and not User.objects.filter(username=owner, tenant=current_tenant().pk, is_active=True).exists():
        raise ContactRefused("the owner is no user of this practice")
    _close(list(_open(version)), "a later contact was logged")
    row = PayerContact.objects.create(
        version=version, payer=version.claim.payer, on=on, incoming=incoming, channel=channel,
        spoke_with=spoke_with.strip()[:80], reference_number=reference_number.strip()[:60],
        said=said.strip()[:LONGEST_SAID], promised_on=promised_on, next_action_on=after, owner=owner or actor(),
        logged_by=actor(), logged_at=clock.now(),
    )  # fmt: skip
    if after is None:
        _close([row], "nothing further to do")
    record_audit(action="payer.contact", subject_type="claim_version", subject_id=version.pk, detail=channel)
    return row


def close_contact(*, contact: PayerContact, because: str) -> None:
    """Raises ContactRefused without a reason, or where it is closed."""
    if not because.strip():
        raise ContactRefused("say what was done")
    if contact.closed_on is not None:
        raise ContactRefused("it was closed already")
    _close([contact], because.strip()[:200])
    record_audit(action="payer.contact_closed", subject_type="claim_version", subject_id=contact.version_id)


def list_contacts_due() -> int:
    """Put on the worklist every open contact whose day has come; take off those whose claim has ended. How many listed."""
    today = clock.today()
    ended = PayerContact.objects.filter(closed_on__isnull=True).filter(version__state__in=ENDED)
    _close(list(ended.select_related("version")), "the claim was decided")
    rows = PayerContact.objects.filter(closed_on__isnull=True, next_action_on__lte=today).select_related(
        "version__claim__payer"
    )
    listed = 0
    known = set(WorkItem.objects.filter(worklist=Worklist.CONTACTS_DUE).values_list("key", flat=True))
    for row in rows.order_by("next_action_on", "logged_at"):
        listed += 1
        if contact_key(row) in known:
            continue
        channel = row.get_channel_display().lower()
        raise_work_item(
            worklist=Worklist.CONTACTS_DUE, key=contact_key(row), reason_code="PROMISED" if row.promised_on else "NEXT_STEP",
            reason=f"Look again at what {row.payer.name} said by {channel} on {row.on.isoformat()}.",
            what_to_do="Read the log on the claim's page, ask again, and log what was said",
            subject_type="claim_version", subject_id=row.version_id, practice_id=row.version.claim.practice_id,
            claim_number=row.version.control_number, amount=row.version.total_charge, due_date=row.next_action_on,
        )  # fmt: skip
        WorkItem.objects.filter(key=contact_key(row)).update(owner=row.owner)
    return listed


ENDED = ("ADJUDICATED", "CLOSED", "CANCELLED", "REPLACED", "VOIDED")


def contact_key(contact: PayerContact) -> str:
    return f"contact:{contact.pk}"


def _open(version: ClaimVersion) -> list[PayerContact]:
    return list(PayerContact.objects.filter(version__claim=version.claim_id, closed_on__isnull=True))


def _close(rows: list[PayerContact], because: str) -> None:
    for row in rows:
        row.closed_on, row.closed_by, row.closed_because = clock.today(), actor(), because
        row.save(update_fields=["closed_on", "closed_by", "closed_because"])
    if rows:
        resolve_work_items(keys=[contact_key(row) for row in rows], resolution=because)
