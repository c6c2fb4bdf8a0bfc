"""Claims: the list, one with all its versions, and everything that is done to one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Query
from ninja import Schema as NinjaSchema
from pydantic import Field

from claimwright.billing.claim_parts import SplitRules
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.codes.money import ZERO
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import PDF, as_bytes, find, must_match, operation, page_of, paged
from claimwright.web.api.of_ledger import TransferOut
from claimwright.web.api.of_patients import as_cells, refuse
from claimwright.web.api.problems import Problem
from claimwright.web.core import clock
from claimwright.web.payments.charge_changes import cancel_claim
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.payments.next_payer import rebuild, replace_later
from claimwright.web.submissions import versions as services
from claimwright.web.submissions.models import Claim, ClaimEvent, ClaimVersion, EditFinding
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import hold, override_finding, release
from claimwright.web.workbench.claim_change import cells_of_claim, correct_fields
from claimwright.web.workbench.claim_columns import BY_KEY
from claimwright.web.workbench.claim_filters import RELATED, filtered, lists_of
from claimwright.web.workbench.claim_versions import MAKERS, combinable
from claimwright.web.workbench.line_money import entries_of

CELLS = {
    "allowed": "allowed", "paid": "paid", "balance": "balance", "patient_balance": "patient_balance", "age_days": "age",
    "sent_days": "sent_age", "limit_days": "limit", "last_reason": "reason",
}  # fmt: skip
HERE = (*services.UNSENT, "ON_HOLD")
ROLE = "program"  # of who lets a finding go: a token, named by the actor


class ClaimRow(Out):
    """The newest version of a claim, as in the claims list; `id` is the version's."""

    id: UUID
    claim_id: UUID
    practice_id: UUID
    patient_id: UUID
    payer_id: UUID
    sequence: str
    number: int
    control_number: str
    state: str
    outcome: str
    date_of_service: date | None
    total_charge: Money
    allowed: Money | None
    paid: Money
    balance: Money = Field(description="What this claim's payer still owes")
    patient_balance: Money
    age_days: int | None
    sent_days: int | None
    limit_days: int | None
    last_reason: str
    owner: str
    worklists: list[str]


class ClaimFilter(NinjaSchema):
    """As on the page of claims; an empty one filters nothing. `payer` is a payer's key, `worklist` a list's name."""

    state: str = ""
    payer: str = ""
    practice: UUID | None = None
    provider: str = Field(default="", description="Rendering NPI")
    place: str = ""
    sequence: str = ""
    carc: str = ""
    owner: str = ""
    worklist: str = ""
    date_from: date | None = None
    date_to: date | None = None
    sent_from: date | None = None
    sent_to: date | None = None
    least: Money | None = Field(default=None, description="Charge, from")
    most: Money | None = Field(default=None, description="Charge, to")
    owes: Money | None = Field(default=None, description="Owed by the payer, from")
    patient_owes: Money | None = None
    limit_near: bool = False
    q: str = Field(default="", description="A claim's number, or names or numbers of a patient")


class VersionRow(Out):
    id: UUID
    number: int
    control_number: str
    frequency: str
    state: str
    outcome: str
    total_charge: Money
    date_of_service: date | None
    payer_claim_number: str
    created_on: date
    first_sent: date | None
    last_sent: date | None
    first_adjudicated: date | None
    closed: date | None
    hold_until: date | None
    filing_deadline: date | None


class ClaimOut(Out):
    id: UUID
    encounter_id: UUID
    practice_id: UUID
    patient_id: UUID
    payer_id: UUID
    coverage_id: UUID | None
    sequence: str
    part: int
    owner: str
    versions: list[VersionRow]


class VersionOut(VersionRow):
    claim_id: UUID
    content: dict[str, Any] = Field(description="The claim as it is or was sent: claimwright's Claim noun")
    entry: dict[str, str] = Field(description="The fields that may be corrected, of a professional claim")


class FindingOut(Out):
    id: UUID
    version_id: UUID
    edit_id: str
    severity: str = Field(description="R reject, H hold, W warn, I note")
    path: str
    message: str
    fix: str
    open: bool
    found_on: date
    override_reason: str
    overridden_by: str


class ClaimEventOut(Out):
    id: UUID
    version_id: UUID
    ordinal: int
    from_state: str
    to_state: str
    trigger: str
    moved: bool
    actor: str
    at: datetime
    on: date
    evidence_id: UUID | None = Field(description="The part of a received file that says so")
    evidence_segment: int
    note: str


class PayerWord(Out):
    id: UUID
    remittance_id: UUID
    version_id: UUID | None
    payer_id: UUID | None
    status: str
    charge: Money
    paid: Money
    patient_responsibility: Money | None
    state: str
    outcome: str
    worklist: str
    reason: str
    posted_on: date | None


class HoldClaim(In):
    reason: Reason
    until: date | None = None


class Because(In):
    reason: Reason


class SplitClaim(In):
    reason: Reason
    by: Short = Field(default="", description="Blank: the payer's own rules")


class CombineClaims(In):
    reason: Reason
    version_ids: list[UUID] = Field(min_length=1, max_length=20)


class CorrectClaim(In):
    reason: Reason
    entry: dict[str, str] = Field(
        description="`entry` of the version, with what changes; charges stay as they are in the ledger"
    )
    as_now_registered: bool = Field(default=False, description="Take patient and coverage as they are registered now")


class Scrubbed(Out):
    version: VersionRow
    findings: list[FindingOut]


def _version(version_id: UUID) -> ClaimVersion:
    rows = ClaimVersion.objects.select_related("claim__payer", "claim__patient", "claim__coverage__payer")
    found: ClaimVersion = find(rows, version_id)
    return found


def _as_row(version: ClaimVersion) -> dict[str, Any]:
    """The cells of the claims list, by the list's own columns."""
    claim, today = version.claim, clock.today()
    own = ("practice_id", "patient_id", "payer_id", "sequence", "owner")
    cells = {name: BY_KEY[key].cell(version, today) for name, key in CELLS.items()}
    cells |= {name: cells[name] or ZERO for name in ("paid", "balance", "patient_balance")}
    return cells | {name: getattr(claim, name) for name in own} | {
        "id": version.pk, "claim_id": claim.pk, "number": version.number, "control_number": version.control_number,
        "state": version.state, "outcome": version.outcome, "date_of_service": version.date_of_service,
        "total_charge": version.total_charge, "last_reason": cells["last_reason"] or "", "worklists": version.worklists,
    }  # fmt: skip


@operation("GET", "/claims", permission="claims.read", answers=paged(ClaimRow), reads=True)
def list_claims(
    request: HttpRequest,
    wanted: Query[ClaimFilter],
    cursor: str = "",
    limit: int = 50,
) -> Any:
    """The claims list with its filters: newest versions, by number, the highest first."""
    told = {name.removeprefix("date_"): str(value) for name, value in wanted.model_dump().items() if value}
    if told.pop("limit_near", ""):
        told["limit"] = "near"
    rows = filtered(told).select_related(*RELATED).defer("content", "claim__patient__content", "claim__payer__profile")
    found = page_of(rows, cursor=cursor, limit=limit, by="control_number")
    return {"items": [_as_row(one) for one in lists_of(found["items"])], "next": found["next"]}


@operation("GET", "/claims/{uuid:claim_id}", permission="claims.read", answers=ClaimOut, reads=True)
def read_claim(request: HttpRequest, claim_id: UUID) -> Any:
    """One claim and its versions, the newest last."""
    row = find(Claim, claim_id)
    names = [name for name in ClaimOut.model_fields if name != "versions"]
    return {name: getattr(row, name) for name in names} | {
        "versions": list(row.versions.defer("content").order_by("number"))
    }


@operation("GET", "/claims/versions/{uuid:version_id}", permission="claims.read", answers=VersionOut, reads=True)
def read_version(request: HttpRequest, version_id: UUID) -> Any:
    """One version with its content. Its ETag is what a correction must name."""
    row = _version(version_id)
    noun = msgspec.convert(row.content, ClaimNoun, strict=False)
    entry = cells_of_claim(noun) if noun.kind == "P" else {}
    return VersionRow.from_orm(row).model_dump() | {"claim_id": row.claim_id, "content": row.content, "entry": entry}


@operation("GET", "/claims/{uuid:claim_id}/findings", permission="claims.read", answers=list[FindingOut], reads=True)
def list_findings(request: HttpRequest, claim_id: UUID) -> Any:
    """What the edits said of each version, open and let go."""
    return list(EditFinding.objects.filter(version__claim=find(Claim, claim_id)).order_by("found_on", "edit_id", "pk"))


@operation("GET", "/claims/{uuid:claim_id}/timeline", permission="claims.read", answers=list[ClaimEventOut], reads=True)
def list_timeline(request: HttpRequest, claim_id: UUID) -> Any:
    """Every step of its life, with who, when and on what evidence."""
    return list(
        ClaimEvent.objects.filter(version__claim=find(Claim, claim_id)).order_by("at", "version__number", "ordinal")
    )


@operation("GET", "/claims/{uuid:claim_id}/payments", permission="claims.read", answers=list[PayerWord], reads=True)
def list_payer_words(request: HttpRequest, claim_id: UUID) -> Any:
    """What each payer of the visit said, in the order it came."""
    rows = ClaimPayment.objects.filter(encounter=find(Claim, claim_id).encounter_id).defer("content", "working")
    return list(rows.order_by("remittance__received_on", "segment", "pk"))


@operation("GET", "/claims/{uuid:claim_id}/ledger", permission="claims.read", answers=list[TransferOut], reads=True)
def list_claim_ledger(request: HttpRequest, claim_id: UUID) -> list[LedgerTransfer]:
    """The transfers of the claim's lines, in the order they were written."""
    claim = find(Claim, claim_id)
    return entries_of(claim.encounter.lines.values_list("line_id", flat=True))


@operation("GET", "/claims/versions/{uuid:version_id}/form.pdf", permission="claims.read", produces=PDF, reads=True)
def read_claim_form(request: HttpRequest, version_id: UUID) -> Any:
    """The paper form as it would be printed today; nothing is sent."""
    row = _version(version_id)
    return as_bytes(services.proof_of_claim(version=row).pdf, PDF, f"{row.control_number}-proof.pdf")


# Acts ----------------------------------------------------------------------------------------------------------------


def _scrubbed(version_id: UUID) -> dict[str, Any]:
    row = ClaimVersion.objects.defer("content").get(pk=version_id)
    return {"version": row, "findings": list(row.findings.filter(open=True).order_by("edit_id", "pk"))}


@operation("POST", "/claims/versions/{uuid:version_id}/scrub", permission="claims.correct", answers=Scrubbed)
def scrub_version(request: HttpRequest, version_id: UUID) -> Any:
    """Run the edits on a version that was not sent; it becomes ready, or is held with what they found."""
    row = _version(version_id)
    if row.state not in services.UNSENT:
        raise Problem(409, f"The edits run on what was not sent: this is {row.state}", kind="refused")
    scrub(version_ids=[row.pk])
    return _scrubbed(row.pk)


@operation("POST", "/claims/versions/{uuid:version_id}/hold", permission="claims.correct", answers=VersionRow)
def hold_version(request: HttpRequest, version_id: UUID, payload: HoldClaim) -> Any:
    """Put a claim on hold, until a day or until it is released."""
    row = _version(version_id)
    hold(version=row, reason=payload.reason, until=payload.until)
    row.refresh_from_db()
    return row


@operation("POST", "/claims/versions/{uuid:version_id}/cancel", permission="claims.correct", answers=VersionRow)
def cancel_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """Take back a claim that should not be, before it goes out: its charges are reversed."""
    row = _version(version_id)
    cancel_claim(version=row, reason=payload.reason)
    row.refresh_from_db()
    return row


@operation("POST", "/claims/versions/{uuid:version_id}/release", permission="claims.correct", answers=VersionRow)
def release_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """Let a held claim go on from where it stood."""
    row = _version(version_id)
    release(version=row, reason=payload.reason)
    row.refresh_from_db()
    return row


@operation("POST", "/claims/findings/{uuid:finding_id}/override", permission="claims.override", answers=Scrubbed)
def override_a_finding(request: HttpRequest, finding_id: UUID, payload: Because) -> Any:
    """Let a claim go over a HOLD finding. A rejection is never let go."""
    row = find(EditFinding.objects.select_related("version"), finding_id)
    override_finding(finding=row, reason=payload.reason, role=ROLE)
    return _scrubbed(row.version_id)


@operation("PUT", "/claims/versions/{uuid:version_id}", permission="claims.correct", answers=VersionOut, if_match=True)
def correct_claim_fields(request: HttpRequest, version_id: UUID, payload: CorrectClaim) -> Any:
    """Change a professional claim that was never sent, and run its edits."""
    find(ClaimVersion.objects.select_for_update(), version_id)
    row = _version(version_id)
    must_match(request, read_version, VersionOut, version_id=version_id)
    if row.state not in services.UNSENT or msgspec.convert(row.content, ClaimNoun, strict=False).kind != "P":
        words = "Only a professional claim that was never sent is changed here: make a new version of it"
        raise Problem(409, words, kind="refused")
    cells = as_cells(payload.entry)
    refuse(
        correct_fields(version=row, cells=cells, reason=payload.reason, as_now_registered=payload.as_now_registered)[1]
    )
    return read_version(request, version_id)


def _follow(step: str, version_id: UUID, reason: str) -> Any:
    make: Callable[..., ClaimVersion] = MAKERS[step]
    made = make(_version(version_id), reason)
    scrub(version_ids=[made.pk])
    return _scrubbed(made.pk)


@operation("POST", "/claims/versions/{uuid:version_id}/replace", permission="claims.send", answers=Scrubbed, status=201)
def replace_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """Make the version that replaces a decided one (frequency 7), and run its edits."""
    return _follow("replace", version_id, payload.reason)


@operation("POST", "/claims/versions/{uuid:version_id}/void", permission="claims.send", answers=Scrubbed, status=201)
def void_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """Make the version that takes a decided one back (frequency 8)."""
    return _follow("void", version_id, payload.reason)


@operation(
    "POST", "/claims/versions/{uuid:version_id}/send-anew", permission="claims.send", answers=Scrubbed, status=201
)
def send_version_anew(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """A first claim again, where the payer could not process this one."""
    return _follow("anew", version_id, payload.reason)


@operation(
    "POST",
    "/claims/versions/{uuid:version_id}/correct-rejected",
    permission="claims.send",
    answers=Scrubbed,
    status=201,
)
def correct_rejected_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """A first claim again under a new number, after a rejection."""
    return _follow("correct", version_id, payload.reason)


@operation(
    "POST", "/claims/versions/{uuid:version_id}/split", permission="claims.send", answers=list[VersionRow], status=201
)
def split_version(request: HttpRequest, version_id: UUID, payload: SplitClaim) -> Any:
    """Split a claim among several, and run their edits."""
    own = SplitRules(by=(payload.by,), lines_per_claim=services.LINES_A_CLAIM) if payload.by else None
    made = services.split_claim(version=_version(version_id), reason=payload.reason, rules=own)
    scrub(version_ids=[part.pk for part in made])
    return list(ClaimVersion.objects.filter(pk__in=[part.pk for part in made]).order_by("control_number"))


@operation("POST", "/claims/versions/{uuid:version_id}/combine", permission="claims.send", answers=Scrubbed, status=201)
def combine_versions(request: HttpRequest, version_id: UUID, payload: CombineClaims) -> Any:
    """Make one of unsent claims of the same patient, payer and day."""
    row = _version(version_id)
    others = list(combinable(row).filter(pk__in=payload.version_ids))
    if len(others) != len(set(payload.version_ids)):
        raise Problem(409, "Only unsent claims of the same patient, payer and day are combined", kind="refused")
    made = services.combine_claims(versions=[row, *others], reason=payload.reason)
    scrub(version_ids=[made.pk])
    return _scrubbed(made.pk)


@operation("POST", "/claims/versions/{uuid:version_id}/print", permission="claims.send", answers=VersionRow)
def print_version(request: HttpRequest, version_id: UUID) -> Any:
    """Print a ready claim to be mailed: the pages are kept, and it has gone out on paper."""
    row = _version(version_id)
    services.print_claim(version=row)
    row.refresh_from_db()
    return row


@operation("POST", "/claims/versions/{uuid:version_id}/coordinate", permission="claims.send", answers=Scrubbed)
def coordinate_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """Bring a later payer's claim to what the payers before it say now: as it stands while unsent, else as a new version."""
    row = _version(version_id)
    if row.claim.sequence == "P":
        raise Problem(409, "This is the first payer's claim: no payer comes before it", kind="refused")
    made = rebuild(version_id=row.pk) if row.state in HERE else replace_later(version=row, reason=payload.reason)
    scrub(version_ids=[made.pk])
    return _scrubbed(made.pk)
