"""Advice on diagnoses against the shipped ICD-10-CM list. Nothing names what the record does not hold."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.code_sets import shipped
from claimwright.coding.advice import OTHER, UNDETERMINED
from claimwright.coding.diagnoses import advise, companions, excludes1, seventh_character, side_of_line, specificity
from claimwright.coding.queries import faults_of

ON = date(2026, 5, 4)
SETS = shipped()


def ids(found):
    return [(one.id, one.consider) for one in found]


def test_a_side_is_asked_with_options():
    (found,) = specificity(SETS, "M25569", ON, place="diagnoses[0]")  # pain in unspecified knee
    assert (found.kind, found.id, found.consider) == ("laterality", "NO_SIDE", ("M25561", "M25562"))
    assert found.question.options == ("Right", "Left", OTHER, UNDETERMINED)  # the list has no code for both


def test_side_and_detail_are_two_questions():
    side, detail = specificity(SETS, "H6690", ON)  # otitis media, unspecified, unspecified ear
    assert (side.id, side.consider) == ("NO_SIDE", ("H6691", "H6692", "H6693"))
    assert side.question.options[:3] == ("Right", "Left", "Both sides")
    assert detail.id == "UNSPECIFIED" and {"H66001", "H6611"} <= set(detail.consider)


def test_detail_is_asked_openly_and_keeps_side_and_phase():
    (found,) = specificity(SETS, "J0190", ON)
    assert found.id == "UNSPECIFIED" and "J0101" in found.consider and "J0190" not in found.consider
    assert found.question.options == () and "acute sinusitis" in found.question.text.lower()
    (right,) = specificity(SETS, "H6691", ON)
    assert {SETS.attribute("icd10cm", code, "laterality", ON) for code in right.consider} <= {"right", ""}
    _, sprain = specificity(SETS, "S93409A", ON)
    assert {code[6] for code in sprain.consider} == {"A"}


@pytest.mark.parametrize("code", ["I10", "XYZ", "E1165", "E11", "S93401"])
def test_a_specific_or_unknown_code_needs_nothing(code):
    assert specificity(SETS, code, ON) == ()


def test_nothing_is_said_of_a_day_without_a_list():
    assert specificity(SETS, "H6690", date(2027, 5, 1)) == ()


def test_every_question_passes_the_rules_of_queries():
    from claimwright.coding.advice import Evidence

    note = (Evidence(excerpt="as documented", source="note"),)
    found = [
        *specificity(SETS, "H6690", ON), *specificity(SETS, "J0190", ON), *side_of_line(SETS, ["RT"], ["H6692"], ON),
        *companions(SETS, ["F0280"], ON),
    ]  # fmt: skip
    asked = [one.question for one in found if one.question]
    assert len(asked) == 5
    for question in asked:
        assert faults_of(question.text, question.options, note) == ()


@pytest.mark.parametrize(
    ("modifiers", "diagnoses", "expected"),
    [
        (["RT"], ["H6692"], [("SIDE_CONFLICT", ())]),
        (["LT"], ["H6692"], []),
        (["RT"], ["H6693"], []),
        (["RT"], ["H6691", "H6692"], []),
        ([], ["H6692"], [("SIDE_MISSING", ("LT",))]),
        ([], ["H6693"], [("SIDE_MISSING", ("50", "RT", "LT"))]),
        ([], ["H6690"], []),
        ([], ["I10"], []),
        (["50"], ["H6692"], []),
    ],
)
def test_sides(modifiers, diagnoses, expected):
    assert ids(side_of_line(SETS, modifiers, diagnoses, ON)) == expected


def test_excludes1():
    assert ids(excludes1(SETS, ["E1165", "I10", "E1065"], ON)) == [("EXCLUDES1", ("E1165", "E1065"))]
    assert excludes1(SETS, ["I10", "E785"], ON) == ()
    assert excludes1(SETS, ["E1165", "E1065"], date(2027, 1, 1)) == ()  # no list speaks for the day


def test_a_cause_is_named_only_from_claim_or_note():
    # F02.80, dementia in other diseases classified elsewhere: the cause first, such as G30.9
    assert companions(SETS, ["G309", "F0280"], ON) == ()
    assert ids(companions(SETS, ["F0280", "G309"], ON)) == [("ORDER", ("G309",))]
    assert ids(companions(SETS, ["F0280"], ON, documented=["G309", "I10"])) == [("CAUSE_IN_NOTE", ("G309",))]
    (asked,) = companions(SETS, ["F0280"], ON)
    assert (asked.id, asked.consider, asked.question.options) == ("CAUSE_MISSING", (), ())
    assert companions(SETS, ["F0280"], date(2027, 5, 1)) == ()


def test_a_further_code_is_named_only_from_the_note():
    # E11.22, diabetic kidney disease: the stage of it (N18) beside
    assert ids(companions(SETS, ["E1122"], ON, documented=["N1830", "I10"])) == [("DETAIL_IN_NOTE", ("N1830",))]
    assert companions(SETS, ["E1122", "N1830"], ON) == ()
    (missing,) = companions(SETS, ["E1122"], ON, documented=["I10"])
    assert (missing.id, missing.consider, missing.question) == ("DETAIL_MISSING", (), None)


def test_seventh_characters():
    (found,) = seventh_character(SETS, "S93401", ON, place="diagnoses[0]")
    assert found.consider == ("S93401A", "S93401D", "S93401S")
    assert found.document == "A active treatment; D healing or recovery, routine; S late effect"
    (short,) = seventh_character(SETS, "T1490", ON)
    assert short.consider == ("T1490XA", "T1490XD", "T1490XS")
    for code, on in (("S93401A", ON), ("I10", ON), ("S93401", date(2027, 1, 1)), ("ZZZ", ON)):
        assert seventh_character(SETS, code, on) == ()


def test_all_together_and_every_code_named_is_of_the_list_or_the_note():
    found = advise(SETS, ["F0280", "S93401", "H6690", "E1165", "E1065"], ON, documented=["G309"])
    assert [one.id for one in found] == [
        "UNSPECIFIED", "SEVENTH_CHARACTER", "NO_SIDE", "UNSPECIFIED", "EXCLUDES1", "CAUSE_IN_NOTE",
    ]  # fmt: skip
    for one in found:
        for code in one.consider:
            assert SETS.entry("icd10cm", code, ON) is not None
            same_family = any(code[:3] == given[:3] for given in ("F0280", "S93401", "H6690", "E1165", "E1065", "G309"))
            assert same_family, code
