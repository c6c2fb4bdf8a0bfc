"""DX: diagnoses by what the tabular list says of them and of each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from claimwright.claims.nouns import Claim
from claimwright.edits.diagnoses import Listed, reading
from claimwright.edits.facts import Facts
from claimwright.edits.shapes import HOLD, ICD, PAYER, REJECT, WARN, Hits, edit
from claimwright.edits.tables import SEX_CONFLICT_BYPASSED

GUIDELINES = "ICD-10-CM Official Guidelines for Coding and Reporting FY2026"
TABULAR = "ICD-10-CM tabular list of the date of service"
LIST = ("icd10cm",)
NOTES = ("icd10cm", "icd10cm_notes")
CODE_EDITOR = "Medicare Code Editor"
# What cannot be the condition behind another: circumstances and findings in place of a disease, and causes of injury.
NOT_A_CONDITION = ("V", "W", "X", "Y", "Z")
SIDES_OF_MODIFIERS = {
    **dict.fromkeys(("RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"), "right"),
    **dict.fromkeys(("LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"), "left"),
}


def _words(prefixes: tuple[str, ...], most: int = 4) -> str:
    """A few of the codes that would do, as people write them."""
    named = [f"{prefix[:3]}.{prefix[3:]}" if len(prefix) > 3 else prefix for prefix in prefixes[:most]]
    return " ".join(named) + (" ..." if len(prefixes) > most else "")


def _meets(one: Listed, others: tuple[Listed, ...]) -> bool:
    """Whether a code before it is the condition that it is asked to follow."""
    told = one.told
    earlier = others[: others.index(one)]
    if told.before and any(other.code.startswith(told.before) for other in earlier):
        return True
    if told.before and not told.before_any:
        return False
    return any(not other.told.manifestation and not other.code.startswith(NOT_A_CONDITION) for other in earlier)


@edit(
    "DX07",
    REJECT,
    says="Diagnosis {0} is a manifestation: {1}",
    fix="Add the etiology first: the disease that causes it stands before it",
    cites=[ICD(GUIDELINES, "I.A.13 etiology/manifestation convention"), ICD(TABULAR, "code first notes")],
    needs=LIST,
)
def manifestation_follows_its_cause(claim: Claim, facts: Facts) -> Hits:
    read = reading(claim, facts)
    if read is None:
        return
    if read.gap is not None:
        yield read.gap
    for one in read.listed:
        if one.told.manifestation and not _meets(one, read.listed):
            words = "it is first, and its cause must be" if one.number == 1 else "its cause does not stand before it"
            named = f" ({_words(one.told.before)})" if one.told.before and not one.told.before_any else ""
            yield one.path, one.code, words + named


@edit(
    "DX08",
    HOLD,
    says="Diagnosis {0} asks for {1}",
    fix="Add the companion if it is documented, or put the codes in order; else ask the provider",
    cites=[ICD(GUIDELINES, "I.A.13, I.A.17 code first, use additional code"), ICD(TABULAR, "instructional notes")],
    needs=NOTES,
)
def companions_stand_beside(claim: Claim, facts: Facts) -> Hits:
    read = reading(claim, facts)
    if read is None:
        return
    if read.gap is not None or read.notes_gap is not None:
        yield read.gap or read.notes_gap  # type: ignore[misc]
        return
    for place, one in enumerate(read.listed):
        told = one.told
        if told.manifestation or not (told.before or told.before_any or told.after):
            continue
        if (told.before or told.before_any) and not _meets(one, read.listed):
            behind = next(
                (o.code for o in read.listed[place + 1 :] if told.before and o.code.startswith(told.before)), ""
            )
            named = _words(told.before) or "the condition it belongs to"
            yield one.path, one.code, f"{behind} before it, not after" if behind else f"a code before it: {named}"
        if told.after and not any(other.code.startswith(told.after) for other in read.listed[place + 1 :]):
            if claim.institutional is not None and any(
                cause.code.startswith(told.after) for cause in claim.institutional.external_causes
            ):
                continue  # an institutional claim gives causes in a place of their own
            before = next((other.code for other in read.listed[:place] if other.code.startswith(told.after)), "")
            words = f"{before} after it, not before" if before else f"a further code after it: {_words(told.after)}"
            yield one.path, one.code, words


@edit(
    "DX09",
    HOLD,
    says="Diagnoses {0} and {1} exclude each other (Excludes1 at {2})",
    fix="Conflict: keep one, or say in the override why the two conditions are unrelated",
    cites=[ICD(GUIDELINES, "I.A.12.a Excludes1 and its exception"), ICD(TABULAR, "Excludes1 notes")],
    needs=NOTES,
)
def diagnoses_do_not_exclude_each_other(claim: Claim, facts: Facts) -> Hits:
    read = reading(claim, facts)
    if read is None:
        return
    if read.gap is not None or read.notes_gap is not None:
        yield read.gap or read.notes_gap  # type: ignore[misc]
        return
    found: set[frozenset[str]] = set()
    for one in read.listed:
        excludes = one.told.excludes
        if not excludes:
            continue
        for other in read.listed:
            if other.code.startswith(excludes) and frozenset((one.code, other.code)) not in found:
                found.add(frozenset((one.code, other.code)))
                first, second = (one, other) if one.number < other.number else (other, one)
                yield second.path, first.code, second.code, one.code


def years(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


@edit(
    "DX10",
    HOLD,
    says="Diagnosis {0} is for {1} patients ({2} to {3} years); the patient was {4}",
    fix="Verify the age and the code",
    cites=[PAYER(CODE_EDITOR, "age conflict"), ICD(GUIDELINES, "I.C.15, I.C.16")],
    needs=LIST,
)
def age_suits_the_diagnosis(claim: Claim, facts: Facts) -> Hits:
    read = reading(claim, facts)
    if read is None:
        return
    if read.gap is not None:
        yield read.gap
    birth, on = claim.patient.birth_date, claim.date_of_service
    if birth is None or on is None or birth > on:
        return  # DAT03 and SUB tell of it
    for one in read.listed:
        if one.told.ages is not None:
            first, last = one.told.ages
            age = years(birth, on)
            if not first <= age <= last:
                yield one.path, one.code, one.told.age_words, first, last, age


@edit(
    "DX11",
    HOLD,
    says="Diagnosis {0} is for sex {1}, the patient is on file as {2}",
    fix="Verify the code and the sex on file; KX or condition code 45 where both are right",
    cites=[PAYER("Payer sex edits", "Medicare retired its own"), PAYER(CODE_EDITOR, "sex conflict")],
    needs=("payer", *LIST),
)
def sex_suits_the_diagnosis(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.edits_sex or claim.patient.sex not in ("F", "M"):
        return
    read = reading(claim, facts)
    if read is None or SEX_CONFLICT_BYPASSED in claim.condition_codes:
        return
    if read.gap is not None:
        yield read.gap
    for one in read.listed:
        if one.told.sex and one.told.sex != claim.patient.sex:
            lines = [line for line in claim.lines if one.number in line.diagnosis_pointers]
            if not lines or any("KX" not in line.modifiers for line in lines):
                yield one.path, one.code, one.told.sex, claim.patient.sex


def _line_sides(claim: Claim) -> Iterator[tuple[int, str, str]]:
    """Lines whose modifiers say one side: their place, the side, the modifier."""
    for index, line in enumerate(claim.lines):
        if line.modifiers:
            sides = {SIDES_OF_MODIFIERS[one]: one for one in line.modifiers if one in SIDES_OF_MODIFIERS}
            if len(sides) == 1:
                for side, modifier in sides.items():
                    yield index, side, modifier


@edit(
    "DX12",
    HOLD,
    says="{0} has {1} ({2} side), and its diagnosis {3} is of the {4} side",
    fix="Align the laterality with the note: the modifier, the pointer or the diagnosis ({5} is the {2} side's)",
    cites=[ICD(GUIDELINES, "I.B.13 laterality"), PAYER("Payer laterality edits", "modifier against diagnosis")],
    needs=LIST,
)
def sides_agree(claim: Claim, facts: Facts) -> Hits:
    read = None
    for index, side, modifier in _line_sides(claim):
        read = read or reading(claim, facts)
        if read is None:
            return
        if read.gap is not None:
            yield read.gap
            return
        line = claim.lines[index]
        sided = [one for one in read.listed if one.told.side and one.number in line.diagnosis_pointers]
        if sided and all(one.told.side != side for one in sided):
            one = sided[0]
            values = (line.procedure_code, modifier, side, one.code, one.told.side, one.told.other_side)
            yield f"lines[{index}].modifiers", *values


@edit(
    "DX13",
    WARN,
    says="Diagnosis {0} is unspecified{1}, and the list says more: {2}",
    fix="Review the note for the detail; a provider query where it is silent",
    cites=[PAYER("Payer policy on unspecified diagnoses"), ICD(GUIDELINES, "I.B.2, I.B.13, I.B.18 unspecified codes")],
    needs=("payer", *LIST),
    uses=("encounter",),
)
def diagnosis_is_as_specific_as_the_note(claim: Claim, facts: Facts) -> Hits:
    read = reading(claim, facts)
    if read is None or facts.payer is None:
        return
    if read.gap is not None:
        yield read.gap
    wanted = facts.payer.unspecified_diagnoses
    noted = facts.encounter.diagnoses if facts.encounter is not None else None
    for one in read.listed:
        if not one.told.specific:
            continue
        in_note = [code for code in one.told.specific if noted and code in noted]
        if in_note:
            yield one.path, one.code, "", f"the signed note has {' '.join(in_note)}"
        elif wanted == "all" or (wanted == "side" and one.told.side_missing):
            words = " as to the side" if one.told.side_missing else ""
            yield one.path, one.code, words, _words(one.told.specific)


EDITS = (
    manifestation_follows_its_cause,
    companions_stand_beside,
    diagnoses_do_not_exclude_each_other,
    age_suits_the_diagnosis,
    sex_suits_the_diagnosis,
    sides_agree,
    diagnosis_is_as_specific_as_the_note,
)
