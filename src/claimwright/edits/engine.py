"""Runs edits over claims. Every edit runs, none stops another, nothing is changed, and no failure is a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.edits import shared
from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.compiled import ByIdentity
from claimwright.edits.facts import FACT_NAMES, CouldNotRun, Facts
from claimwright.edits.shapes import (
    HOLD,
    INFO,
    REJECT,
    Check,
    Edit,
    Finding,
    Hit,
    Override,
    Ruled,
    Scope,
    Severity,
    Unanswered,
)

COULD_NOT_RUN_FIX = "Load or complete what is named, then run the edits again; override only with a reason"
NOT_ARMED_FIX = "Load it to arm the edit; claims can be billed without"
_NO_CLAIM = Claim()
MOST_PLANS = 256  # kinds of facts whose plan is kept


class BatchFindings(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of a batch: one tuple for each claim in order, and once for the batch what is not armed."""

    claims: tuple[tuple[Finding, ...], ...]
    not_armed: tuple[Finding, ...]


def run(claim: Claim, facts: Facts, edits: Sequence[Edit] = CATALOGUE) -> tuple[Finding, ...]:
    """All findings on one claim, in the order of the catalogue. Never raises for anything a claim or a fact holds.

    With `facts.interchange` the edits of the rendered file run too; without it they are the caller's next step.
    """
    return _run_plan(_plans(tuple(edits)).of(facts), claim, facts)


def run_interchange(facts: Facts, edits: Sequence[Edit] = CATALOGUE) -> tuple[Finding, ...]:
    """The findings on a rendered file, once for the file. Needs `facts.interchange`; raises ValueError without it."""
    if facts.interchange is None:
        raise ValueError("the edits of a rendered file need facts.interchange: read_interchange(rows)")
    of_the_file = tuple(each for each in edits if each.scope is Scope.INTERCHANGE)
    return _run_plan(_Plans(of_the_file).of(facts), _NO_CLAIM, facts)


def run_batch(
    claims: Iterable[Claim], facts_for: Callable[[Claim], Facts], edits: Sequence[Edit] = CATALOGUE
) -> BatchFindings:
    """All findings on each claim. What is not armed for any of them is told once, not once a claim."""
    results: list[tuple[Finding, ...]] = []
    unarmed: dict[str, Finding] = {}
    signatures: set[tuple[object, ...]] = set()
    plans = _plans(tuple(edits))
    for claim in claims:
        facts = facts_for(claim)
        results.append(run(claim, facts, edits))
        missing = plans.missing(facts)
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


class _Step(NamedTuple):
    """One edit of a plan: what its missing facts come to, and its function where it can run all the same."""

    edit: Edit
    gaps: tuple[Finding, ...]
    check: Check | None


class _Plans:
    """Which edits run, by which facts are there: worked out once for all claims with facts of the same kinds."""

    __slots__ = ("_edits", "_given", "_names", "_plans", "_sets")

    def __init__(self, edits: tuple[Edit, ...]) -> None:
        self._edits = edits
        asked = sorted({name for each in edits for name in (*each.needs, *each.uses)} | {"interchange"})
        self._names = tuple(name for name in asked if name in FACT_NAMES)
        self._sets = tuple(name for name in asked if name not in FACT_NAMES)
        self._given = attrgetter("expected", *self._names)
        self._plans: dict[tuple[object, ...], tuple[_Step, ...]] = {}

    def missing(self, facts: Facts) -> tuple[object, ...]:
        """What decides which edits run: the facts expected, the facts that are not given, the code sets loaded."""
        expected, *given = self._given(facts)
        return (expected, *[fact is None for fact in given], *map(facts.code_sets.loaded, self._sets))

    def of(self, facts: Facts) -> tuple[_Step, ...]:
        key = self.missing(facts)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            plan = self._plans[key] = tuple(self._made(facts))
        return plan

    def _made(self, facts: Facts) -> Iterator[_Step]:
        for each in self._edits:
            if each.scope is Scope.INTERCHANGE and facts.interchange is None:
                continue
            unmet = next((need for need in each.needs if not facts.has(need)), None)
            if unmet is None:
                absent = tuple(name for name in each.uses if name in facts.expected and not facts.has(name))
                yield _Step(each, tuple(_absent(each, name) for name in absent), each.check)
            elif unmet in facts.expected:
                yield _Step(each, (_absent(each, unmet),), None)


_plans: ByIdentity[Edit, _Plans] = ByIdentity(_Plans)


def _run_plan(plan: tuple[_Step, ...], claim: Claim, facts: Facts) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    shared.begin(claim, facts)
    try:
        for each, gaps, check in plan:
            if gaps:
                findings.extend(gaps)
            if check is None:
                continue
            unanswered: set[str] = set()  # one reason at many places, a list that ends too soon, is said once
            try:
                for hit in check(claim, facts):
                    if isinstance(hit, Unanswered):
                        if hit.reason in unanswered:
                            continue
                        unanswered.add(hit.reason)
                    findings.append(_found(each, hit))
            except CouldNotRun as reason:
                findings.append(_could_not_run(each, "", str(reason)))
            except Exception as error:  # the class only: the text of an exception may quote a patient
                findings.append(_could_not_run(each, "", f"the edit failed with {type(error).__name__}"))
    finally:
        shared.end()
    return tuple(findings)


def _found(each: Edit, hit: Hit) -> Finding:
    if isinstance(hit, Unanswered):
        return _could_not_run(each, hit.path, hit.reason)
    if isinstance(hit, Ruled):
        return _finding(each, (hit.path, *hit.values), hit.severity)
    return _finding(each, hit)


def _absent(each: Edit, name: str) -> Finding:
    return _could_not_run(each, name, f"{name} should be there and is not")


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
