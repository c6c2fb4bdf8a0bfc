"""What may follow a claim: replace, void, send again, split, combine, print; each with the rule that stands against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing import claim_versions as rules
from claimwright.billing.claim_parts import SPLITTERS, SplitRules
from claimwright.billing.claim_versions import DECIDED, REJECTED, Standing, VersionRefused
from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.documents.claim_forms import kind_of
from claimwright.documents.paper import FormRefused
from claimwright.web.payments.remarks import remarks_on
from claimwright.web.practice.selectors import payer_profile
from claimwright.web.submissions import versions as services
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import StepRefused
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import ContentRefused
from claimwright.web.workbench.pages import action, page, with_query

REFUSALS = (VersionRefused, StepRefused, ContentRefused, FormRefused)
FORMS = {"cms1500": "CMS-1500", "ub04": "UB-04"}
SPLIT_WORDS = {"": "the payer's own rules"} | {
    name: name.replace("_", " ") for name in SPLITTERS
}  # what keeps lines apart
BLANK_NUMBER = "?"  # a version is only tried here: it gets its number when it is made


KEYS = {"replace": "p", "void": "d", "anew": "a", "correct": "f"}


class Step(msgspec.Struct, frozen=True):
    """Something that may follow: its address, its words, and why it may not, "" where it may."""

    name: str
    words: str
    explains: str
    refused: str = ""

    @property
    def key(self) -> str:
        return KEYS[self.name]


def next_steps(version: ClaimVersion, noun: ClaimNoun, newest: bool) -> list[Step]:
    """The versions that may follow this one. Of those that make no sense in its state nothing is said."""
    if not newest:
        return []
    state = State(version.state)
    standing = Standing(
        state=state, payer_takes=payer_profile(version.claim.payer).frequency_codes,
        payer_claim_number=version.payer_claim_number, remarks=remarks_on(version=version) if state in DECIDED else (),
    )  # fmt: skip
    number = {"control_number": BLANK_NUMBER, "version": version.number + 1}
    tries: dict[str, tuple[str, str, Callable[[], object]]] = {}
    if state in DECIDED:
        tries["replace"] = ("Replace", "all lines again, under the payer's own number (frequency 7)",
                            lambda: rules.replacement(noun, standing, **number))  # fmt: skip
        tries["void"] = ("Void", "takes the claim back (frequency 8)", lambda: rules.void(noun, standing, **number))
        tries["anew"] = ("Send anew", "a first claim, where the payer could not process this one",
                         lambda: rules.new_claim(noun, standing, **number))  # fmt: skip
    if state in REJECTED:
        tries["correct"] = ("Send again unchanged", "a first claim again, under a new number",
                            lambda: rules.after_rejection(noun, standing, **number))  # fmt: skip
    return [Step(name, words, explains, _why_not(made)) for name, (words, explains, made) in tries.items()]


def _why_not(made: Callable[[], object]) -> str:
    try:
        made()
    except VersionRefused as refused:
        return str(refused)
    return ""


def why_not_corrected(version: ClaimVersion) -> str:
    """Why no corrected version may follow this one, "" where one may: the question `versions.correct` will ask."""
    noun, state = msgspec.convert(version.content, ClaimNoun), State(version.state)
    if state not in (*DECIDED, *REJECTED):
        return ""
    told = remarks_on(version=version) if state in DECIDED else ()
    standing = Standing(
        state=state, payer_takes=payer_profile(version.claim.payer).frequency_codes,
        payer_claim_number=version.payer_claim_number, remarks=told,
    )  # fmt: skip
    number = {"control_number": BLANK_NUMBER, "version": version.number + 1}
    if state in REJECTED:
        return _why_not(lambda: rules.after_rejection(noun, standing, **number))  # type: ignore[arg-type]
    makes = rules.new_claim if rules.must_be_new(told) else rules.replacement
    return _why_not(lambda: makes(noun, standing, **number))  # type: ignore[arg-type]


def paper_of(version: ClaimVersion, noun: ClaimNoun) -> dict[str, Any]:
    """Which form the claim goes on, whether it may be printed to be mailed, and the pages that were."""
    try:
        form, refused = FORMS[kind_of(noun)], ""
    except FormRefused as problem:
        form, refused = "", str(problem)
    last = services.last_print(version=version)
    return {"form": form, "refused": refused, "may_print": version.state == State.READY and bool(form), "last": last}


def may_split(version: ClaimVersion, noun: ClaimNoun, newest: bool) -> bool:
    return newest and State(version.state) in (*services.UNSENT, *REJECTED) and len(noun.lines) > 1


def combinable(version: ClaimVersion) -> QuerySet[ClaimVersion]:
    """Other unsent claims of the same patient, payer and day."""
    if State(version.state) not in services.UNSENT:
        return ClaimVersion.objects.none()
    claim = version.claim
    return (
        ClaimVersion.objects.filter(
            claim__patient_id=claim.patient_id, claim__payer_id=claim.payer_id, claim__practice_id=claim.practice_id,
            claim__sequence=claim.sequence, date_of_service=version.date_of_service, state__in=services.UNSENT,
        )
        .exclude(claim=claim)
        .order_by("control_number")
    )  # fmt: skip


def context_of(version: ClaimVersion, versions: Sequence[ClaimVersion], noun: ClaimNoun) -> dict[str, Any]:
    newest = version.pk == versions[-1].pk
    return {
        "steps": next_steps(version, noun, newest), "newest": newest, "paper": paper_of(version, noun),
        "may_split": may_split(version, noun, newest), "split_words": SPLIT_WORDS,
        "others_to_combine": list(combinable(version)) if newest else [],
        "may_change": newest and State(version.state) in services.UNSENT,
    }  # fmt: skip


# Acts ----------------------------------------------------------------------------------------------------------------

MAKERS: Mapping[str, Callable[..., ClaimVersion]] = {
    "replace": lambda version, reason: services.replace_claim(
        version=version, reason=reason, remarks=remarks_on(version=version)
    ),
    "void": lambda version, reason: services.void_claim(version=version, reason=reason),
    "anew": lambda version, reason: services.send_anew(
        version=version, reason=reason, remarks=remarks_on(version=version)
    ),
    "correct": lambda version, reason: services.correct_rejected(version=version, reason=reason),
}


def _version(version_id: UUID) -> ClaimVersion:
    return get_object_or_404(ClaimVersion.objects.select_related("claim__payer", "claim__patient"), pk=version_id)


def address_of(version: ClaimVersion) -> str:
    return with_query(reverse("claim", args=[version.claim_id]), version=version.number)


def _reason(request: HttpRequest) -> str:
    """Raises VersionRefused without one: no version is made without saying why."""
    reason = request.POST.get("reason", "").strip()[:300]
    if not reason:
        raise VersionRefused("say why: the reason stands on the claim's timeline")
    return reason


@action(does="claim.version_asked")
def follow(request: HttpRequest, version_id: UUID, step: str) -> HttpResponse:
    """Make the version that follows, and run the edits on it."""
    version = _version(version_id)
    if step not in MAKERS:
        raise Http404("there is no such step")
    try:
        made = MAKERS[step](version, _reason(request))
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return redirect(address_of(version))
    scrub(version_ids=[made.pk])
    messages.success(request, f"Version {made.number} is made. Change what is to be corrected, then it goes out.")
    return redirect(address_of(made))


@action(does="claim.split_asked")
def split(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = _version(version_id)
    by = request.POST.get("by", "")
    try:
        own = SplitRules(by=(by,), lines_per_claim=services.LINES_A_CLAIM) if by else None
        made = services.split_claim(version=version, reason=_reason(request), rules=own)
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return redirect(address_of(version))
    scrub(version_ids=[part.pk for part in made])
    messages.success(request, f"Split into {len(made)}: {', '.join(part.control_number for part in made)}.")
    return redirect(address_of(made[0]))


@action(does="claim.combine_asked")
def combine(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = _version(version_id)
    wanted = set(request.POST.getlist("other"))
    others = [row for row in combinable(version) if str(row.pk) in wanted]
    try:
        if not others:
            raise VersionRefused("choose a claim to combine this one with")
        made = services.combine_claims(versions=[version, *others], reason=_reason(request))
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return redirect(address_of(version))
    scrub(version_ids=[made.pk])
    messages.success(request, f"Combined into {made.control_number}.")
    return redirect(address_of(made))


@action(does="claim.print_asked")
def print_form(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """To be mailed: the pages are kept and the claim has gone out on paper."""
    version = _version(version_id)
    try:
        printed = services.print_claim(version=version, data_only=request.POST.get("data_only") == "on")
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return redirect(address_of(version))
    cut = ", ".join(f"box {one['box']}" for one in printed.warnings)
    messages.success(request, f"{printed.pages} page{'s'[: printed.pages > 1]} to print and mail." + (f" Does not fit: {cut}." if cut else ""))  # fmt: skip
    return redirect(address_of(version))


@page(reads="claim.proof")
def proof(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The form as it would be printed today; nothing is sent."""
    version = _version(version_id)
    try:
        printed = services.proof_of_claim(version=version, data_only=request.GET.get("data_only") == "on")
    except FormRefused as refused:
        messages.error(request, str(refused))
        return redirect(address_of(version))
    return _pdf(printed.pdf, f"{version.control_number}-proof.pdf")


@page(reads="claim.printed")
def mailed(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The very pages that were mailed."""
    version = _version(version_id)
    last = services.last_print(version=version)
    if last is None:
        raise Http404("it was not printed")
    return _pdf(bytes(last.pdf), f"{version.control_number}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )
