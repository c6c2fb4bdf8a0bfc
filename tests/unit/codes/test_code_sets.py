"""Codes by date of service: what is shipped, what is not, and what cannot be said."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import msgspec
import pytest

from claimwright.codes.code_sets import (
    CodeSet,
    CodeSets,
    Entry,
    Release,
    State,
    procedure_set,
    shipped,
)
from claimwright.codes.diagnosis import DiagnosisCode, instructions, nearest_header, without_dot
from claimwright.codes.modifiers import contradictions, modifier_group, pricing_first
from claimwright.codes.tables import read_text
from claimwright.codes.vocabulary import CodeVocabulary

AUGUST = date(2026, 8, 3)
FIRST, LAST = date(2025, 10, 1), date(2026, 9, 30)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("E119", State.VALID),
        ("E11", State.NOT_BILLABLE),
        ("S83511A", State.VALID),
        ("S83511", State.NOT_BILLABLE),
        ("S83511Q", State.UNKNOWN),
        ("U071", State.VALID),
        ("QA00101", State.VALID),  # second character a letter: new with FY2026
        ("C50A0", State.VALID),  # new with FY2026
        ("D71", State.NOT_BILLABLE),  # became a category with FY2026
        ("E11.9", State.UNKNOWN),  # claims carry no dot
        ("e119", State.UNKNOWN),
        ("", State.UNKNOWN),
    ],
)
def test_diagnosis_states(code, state):
    assert shipped().state("icd10cm", code, AUGUST) is state


def test_diagnosis_counts_are_the_official_ones():
    flags = {code: flag for code, flag, _ in (row.split("\t") for row in read_text("icd10cm-2026.tsv.xz").splitlines())}
    codes = shipped().codes("icd10cm", AUGUST)
    assert Counter(flags.values()) == {"1": 74_719, "0": 23_467} and set(codes) == set(flags)
    for code in codes[::41]:
        assert (shipped().state("icd10cm", code, AUGUST) is State.VALID) == (flags[code] == "1"), code


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2025, 9, 30), State.NOT_COVERED),
        (FIRST, State.VALID),
        (LAST, State.VALID),
        (date(2026, 10, 1), State.NOT_COVERED),
    ],
)
def test_diagnosis_release_speaks_for_its_year_alone(on, state):
    assert shipped().state("icd10cm", "E119", on) is state
    assert shipped().covers("icd10cm", on) is (state is State.VALID)
    # Even an unknown code is not judged where no release speaks.
    if state is State.NOT_COVERED:
        assert shipped().state("icd10cm", "ZZZ99", on) is State.NOT_COVERED


def test_without_a_date_existence_decides():
    assert shipped().state("icd10cm", "E119") is State.VALID
    assert shipped().state("icd10cm", "Z99999") is State.UNKNOWN


def test_diagnosis_entry_has_title_dates_and_attributes():
    entry = shipped().entry("icd10cm", "S83511A", AUGUST)
    told = ("seventh_character", "laterality", "use_additional")  # others have tests of their own
    own = {name: value for name, value in entry.attributes.items() if name in told}
    assert msgspec.structs.replace(entry, attributes=own) == Entry(
        code="S83511A",
        label="Sprain of anterior cruciate ligament of right knee, initial encounter",
        start=FIRST,
        end=date(2026, 10, 1),
        attributes={"seventh_character": "ADS", "laterality": "right", "use_additional": "conditional"},
    )


@pytest.mark.parametrize(
    ("code", "attribute", "value"),
    [
        ("W1830XA", "external_cause", "yes"),
        ("T360X1A", "external_cause", ""),
        ("Z0000", "external_cause", ""),
        ("G63", "manifestation", "yes"),
        ("F0280", "manifestation", "yes"),
        ("B9562", "manifestation", ""),
        ("B9562", "agent", "yes"),
        ("G63", "code_first", "required"),
        ("E119", "code_first", ""),
        ("E119", "seventh_character", ""),
        ("S52", "seventh_character", "ABCDEFGHJKMNPQRS"),
        ("E11", "header", "yes"),
        ("J1100", "anything", ""),
    ],
)
def test_diagnosis_attributes(code, attribute, value):
    assert shipped().attribute("icd10cm", code, attribute, AUGUST) == value


def test_nearest_header_explains_a_wrong_seventh_character():
    header = nearest_header(shipped(), "S83511Q", AUGUST)
    assert header is not None
    assert (header.code, header.attributes["seventh_character"]) == ("S83511", "ADS")
    assert nearest_header(shipped(), "E1199", AUGUST) is None  # E119 is billable: the last character is one too many
    assert nearest_header(shipped(), "ZZ999", AUGUST) is None


def test_instructions_come_down_the_tree():
    assert any("gestational diabetes" in text for text in instructions("E119", "excludes1"))
    assert instructions("E119", "codeFirst") == ()
    assert instructions("F0280", "codeFirst") == instructions("F02", "codeFirst") != ()


def test_diagnosis_code_type():
    assert without_dot(" e11.9 ") == "E119"
    assert DiagnosisCode("E119").with_dot == "E11.9"
    assert DiagnosisCode("I10").with_dot == "I10"
    assert DiagnosisCode("QA00101").is_well_formed
    assert not DiagnosisCode("11").is_well_formed
    assert DiagnosisCode("Y92009").is_external_cause
    assert not DiagnosisCode("").is_external_cause


@pytest.mark.parametrize(
    ("code", "on", "state"),
    [
        ("J1100", AUGUST, State.VALID),
        ("G2212", AUGUST, State.VALID),  # newer than the 2019 file
        ("J1100", date(2019, 6, 1), State.VALID),
        ("J1100", date(2023, 6, 1), State.VALID),  # in both releases, so in between
        ("G2212", date(2023, 6, 1), State.NOT_COVERED),  # added in the gap: when, is not known here
        ("G2212", date(2019, 6, 1), State.NOT_EFFECTIVE),
        ("J9999", AUGUST, State.VALID),
        ("A9999", date(2026, 10, 1), State.NOT_COVERED),
        ("Z1234", AUGUST, State.UNKNOWN),
        ("J0000", AUGUST, State.UNKNOWN),
    ],
)
def test_hcpcs_states(code, on, state):
    assert shipped().state("hcpcs", code, on) is state


def test_hcpcs_holds_no_licensed_code():
    for on in (date(2019, 6, 1), AUGUST):
        assert all(procedure_set(code) == "hcpcs" for code in shipped().codes("hcpcs", on))
    assert len(shipped().codes("hcpcs", AUGUST)) == 8_725
    assert len(shipped().codes("hcpcs", date(2019, 6, 1))) == 6_440


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("99213", "cpt"),
        ("0001U", "cpt"),
        ("3074F", "cpt"),
        ("0202T", "cpt"),
        ("J1100", "hcpcs"),
        ("D0120", "cdt"),
        ("W1", ""),
    ],
)
def test_procedure_set_by_form(code, name):
    assert procedure_set(code) == name


def test_procedures_go_to_the_set_of_their_form():
    sets = shipped()
    assert sets.state("procedure", "99213", AUGUST) is State.NOT_LOADED
    assert sets.state("procedure", "J1100", AUGUST) is State.VALID
    assert sets.state("procedure", "9921", AUGUST) is State.UNKNOWN
    assert sets.entry("procedure", "J1100", AUGUST).label == "Injection, dexamethasone sodium phosphate, 1 mg"


@pytest.mark.parametrize(
    ("name", "code", "on", "state"),
    [
        ("modifier", "25", AUGUST, State.VALID),
        ("modifier", "GA", AUGUST, State.VALID),
        ("modifier", "JZ", AUGUST, State.VALID),
        ("modifier", "JZ", date(2022, 12, 31), State.NOT_EFFECTIVE),
        ("modifier", "RH", AUGUST, State.VALID),  # ambulance: residence to hospital
        ("modifier", "XR", AUGUST, State.UNKNOWN),  # X is never an origin
        ("modifier", "00", AUGUST, State.UNKNOWN),
        ("pos", "11", AUGUST, State.VALID),
        ("pos", "10", date(2021, 12, 31), State.NOT_EFFECTIVE),
        ("pos", "10", date(2022, 1, 1), State.VALID),
        ("pos", "30", AUGUST, State.UNKNOWN),
        ("carc", "45", AUGUST, State.VALID),
        ("carc", "999", AUGUST, State.UNKNOWN),
        ("rarc", "N290", AUGUST, State.VALID),
        ("rarc", "N846", AUGUST, State.VALID),
        ("rarc", "N99999", AUGUST, State.UNKNOWN),
        ("claim_status_category", "A7", AUGUST, State.VALID),
        ("claim_status", "562", AUGUST, State.VALID),
        ("npi", "1234567893", None, State.VALID),
        ("npi", "1234567890", None, State.UNKNOWN),
        ("taxonomy", "207Q00000X", AUGUST, State.VALID),
        ("entity", "85", AUGUST, State.VALID),
        ("state", "PR", AUGUST, State.VALID),
        ("state", "ZZ", AUGUST, State.UNKNOWN),
        ("ta1_note", "025", AUGUST, State.VALID),
        ("no such set", "1", AUGUST, State.NOT_LOADED),
    ],
)
def test_other_sets(name, code, on, state):
    assert shipped().state(name, code, on) is state


def test_place_of_service_facility_flag():
    flags = {code: shipped().attribute("pos", code, "facility") for code in ("11", "22", "21", "02", "10", "23", "12")}
    assert flags == {"11": "no", "22": "yes", "21": "yes", "02": "yes", "10": "no", "23": "yes", "12": "no"}


def _release(label, start, end, rows):
    return Release(
        label=label, source="test", start=start, end=end, read=lambda: rows, make=lambda code, raw, r: Entry(code=code)
    )


def test_two_releases_may_not_speak_for_one_day():
    sets = CodeSets({}).with_release("x", _release("one", None, date(2026, 1, 1), {"A": ""}))
    with pytest.raises(ValueError, match="both speak"):
        sets.with_release("x", _release("two", date(2025, 12, 31), None, {"B": ""}))
    both = sets.with_release("x", _release("two", date(2026, 1, 1), None, {"B": ""}))
    assert both.state("x", "A", date(2025, 12, 31)) is State.VALID
    assert both.state("x", "A", date(2026, 1, 1)) is State.NOT_EFFECTIVE
    assert both.state("x", "C", date(2026, 1, 1)) is State.UNKNOWN


def test_a_gap_is_bridged_only_where_the_set_says_so():
    releases = (
        _release("one", None, date(2024, 1, 1), {"A": "", "B": ""}),
        _release("two", date(2026, 1, 1), None, {"A": ""}),
    )
    gap = date(2025, 1, 1)
    for bridges, state in ((True, State.VALID), (False, State.NOT_COVERED)):
        sets = CodeSets({"x": CodeSet(name="x", releases=releases, bridges=bridges)})
        assert sets.state("x", "A", gap) is state
        assert sets.state("x", "B", gap) is State.NOT_COVERED


def test_nothing_is_read_before_it_is_asked_for():
    reads = []
    release = Release(
        label="lazy",
        source="test",
        start=None,
        end=None,
        read=lambda: reads.append(1) or {"A": ""},
        make=lambda code, raw, release: Entry(code=code),
    )
    sets = CodeSets({"x": CodeSet(name="x", releases=(release,))})
    assert sets.loaded("x") and sets.covers("x", AUGUST) and not reads
    sets.state("x", "A")
    sets.state("x", "B")
    assert reads == [1]


def test_status_tells_what_is_loaded():
    status = {row.name: row for row in shipped().status()}
    assert not status["cpt"].loaded and not status["cdt"].loaded
    assert status["icd10cm"].releases[0].codes == 98_186
    assert status["npi"].loaded


def test_contradictory_modifiers():
    assert [pair[:2] for pair in contradictions(("TC", "LT", "26"))] == [("26", "TC")]
    assert contradictions(("25", "59")) == ()
    for one, other in (("GA", "GZ"), ("JW", "JZ"), ("76", "77")):
        assert contradictions((other, one))[0][:2] == (one, other)


def test_pricing_modifiers_come_first_and_keep_their_order():
    assert pricing_first(("GA", "26", "LT", "50")) == ("26", "50", "GA", "LT")


def test_modifier_groups_hold_known_modifiers_only():
    for name in ("pricing", "ncci", "repeat", "anesthesia", "therapy", "dme", "telehealth", "liability"):
        for modifier in modifier_group(name):
            assert shipped().state("modifier", modifier, AUGUST) is State.VALID, (name, modifier)
    assert len(modifier_group("ncci")) == 44
    with pytest.raises(KeyError):
        modifier_group("no such group")


@pytest.mark.parametrize(
    ("code_set", "code", "on", "state"),
    [
        ("icd10cm", "E119", AUGUST, "valid"),
        ("icd10cm", "E11", AUGUST, "not_billable"),
        ("icd10cm", "E119", date(2026, 10, 1), "not_loaded"),
        ("hcpcs", "99213", AUGUST, "not_loaded"),
        ("hcpcs", "G2212", AUGUST, "valid"),
        ("states", "NY", None, "valid"),
        ("entity_id", "85", None, "valid"),
        ("rarc", "N290", None, "valid"),
        ("pos", "10", date(2021, 1, 1), "not_effective"),
    ],
)
def test_vocabulary_of_the_wire(code_set, code, on, state):
    assert CodeVocabulary().state(code_set, code, on) == state


def test_codes_are_sorted_for_prefix_search():
    release = Release(
        label="x",
        source="t",
        start=None,
        end=None,
        read=lambda: dict.fromkeys(("B1", "A2", "A", "A10"), ""),
        make=lambda code, raw, release: Entry(code=code),
    )
    found = list(release.beneath("A"))
    assert found == ["A", "A10", "A2"] and all(a < b for a, b in pairwise(found))
