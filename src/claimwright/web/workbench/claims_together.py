"""One act on many claims: the single act's own rules, claim by claim, each in a savepoint, and what came of each.

Doing it again does nothing twice: each act refuses what it finds done, and the page of results says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from claimwright.billing.claim_versions import VersionRefused
from claimwright.billing.lifecycle import ANY_SENT, State
from claimwright.billing.work_in_hand import WorkRefused
from claimwright.billing.write_offs import WriteOffRefused
from claimwright.documents.paper import FormRefused
from claimwright.web.core.models import User
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.job_runs import ask
from claimwright.web.operations.status_inquiries import file_ourselves
from claimwright.web.payments.next_payer import replace_later
from claimwright.web.payments.remarks import remarks_on
from claimwright.web.payments.services import transfer_to_patient
from claimwright.web.payments.writing_off import write_off_small_balances
from claimwright.web.submissions import versions as version_services
from claimwright.web.submissions.in_hand import assign_claim, follow_up_claim
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import StepRefused, see_as_it_is
from claimwright.web.submissions.notes import NoteRefused, add_note
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import ContentRefused, hold, release
from claimwright.web.workbench.claim_filters import filtered
from claimwright.web.workbench.claim_steps import DECIDED
from claimwright.web.workbench.pages import action, posted_day, show, with_query
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.words import state_words

REFUSALS = (StepRefused, VersionRefused, ContentRefused, FormRefused, NoteRefused, WorkRefused, WriteOffRefused)
MOST_AT_ONCE = 200
LONGEST_REASON = 300
NO_STEP = re.compile("no transition", re.IGNORECASE)


@dataclass(frozen=True)
class Act:
    """`needs` is the address of the single act: who may not open that may not do it to many either."""

    name: str
    words: str
    done: str
    needs: str
    asks: tuple[str, ...]  # fields of the form: reason, until, owner, day, note, data_only
    does: Callable[[HttpRequest, ClaimVersion], str]  # says what came of it
    to_do: str  # where it is refused
    must: tuple[str, ...] = ()  # fields without which nothing is done to any
    then: Callable[[Sequence[ClaimVersion]], None] | None = None  # with all that it was done to


class Result(msgspec.Struct, frozen=True):
    """What came of one claim: `why` and `to_do` where it was refused, else what was done."""

    version: ClaimVersion
    address: str
    done: bool
    why: str
    to_do: str = ""


def _reason(request: HttpRequest) -> str:
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        raise WorkRefused("say why: the reason stands on the claim's timeline")
    return reason


def _validate(request: HttpRequest, version: ClaimVersion) -> str:
    see_as_it_is(version)
    if State(version.state) not in version_services.UNSENT:
        raise StepRefused(f"it is {state_words(version.state).lower()}: edits run on what was not sent")
    scrub(version_ids=[version.pk])
    version.refresh_from_db(fields=["state"])
    found = version.findings.filter(open=True, severity__in=["R", "H"]).count()
    return f"{found} finding{'s'[: found != 1]} to mend" if found else "nothing found: ready to send"


def _send(request: HttpRequest, version: ClaimVersion) -> str:
    see_as_it_is(version)
    if State(version.state) != State.READY:
        raise StepRefused("only a claim that is ready is sent")
    return "on its way: the worker checks it once more and sends it"


def _send_all(versions: Sequence[ClaimVersion]) -> None:
    """One run for all of them, so that those of one payer leave in one file."""
    ask(tenant=current_tenant(), job="send_claims", about={"versions": [str(one.pk) for one in versions]})


def _next_payer(request: HttpRequest, version: ClaimVersion) -> str:
    if State(version.state) == State.AWAIT_CROSSOVER:
        file_ourselves(version=version, why=_reason(request))
        return "it goes out from here, with what the payers before decided"
    if version.claim.sequence == "P":
        raise StepRefused("this is the first payer's claim: there is no payer before it")
    return _made(replace_later(version=version, reason=_reason(request)))


def _to_patient(request: HttpRequest, version: ClaimVersion) -> str:
    if State(version.state) not in (*ANY_SENT, *DECIDED):
        raise StepRefused("its payer has not been asked yet")
    transfer_to_patient(encounter=version.claim.encounter, bucket=version.claim.bucket, reason=_reason(request))
    return "the patient owes it: it goes on the next statement"


def _void(request: HttpRequest, version: ClaimVersion) -> str:
    return _made(version_services.void_claim(version=version, reason=_reason(request)))


def _made(version: ClaimVersion) -> str:
    """What a new version is, after the edits ran on it."""
    scrub(version_ids=[version.pk])
    version.refresh_from_db()
    how = {"7": "a replacement", "8": "a void"}.get(version.frequency, "a first claim")
    return f"version {version.number}, {how}: {state_words(version.state).lower()}"


def _note(request: HttpRequest, version: ClaimVersion) -> str:
    add_note(version=version, text=request.POST.get("note", ""))
    return "the note stands on the timeline"


def _hold(request: HttpRequest, version: ClaimVersion) -> str:
    until = posted_day(request, "until")
    hold(version=version, reason=_reason(request), until=until)
    return f"on hold until {until:%m/%d/%Y}" if until else "on hold"


def _release(request: HttpRequest, version: ClaimVersion) -> str:
    release(version=version, reason=request.POST.get("reason", "").strip()[:LONGEST_REASON] or "released")
    version.refresh_from_db(fields=["state"])
    return state_words(version.state).lower()


def _assign(request: HttpRequest, version: ClaimVersion) -> str:
    name = request.POST.get("owner", "")
    person = User.objects.filter(tenant=current_tenant(), username=name).first() if name else None
    if name and person is None:
        raise WorkRefused("nobody of that name works here")
    assign_claim(claim=version.claim, to=person)
    return f"{name}'s" if name else "nobody's"


def _follow_up(request: HttpRequest, version: ClaimVersion) -> str:
    on = posted_day(request, "day")
    follow_up_claim(claim=version.claim, on=on)
    return f"to be seen on {on:%m/%d/%Y}" if on else "no day any more"


def _write_off(request: HttpRequest, version: ClaimVersion) -> str:
    total = write_off_small_balances(practice=version.claim.practice, visits=[version.claim.encounter_id])
    if not total:
        raise WriteOffRefused("no small balance is left by a payer that has decided for good, without an open denial")
    return f"${total:,.2f} written off"


def _rebill(request: HttpRequest, version: ClaimVersion) -> str:
    return _made(
        version_services.correct(version=version, reason=_reason(request), remarks=remarks_on(version=version))
    )


def _print(request: HttpRequest, version: ClaimVersion) -> str:
    printed = version_services.print_claim(version=version, data_only=request.POST.get("data_only") == "on")
    return f"{printed.pages} page{'s'[: printed.pages > 1]} to mail"


ACTS: tuple[Act, ...] = (
    Act("validate", "Run the edits", "checked", "apply_fix", (), _validate, "correct it as a new version instead"),
    Act("send", "Send", "on their way", "send_claim", (), _send, "run the edits on it, and put right what holds it", then=_send_all),
    Act("hold", "Hold", "held", "hold", ("reason", "until"), _hold, "only what was not sent can be held", must=("reason",)),
    Act("release", "Release", "released", "release", ("reason",), _release, "only what is on hold can be released"),
    Act("assign", "Give to", "given", "assign_work", ("owner",), _assign, "choose another person"),
    Act("follow_up", "Follow up on", "noted", "assign_work", ("day",), _follow_up, "choose another day"),
    Act("note", "Note", "noted", "note_claim", ("note",), _note, "write another note", must=("note",)),
    Act(
        "rebill", "Rebill or replace", "made anew", "follow_claim", ("reason",), _rebill,
        "open it: the claim's page says what may follow", must=("reason",),
    ),
    Act("void", "Void", "to be voided", "follow_claim", ("reason",), _void, "open it: the claim's page says what may follow", must=("reason",)),
    Act(
        "next_payer", "Bill the next payer", "on to this payer", "bill_next", ("reason",), _next_payer,
        "only a later payer's claim that waits or was decided goes on", must=("reason",),
    ),
    Act(
        "to_patient", "To patient", "moved", "claim_to_patient", ("reason",), _to_patient,
        "open it: contract and law say what a patient may be asked for", must=("reason",),
    ),
    Act("print", "Print to mail", "printed", "print_claim", ("data_only",), _print, "only what is ready can be printed"),
    Act(
        "write_off", "Write off small balances", "written off", "write_off_small", (), _write_off,
        "ask for a write-off on the patient's account",
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Act] = {act.name: act for act in ACTS}


def acts_for(request: HttpRequest) -> list[Act]:
    """What the person may do to many claims, because they may do it to one."""
    return [act for act in ACTS if may(request, "claims_together") and may(request, act.needs)]


def run_together(request: HttpRequest, act: Act, versions: list[ClaimVersion]) -> list[Result]:
    """The act on each claim; a refusal takes back what it did to that claim, and no other."""
    results, done = [], []
    for version in versions:
        address = with_query(reverse("claim", args=[version.claim_id]), version=version.number)
        try:
            if not version.newest:
                raise VersionRefused("a later version of this claim is there already: choose that one")
            with transaction.atomic():
                told = act.does(request, version)
        except REFUSALS as why:
            results.append(Result(version, address, False, _told(why, version), act.to_do))
        else:
            results.append(Result(version, address, True, told))
            done.append(version)
    if act.then is not None and done:
        act.then(done)
    return results


def _told(why: Exception, version: ClaimVersion) -> str:
    """The lifecycle names its states; a person is told them in words."""
    return f"it is {state_words(version.state).lower()}" if NO_STEP.match(str(why)) else str(why)


@action(does="claim.together")
def claims_together(request: HttpRequest) -> HttpResponse:
    """Run one act on the claims that are ticked, and show what came of each."""
    act = BY_NAME.get(request.POST.get("act", ""))
    if act is None or act not in acts_for(request):
        raise Http404("there is no such act for you")
    if refused := _lacking(request, act):
        messages.error(request, f"Nothing was done: {refused}.")
        return redirect(_back(request))  # where the form stands again, with its ticks
    wanted = _wanted(request)
    versions = list(
        ClaimVersion.objects.filter(pk__in=wanted[:MOST_AT_ONCE])
        .select_related("claim__payer", "claim__patient", "claim__practice", "claim__encounter")
        .order_by("control_number")
    )
    results = run_together(request, act, versions)
    return show(
        request,
        "workbench/claims_together.html",
        {
            "act": act, "results": sorted(results, key=lambda one: one.done), "asked": len(results),
            "done": sum(one.done for one in results), "left_out": max(0, len(wanted) - MOST_AT_ONCE),
            "back": _back(request), "prints": act.name == "print",
        },
    )  # fmt: skip


LACKS = {"reason": "say why: the reason stands on each claim's timeline", "note": "write the note"}


def _lacking(request: HttpRequest, act: Act) -> str:
    """Why the form as a whole is refused; blank where it is not."""
    for name in act.must:
        if not request.POST.get(name, "").strip():
            return LACKS[name]
    if not request.POST.get("all"):
        return "" if request.POST.getlist("version") else "tick the claims first, x ticks a row and X all of them"
    now, shown = len(_matching(request)), request.POST.get("matching", "")
    if now > MOST_AT_ONCE:
        return f"more than {MOST_AT_ONCE} claims match: narrow the list"
    if str(now) != shown:
        return f"{now} claims match by now, {shown[:6] or 'none'} did when you looked: look again"
    return ""


def _matching(request: HttpRequest) -> list[str]:
    """Ids of all claims of the list as the page filtered it, up to one more than are done at once."""
    asked = QueryDict(request.POST.get("query", "")).dict()
    found = filtered(asked, username=request.user.get_username())
    return [str(pk) for pk in found.values_list("pk", flat=True)[: MOST_AT_ONCE + 1]]


def _wanted(request: HttpRequest) -> list[str]:
    if request.POST.get("all"):
        return _matching(request)
    return [one for one in request.POST.getlist("version") if _is_id(one)]


def _back(request: HttpRequest) -> str:
    """The list as it was; only ever our own."""
    query = request.POST.get("query", "")
    return f"{reverse('claims')}?{query}" if query else reverse("claims")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
