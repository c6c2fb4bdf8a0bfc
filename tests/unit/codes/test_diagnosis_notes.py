"""What the tabular list's notes name, and what follows for a code."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.code_sets import shipped
from claimwright.codes.diagnosis import (
    AGE_BANDS,
    excluded_pair,
    is_unspecified,
    laterality,
    specific_siblings,
    use_additional,
)
from claimwright.codes.diagnosis_notes import cover, named_prefixes, shipped_notes

AUGUST = date(2026, 8, 3)


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        ("gestational diabetes (O24.4-)", {"O244"}),
        ("influenza (J09.X3, J10.2, J11.2)", {"J09X3", "J102", "J112"}),
        ("hypertension (I10-I1A)", {"I10", "I11", "I12", "I13", "I14", "I15", "I16", "I17", "I18", "I19", "I1A"}),
        ("agent (B95-B97)", {"B95", "B96", "B97"}),
        ("hearing loss as classified in H90.-", {"H90"}),
        ("torticollis NOS M43.6", {"M436"}),
        ("deficiency [G6PD] without anemia (D75.A)", {"D75A"}),
        ("(Z89.52-", {"Z8952"}),
        ("open fracture of ankle (S92.-with 7th character B)", set()),  # no prefix can say it
        ("diabetic acidosis - see categories E08-E10, E11, E13 with ketoacidosis", set()),
        ("certain localized infections - see body system-related chapters", set()),
    ],
)
def test_codes_named_by_a_note(text, prefixes):
    assert set(named_prefixes(text)) == prefixes


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("(E08-E13 with .44)", ("E0844", "E1144", "E1344"), ("E1143", "E1444", "E114")),
        ("(E08-E13 with .51-.52)", ("E1151", "E1152"), ("E1159",)),
        ("(B27.- with fifth character 2)", ("B2702", "B2792"), ("B2701",)),
        ("(I69. with final characters -23)", ("I69023", "I69923"), ("I69020",)),
        ("(C91.0-C95.9 with 5th character 1)", ("C9101", "C9591"), ("C9100",)),
        ("injury (S00-T88)", ("S00", "T07", "T889"), ("T90", "R99")),
    ],
)
def test_spans_and_conditions(text, inside, outside):
    prefixes = named_prefixes(text)
    assert all(code.startswith(prefixes) for code in inside)
    assert not any(code.startswith(prefixes) for code in outside)


def test_a_span_is_covered_by_the_fewest_prefixes():
    assert cover("S00", "T88") == ("S", *(f"T{digit}" for digit in range(8)), *(f"T8{digit}" for digit in range(9)))
    assert cover("S06", "S06") == ("S06",)
    assert cover("E0800", "E089") == tuple(f"E08{digit}" for digit in range(10))


@pytest.mark.parametrize(
    ("one", "other", "holder"),
    [
        ("E119", "E1010", "E119"),  # at the category
        ("R0602", "J9601", "R0602"),
        ("J9601", "R0602", "R0602"),  # either way round
        ("E119", "I10", ""),
        ("E119", "E1165", ""),
    ],
)
def test_excludes1_pairs(one, other, holder):
    assert excluded_pair(shipped(), one, other, AUGUST) == holder


def test_no_code_excludes_itself():
    sets = shipped()
    for code in sets.codes("icd10cm", AUGUST)[::97]:
        excludes = tuple(sets.attribute("icd10cm", code, "excludes1", AUGUST).split())
        assert not (excludes and code.startswith(excludes)), code


def test_nothing_is_said_for_a_day_without_a_list():
    assert excluded_pair(shipped(), "E119", "E1010", date(2026, 10, 1)) == ""
    assert not shipped().covers("icd10cm_notes", date(2026, 10, 1))


@pytest.mark.parametrize(
    ("code", "attribute", "value"),
    [
        ("O80", "sex", "F"), ("C61", "sex", "M"), ("E119", "sex", ""), ("N401", "sex", "M"), ("N6311", "sex", ""),
        ("O80", "age", "maternity"), ("P0714", "age", "newborn"), ("Z00129", "age", "pediatric"),
        ("H2511", "age", "adult"), ("E119", "age", ""),
        ("M1711", "laterality", "right"), ("M170", "laterality", "bilateral"), ("H25019", "laterality", "unspecified"),
        ("I10", "laterality", ""),
        ("J189", "unspecified", "yes"), ("E119", "unspecified", ""),
        ("F0280", "first_listed", "never"), ("W19XXXA", "first_listed", "never"), ("Z3800", "first_listed", "only"),
        ("N186", "use_additional", "required"),
        ("E1122", "use_additional", "required"), ("E119", "use_additional", "conditional"),
        ("N390", "use_additional", "conditional"),
    ],
)  # fmt: skip
def test_what_a_title_and_its_place_say(code, attribute, value):
    assert shipped().attribute("icd10cm", code, attribute, AUGUST) == value


def test_codes_that_a_note_asks_for():
    sets = shipped()
    assert "N18" in " ".join(sets.attribute("icd10cm", "E1122", "use_additional_codes", AUGUST).split())
    assert "G30" in sets.attribute("icd10cm", "F0280", "code_first_codes", AUGUST).split()
    assert use_additional("E1122") == "required"


@pytest.mark.parametrize(
    ("title", "side"),
    [
        ("Pain in right knee", "right"),
        ("Pain in unspecified knee", "unspecified"),
        ("Bilateral primary osteoarthritis of knee", "bilateral"),
        ("Hemiplegia affecting left dominant side", "left"),
        ("Unspecified asthma", ""),
        ("Upright position", ""),
    ],
)
def test_laterality_of_a_title(title, side):
    assert laterality(title) == side


def test_an_unspecified_side_alone_does_not_make_a_code_unspecified():
    assert not is_unspecified("Cortical age-related cataract, unspecified eye")
    assert is_unspecified("Pneumonia, unspecified organism")


def test_siblings_that_are_specific():
    assert specific_siblings(shipped(), "M1710", AUGUST) == ("M1711", "M1712")
    assert specific_siblings(shipped(), "S83519A", AUGUST) == ("S83511A", "S83512A")
    assert specific_siblings(shipped(), "M1711", AUGUST) == ()


def test_seventh_characters_have_meanings():
    assert shipped_notes().seventh_meanings("S83511A")["A"] == "initial encounter"
    assert shipped_notes().seventh_meanings("E119") == {}


def test_ages_are_years_first_and_last():
    assert AGE_BANDS["maternity"] == (9, 64) and all(first <= last for first, last in AGE_BANDS.values())
