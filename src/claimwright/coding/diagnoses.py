"""Advice on diagnoses: detail that is missing, sides that disagree, and what the list says must stand together or apart.

Nothing here names a condition that the record does not hold. Where the list knows more detailed codes they are shown to
the coder; the provider is asked openly, or for a side. What codes a note supports is `documented`, from whoever read it.
Source of all rules: ICD-10-CM tabular list and Official Guidelines, by date of service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from claimwright.codes.diagnosis import DiagnosisCode, excluded_pair
from claimwright.codes.releases import CodeSets, State
from claimwright.coding.advice import OTHER, UNDETERMINED, Advice, Evidence, Question

_SET = "icd10cm"
_NOTES = "icd10cm_notes"
_GUIDELINES = "ICD-10-CM Official Guidelines"
_FULL_LENGTH = 7
_SIDE_OF = {"RT": "right", "LT": "left"}
_SIDE_WORDS = (("right", "Right"), ("left", "Left"), ("bilateral", "Both sides"))

# What the usual 7th characters of injuries and fractures say, in own words; other families have their own.
_PHASES = {
    "A": "active treatment", "B": "active treatment, open fracture (I or II)", "C": "active treatment, open fracture (III)",
    "D": "healing or recovery, routine", "E": "healing of an open fracture (I or II), routine",
    "F": "healing of an open fracture (III), routine", "G": "delayed healing",
    "K": "no union", "P": "union in a wrong place", "S": "late effect",
}  # fmt: skip


def specificity(
    code_sets: CodeSets, code: str, on: date, *, place: str = "", evidence: Sequence[Evidence] = ()
) -> tuple[Advice, ...]:
    """For a code that leaves its side or its detail open: what the list has in its place, and a question.

    () for a specific code, and where the category has nothing more specific on the date.
    """
    entry = code_sets.entry(_SET, code, on)
    if entry is None or not entry.billable:
        return ()
    found: list[Advice] = []
    sided = sided_siblings(code_sets, code, on)
    if sided:
        found.append(_side(code_sets, sided, entry.label, on, place, tuple(evidence)))
    # "Unspecified knee" is the side alone: where the sided codes leave nothing open, no more is asked.
    only_side = any(not code_sets.attribute(_SET, sibling, "unspecified", on) for sibling in sided)
    if entry.attributes.get("unspecified") and not only_side:
        siblings = detailed_siblings(code_sets, code, on)
        if siblings:
            found.append(_detail(code, siblings, entry.label, place, tuple(evidence)))
    return tuple(found)


def sided_siblings(code_sets: CodeSets, code: str, on: date) -> tuple[str, ...]:
    """For a code whose side is unspecified, the same code of each side: those that differ in one character."""
    if code_sets.attribute(_SET, code, "laterality", on) != "unspecified":
        return ()
    return tuple(
        other
        for other in _of_category(code_sets, code, on)
        if len(other) == len(code)
        and sum(a != b for a, b in zip(code, other, strict=True)) == 1
        and code_sets.attribute(_SET, other, "laterality", on) in ("right", "left", "bilateral")
    )


def detailed_siblings(code_sets: CodeSets, code: str, on: date) -> tuple[str, ...]:
    """The nearest billable codes of the category that leave nothing open: the same phase of care, no other side."""
    side = code_sets.attribute(_SET, code, "laterality", on)
    specific = [
        other
        for other in _of_category(code_sets, code, on)
        if not code_sets.attribute(_SET, other, "unspecified", on)
        and (len(other) < _FULL_LENGTH or other[6:] == code[6:])
        and _side_fits(side, code_sets.attribute(_SET, other, "laterality", on))
    ]
    for length in range(len(code) - 1, 2, -1):
        near = tuple(other for other in specific if other.startswith(code[:length]))
        if near:
            return near
    return ()


def _side_fits(side: str, other: str) -> bool:
    if other == "unspecified":
        return False
    return side in ("", "unspecified") or other in ("", side)


def _of_category(code_sets: CodeSets, code: str, on: date) -> Iterator[str]:
    """The billable codes of the same three characters on the date, without the code itself."""
    for other in code_sets.beneath(_SET, code[:3], on):
        if other != code and code_sets.state(_SET, other, on) is State.VALID:
            yield other


def _detail(code: str, siblings: tuple[str, ...], named: str, place: str, evidence: tuple[Evidence, ...]) -> Advice:
    return Advice(
        kind="specificity", id="UNSPECIFIED", place=place, consider=siblings, evidence=evidence,
        reason=f"{DiagnosisCode(code).with_dot} leaves detail open, and {len(siblings)} codes near it do not",
        document="The detail itself, by the provider: a code is chosen from the note, not from this list",
        question=Question(
            text=f"The record documents: {named}. Can the condition be described in more detail (type, cause, site, "
            "severity, course), as far as it is clinically known?"
        ),
        source=f"{_GUIDELINES}, I.B.2 and I.B.18",
    )  # fmt: skip


def _side(
    code_sets: CodeSets, siblings: tuple[str, ...], named: str, on: date, place: str, evidence: tuple[Evidence, ...]
) -> Advice:
    sides = {code_sets.attribute(_SET, sibling, "laterality", on) for sibling in siblings}
    options = tuple(words for side, words in _SIDE_WORDS if side in sides)
    return Advice(
        kind="laterality", id="NO_SIDE", place=place, consider=siblings, evidence=evidence,
        reason="The code names no side, and the list has codes for each",
        document="Which side, in the note; a side stated by other clinicians may be used where the provider named the "
        "condition",
        question=Question(
            text=f"The record documents: {named}. Which side was affected?", options=(*options, OTHER, UNDETERMINED)
        ),
        source=f"{_GUIDELINES}, I.B.13",
    )  # fmt: skip


def side_of_line(
    code_sets: CodeSets, modifiers: Iterable[str], diagnoses: Sequence[str], on: date, *, place: str = "",
    evidence: Sequence[Evidence] = (),
) -> tuple[Advice, ...]:  # fmt: skip
    """RT or LT on a line against the sides of the diagnoses it points to; and the side that a line lacks.

    A line whose every sided diagnosis is of one side, and has neither RT, LT nor 50, is told which would be considered.
    """
    sides = {side for code in diagnoses if (side := code_sets.attribute(_SET, code, "laterality", on))} - {
        "unspecified"
    }
    if not sides:
        return ()
    present = set(modifiers)
    found = []
    for modifier, side in _SIDE_OF.items():
        if modifier in present and side not in sides and "bilateral" not in sides:
            found.append(
                Advice(
                    kind="laterality", id="SIDE_CONFLICT", place=place, evidence=tuple(evidence),
                    reason=f"{modifier} says {side}, the diagnoses of the line say {' and '.join(sorted(sides))}",
                    document="The side in the procedure note and in the diagnosis must agree",
                    question=Question(
                        text="The record names one side for the procedure and another for the condition. "
                        "Which side was treated?",
                        options=("Right", "Left", "Both sides", OTHER, UNDETERMINED),
                    ),
                    source=f"{_GUIDELINES}, I.B.13",
                )
            )  # fmt: skip
    if not present & {"RT", "LT", "50"} and len(sides) == 1:
        consider = {"right": ("RT",), "left": ("LT",), "bilateral": ("50", "RT", "LT")}[next(iter(sides))]
        found.append(
            Advice(
                kind="modifier", id="SIDE_MISSING", place=place, consider=consider, evidence=tuple(evidence),
                reason=f"The diagnoses of the line name a side ({next(iter(sides))}) and the line does not",
                document="The side in the procedure note; only where the code is for a paired part of the body",
                source="Medicare physician fee schedule, bilateral indicator",
            )
        )  # fmt: skip
    return tuple(found)


def excludes1(code_sets: CodeSets, diagnoses: Sequence[str], on: date) -> tuple[Advice, ...]:
    """Pairs that the list does not let stand together, unless the two conditions have nothing to do with each other."""
    found = []
    for number, one in enumerate(diagnoses):
        for later, other in enumerate(diagnoses[number + 1 :], number + 1):
            holder = excluded_pair(code_sets, one, other, on)
            if holder:
                found.append(
                    Advice(
                        kind="excludes1", id="EXCLUDES1", place=f"diagnoses[{later}]", consider=(one, other),
                        reason=f"{DiagnosisCode(holder).with_dot} excludes the other code",
                        document="Keep the one the note supports; both only where the note shows two unrelated "
                        "conditions, with that reason",
                        source=f"{_GUIDELINES}, I.A.12.a",
                    )
                )  # fmt: skip
    return tuple(found)


def companions(
    code_sets: CodeSets, diagnoses: Sequence[str], on: date, *, documented: Iterable[str] = ()
) -> tuple[Advice, ...]:
    """Code-first and use-additional: what stands in the wrong order, is in the note and not coded, or is to be asked.

    Only codes of the claim or of the note are named. () for a date whose tabular list is not loaded.
    """
    if not code_sets.covers(_NOTES, on) or not code_sets.covers(_SET, on):
        return ()
    in_note = [code for code in dict.fromkeys(documented) if code not in diagnoses]
    found: list[Advice] = []
    for place, code in enumerate(diagnoses):
        found += _code_first(code_sets, diagnoses, in_note, place, code, on)
        found += _use_additional(code_sets, diagnoses, in_note, place, code, on)
    return tuple(found)


def _code_first(
    code_sets: CodeSets, diagnoses: Sequence[str], in_note: Sequence[str], place: int, code: str, on: date
) -> list[Advice]:
    strength = code_sets.attribute(_SET, code, "code_first", on)
    prefixes = tuple(code_sets.attribute(_SET, code, "code_first_codes", on).split())
    if not strength or (prefixes and any(one.startswith(prefixes) for one in diagnoses[:place])):
        return []
    if not prefixes and place > 0:
        return []  # the list names no codes: something stands before it, and a person judges whether that is the cause
    source = f"{_GUIDELINES}, I.A.13"
    named = DiagnosisCode(code).with_dot
    behind = tuple(one for one in diagnoses[place + 1 :] if prefixes and one.startswith(prefixes))
    noted = tuple(one for one in in_note if prefixes and one.startswith(prefixes))
    if behind:
        return [
            Advice(
                kind="code_first", id="ORDER", place=f"diagnoses[{place}]", consider=behind,
                reason=f"The list wants its cause before {named}, and it stands behind",
                document="Nothing more: the order of the codes", source=source,
            )
        ]  # fmt: skip
    if noted:
        return [
            Advice(
                kind="code_first", id="CAUSE_IN_NOTE", place=f"diagnoses[{place}]", consider=noted,
                reason=f"The list wants the cause coded before {named}; the note documents it and it is not coded",
                document="That the provider links the two", source=source,
            )
        ]  # fmt: skip
    if strength != "required":
        return []
    return [
        Advice(
            kind="code_first", id="CAUSE_MISSING", place=f"diagnoses[{place}]",
            reason=f"The list wants the cause coded before {named}, and the note names none that was read",
            document="The underlying condition, by the provider; without it another code may be right",
            question=Question(
                text="The record documents this condition. What is its underlying cause, as far as it is known?"
            ),
            source=source,
        )
    ]  # fmt: skip


def _use_additional(
    code_sets: CodeSets, diagnoses: Sequence[str], in_note: Sequence[str], place: int, code: str, on: date
) -> list[Advice]:
    strength = code_sets.attribute(_SET, code, "use_additional", on)
    prefixes = tuple(code_sets.attribute(_SET, code, "use_additional_codes", on).split())
    if not strength or not prefixes or any(one.startswith(prefixes) for one in diagnoses):
        return []
    named = DiagnosisCode(code).with_dot
    source = f"{_GUIDELINES}, I.A.13 and I.B.7"
    noted = tuple(one for one in in_note if one.startswith(prefixes))
    if noted:
        return [
            Advice(
                kind="use_additional", id="DETAIL_IN_NOTE", place=f"diagnoses[{place}]", consider=noted,
                reason=f"The list asks for a further code after {named}; the note documents one and it is not coded",
                document="The further condition, as the note has it", source=source,
            )
        ]  # fmt: skip
    if strength != "required":
        return []
    return [
        Advice(
            kind="use_additional", id="DETAIL_MISSING", place=f"diagnoses[{place}]",
            reason=f"The list asks for a further code after {named}, and the note shows none that was read",
            document="The further detail, if it is there: without it nothing is added", source=source,
        )
    ]  # fmt: skip


def seventh_character(code_sets: CodeSets, code: str, on: date, *, place: str = "") -> tuple[Advice, ...]:
    """For a code that lacks its 7th character: each whole code the list has, with X where places are empty.

    The characters and, for injuries, what they say are in `document`; the choice is by the phase of care.
    """
    if len(code) >= _FULL_LENGTH or code_sets.state(_SET, code, on) in (
        State.VALID,
        State.NOT_COVERED,
        State.NOT_LOADED,
    ):
        return ()
    letters = code_sets.attribute(_SET, code, "seventh_character", on)
    whole = tuple(
        made
        for letter in letters
        if code_sets.state(_SET, made := code.ljust(_FULL_LENGTH - 1, "X") + letter, on) is State.VALID
    )
    if not whole:
        return ()
    injury = code[:1] in "STMVWXY"
    words = "; ".join(f"{made[-1]} {_PHASES[made[-1]]}" for made in whole if made[-1] in _PHASES) if injury else ""
    return (
        Advice(
            kind="seventh_character", id="SEVENTH_CHARACTER", place=place, consider=whole,
            reason=f"{DiagnosisCode(code).with_dot} needs a 7th character",
            document=words or "What the 7th character says in this family: see the list",
            source=f"{_GUIDELINES}, I.A.4, I.A.5 and I.C.19.a",
        ),
    )  # fmt: skip


def advise(
    code_sets: CodeSets, diagnoses: Sequence[str], on: date, *, documented: Iterable[str] = ()
) -> tuple[Advice, ...]:
    """Everything there is to consider on the diagnoses of a visit, in their order."""
    found: list[Advice] = []
    for number, code in enumerate(diagnoses):
        found += seventh_character(code_sets, code, on, place=f"diagnoses[{number}]")
        found += specificity(code_sets, code, on, place=f"diagnoses[{number}]")
    found += excludes1(code_sets, diagnoses, on)
    found += companions(code_sets, diagnoses, on, documented=documented)
    return tuple(found)
