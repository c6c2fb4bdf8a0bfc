"""A short cut finds what the long way finds: texts by their JSON, lengths at once, rules by the start of a code."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.claims.nouns import Claim
from claimwright.codes import procedure_traits, service_rules
from claimwright.codes.code_sets import procedure_set
from claimwright.codes.identifiers import npi_check_digit
from claimwright.edits.compiled import CodeIndex
from claimwright.edits.families.env import texts_hold_no_delimiter, values_fit_their_elements
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.tables import LINE_LENGTHS, PERSON_LENGTHS
from tests.edits.cases import claim_of, facts_of

FACTS = facts_of()
ILLEGAL = {*"*~^:", *(chr(n) for n in (*range(32), *range(127, 160), *range(0xD800, 0xE000)))}
# What JSON writes in its own way, what a separator is, and what is neither.
LETTERS = st.sampled_from('*~^:":\\/[]{},é 0aZ\x00\x1f\x7f\x80\x9f\xa0\xc2\u2028')
TEXTS = st.text(LETTERS | st.characters(), max_size=6)


def with_texts(first: str, second: str, third: str) -> Claim:
    claim = claim_of()
    line = msgspec.structs.replace(claim.lines[0], description=second)
    patient = msgspec.structs.replace(claim.patient, middle_name=third)
    return msgspec.structs.replace(claim, note=first, lines=(line, *claim.lines[1:]), patient=patient)


@given(TEXTS, TEXTS, TEXTS)
def test_a_text_with_a_delimiter_is_found_wherever_it_stands(first: str, second: str, third: str) -> None:
    found = {path for path, *_ in texts_hold_no_delimiter.check(with_texts(first, second, third), FACTS)}  # type: ignore[misc]
    paths = {"note": first, "lines[0].description": second, "patient.middle_name": third}
    assert found == {path for path, text in paths.items() if not ILLEGAL.isdisjoint(text)}


@pytest.mark.parametrize(
    "text", [":", "::", ":a", "a:", "a:b", '":', ':"', '":"', ",:", "[:", "{:", "*", "\x7f", "\x85", "\t", "\ud800"]
)
def test_each_shape_of_an_illegal_text_is_found(text: str) -> None:
    assert len(list(texts_hold_no_delimiter.check(with_texts(text, "", ""), FACTS))) == 1
    assert len(list(texts_hold_no_delimiter.check(with_texts(text, text, text), FACTS))) == 3


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 5))
def test_lengths_are_measured_one_by_one_where_one_is_too_long(note: int, name: int, modifiers: int) -> None:
    claim = claim_of()
    line = msgspec.structs.replace(claim.lines[0], note="n" * note, modifiers=("59",) * modifiers)
    patient = msgspec.structs.replace(claim.patient, last_name="N" * name)
    claim = msgspec.structs.replace(claim, lines=(line, *claim.lines[1:]), patient=patient)
    wanted = [
        ("lines[0].modifiers", modifiers, dict(LINE_LENGTHS)["modifiers"]),
        ("lines[0].note", note, dict(LINE_LENGTHS)["note"]),
        ("patient.last_name", name, dict(PERSON_LENGTHS)["last_name"]),
    ]
    assert list(values_fit_their_elements.check(claim, FACTS)) == [one for one in wanted if one[1] > one[2]]


CODES = st.text("019AGZ", min_size=0, max_size=5) | st.sampled_from(["99213", "J1885", "0001U", "a1:", "9921"])


@given(st.lists(st.tuples(CODES, CODES) | st.none(), max_size=6), st.lists(CODES, max_size=6))
def test_rules_by_code_are_those_of_a_look_at_all(spans: list[tuple[str, str] | None], codes: list[str]) -> None:
    rows: list[tuple[tuple[CodeRange, ...], int]] = [
        ((CodeRange(first=span[0], last=span[1]),) if span is not None else (), place)
        for place, span in enumerate(spans)
    ]
    index = CodeIndex(rows)
    for code in (*codes, *codes):
        wanted = tuple(place for ranges, place in rows if not ranges or ranges[0].holds(code))
        assert index.at(code) == wanted
        assert (index.at(code) is index.everywhere) == (wanted == index.everywhere)


def _all_codes() -> list[str]:
    numbers = [f"{number:05d}" for number in range(0, 100_000, 7)]
    letters = [f"{letter}{number:04d}" for letter in "ACDEGHJKLPQRSV" for number in range(0, 10_000, 97)]
    return [
        *numbers,
        *letters,
        *(f"{number:04d}{letter}" for letter in "FMTU" for number in range(0, 1_000, 3)),
        "",
        "9",
    ]


def test_a_codes_rules_are_those_of_a_look_at_every_row() -> None:
    """Over codes of every section, and over both ends of every rule."""
    ends = {
        code for rule in (*procedure_traits.all_rules(), *service_rules.all_rules()) for code in (rule.first, rule.last)
    }
    for code in {*_all_codes(), *ends}:
        found: Any = procedure_traits.traits(code)
        for name in ("patients", "places", "waived", "therapy", "mammography", "vaccines"):
            rows = procedure_traits._TABLES[name]()
            assert getattr(found, name) == tuple(rule for rule in rows if rule.names(code)), code
        for name, table in service_rules._TABLES.items():
            assert getattr(service_rules.service(code), name) == tuple(rule for rule in table() if rule.names(code)), (
                code
            )


@given(st.text("0123456789", min_size=9, max_size=9))
def test_a_check_digit_is_luhns(text9: str) -> None:
    """By the book: double every other digit from the right, over 80840 and the number."""
    whole = "80840" + text9 + npi_check_digit(text9)
    doubled = [int(digit) * 2 if place % 2 else int(digit) for place, digit in enumerate(reversed(whole))]
    assert sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def test_the_form_of_a_code_is_remembered_and_not_mixed_up() -> None:
    for _ in range(2):
        assert [procedure_set(code) for code in ("99213", "J1885", "D0120", "9921", "")] == [
            "cpt",
            "hcpcs",
            "cdt",
            "",
            "",
        ]
