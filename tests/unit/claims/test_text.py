"""The text policy: what is mapped, what is refused, and that every change is on record."""

from __future__ import annotations

import pytest

from claimwright.claims.to_x12.professional import text_notices
from claimwright.claims.to_x12.text import Unwritable, identifier, words
from claimwright.x12 import ValueRefused
from tests.lib.builders import a_claim, a_patient


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        ("O'Brien-Ñuñez", "O'BRIEN-NUNEZ"),
        ("Müller", "MULLER"),
        ("Weiß", "WEISS"),
        ("Łukasz", "LUKASZ"),
        ("Søren", "SOREN"),
        ("O’Neil", "O'NEIL"),
        ("A*B~C:D^E", "A B-C-D E"),
        ("two\nlines\tand tab", "TWO LINES AND TAB"),
        ("zero\u200bwidth\u202e", "ZEROWIDTH"),
        ("  many   blanks ", "MANY BLANKS"),
        ("X", "X"),
        ("NULL", "NULL"),
    ],
)
def test_words_are_mapped(held: str, sent: str) -> None:
    assert words(held)[0] == sent


@pytest.mark.parametrize("held", ["李小龍", "Anna 😀", "Ωmega"])
def test_words_without_latin_form_are_refused(held: str) -> None:
    with pytest.raises(Unwritable) as refusal:
        words(held)
    assert held not in str(refusal.value)


def test_upper_case_alone_is_no_change_and_every_other_is() -> None:
    assert words("Anna Tester")[1] == ()
    changes = words("Ñuñez")[1]
    assert [(change.character, change.replacement) for change in changes] == [("U+00D1", "N"), ("U+00F1", "N")]


@pytest.mark.parametrize("value", ["W12*45", "W12~45", "W12:45", "W12^45", "Ñ1234", "W1\n2"])
def test_identifiers_are_never_mapped(value: str) -> None:
    with pytest.raises(Unwritable):
        identifier(value)
    assert identifier(" w1234 ") == "W1234"


def test_a_claim_tells_what_the_policy_changes() -> None:
    patient = a_patient(last_name="Ñuñez", first_name="Anna*Maria")
    notices = text_notices(a_claim(patient=patient))
    assert [(n.segment_id, n.element, n.after) for n in notices] == [("NM1", 3, "NUNEZ"), ("NM1", 4, "ANNA MARIA")]
    assert {notice.control_number for notice in notices} == {"CW1001"}


def test_a_claim_that_cannot_be_sent_says_where_without_the_value() -> None:
    with pytest.raises(ValueRefused) as refusal:
        text_notices(a_claim(patient=a_patient(last_name="李")))
    assert (refusal.value.segment_id, refusal.value.element) == ("NM1", 3)
    assert "李" not in str(refusal.value)


def test_a_control_number_with_a_separator_is_refused() -> None:
    with pytest.raises(ValueRefused) as refusal:
        text_notices(a_claim(control_number="CW*1"))
    assert refusal.value.segment_id == "CLM"
