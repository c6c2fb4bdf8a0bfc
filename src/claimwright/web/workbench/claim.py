"""One claim: its lines and their money, findings, timeline with evidence, what payers said, files and ledger."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Line
from claimwright.codes.denials import plain_words
from claimwright.documents.claim_sheet import KINDS, sheet_of
from claimwright.web.authorizations.papers import documents_of
from claimwright.web.core.models import WorkItem
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.submissions.models import Claim, ClaimVersion
from claimwright.web.workbench.adjudications import amount, latest_of
from claimwright.web.workbench.claim_steps import desk_of
from claimwright.web.workbench.claim_timeline import timeline_of
from claimwright.web.workbench.claim_versions import context_of
from claimwright.web.workbench.findings import with_fixes
from claimwright.web.workbench.following import following_of
from claimwright.web.workbench.line_money import LineMoney, buckets_used, entries_of, money_by_line, total_of
from claimwright.web.workbench.pages import page, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.worklist import with_links


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


def teeth_of(line: Line) -> str:
    """Teeth with their surfaces and areas of a dental line: "3 MOD, area 20"."""
    if line.dental is None:
        return ""
    teeth = [" ".join(filter(None, (tooth.number, "".join(tooth.surfaces)))) for tooth in line.dental.teeth]
    return ", ".join([*teeth, *(f"area {area}" for area in line.dental.oral_cavity_areas)])


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
            "adjusted": [{"reason": reason, "amount": sum_} for reason, sum_ in own.adjustments.items()],
            "patient_part": own.patient + own.balances.get("PAT", Decimal(0)),
            "teeth": teeth_of(line),
            "balances": [own.balances.get(bucket) for bucket in buckets],
        }

    return [row(line) for line in claim.lines]


def meanings(reasons: Iterable[str]) -> list[tuple[str, str]]:
    """Each reason of an adjustment that has words, once: CO-45 and what it means."""
    return [(reason, words) for reason in reasons if "-" in reason and (words := plain_words(reason.partition("-")[2]))]


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


def _payments(claim: Claim) -> QuerySet[ClaimPayment]:
    return (
        ClaimPayment.objects.filter(encounter=claim.encounter_id)
        .select_related("remittance__part__file", "remittance__payer", "version", "reversed_by")
        .defer("remittance__part__file__content", "remittance__content", "version__content", "reversed_by__content")
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
    denials = version.denials.select_related("payer").prefetch_related("appeals").order_by("received_on", "line_id")
    own = [payment for payment in payments if payment.version_id == version.pk]
    findings = with_fixes(version.findings.order_by("-open", "severity", "edit_id", "path"), version.state)
    blockers = sum(row.open and row.severity in ("R", "H") for row in findings)
    followed = following_of(request, version)
    papers = documents_of(
        patient_id=found.patient_id,
        subjects={"claim": [version.pk, found.pk], "encounter": [found.encounter_id],
                  "line": [line.control_number for line in noun.lines], "denial": [row.pk for row in denials]},
    )  # fmt: skip
    return show(
        request,
        "workbench/claim.html",
        {
            "claim": found, "version": version, "versions": versions, "noun": noun, "buckets": buckets,
            "siblings": found.encounter.claims.exclude(pk=found.pk).select_related("payer").order_by("sequence"),
            "lines": line_rows(noun, money, allowed_by_line(payments), buckets),
            "total": total, "total_balances": [total.balances.get(bucket) for bucket in buckets],
            "said": latest_of(own), "meanings": meanings(total.adjustments),
            "findings": findings, "denials": denials, "spoken": spoken(payments), "entries": entries,
            "sheet": sheet_of(noun), "form": KINDS.get(noun.kind, KINDS["P"]), "papers": papers,
            "moments": timeline_of(version, own, followed["following"], found.patient_id),
            "can_override": may(request, "override"),
            "items": with_links(list(items.order_by("raised_on"))),
        } | context_of(version, versions, noun) | followed
        | desk_of(request, version, versions, noun, money, total, blockers),
    )  # fmt: skip
