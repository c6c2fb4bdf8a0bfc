"""The acts on a claim's page: each with its key, offered where state and role allow it, else left out or told why not.

What may follow as another version is `claim_versions.next_steps`; here is everything a person does to this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.http import HttpRequest
from django.urls import reverse

from claimwright.billing.corrections import CORRECTED_BY
from claimwright.billing.lifecycle import ANY_SENT, ANY_UNSENT, State, Trigger
from claimwright.billing.write_offs import REASONS
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.web.core.tenancy import every_practice
from claimwright.web.exchange.models import OutboxFile
from claimwright.web.operations.models import JobRun
from claimwright.web.payments.models import WriteOff
from claimwright.web.payments.taking_back import moved_to_patient
from claimwright.web.submissions.models import Claim, ClaimEvent, ClaimVersion
from claimwright.web.submissions.scrubbing import SCRUBBED
from claimwright.web.submissions.versions import UNSENT
from claimwright.web.workbench.claim_versions import why_not_corrected
from claimwright.web.workbench.line_money import LineMoney
from claimwright.web.workbench.policies import may

NOT_SENT = (State.DRAFT, State.EDIT_HOLD, State.READY, State.BATCHED)
DECIDED = (State.ADJUDICATED, State.CLOSED, State.REVERSED)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One button. `form` says what is asked before it is done: "" nothing, link, or the name of a small form."""

    key: str
    words: str
    address: str
    explains: str = ""
    form: str = ""
    refused: str = ""
    main: bool = False


def _post(request: HttpRequest, name: str, version: ClaimVersion, **fields: Any) -> list[Act]:
    """The act, where the person may do it."""
    return [Act(address=reverse(name, args=[version.pk]), **fields)] if may(request, name) else []


def acts_of(
    request: HttpRequest, version: ClaimVersion, noun: ClaimNoun, newest: bool, money: LineMoney, blockers: int
) -> list[Act]:
    """In the order in which a biller thinks: put right, check, send, wait, move the money, look back."""
    state, bucket = State(version.state), version.claim.bucket
    found: list[Act] = []
    if newest:
        found += _to_send(request, version, state, blockers)
        found += _to_hold(request, version, state)
        found += _cancel(request, version, state)
        if state in ANY_SENT:
            found += _post(request, "resend_claim", version, key="r", words="Rebill", form="reason",
                           explains="the same claim again as a new one, while this one is still with the payer")  # fmt: skip
        found += _next_payer(request, version, state)
        if state == State.CLOSED:
            found += _post(request, "reopen_claim", version, key="o", words="Reopen", form="reason",
                           explains="back to decided, to be worked again")  # fmt: skip
    open_amount = money.balances.get(bucket, Decimal(0))
    if open_amount > 0 and (state in DECIDED or state in ANY_SENT):
        found += _post(request, "claim_to_patient", version, key="t", words="To patient", form="reason",
                       explains=f"what this payer leaves open, {open_amount:,.2f}, becomes the patient's")  # fmt: skip
    if open_amount > 0 or money.balances.get("PAT", Decimal(0)) > 0:
        found += _post(request, "claim_write_off", version, key="w", words="Write off", form="write_off",
                       explains="asked for; somebody else approves it")  # fmt: skip
    found += _take_back(request, version, money)
    found += _appeal(request, version)
    found += _post(request, "claim_in_hand", version, key="3", words="Assign, follow up", form="in_hand",
                   explains="whose it is, and when it stands at home again")  # fmt: skip
    found += _post(request, "note_claim", version, key="n", words="Note", form="note", explains="for the office only")
    found += _undo(request, version, state)
    return found


def _to_send(request: HttpRequest, version: ClaimVersion, state: State, blockers: int) -> list[Act]:
    found: list[Act] = []
    if state in CORRECTED_BY and may(request, "correct_claim"):
        found.append(
            Act(
                key="c", words="Correct", address=reverse("correct_claim", args=[version.pk]), form="link",
                explains="changed and sent as its next version", refused=why_not_corrected(version),
            )
        )  # fmt: skip
    if state in SCRUBBED:
        found += _post(request, "validate_claim", version, key="v", words="Validate", explains="run the edits now")
    if state in (State.EDIT_HOLD, State.READY):
        refused = f"{blockers} finding{'s'[: blockers != 1]} still hold it" if state == State.EDIT_HOLD else ""
        found += _post(request, "send_claim", version, key="s", words="Send", refused=refused, main=not refused,
                       explains="at once, in a file of its own")  # fmt: skip
    if state == State.FILE_REJECTED:
        found += _post(request, "requeue_claim", version, key="r", words="Into the next file", form="reason",
                       explains="the file was wrong, the claim was right")  # fmt: skip
    if state == State.BATCHED and may(request, "sent_file"):
        file = OutboxFile.objects.filter(submissions__version=version).order_by("-prepared_at").only("pk").first()
        if file is not None:
            found.append(Act(key="b", words="Its file", address=reverse("sent_file", args=[file.pk]), form="link",
                             explains="where a file that has not left is given up"))  # fmt: skip
    return found


def _take_back(request: HttpRequest, version: ClaimVersion, money: LineMoney) -> list[Act]:
    """Decisions about the money that a person takes back: a balance made the patient's, a write-off."""
    found: list[Act] = []
    bucket, lines = version.claim.bucket, {line["control_number"] for line in version.content["lines"]}
    owed = money.balances.get("PAT", Decimal(0)) > 0
    rows = moved_to_patient(line_ids=lines, bucket=bucket) if owed else []
    moved = sum((row.amount for row in rows), Decimal(0))
    if moved > 0:
        found += _post(request, "claim_from_patient", version, key="u", words="Back from the patient", form="reason",
                       explains=f"{moved:,.2f} is this payer's again, and its denials are on their list")  # fmt: skip
    written = WriteOff.objects.filter(
        line_id__in=lines, bucket__in=(bucket, "PAT"), state__in=("REQUESTED", "APPROVED")
    )
    row = written.order_by("-requested_on", "-key").first()
    if row is not None and may(request, "take_back_write_off"):
        words = "Withdraw the write-off" if row.state == "REQUESTED" else "Reverse the write-off"
        told = f"{row.amount:,.2f}, {REASONS.get(row.reason, row.reason)}, asked for by {row.requested_by}"
        address = reverse("take_back_write_off", args=[version.pk, row.pk])
        found.append(Act(key="f", words=words, address=address, form="reason", explains=told))
    return found


def _to_hold(request: HttpRequest, version: ClaimVersion, state: State) -> list[Act]:
    if state in ANY_UNSENT:
        return _post(request, "hold", version, key="h", words="Hold", form="hold", explains="not sent until released")
    if state == State.ON_HOLD:
        return _post(request, "release", version, key="h", words="Release", form="release")
    return []


def _cancel(request: HttpRequest, version: ClaimVersion, state: State) -> list[Act]:
    """A claim that should not be: while nothing of it went out."""
    if version.number > 1 or state not in (*UNSENT, State.ON_HOLD):
        return []
    return _post(request, "cancel_claim", version, key="d", words="Cancel the claim", form="reason",
                 explains="its charges are taken back, and nothing of it is billed")  # fmt: skip


def _next_payer(request: HttpRequest, version: ClaimVersion, state: State) -> list[Act]:
    if state == State.AWAIT_CROSSOVER:
        return _post(request, "bill_next", version, key="y", words="Bill this payer ourselves", form="reason",
                     explains="the claim forwarded by the payer before is not waited for any longer")  # fmt: skip
    if version.claim.sequence != "P" and (state in CORRECTED_BY):
        return _post(request, "bill_next", version, key="y", words="Replace by what the payers before say now",
                     form="reason")  # fmt: skip
    order = "PST"
    place = order.find(version.claim.sequence)
    later = Claim.objects.filter(encounter=version.claim.encounter_id, sequence=order[place + 1 : place + 2]).first()
    if later is None:
        return []
    return [Act(key="y", words="Next payer", address=reverse("claim", args=[later.pk]), form="link")]


def _appeal(request: HttpRequest, version: ClaimVersion) -> list[Act]:
    if not may(request, "work_denial"):
        return []
    denial = version.denials.filter(appealable=True).order_by("-priority").only("pk").first()
    if denial is None:
        return []
    return [Act(key="l", words="Appeal", address=f"{reverse('denial', args=[denial.pk])}#appeals", form="link")]


# Undo ----------------------------------------------------------------------------------------------------------------


def last_step(version: ClaimVersion) -> ClaimEvent | None:
    """The last step that moved it."""
    return version.events.filter(moved=True).order_by("-ordinal").first()


def _undo(request: HttpRequest, version: ClaimVersion, state: State) -> list[Act]:
    """A hold or a release is taken back by its opposite. What went out or stands in the ledger is not undone here."""
    step = last_step(version)
    if step is None or step.trigger not in (Trigger.HOLD, Trigger.RELEASE):
        return []
    if (step.trigger == Trigger.HOLD) != (state == State.ON_HOLD):
        return []
    words = "Undo the hold" if step.trigger == Trigger.HOLD else "Undo the release"
    return _post(request, "undo_claim", version, key="u", words=words)


# Sending -------------------------------------------------------------------------------------------------------------


def sending_of(version: ClaimVersion) -> JobRun | None:
    """The newest run that was asked to send this version, while it is not known to be out."""
    if State(version.state) not in NOT_SENT:
        return None
    with every_practice():  # runs are the office's; this one is about a claim that the person sees
        runs = JobRun.objects.filter(job="send_claims", about__versions__contains=[str(version.pk)])
        return runs.order_by("-slot").first()


def write_off_lines(noun: ClaimNoun, money: dict[str, LineMoney], bucket: str) -> list[dict[str, object]]:
    """The lines with something open, of this payer first: what a write-off may be asked for."""
    rows: list[dict[str, object]] = []
    for where in (bucket, "PAT"):
        for line in noun.lines:
            left = money.get(line.control_number, LineMoney()).balances.get(where, Decimal(0))
            if left > 0:
                code = line.procedure_code or line.revenue_code
                rows.append({"value": f"{line.control_number}|{where}", "code": code, "bucket": where, "left": left})
    return rows


def desk_of(
    request: HttpRequest, version: ClaimVersion, versions: Sequence[ClaimVersion], noun: ClaimNoun,
    money: dict[str, LineMoney], total: LineMoney, blockers: int,
) -> dict[str, Any]:  # fmt: skip
    """What the page needs beside its rows: the acts, the lines a write-off may name, the sending under way."""
    newest = version.pk == versions[-1].pk
    run = sending_of(version)
    return {
        "acts": acts_of(request, version, noun, newest, total, blockers), "sending": run,
        "write_off_lines": write_off_lines(noun, money, version.claim.bucket), "write_off_reasons": REASONS,
    }  # fmt: skip
