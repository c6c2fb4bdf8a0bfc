"""One-key fixes: `apply` mends the claim as a finding's edit knows how, proves that nothing else broke, and tells all.

Nothing is ever mended silently: a Mend lists each field with its value before and after, for a person to look at. The
caller keeps the claim only when a person (or a rule a person has set) says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.edits.catalogue import BY_ID, CATALOGUE
from claimwright.edits.engine import run
from claimwright.edits.facts import Facts
from claimwright.edits.shapes import Edit, Finding


class Change(msgspec.Struct, frozen=True):
    """A field of the claim and its value before and after; "" where there is none. May be patient data."""

    path: str
    before: str
    after: str


class Mend(msgspec.Struct, frozen=True):
    """What a fix did: the new claim, and every field that differs from the old one."""

    edit_id: str
    claim: Claim
    changes: tuple[Change, ...]


def can_apply(finding: Finding) -> bool:
    """Whether the finding's edit has a fix at all; `apply` says whether it is safe for this claim."""
    edit = BY_ID.get(finding.edit_id)
    return edit is not None and edit.mends is not None and not finding.could_not_run


def apply(claim: Claim, facts: Facts, finding: Finding, edits: Sequence[Edit] = CATALOGUE) -> Mend | None:
    """The claim with this finding mended, or None where no safe fix exists.

    Safe means: the edit's own fix is sure of itself, its finding is gone afterwards, and no edit finds more than before.
    Pure: neither claim nor facts change. Raises nothing for anything they hold.
    """
    edit = BY_ID.get(finding.edit_id)
    if edit is None or edit.mends is None or finding.could_not_run:
        return None
    before = _counts(run(claim, facts, edits))
    if not before[finding.edit_id]:
        return None  # found on another version of the claim
    try:
        mended = edit.mends(claim, facts, finding)
    except (IndexError, ValueError):  # a path of another version
        return None
    if mended is None:
        return None
    after = _counts(run(mended, facts, edits))
    if after[finding.edit_id] >= before[finding.edit_id] or any(after[id] > before[id] for id in after):
        return None
    return Mend(edit.id, mended, tuple(differences(claim, mended)))


def _counts(findings: Sequence[Finding]) -> Counter[str]:
    return Counter(finding.edit_id for finding in findings)


def differences(before: object, after: object, path: str = "") -> Iterator[Change]:
    """Every field that differs between two nouns, by the paths that findings use."""
    if before == after:
        return
    if isinstance(before, msgspec.Struct) and type(before) is type(after):
        for name in before.__struct_fields__:
            yield from differences(getattr(before, name), getattr(after, name), f"{path}.{name}" if path else name)
    elif isinstance(before, tuple) and isinstance(after, tuple) and _holds_nouns((*before, *after)):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            yield from differences(old, new, f"{path}[{index}]")
    else:
        yield Change(path, _text(before), _text(after))


def _holds_nouns(values: tuple[object, ...]) -> bool:
    return any(isinstance(value, msgspec.Struct) for value in values)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(_text(part) for part in value)
    if isinstance(value, msgspec.Struct):
        fields = (getattr(value, name) for name in value.__struct_fields__)
        return " ".join(text for field in fields if (text := _text(field)))
    return str(value)
