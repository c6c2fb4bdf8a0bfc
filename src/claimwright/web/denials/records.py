"""Records that a payer asked for: by when, what went out and how. Sending them is no appeal and gives none away."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from claimwright.billing import appeals as rules
from claimwright.billing.denials import OPEN_STATES, DenialState
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.models import Denial, RecordsRequest
from claimwright.web.denials.services import DenialStepRefused, become

# Where neither the payer's letter nor its profile says: the time Medicare gives. Source: 42 CFR 405.903(d), 405.930.
RECORDS_DAYS = 45


def open_request(*, denial: Denial, requested_on: date, due_on: date | None = None, what: str = "") -> RecordsRequest:
    """The payer wants records for this denial; asking twice while one is open changes its day and words only."""
    if denial.state not in OPEN_STATES:
        raise DenialStepRefused(f"a denial that is {denial.state} needs no records")
    due = rules.records_due(requested=requested_on, asked_by=due_on, days=RECORDS_DAYS)
    row, made = RecordsRequest.objects.update_or_create(
        denial=denial, state=RecordsRequest.State.OPEN,
        defaults={"due_on": due, "what": what.strip()},
        create_defaults={"requested_on": requested_on, "due_on": due, "what": what.strip(), "written_by": actor()},
    )  # fmt: skip
    if made:
        raise_work_item(
            worklist=Worklist.RECORDS_REQUESTED, key=f"records:{row.pk}", reason_code=denial.carc, amount=denial.amount,
            reason="The payer asked for records" + (f": {row.what}" if row.what else ""),
            what_to_do="Send the signed records with the request's number, and keep the proof of sending",
            subject_type="denial", subject_id=denial.pk, practice_id=denial.practice_id,
            claim_number=denial.version.control_number, due_date=due,
        )  # fmt: skip
        record_audit(action="records.ask", subject_type="denial", subject_id=denial.pk)
    return row


@transaction.atomic
def send_records(
    *, request: RecordsRequest, method: str, tracking: str, packet: object = None, sent_on: date | None = None
) -> RecordsRequest:
    """They went out. Late ones are recorded as they are; the denial waits for the payer."""
    row = RecordsRequest.objects.select_for_update().get(pk=request.pk)
    if row.state != RecordsRequest.State.OPEN:
        raise DenialStepRefused("these records went out already")
    if method not in rules.METHODS or not tracking.strip():
        raise DenialStepRefused("say how they went, and the tracking or confirmation number")
    row.state, row.method, row.tracking = RecordsRequest.State.SENT, method, tracking.strip()
    row.sent_on, row.packet_id = sent_on or clock.today(), getattr(packet, "pk", None)
    row.save(update_fields=["state", "method", "tracking", "sent_on", "packet"])
    become(row.denial, DenialState.ACTION_SENT)
    resolve_work_items(keys=[f"records:{row.pk}"], resolution=f"sent by {method}")
    record_audit(
        action="records.send", subject_type="denial", subject_id=row.denial_id,
        detail="late" if row.sent_on > row.due_on else "in time",
    )  # fmt: skip
    return row
