"""Masked files: nobody can be told, one person stays one, and the same faults are found as before."""

from __future__ import annotations

import re
import string
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.codes.identifiers import Mbi, Npi, TaxId
from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import read
from claimwright.x12.check import check
from claimwright.x12.masking import Masker
from claimwright.x12.permuting import MOST_DAYS_SHIFTED, Permuter, day_of
from tests.lib.golden_x12 import FILES, name_of
from tests.lib.x12_samples import CLEAN

KEY = b"a key of the tests"
VOCABULARY = CodeVocabulary()
TEXTS = st.text(string.ascii_letters + string.digits + " -'./#", max_size=40)
AMOUNTS = ("AMT", "CAS", "BPR", "PLB", "SVD", "QTY", "SE", "GE", "IEA", "ISA", "GS", "ST", "HL", "LX", "HI", "DTP")


def masked(data: bytes, key: bytes = KEY, **how: bool) -> bytes:
    return "".join(Masker(key, **how).mask(data)).encode("latin-1")


def found(data: bytes) -> Counter[tuple[object, ...]]:
    return Counter(
        (one.id, one.ordinal, one.segment, one.loop, one.element, one.component, one.repeat)
        for one in check(data, VOCABULARY)
    )


@pytest.mark.parametrize("providers", [False, True])
@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_same_faults_and_lengths_are_found_after_as_before(path, providers):
    data = path.read_bytes()
    made = masked(data, providers=providers)
    assert len(made) == len(data)
    assert found(made) == found(data)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_amounts_codes_and_structure_stay(path):
    data = path.read_bytes()
    before, after = read(data).segments, read(masked(data)).segments
    assert [one.id for one in after] == [one.id for one in before]
    for old, new in zip(before, after, strict=True):
        if old.id in AMOUNTS and old.id != "PLB":
            assert new.elements == old.elements
        if old.id == "PLB":
            assert new.elements[4::2] == old.elements[4::2]
        if old.id in ("CLM", "CLP"):
            assert new.elements[2:7] == old.elements[2:7]
        assert [len(one) for one in new.elements] == [len(one) for one in old.elements]


def test_nothing_of_a_patient_is_left():
    made = masked(CLEAN["837P"]).decode()
    for word in ("ABLE", "ANNA", "MEMBER01", "MEMBER00", "OAK", "19700102", "CLAIM-1"):
        assert word in CLEAN["837P"].decode()
        assert not re.search(rf"\b{word}\b", made), word
    assert made.count("SPRINGFIELD") == CLEAN["837P"].decode().count("SPRINGFIELD") - 1  # the clinic's own stays
    assert "HILLSIDE CLINIC" in made and "1234567893" in made


def test_one_person_stays_one_across_files():
    claim, payment, answer = (masked(CLEAN[kind]).decode() for kind in ("837P", "835", "277CA"))
    number = re.search(r"CLM\*([^*]+)", claim)[1]
    assert f"CLP*{number}*" in payment and f"TRN*2*{number}~" in answer
    name = re.search(r"NM1\*IL\*1\*([^*]+\*[^*]+)\*\*\*\*MI\*([^~]+)", claim)
    assert f"NM1*QC*1*{name[1]}****MI*{name[2]}~" in payment
    assert f"NM1*QC*1*{name[1]}****MI*{name[2]}~" in answer


def test_another_key_gives_other_masks_and_the_same_key_the_same():
    assert masked(CLEAN["837P"]) == masked(CLEAN["837P"])
    assert masked(CLEAN["837P"]) != masked(CLEAN["837P"], key=b"another")


def test_what_is_asked_to_stay_stays_and_is_told():
    data = CLEAN["837P"].replace(b"HI*ABK", b"NTE*ADD*ANNA FELL~\nHI*ABK")
    masker = Masker(KEY, claim_numbers=False, texts=False)
    made = "".join(masker.mask(data))
    assert "CLM*CLAIM-1*" in made and "NTE*ADD*ANNA FELL~" in made
    assert masker.kept["claim numbers"] == 1 and masker.kept["free texts"] == 1
    assert "ANNA FELL" not in "".join(Masker(KEY).mask(data))


def test_providers_are_masked_when_asked_and_their_numbers_stay_valid():
    made = masked(CLEAN["837P"], providers=True).decode()
    assert "HILLSIDE" not in made and "1234567893" not in made
    (number,) = set(re.findall(r"NM1\*85\*.*\*XX\*(\d+)", made))
    assert Npi(number).is_valid


def test_what_may_still_tell_is_counted():
    masker = Masker(KEY)
    for _ in masker.mask(CLEAN["835"]):
        pass
    assert masker.kept["providers' names, numbers and addresses"]
    assert masker.kept["dates of service, admission, discharge, death and coverage"] == 4
    assert masker.masked["name"] and not masker.unplaced


def test_an_unknown_guide_is_masked_by_its_segments_and_told():
    data = CLEAN["837P"].replace(b"005010X222A1", b"004010X098A1")
    masker = Masker(KEY)
    made = "".join(masker.mask(data))
    assert masker.unplaced == 1
    assert "ANNA" not in made and "MEMBER01" not in made and "19700102" not in made


def test_wrapped_segments_keep_their_line_breaks():
    data = CLEAN["837P"].replace(b"NM1*IL*1*ABLE*ANNA", b"NM1*IL*1*AB\nLE*AN\r\nNA")
    made = masked(data)
    assert len(made) == len(data)
    assert [at for at, one in enumerate(data) if one in b"\r\n"] == [
        at for at, one in enumerate(made) if one in b"\r\n"
    ]


# Values --------------------------------------------------------------------------------------------------------------


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_masks_keep_form_and_length(text):
    permuter = Permuter(KEY)
    for made in (permuter.identifier(text), permuter.name(text), permuter.street(text), permuter.words(text)):
        assert len(made) == len(text)
        for old, new in zip(text, made, strict=True):
            assert (old.isdigit(), old.isupper(), old.islower()) == (new.isdigit(), new.isupper(), new.islower())
            assert old.isalnum() or new == old


@given(st.lists(st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=12), min_size=2, unique=True))
@settings(max_examples=200, deadline=None)
def test_different_values_have_different_masks(texts):
    permuter = Permuter(KEY)
    assert len({permuter.identifier(text) for text in texts}) == len(texts)
    assert len({permuter.name(text) for text in texts}) == len(texts)


def test_every_short_number_has_a_mask_of_its_own():
    permuter = Permuter(KEY)
    for digits in (1, 2, 3):
        assert len({permuter.identifier(f"{number:0{digits}d}") for number in range(10**digits)}) == 10**digits


@given(st.from_regex(r"[0-9]{9}|[0-9]{10}", fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_what_is_a_valid_number_stays_one_and_what_is_none_becomes_none(text):
    made = Permuter(KEY).identifier(text)
    assert Npi(made).is_valid == Npi(text).is_valid
    assert TaxId(made).is_valid_as("SY") == TaxId(text).is_valid_as("SY")


def test_a_medicare_number_stays_well_formed():
    made = Permuter(KEY).identifier("1EG4TE5MK73")
    assert Mbi(made).is_valid and made != "1EG4TE5MK73"


@given(st.dates(date(1910, 1, 1), date(2026, 1, 1)))
@settings(max_examples=200, deadline=None)
def test_a_birth_date_comes_a_little_earlier_always_by_as_much(day):
    text = day.strftime("%Y%m%d")
    made = day_of(Permuter(KEY).birth(text))
    assert made is not None and timedelta(0) < day - made <= timedelta(MOST_DAYS_SHIFTED)
    assert Permuter(KEY).birth(text) == Permuter(KEY).birth(text)


@pytest.mark.parametrize("text", ["19701302", "19800230", "00000000", "1970", "unknown", ""])
def test_what_is_no_date_becomes_none(text):
    made = Permuter(KEY).birth(text)
    with pytest.raises(ValueError, match="time data|unconverted"):
        datetime.strptime(made, "%Y%m%d")


@pytest.mark.parametrize("text", ["00010101", "00010301", "18500101", "19000101"])
def test_an_early_date_stays_a_date(text):
    made = Permuter(KEY).birth(text)
    assert date.fromisoformat(f"{made[:4]}-{made[4:6]}-{made[6:]}") <= date.fromisoformat(
        f"{text[:4]}-{text[4:6]}-{text[6:]}"
    )


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("62701", r"627\d\d"), ("627011234", r"627\d{6}"), ("627010000", r"627\d\d0000"), ("K1A 0B1", r"K1A \d[A-Z]\d")],
)
def test_a_postal_code_keeps_its_region(text, pattern):
    made = Permuter(KEY).postal(text)
    assert re.fullmatch(pattern, made) and made != text


@pytest.mark.parametrize("text", ["UNKNOWN", "NONE", "0", "999999999", "000000000"])
def test_placeholders_stay(text):
    assert Permuter(KEY).identifier(text) == text


def test_words_of_an_address_stay():
    made = Permuter(KEY).street("PO BOX 123")
    assert re.fullmatch(r"PO BOX \d{3}", made) and made != "PO BOX 123"
    assert Permuter(KEY).street("12 OAK STREET").endswith(" STREET")
