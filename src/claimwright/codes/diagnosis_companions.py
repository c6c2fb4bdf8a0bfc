"""Which codes a diagnosis truly asks for beside it, by the tabular list's notes: read strictly, for a claim is held by it.

Most "code first" and "use additional code" notes speak of what may be there: "if applicable", "any associated", a list
of conditions that the code complicates in some patients. Only those that cannot be met without a companion are demands:
an underlying disease, the condition behind a sequela, the site of an ulcer, the stage of kidney disease.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from claimwright.codes.diagnosis_notes import Notes, named_prefixes

# In place of prefixes: the note names examples, or a condition in words. Any other condition before the code meets it.
ANY_CONDITION = "*"
_SOFT = re.compile(
    r"if applicable|where applicable|when applicable|if known|if any|if present|if desired|\bany\b|such as any|\(if |, if "
    r"|infectious agent|organism|as applicable"
)
_BESIDE_SOME = re.compile(r"\bassociated\b|\bprevious\b|\bfindings\b|such as")
# How a note begins that names what the code is a part, a consequence or a measure of.
_DEMAND = re.compile(
    r"(?:the )?(?:underlying|associated (?!AIDS)|condition resulting|type of|infection\b|neoplasm|malignan|condition requiring"
    r"|obstetric condition|cause of dependence|coronary atherosclerosis|atherosclerosis of arteries|underdosing)"
    r"|toxic effects of lead|\(T51-T65\)"
)
_EXAMPLES = re.compile(r"such as\b|:\Z")
# Status codes, external causes and organisms are told where they are known, and a claim is whole without (I.C.20, I.C.1.b).
_TOLD_WHERE_KNOWN = ("Z", "V", "W", "X", "Y", "B95", "B96", "B97")


def demanded_before(code: str, notes: Notes) -> tuple[str, ...]:
    """Prefixes of codes one of which must stand before `code`, ANY_CONDITION among them where others would do; or ()."""
    found: dict[str, None] = {}
    for texts in _levels(code, notes, "codeFirst"):
        if any(_SOFT.search(text) for text in texts) or not any(_DEMAND.match(text) for text in texts):
            continue
        named = [prefix for text in texts for prefix in named_prefixes(text) if not code.startswith(prefix)]
        found |= dict.fromkeys(named)
        if not named or any(_EXAMPLES.search(text) for text in texts):
            found[ANY_CONDITION] = None
    return tuple(found)


def demanded_after(code: str, notes: Notes) -> tuple[str, ...]:
    """Prefixes of codes one of which must stand beside `code`, after it; () where nothing is demanded."""
    found: dict[str, None] = {}
    for texts in _levels(code, notes, "useAdditionalCode"):
        for text in texts:
            if text.startswith("code") and not _SOFT.search(text) and not _BESIDE_SOME.search(text):
                named = named_prefixes(text)
                if named and not any(prefix.startswith(_TOLD_WHERE_KNOWN) for prefix in named):
                    found |= dict.fromkeys(prefix for prefix in named if not code.startswith(prefix))
    return tuple(found)


def _levels(code: str, notes: Notes, kind: str) -> list[tuple[str, ...]]:
    """The notes at the code and at each ancestor: what softens one list says nothing of another."""
    return [texts for length in range(3, len(code) + 1) if (texts := notes.at(code[:length], kind))]


_TURNED = {"right": "left", "left": "right"}
_SIDE = re.compile(r"\b(right|left)\b", re.IGNORECASE)
_PLACES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def other_side(code: str, title: str, title_of: Callable[[str], str]) -> str:
    """The code that says the same of the other side, "" where there is none: left heart failure has no right twin.

    `title_of` gives the title of a code of the same release, "" for one that is not in it.
    """
    if not _SIDE.search(title):
        return ""
    wanted = _SIDE.sub(lambda found: _TURNED[found[1].lower()], title).lower()
    for place in range(3, len(code)):
        for character in _PLACES:
            twin = f"{code[:place]}{character}{code[place + 1 :]}"
            if twin != code and title_of(twin).lower() == wanted:
                return twin
    return ""
