"""Identifiers keep what came and say whether it is well formed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.codes.identifiers import Clia, Mbi, Ndc, Npi, PostalCode, TaxId, Taxonomy, npi_check_digit


@pytest.mark.parametrize("text", ["1234567893", "1000000004", "2000000002"])
def test_npi_with_right_check_digit(text):
    assert Npi(text).is_valid


@pytest.mark.parametrize(
    "text", ["1234567890", "3234567891", "123456789", "12345678933", "123456789O", "", "1234567893 ", "١٢٣٤٥٦٧٨٩٣"]
)
def test_npi_refused(text):
    assert not Npi(text).is_valid
    assert Npi(text) == text  # what came is kept


@given(st.integers(100_000_000, 299_999_999))
def test_every_npi_has_one_check_digit_and_no_single_error_passes(number):
    nine = str(number)
    digit = npi_check_digit(nine)
    assert [d for d in "0123456789" if Npi(nine + d).is_valid] == [digit]
    for place in range(1, 9):
        other = nine[:place] + str((int(nine[place]) + 1) % 10) + nine[place + 1 :]
        assert npi_check_digit(other) != digit


def test_check_digit_needs_nine_digits():
    with pytest.raises(ValueError, match="nine digits"):
        npi_check_digit("12345")


@pytest.mark.parametrize(
    ("text", "qualifier", "good"),
    [
        ("123456789", "EI", True),
        ("123456789", "SY", True),
        ("001234567", "EI", False),
        ("666123456", "SY", False),
        ("900123456", "SY", False),
        ("123006789", "SY", False),
        ("123450000", "SY", False),
        ("12-345678", "EI", False),
        ("111111111", "EI", False),
        ("123456789", "XX", False),
    ],
)
def test_tax_id_by_qualifier(text, qualifier, good):
    assert TaxId(text).is_valid_as(qualifier) is good


@pytest.mark.parametrize("text", ["1EG4TE5MK73", "1EG4TE5MK72", "9AA0AA0AA00"])
def test_mbi(text):
    assert Mbi(text).is_valid


@pytest.mark.parametrize(
    "text", ["0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MK7", "1EG4-TE5-MK73", "1eg4te5mk73", "1EG4TE5IK73"]
)
def test_mbi_refused(text):
    assert not Mbi(text).is_valid


def test_mbi_leaves_out_six_letters():
    allowed = {letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if Mbi(f"1{letter}G4TE5MK73").is_valid}
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - allowed == set("SLOIBZ")


def test_taxonomy_ends_in_x():
    assert Taxonomy("207Q00000X").is_valid
    assert not Taxonomy("207Q000000").is_valid
    assert not Taxonomy("207Q0000X").is_valid


@pytest.mark.parametrize(
    ("text", "valid", "plus_four"),
    [
        ("12345", True, False),
        ("123456789", True, True),
        ("123450000", True, False),
        ("12345-6789", False, False),
        ("00000", False, False),
        ("1234", False, False),
    ],
)
def test_postal_code(text, valid, plus_four):
    assert (PostalCode(text).is_valid, PostalCode(text).has_plus_four) == (valid, plus_four)


@pytest.mark.parametrize(
    ("label", "billed"),
    [
        ("1234-5678-90", "01234567890"),
        ("12345-678-90", "12345067890"),
        ("12345-6789-0", "12345678900"),
        ("12345-6789-01", "12345678901"),
        ("12345678901", "12345678901"),
    ],
)
def test_ndc_pads_the_short_segment(label, billed):
    assert Ndc.from_label(label) == billed
    assert Ndc.from_label(label).is_valid


@pytest.mark.parametrize("label", ["1234567890", "123-456-78", "1234-567-90", "A2345-6789-01"])
def test_ndc_is_not_guessed(label):
    assert Ndc.from_label(label) == label
    assert not Ndc.from_label(label).is_valid


def test_clia_has_a_d_in_third_place():
    assert Clia("11D0000001").is_valid
    assert not Clia("1100000001").is_valid
    assert not Clia("11D000001").is_valid
