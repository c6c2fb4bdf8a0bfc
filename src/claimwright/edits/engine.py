"""Runs edits over claims. Every edit runs, none stops another, nothing is changed, and no failure is a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.facts import CouldNotRun, Facts
from claimwright.edits.shapes import HOLD, INFO, REJECT, Edit, Finding, Override, Ruled, Scope, Severity, Unanswered

COULD_NOT_RUN_FIX = "Load or complete what is named, then run the edits again; override only with a reason"
NOT_ARMED_FIX = "Load it to arm the edit; claims can be billed without"
_NO_CLAIM = Claim()


class BatchFindings(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of a batch: one tuple for each claim in order, and once for the batch what is not armed."""

    claims: tuple[tuple[Finding, ...], ...]
    not_armed: tuple[Finding, ...]


def run(claim: Claim, facts: Facts, edits: Sequence[Edit] = CATALOGUE) -> tuple[Finding, ...]:
    """All findings on one claim, in the order of the catalogue. Never raises for anything a claim or a fact holds.

    With `facts.interchange` the edits of the rendered file run too; without it they are the caller's next step.
    """
    findings: list[Finding] = []
    for each in _of_scope(tuple(edits), facts.interchange is not None):
        findings.extend(_run_one(each, claim, facts))
    return tuple(findings)


def run_interchange(facts: Facts, edits: Sequence[Edit] = CATALOGUE) -> tuple[Finding, ...]:
    """The findings on a rendered file, once for the file. Needs `facts.interchange`; raises ValueError without it."""
    if facts.interchange is None:
        raise ValueError("the edits of a rendered file need facts.interchange: read_interchange(rows)")
    findings: list[Finding] = []
    for each in edits:
        if each.scope is Scope.INTERCHANGE:
            findings.extend(_run_one(each, _NO_CLAIM, facts))
    return tuple(findings)


def run_batch(
    claims: Iterable[Claim], facts_for: Callable[[Claim], Facts], edits: Sequence[Edit] = CATALOGUE
) -> BatchFindings:
    """All findings on each claim. What is not armed for any of them is told once, not once a claim."""
    results: list[tuple[Finding, ...]] = []
    unarmed: dict[str, Finding] = {}
    signatures: set[tuple[object, ...]] = set()
    for claim in claims:
        facts = facts_for(claim)
        results.append(run(claim, facts, edits))
        missing = _missing(tuple(edits), facts)
        if missing not in signatures:
            signatures.add(missing)
            for finding in not_armed(facts, edits):
                unarmed.setdefault(finding.edit_id, finding)
    return BatchFindings(claims=tuple(results), not_armed=tuple(sorted(unarmed.values(), key=lambda f: f.edit_id)))


def not_armed(facts: Facts, edits: Sequence[Edit] = CATALOGUE) -> tuple[Finding, ...]:
    """One INFO for each edit whose reference set or facts were never loaded."""
    findings = []
    for each in edits:
        if each.scope is Scope.INTERCHANGE and facts.interchange is None:
            continue
        lacking = tuple(need for need in each.needs if not facts.has(need) and need not in facts.expected)
        if lacking:
            findings.append(
                Finding(
                    edit_id=each.id,
                    severity=INFO,
                    path=lacking[0],
                    message=f"Not armed: {', '.join(lacking)} was never loaded",
                    values=lacking,
                    fix=NOT_ARMED_FIX,
                    version=each.version,
                )
            )
    return tuple(findings)


def open_blockers(findings: Iterable[Finding], overrides: Iterable[Override] = ()) -> tuple[Finding, ...]:
    """The findings that keep a claim from going: every REJECT, and each HOLD that no valid override lets go.

    An override counts when it names the edit and gives reason and role; one with a path counts at that place only.
    """
    given = [override for override in overrides if override.reason.strip() and override.role.strip()]
    return tuple(
        finding
        for finding in findings
        if finding.severity is REJECT or (finding.severity is HOLD and not any(_lets_go(o, finding) for o in given))
    )


def _lets_go(override: Override, finding: Finding) -> bool:
    return override.edit_id == finding.edit_id and override.path in ("", finding.path)


@lru_cache(maxsize=16)
def _of_scope(edits: tuple[Edit, ...], with_interchange: bool) -> tuple[Edit, ...]:
    return tuple(each for each in edits if with_interchange or each.scope is Scope.CLAIM)


@lru_cache(maxsize=16)
def _all_needs(edits: tuple[Edit, ...]) -> tuple[str, ...]:
    return tuple(sorted({need for each in edits for need in each.needs}))


def _missing(edits: tuple[Edit, ...], facts: Facts) -> tuple[object, ...]:
    return tuple(need for need in _all_needs(edits) if not facts.has(need) and need not in facts.expected)


def _run_one(each: Edit, claim: Claim, facts: Facts) -> list[Finding]:
    findings: list[Finding] = []
    for need in each.needs:
        if not facts.has(need):
            if need in facts.expected:
                findings.append(_could_not_run(each, need, f"{need} should be there and is not"))
            return findings
    for need in each.uses:
        if need in facts.expected and not facts.has(need):
            findings.append(_could_not_run(each, need, f"{need} should be there and is not"))
    try:
        for hit in each.check(claim, facts):
            if isinstance(hit, Unanswered):
                findings.append(_could_not_run(each, hit.path, hit.reason))
            elif isinstance(hit, Ruled):
                findings.append(_finding(each, (hit.path, *hit.values), hit.severity))
            else:
                findings.append(_finding(each, hit))
    except CouldNotRun as reason:
        findings.append(_could_not_run(each, "", str(reason)))
    except Exception as error:  # the class only: the text of an exception may quote a patient
        findings.append(_could_not_run(each, "", f"the edit failed with {type(error).__name__}"))
    return findings


def _finding(each: Edit, hit: tuple[object, ...], severity: Severity | None = None) -> Finding:
    values = tuple(str(value) for value in hit[1:])
    return Finding(
        edit_id=each.id,
        severity=severity or each.severity,
        path=str(hit[0]),
        message=each.says.format(*values),
        values=values,
        fix=each.fix.format(*values),
        version=each.version,
    )


def _could_not_run(each: Edit, path: str, reason: str) -> Finding:
    return Finding(
        edit_id=each.id,
        severity=HOLD,
        path=path,
        message=f"Could not run: {reason}",
        fix=COULD_NOT_RUN_FIX,
        version=each.version,
        could_not_run=True,
    )
