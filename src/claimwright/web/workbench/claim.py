"""One claim: its lines and their money, findings, timeline with evidence, what payers said, files and ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.billing.lifecycle import ANY_UNSENT, State
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Line
from claimwright.web.core.models import WorkItem
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.submissions.models import Claim, ClaimVersion
from claimwright.web.workbench.adjudications import amount, latest_of
from claimwright.web.workbench.claim_versions import context_of
from claimwright.web.workbench.findings import with_fixes
from claimwright.web.workbench.following import following_of
from claimwright.web.workbench.line_money import LineMoney, buckets_used, entries_of, money_by_line, total_of
from claimwright.web.workbench.pages import page, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.raw import RawLine, claim_segments, payment_segments
from claimwright.web.workbench.worklist import with_links

LARGEST_FILE_SHOWN = 2_000_000  # bytes; above it the claim's own segments are found on the file's page


def claim_noun(content: object) -> ClaimNoun:
    return msgspec.convert(content, ClaimNoun, strict=False)


def chosen_version(versions: list[ClaimVersion], wanted: str) -> ClaimVersion:
    """The version that `?version=` names, else the newest."""
    if not versions:
        raise Http404("the claim has no version")
    for version in versions:
        if str(version.number) == wanted:
            return version
    return versions[-1]


def allowed_by_line(payments: list[ClaimPayment]) -> dict[str, Decimal]:
    """The last stated allowed amount of each line, of payments that stand."""
    found: dict[str, Decimal] = {}
    for payment in payments:
        if payment.state == "held" or payment.reversed_by_id or payment.status == "22":
            continue
        for line in payment.content.get("lines", ()):
            stated = amount(line.get("allowed"))
            if stated is not None and line.get("control_number"):
                found[line["control_number"]] = stated
    return found


def line_rows(
    claim: ClaimNoun, money: dict[str, LineMoney], allowed: dict[str, Decimal], buckets: list[str]
) -> list[dict[str, Any]]:
    def row(line: Line) -> dict[str, Any]:
        own = money.get(line.control_number, LineMoney())
        return {
            "line": line,
            "diagnoses": [
                claim.diagnoses[pointer - 1].code
                for pointer in line.diagnosis_pointers
                if 0 < pointer <= len(claim.diagnoses)
            ],
            "allowed": allowed.get(line.control_number),
            "money": own,
            "balances": [own.balances.get(bucket) for bucket in buckets],
        }

    return [row(line) for line in claim.lines]


def spoken(payments: list[ClaimPayment]) -> list[dict[str, Any]]:
    """What each payer said, with every adjustment by line and the words of its codes."""
    rows = []
    for payment in payments:
        content = payment.content
        adjustments = [("", "", item, content.get("remarks", ())) for item in content.get("adjustments", ())]
        for line in content.get("lines", ()):
            code = " ".join((line.get("procedure_code", ""), *line.get("modifiers", ())))
            adjustments += [
                (line.get("control_number", ""), code, item, line.get("remarks", ()))
                for item in line.get("adjustments", ())
            ]
        rows.append(
            {
                "payment": payment,
                "adjustments": [
                    {"line": line, "code": code, "remarks": remarks, **item}
                    for line, code, item, remarks in adjustments
                ],
                "remarks": content.get("remarks", ()),
            }
        )
    return rows


def sent_segments(version: ClaimVersion) -> list[dict[str, Any]]:
    """Each file the version went in, with its own segments of it."""
    rows = []
    for submission in version.submissions.select_related("file").order_by("file__prepared_at"):
        content = bytes(submission.file.content)
        lines: list[RawLine] = []
        if len(content) <= LARGEST_FILE_SHOWN:
            lines = claim_segments(content, version.control_number)
        rows.append({"submission": submission, "file": submission.file, "lines": lines})
    return rows


def received_segments(payments: list[ClaimPayment]) -> list[dict[str, Any]]:
    rows = []
    for payment in payments:
        part = payment.remittance.part
        lines: list[RawLine] = []
        if part.file.size <= LARGEST_FILE_SHOWN:
            lines = payment_segments(bytes(part.file.content), part_start=part.byte_start, segment=payment.segment)
        rows.append({"payment": payment, "part": part, "lines": lines})
    return rows


def _payments(claim: Claim) -> QuerySet[ClaimPayment]:
    return (
        ClaimPayment.objects.filter(encounter=claim.encounter_id)
        .select_related("remittance__part__file", "remittance__payer", "version", "reversed_by")
        .order_by("remittance__posted_at", "remittance__received_on", "segment")
    )


@page(reads="claim.read")
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    found = get_object_or_404(
        Claim.objects.select_related("patient", "payer", "practice", "encounter", "coverage"), pk=claim_id
    )
    versions = list(found.versions.order_by("number"))
    version = chosen_version(versions, request.GET.get("version", ""))
    noun = claim_noun(version.content)
    payments = list(_payments(found))
    entries = entries_of(line.line_id for line in found.encounter.lines.all())
    money = money_by_line(entries)
    shown = [money[line.control_number] for line in noun.lines if line.control_number in money]
    buckets = buckets_used(shown)
    total = total_of(shown)
    items = WorkItem.objects.filter(state=WorkItem.State.OPEN, claim_number=version.control_number)
    events = version.events.select_related("evidence__file").defer("evidence__file__content").order_by("-ordinal")
    denials = version.denials.select_related("payer").prefetch_related("appeals").order_by("received_on", "line_id")
    own = [payment for payment in payments if payment.version_id == version.pk]
    return show(
        request,
        "workbench/claim.html",
        {
            "claim": found, "version": version, "versions": versions, "noun": noun, "buckets": buckets,
            "siblings": found.encounter.claims.exclude(pk=found.pk).select_related("payer").order_by("sequence"),
            "lines": line_rows(noun, money, allowed_by_line(payments), buckets),
            "total": total, "total_balances": [total.balances.get(bucket) for bucket in buckets],
            "said": latest_of(own),
            "findings": with_fixes(version.findings.order_by("-open", "severity", "edit_id", "path"), version.state),
            "events": events, "denials": denials, "spoken": spoken(payments),
            "sent": sent_segments(version), "received": received_segments(payments), "entries": entries,
            "can_override": may(request, "override"), "can_hold": version.state in ANY_UNSENT,
            "can_release": version.state == State.ON_HOLD,
            "items": with_links(list(items.order_by("raised_on"))),
        } | context_of(version, versions, noun) | following_of(request, version),
    )  # fmt: skip
