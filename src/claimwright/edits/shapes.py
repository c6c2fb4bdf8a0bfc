"""The shape of an edit and of what it finds. One edit is one small pure function with an id, a sentence, a fix, a source.

An edit's function takes a claim and the facts and yields a tuple for each thing wrong: the path of the field, then the
values its sentence names. It never changes anything and never asks the outside world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.edits.facts import Facts


class Unanswered(msgspec.Struct, frozen=True):
    """Yielded in place of a hit: at this path the edit has no answer, because of a gap in the facts. Ends as a HOLD."""

    path: str
    reason: str


class Severity(StrEnum):
    REJECT = "R"
    HOLD = "H"
    WARN = "W"
    INFO = "I"


REJECT, HOLD, WARN, INFO = Severity.REJECT, Severity.HOLD, Severity.WARN, Severity.INFO


class Ruled(msgspec.Struct, frozen=True):
    """A hit whose severity is that of the rule it comes from, not the edit's own: yielded by edits that carry rules."""

    path: str
    severity: Severity
    values: tuple[object, ...] = ()


Hit = tuple[str, *tuple[object, ...]] | Unanswered | Ruled
Hits = Iterator[Hit]
Check = Callable[[Claim, Facts], Iterable[Hit]]


class Scope(StrEnum):
    """CLAIM edits look at one claim; INTERCHANGE edits at a rendered file, once for the whole file."""

    CLAIM = "claim"
    INTERCHANGE = "interchange"


class Citation(msgspec.Struct, frozen=True):
    """Who says so: the authority's letter in the table of edits, its document, and the place in it."""

    source: str  # T TR3, C front end, M CMS, N NCCI, D ICD, P CPT/HCPCS, Y payer rule, L local policy
    document: str
    place: str = ""


def TR3(guide: str, place: str) -> Citation:
    return Citation("T", f"ASC X12N {guide}", place)


def FRONT_END(document: str, place: str = "") -> Citation:
    return Citation("C", document, place)


def CMS(document: str, place: str = "") -> Citation:
    return Citation("M", document, place)


def ICD(document: str, place: str = "") -> Citation:
    return Citation("D", document, place)


def CODE_SET(document: str, place: str = "") -> Citation:
    return Citation("P", document, place)


def PAYER(document: str, place: str = "") -> Citation:
    return Citation("Y", document, place)


def LOCAL(document: str, place: str = "") -> Citation:
    return Citation("L", document, place)


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing an edit found. `values` may be patient data: show them, never log them.

    `could_not_run` marks a HOLD that stands for an answer nobody has: the edit's facts were missing or it failed.
    """

    edit_id: str
    severity: Severity
    path: str = ""
    message: str = ""
    values: tuple[str, ...] = ()
    fix: str = ""
    version: int = 1
    could_not_run: bool = False


# The claim with the finding mended, or None where that is not safe to do unasked. Pure: apply.apply tells what it changed.
Mends = Callable[[Claim, Facts, Finding], Claim | None]


class Override(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's decision to let a HOLD go: which edit, why, in which role. With a `path`, only at that place."""

    edit_id: str
    reason: str = ""
    role: str = ""
    path: str = ""


class Edit(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One edit. `needs` names the reference sets and facts it cannot run without; `uses` facts it can run without."""

    id: str
    severity: Severity
    says: str
    fix: str
    cites: tuple[Citation, ...]
    check: Check
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    scope: Scope = Scope.CLAIM
    version: int = 1
    mends: Mends | None = None

    @property
    def family(self) -> str:
        return self.id.rstrip("0123456789")

    def __call__(self, claim: Claim, facts: Facts) -> Iterable[Hit]:
        return self.check(claim, facts)


def edit(
    id: str,
    severity: Severity,
    *,
    says: str,
    fix: str,
    cites: list[Citation],
    needs: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
    scope: Scope = Scope.CLAIM,
    version: int = 1,
    mends: Mends | None = None,
) -> Callable[[Check], Edit]:
    """Makes a function an Edit. `{0}`, `{1}` in `says` and `fix` are the values the function yields after the path.

    `needs` and `uses` name a code set of `facts.code_sets` or a field of Facts. `version` goes up with the rule.
    `mends` makes the claim right where there is one right way and a person need not choose.
    """

    def shaped(check: Check) -> Edit:
        return Edit(
            id=id,
            severity=severity,
            says=says,
            fix=fix,
            cites=tuple(cites),
            check=check,
            needs=needs,
            uses=uses,
            scope=scope,
            version=version,
            mends=mends,
        )

    return shaped
