"""The denials desk: authorizations and referrals found, claims corrected, appeals written, the hopeless written off."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from django.db.models import QuerySet

from claimwright.billing.claim_versions import VersionRefused
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.simulation.biller import AUTHORIZED, REFERRED
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.denials.models import Denial
from claimwright.web.denials.services import DenialStepRefused, analyzed, correction_sent, decision, start_appeal
from claimwright.web.payments import services as money
from claimwright.web.payments.models import WriteOff
from claimwright.web.payments.remarks import remarks_on
from claimwright.web.submissions import services as submissions
from claimwright.web.submissions.versions import correct

LOOKED_AT_AFTER_DAYS = 2
TODAY_SHARE = Decimal("0.4")
APPEALED_SHARE = Decimal("0.5")
GIVEN_UP_AFTER_DAYS = 50  # nothing came of the correction or the appeal
DATA_WRONG = ("16", "4", "B7")


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tenant_scope(place.tenant), acting_as("biller"):
        waiting = Denial.objects.filter(state="NEW", received_on__lte=day - timedelta(days=LOOKED_AT_AFTER_DAYS))
        for denial in _in_order(waiting):
            if place.chance("denial", denial.version.control_number, denial.line_id, day) < TODAY_SHARE:
                counts[_decide(place, denial, day)] += 1
        old = Denial.objects.filter(
            state__in=["NEW", "ANALYZED", "ACTION_SENT"], received_on__lt=day - timedelta(days=GIVEN_UP_AFTER_DAYS)
        )
        for denial in _in_order(old):
            counts["given up"] += _give_up(denial)
    counts["write-offs approved"] = _approve(place)
    return counts


def _in_order(rows: QuerySet[Denial]) -> QuerySet[Denial]:
    rows = rows.select_related("version__claim__encounter__patient", "payer")
    return rows.order_by("received_on", "version__control_number", "line_id", "carc")


def _decide(place: Workplace, denial: Denial, day: date) -> str:
    version = denial.version
    content = msgspec.convert(version.content, ClaimNoun)
    if denial.carc in AUTHORIZED:
        content = msgspec.structs.replace(content, prior_authorization=f"A{version.control_number[:10]}")
    elif denial.carc in REFERRED:
        content = msgspec.structs.replace(content, referral=f"R{version.control_number[:10]}")
    if denial.carc in (*DATA_WRONG, *AUTHORIZED, *REFERRED):
        try:
            following = correct(
                version=version, reason=f"answers denial {denial.carc}", content=content,
                remarks=remarks_on(version=version),
            )  # fmt: skip
        except (submissions.StepRefused, VersionRefused):
            pass  # this payer takes no corrected claim, or one is out: it is appealed, if it can be
        else:
            correction_sent(denial=denial)
            submissions.scrub(version_ids=[following.pk])
            return "corrected"
    wanted = place.chance("appeal", version.control_number, denial.line_id) < APPEALED_SHARE
    if wanted and decision(denial=denial, our_data_was_wrong=False).appeal_enabled:
        try:
            start_appeal(denial=denial, response_due=day + timedelta(days=60), note="records attached")
        except DenialStepRefused:
            return "left"
        return "appealed"
    return "settled" if _give_up(denial) else "left"


def _give_up(denial: Denial) -> bool:
    """No payer will pay it: the patient's where the payer says so and the law lets it, else a write-off with its reason."""
    version = denial.version
    encounter, bucket = version.claim.encounter, version.claim.bucket
    open_amount = line_balances([denial.line_id])[denial.line_id].get(bucket, Decimal("0.00"))
    if open_amount <= 0 or version.claim.versions.filter(number__gt=version.number, state__in=OPEN_VERSIONS).exists():
        return False
    if denial.group == "PR" and "qmb" not in encounter.patient.flags and encounter.claims.count() == 1:
        money.transfer_to_patient(encounter=encounter, bucket=bucket, reason=f"{denial.category} no other cover")
        return True
    if WriteOff.objects.filter(line_id=denial.line_id, bucket=bucket, state="REQUESTED").exists():
        return False
    if denial.state == "NEW":
        analyzed(denial=denial)
    reason = "TIMELY" if denial.category == "TIME" else "NON-COVERED"
    money.request_write_off(
        encounter=encounter, line_id=denial.line_id, bucket=bucket, amount=open_amount, reason=reason,
        note=f"denied {denial.carc}, nothing more to be had",
    )  # fmt: skip
    return True


OPEN_VERSIONS = (
    "DRAFT", "EDIT_HOLD", "READY", "QUEUED", "SENT", "FILE_ACCEPTED", "CH_ACCEPTED", "PAYER_ACCEPTED", "PENDED",
    "FILE_REJECTED", "CH_REJECTED", "PAYER_REJECTED",
)  # fmt: skip


def _approve(place: Workplace) -> int:
    """The supervisor decides within a supervisor's limit, the manager the rest."""
    done = 0
    for role in ("supervisor", "manager"):
        with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-{role}"):
            approver = place.person(role)
            for asked in WriteOff.objects.filter(state="REQUESTED").order_by("requested_on", "line_id", "bucket"):
                try:
                    money.approve_write_off(write_off=asked, approver=approver)
                    done += 1
                except (PermissionError, ValueError):
                    continue
    return done
