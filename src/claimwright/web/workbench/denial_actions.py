"""What a person does about denials: each step is one service, and says why where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.denials import AppealState
from claimwright.billing.work_in_hand import WorkRefused
from claimwright.documents.letters import TemplateFault
from claimwright.web.core import clock
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials import appeals, letters, records, services, work_in_hand
from claimwright.web.denials.models import Appeal, Denial, RecordsRequest, RuleProposal
from claimwright.web.denials.prevention import accept_proposal, decline_proposal
from claimwright.web.denials.work_in_hand import open_item_of
from claimwright.web.operations import appeal_packs
from claimwright.web.submissions.rules import RuleRefused
from claimwright.web.workbench.pages import action, back, page, posted_day
from claimwright.web.workbench.policies import has
from claimwright.web.workbench.worklist import people_for
from claimwright.web.workbench.worklist_acts import MOST_AT_ONCE, tell

REFUSALS = (services.DenialStepRefused, appeal_packs.PackIncomplete, WorkRefused)


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def _amount(request: HttpRequest, name: str) -> Decimal:
    try:
        found = Decimal(_text(request, name)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise services.DenialStepRefused("an amount is dollars and cents, such as 85.00") from None
    return found


def _signer(request: HttpRequest, denial: Denial) -> tuple[str, str, str]:
    """Name, title and telephone of who signs: as typed, else who is signed in."""
    user = request.user
    name = _text(request, "signer") or user.get_full_name() or user.get_username()  # type: ignore[union-attr]
    title = _text(request, "title") or f"{user.get_role_display()}, {denial.practice.name}"  # type: ignore[union-attr]
    return name, title, _text(request, "telephone")


def open_appeal(denial: Denial) -> Appeal:
    found = denial.appeals.filter(state__in=["DRAFT", *appeals.OUT]).select_related("denial").first()
    if found is None:
        raise services.DenialStepRefused("no appeal of this denial is open: draft one first")
    return found


def open_request(denial: Denial) -> RecordsRequest:
    found = denial.records_requests.filter(state=RecordsRequest.State.OPEN).first()
    if found is None:
        raise services.DenialStepRefused("the payer has asked for no records that are still to be sent")
    return found


def _draft(request: HttpRequest, denial: Denial) -> str:
    made = appeals.draft_appeal(
        denial=denial, argument=_text(request, "argument"), for_patient=request.POST.get("for_patient") == "on",
        good_cause=_text(request, "good_cause"), decision_received=posted_day(request, "decision_received"),
    )  # fmt: skip
    return f"Drafted the {made.level_name}; it must go by {made.last_day}."


def _rewrite(request: HttpRequest, denial: Denial) -> str:
    appeals.rewrite_appeal(
        appeal=open_appeal(denial), argument=_text(request, "argument"),
        for_patient=request.POST.get("for_patient") == "on",
    )  # fmt: skip
    return "The draft is changed."


def _send(request: HttpRequest, denial: Denial) -> str:
    sent = appeal_packs.send_appeal_pack(
        appeal=open_appeal(denial), signer=_signer(request, denial), method=_text(request, "method"),
        tracking=_text(request, "tracking"),
    )  # fmt: skip
    due = f" An answer is due by {sent.response_due}." if sent.response_due else ""
    return f"Sent, and the very pages are kept.{due}"


def _chase(request: HttpRequest, denial: Denial) -> str:
    appeals.chased(appeal=open_appeal(denial), contact=_text(request, "contact"))
    return "The reminder is on record."


def _promise(request: HttpRequest, denial: Denial) -> str:
    appeals.promised(appeal=open_appeal(denial), amount=_amount(request, "amount"), on=posted_day(request, "on"))
    return "Noted. It is won when the remittance pays it."


def _close(request: HttpRequest, denial: Denial) -> str:
    try:
        state = AppealState(_text(request, "state"))
    except ValueError:
        raise services.DenialStepRefused("choose upheld, dismissed or withdrawn") from None
    appeals.close_appeal(
        appeal=open_appeal(denial), state=state, note=_text(request, "note"), on=posted_day(request, "on")
    )
    return "The decision is on record."


def _level_up(request: HttpRequest, denial: Denial) -> str:
    made = appeals.level_up(appeal=open_appeal(denial))
    return f"Drafted the {made.level_name}."


def _ask_records(request: HttpRequest, denial: Denial) -> str:
    row = records.open_request(
        denial=denial, requested_on=posted_day(request, "requested_on") or clock.today(), due_on=posted_day(request, "due_on"),
        what=_text(request, "what"),
    )  # fmt: skip
    return f"The records must be there by {row.due_on}."


def _send_records(request: HttpRequest, denial: Denial) -> str:
    appeal_packs.send_records_pack(
        request=open_request(denial), signer=_signer(request, denial), method=_text(request, "method"),
        tracking=_text(request, "tracking"),
    )  # fmt: skip
    return "Sent, and the very pages are kept."


def _analyze(request: HttpRequest, denial: Denial) -> str:
    services.analyzed(denial=denial)
    return "Analyzed."


def _cause(request: HttpRequest, denial: Denial) -> str:
    services.name_cause(
        denial=denial, cause=_text(request, "cause"), preventable=request.POST.get("preventable") == "on"
    )
    return "The root cause is on record."


def _assign(request: HttpRequest, denial: Denial) -> str:
    """To the person that is named, "" gives it back to the desk; without the field it is one's own."""
    owner = request.POST.get("owner", request.user.get_username())
    if owner and owner not in people_for(Worklist.DENIALS):
        raise services.DenialStepRefused("nobody of that name works on denials")
    services.assign(denial=denial, owner=owner)
    return f"It is {owner}'s." if owner else "It is back on its desk."


def _snooze(request: HttpRequest, denial: Denial) -> str:
    until = posted_day(request, "until")
    services.snooze(denial=denial, until=until, reason=_text(request, "reason"))
    return f"Off the list until {until}."


def _wake(request: HttpRequest, denial: Denial) -> str:
    services.wake(denial=denial)
    return "On the list again."


def _escalate(request: HttpRequest, denial: Denial) -> str:
    work_in_hand.escalate_work_item(item_id=open_item_of(denial).pk, reason=_text(request, "question"))
    return "Passed up to the supervisors."


def _return(request: HttpRequest, denial: Denial) -> str:
    if not has(request, "office.lead"):
        raise services.DenialStepRefused("what was passed up is answered by a supervisor")
    work_in_hand.return_work_item(item_id=open_item_of(denial).pk, reason=_text(request, "question"))
    return "Sent back with the answer."


STEPS: dict[str, Callable[[HttpRequest, Denial], str]] = {
    "analyze": _analyze, "cause": _cause, "assign": _assign, "snooze": _snooze, "wake": _wake, "escalate": _escalate,
    "return": _return, "draft": _draft, "rewrite": _rewrite,
    "send": _send, "chase": _chase, "promise": _promise, "close": _close, "level-up": _level_up,
    "ask-records": _ask_records, "send-records": _send_records,
}  # fmt: skip


# Acts on many by a button of their own; the words of what was done.
HANDED = {"assign": "given", "snooze": "put aside", "wake": "woken", "escalate": "passed up", "return": "sent back"}


@action(does="denial.step_asked")
def work_denial(request: HttpRequest, denial_id: UUID, step: str) -> HttpResponse:
    row = get_object_or_404(Denial.objects.select_related("payer", "practice", "version__claim__patient"), pk=denial_id)
    does = STEPS.get(step)
    if does is None:
        messages.error(request, "There is no such step.")
        return redirect("denial", denial_id=row.pk)
    try:
        messages.success(request, does(request, row))
    except REFUSALS as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("denial", denial_id=row.pk)


@page(reads="appeal.proof")
def appeal_proof(request: HttpRequest, denial_id: UUID) -> HttpResponse:
    """The pack as it would go today, for a person to read; nothing is sent."""
    row = get_object_or_404(Denial.objects.select_related("practice", "payer", "version__claim"), pk=denial_id)
    try:
        if request.GET.get("of") == "records":
            pack = appeal_packs.records_pack(request=open_request(row), signer=_signer(request, row))
        else:
            pack = appeal_packs.appeal_pack(appeal=open_appeal(row), signer=_signer(request, row))
    except REFUSALS as refused:
        messages.error(request, f"Not ready: {refused}.")
        return redirect("denial", denial_id=row.pk)
    name = f"{row.version.control_number}-appeal.pdf"
    return HttpResponse(
        pack.pdf, content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )  # fmt: skip


@action(does="denial.batch_asked")
def batch_denials(request: HttpRequest) -> HttpResponse:
    ids = []
    for text in request.POST.getlist("denial"):
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    if (hand := request.POST.get("act", "")) in HANDED:
        _hand_over(request, HANDED[hand], STEPS[hand], ids[:MOST_AT_ONCE])
        return back(request, reverse("denials"))
    try:
        results = appeal_packs.batch(
            denial_ids=ids, action=_text(request, "action"), argument=_text(request, "argument"),
            reason=_text(request, "write_off_reason"),
        )  # fmt: skip
    except services.DenialStepRefused as refused:
        messages.error(request, f"Nothing is done: {refused}.")
        return back(request, reverse("denials"))
    for result in results:
        if not result.done:
            messages.error(request, f"{result.control_number}: {result.said}.")
    done = sum(result.done for result in results)
    messages.success(request, f"Done for {done} of {len(results)}.")
    return back(request, reverse("denials"))


def _hand_over(request: HttpRequest, words: str, step: Callable[[HttpRequest, Denial], str], ids: list[UUID]) -> None:
    """Given, put aside, passed up: of any payer and reason, one by one; what is refused is said, the others are done."""
    rows = list(Denial.objects.filter(pk__in=ids).select_related("version").order_by("-priority", "pk"))
    refused: list[str] = []
    for row in rows:
        try:
            with transaction.atomic():
                step(request, row)
        except REFUSALS as why:
            refused.append(f"{row.version.control_number}: {why}")
    tell(request, words, "denial", len(rows), refused)


@action(does="letter_template.write_asked")
def save_letter_template(request: HttpRequest) -> HttpResponse:
    category = _text(request, "category")
    try:
        made = letters.save_template(category=category, text=request.POST.get("text", ""))
        messages.success(request, "Kept." if made else "The shipped words hold again.")
    except (TemplateFault, ValueError) as refused:
        messages.error(request, f"Not kept: {refused}.")
    return redirect(f"{reverse('letter_templates')}?category={category if category.isalpha() else ''}")


@action(does="rule_proposal.decide_asked")
def decide_proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    row = get_object_or_404(RuleProposal, pk=proposal_id)
    try:
        if request.POST.get("accept"):
            version = accept_proposal(proposal=row, by=request.user)  # type: ignore[arg-type]
            messages.success(request, f"In force as a warning until {version.expires_on}.")
        else:
            decline_proposal(proposal=row, by=request.user, reason=_text(request, "reason"))  # type: ignore[arg-type]
            messages.success(request, "Declined; it is not proposed again for half a year.")
    except RuleRefused as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("rule_proposals")
