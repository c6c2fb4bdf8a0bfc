"""What the practice holds beside its claims, as facts of the edits: authorizations, papers, own rules, protection from bills.

A handful of queries for many claims; nothing is asked again claim by claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q

from claimwright.billing.advance_notice import AdvanceNotice
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.edits.facts import PatientFlags, Route
from claimwright.edits.records import Document as DocumentFact
from claimwright.edits.records import LocalRule
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.authorizations.models import Document, DocumentLink, Questionnaire
from claimwright.web.authorizations.notices import ABN
from claimwright.web.authorizations.selectors import AuthorizationBook
from claimwright.web.charges.models import ChargeLine
from claimwright.web.submissions.authorizing import take
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.rules import rules_in_force

# Flags of a patient that forbid a bill: what an edit calls the ban. A ban of Medicare's holds where Medicare pays.
BANS = {"qmb": "QMB", "nsa": "NSA"}
MEDICARE_INDICATORS = ("MA", "MB")
PATIENT_BUCKETS = ("PAT",)


class OnFile:
    """Loads for `versions`; `facts(version, content)` answers from memory. `lock` as of AuthorizationBook."""

    expected = frozenset({"authorizations", "documents", "local_rules", "route"})

    def __init__(self, versions: Sequence[ClaimVersion], *, lock: bool = False) -> None:
        patients = {version.claim.patient_id for version in versions}
        self.book = AuthorizationBook(patients, lock=lock)
        self.rules: tuple[LocalRule, ...] = rules_in_force()
        self.documents = _documents(patients)
        self.notices: dict[UUID, list[AdvanceNotice]] = defaultdict(list)
        for patient, answers in Questionnaire.objects.filter(
            kind=ABN, patient_id__in=patients, withdrawn_on__isnull=True
        ).values_list("patient_id", "answers"):
            self.notices[patient].append(msgspec.convert(answers, AdvanceNotice))
        self.charged = _charged_patients(versions)

    def facts(self, version: ClaimVersion, content: ClaimNoun) -> dict[str, Any]:
        """Keyword arguments of Facts."""
        claim = version.claim
        return {
            "authorizations": self.book.records(claim.patient_id, claim.payer_id, claim.pk, claim.encounter_id),
            "documents": (*self._papers(version), *self._notices(claim.patient_id, content)),
            "local_rules": self.rules,
            "route": _route(version),
        }

    def flags(self, version: ClaimVersion, content: ClaimNoun, flags: PatientFlags) -> PatientFlags:
        """The patient's flags with whether a bill is forbidden, and whether one stands open all the same."""
        ban = ban_of(version.claim.patient.flags, content)
        if not ban:
            return flags
        return msgspec.structs.replace(
            flags, balance_billing_ban=ban, patient_charge=version.claim.encounter_id in self.charged
        )

    def passed(self, version: ClaimVersion, content: ClaimNoun) -> None:
        """The claim goes on: what it takes is gone for the claims after it in this run."""
        take(self.book, version.claim, content)

    def _papers(self, version: ClaimVersion) -> list[DocumentFact]:
        """Those of the visit, the claim or its lines, and those of the patient that are about nothing narrower."""
        claim, found = version.claim, []
        own = {str(claim.encounter_id), str(claim.pk)}
        for document, subjects, lines in self.documents.get(claim.patient_id, ()):
            about_others = subjects and own.isdisjoint(subjects)
            if not about_others:
                found.append(msgspec.structs.replace(document, lines=lines))
        return found

    def _notices(self, patient_id: UUID, content: ClaimNoun) -> list[DocumentFact]:
        """A signed notice speaks for the lines whose code it names, or which it names themselves."""
        found = []
        for notice in self.notices.get(patient_id, ()):
            codes = {one.code for one in notice.services}
            lines = tuple(
                line.control_number
                for line in content.lines
                if line.control_number in notice.line_ids
                or (line.procedure_code in codes and (line.date_from is None or notice.signed_on <= line.date_from))
            )
            if lines:
                found.append(DocumentFact(kind="abn", lines=lines, signed_on=notice.signed_on))
        return found


def ban_of(flags: Sequence[str], content: ClaimNoun) -> str:
    """Why the patient may not be billed for this claim; blank where she may."""
    for flag, ban in BANS.items():
        if flag not in flags:
            continue
        payers = [content.coverage, *(one.coverage for one in content.prior_payments)]
        if ban != "QMB" or any(one.payer.filing_indicator in MEDICARE_INDICATORS for one in payers):
            return ban
    return ""


def _route(version: ClaimVersion) -> Route:
    """A payer with a connection is billed over it under its own id; one without goes on paper."""
    payer = version.claim.payer
    return Route(
        clearinghouse=str(payer.connection_id or ""), payer_ids=(payer.payer_id,), paper=payer.connection_id is None
    )


def _documents(
    patients: set[UUID],
) -> dict[UUID, list[tuple[DocumentFact, frozenset[str], tuple[str, ...]]]]:
    """By patient: each document, the visits and claims it is about, and the lines. Destroyed ones are none."""
    rows = list(
        Document.objects.filter(patient_id__in=patients)
        .exclude(state=Document.State.DESTROYED)
        .values("pk", "patient_id", "kind", "report_type", "control_number", "signed_on", "received_on", "state")
    )
    subjects: dict[UUID, set[str]] = defaultdict(set)
    lines: dict[UUID, list[str]] = defaultdict(list)
    about = Q(kind__in=[DocumentLink.Kind.ENCOUNTER, DocumentLink.Kind.CLAIM, DocumentLink.Kind.LINE])
    for document, kind, subject in DocumentLink.objects.filter(
        about, document_id__in=[row["pk"] for row in rows], closed_at__isnull=True
    ).values_list("document_id", "kind", "subject_id"):
        if kind == DocumentLink.Kind.LINE:
            lines[document].append(subject)
        else:
            subjects[document].add(subject)
    found: dict[UUID, list[tuple[DocumentFact, frozenset[str], tuple[str, ...]]]] = defaultdict(list)
    for row in rows:
        fact = DocumentFact(
            kind=row["kind"], report_type=row["report_type"], control_number=row["control_number"],
            signed_on=row["signed_on"], received_on=row["received_on"], readable=row["state"] == Document.State.READABLE,
        )  # fmt: skip
        found[row["patient_id"]].append((fact, frozenset(subjects[row["pk"]]), tuple(sorted(lines[row["pk"]]))))
    return found


def _charged_patients(versions: Sequence[ClaimVersion]) -> set[UUID]:
    """Visits of protected patients with an amount open to the patient. Asked only where somebody is protected."""
    visits = {one.claim.encounter_id for one in versions if not set(BANS).isdisjoint(one.claim.patient.flags)}
    if not visits:
        return set()
    lines = dict(ChargeLine.objects.filter(encounter_id__in=visits).values_list("line_id", "encounter_id"))
    balances = line_balances(lines)
    return {
        visit for line, visit in lines.items() if any(balances[line].get(bucket, 0) > 0 for bucket in PATIENT_BUCKETS)
    }
