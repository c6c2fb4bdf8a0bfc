"""The library's own verbs over HTTP, for who has a file and no patient here: nothing is kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from django.http import HttpRequest
from pydantic import Field

from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.from_x12.remittance import remittance
from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.edits import engine
from claimwright.edits.file_facts import facts_of_file
from claimwright.web.api.fields import Money, Out
from claimwright.web.api.framework import BYTES, operation
from claimwright.web.api.problems import Problem
from claimwright.web.core import clock
from claimwright.web.workbench.code_search import loaded_codes
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from claimwright.x12.reader import read

MOST_FAULTS = 1000
BLOCKING = frozenset({"R", "H"})


class FaultOut(Out):
    id: str
    snip: int
    severity: str
    segment_id: str
    segment: int
    byte: int
    line: int
    loop: str
    element: int
    control_number: str
    message: str
    fix: str


class Validated(Out):
    transactions: list[str] = Field(description="ST01 of each, in order")
    faults: list[FaultOut] = Field(description="1,000 at most; the values themselves are not repeated")
    total_faults: int
    is_accepted: bool


class EdiFinding(Out):
    edit_id: str
    severity: str
    path: str
    message: str
    fix: str


class ScrubbedClaim(Out):
    control_number: str
    lines: int
    charge: Money
    may_go: bool
    findings: list[EdiFinding]


class ScrubbedFile(Out):
    may_go: bool
    claims: list[ScrubbedClaim]
    faults: list[FaultOut]
    not_armed: list[str] = Field(description="Edits that need files which are not imported here")


class ReadRemittances(Out):
    remittances: list[dict[str, Any]] = Field(description="claimwright's Remittance nouns")
    faults: list[FaultOut]


def _document(content: bytes, *wanted: str) -> list[str]:
    document = read(content)
    if not document.interchanges:
        raise Problem(422, "This is no X12: no ISA segment", kind="not-x12")
    found = [transaction.set_id for transaction in document.transactions()]
    if wanted and not set(wanted) & set(found):
        raise Problem(
            422, f"There is no {wanted[0]} in it: it holds {', '.join(sorted(set(found))) or 'nothing'}", kind="not-x12"
        )
    return found


def _told(faults: list[Any]) -> list[dict[str, Any]]:
    names = [name for name in FaultOut.model_fields if name != "severity"]
    return [
        {name: getattr(one, name) for name in names} | {"severity": one.severity.value} for one in faults[:MOST_FAULTS]
    ]


@operation("POST", "/edi/validate", permission="office.read", answers=Validated, takes=BYTES, stateless=True)
def validate_x12(request: HttpRequest) -> Any:
    """Every fault of an X12 file, with its place and fix. Nothing is kept."""
    found = _document(request.body)
    faults = check(request.body, CodeVocabulary(loaded_codes()))
    accepted = not any(one.severity is Severity.REJECT for one in faults)
    return {"transactions": found, "faults": _told(faults), "total_faults": len(faults), "is_accepted": accepted}


@operation("POST", "/edi/scrub", permission="office.read", answers=ScrubbedFile, takes=BYTES, stateless=True)
def scrub_x12(request: HttpRequest, on: date | None = None) -> Any:
    """The edits and the wire's rules on an 837P, 837I or 837D file, claim by claim. Nothing is kept."""
    _document(request.body, "837")
    sets = loaded_codes()
    faults = check(request.body, CodeVocabulary(sets))
    reads = read_file(request.body)
    claims = [claim for one in reads for claim in one.claims]
    found = engine.run_batch(claims, facts_of_file(claims, sets, on or clock.today()))
    rejected = {one.control_number for one in faults if one.severity is Severity.REJECT}
    rejected |= {problem.encounter for one in reads for problem in one.problems() if problem.blocks}
    answers = [
        {
            "control_number": claim.control_number, "lines": len(claim.lines), "charge": claim.total_charge,
            "may_go": not rejected & {"", claim.control_number} and not any(one.severity.value in BLOCKING for one in findings),
            "findings": [
                {"edit_id": one.edit_id, "severity": one.severity.value, "path": one.path, "message": one.message, "fix": one.fix}
                for one in findings
            ],
        }
        for claim, findings in zip(claims, found.claims, strict=True)
    ]  # fmt: skip
    may_go = bool(answers) and not rejected and all(one["may_go"] for one in answers)
    armed = sorted({one.edit_id for one in found.not_armed})
    return {"may_go": may_go, "claims": answers, "faults": _told(faults), "not_armed": armed}


@operation("POST", "/edi/remittance", permission="office.read", answers=ReadRemittances, takes=BYTES, stateless=True)
def read_x12_remittance(request: HttpRequest) -> Any:
    """An 835 as JSON. Nothing is kept or posted."""
    _document(request.body, "835")
    readings = [remittance(one) for one in read(request.body).transactions() if one.set_id == "835"]
    faults = [fault for one in readings for fault in one.faults]
    return {"remittances": [msgspec.to_builtins(one.remittance) for one in readings], "faults": _told(faults)}
