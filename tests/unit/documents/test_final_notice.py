"""The final notice: what it says, in both languages, and what must not be mailed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.nouns import Address
from claimwright.documents.final_notice import WORDS, FinalNotice, NoticeIncomplete, render
from tests.unit.documents.test_statement import text_of

HOME = Address(line1="12 Birch St", city="Madison", state="WI", postal_code="53703")
NOTICE = FinalNotice(
    number="FN0000012", written_on=date(2026, 9, 30), answer_by=date(2026, 10, 20), first_asked_on=date(2026, 6, 22),
    practice_name="Lakeside Family Medicine", practice_phone="6085550142", practice_address=HOME, account="MRN0012",
    name="Maria #strong[Tester]", address=HOME, last_statement="ST0000123", amount_due=Decimal("1325.00"),
    payment_url="https://billing.lakeside.example/bill/lakeside/", statement_code="123-K7QF-2MXP",
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Final notice", "$1,325.00", "June 22, 2026", "October 20, 2026", "financial assistance", "interpreter")),
        ("es", ("Aviso final", "$1,325.00", "22 de junio de 2026", "20 de octubre de 2026", "ayuda económica", "Intérprete")),
    ],
)  # fmt: skip
def test_it_says_what_is_owed_by_when_and_what_stops_it(language, said):
    notice = msgspec.structs.replace(NOTICE, language=language)
    text = " ".join(text_of(render(notice)).split())
    for words in (*said, "(608) 555-0142", "123-K7QF-2MXP", "ST0000123", "Maria #strong[Tester]"):
        assert words in text, words
    assert render(notice) == render(notice)


def test_the_spanish_line_is_for_those_who_read_another_language():
    other = msgspec.structs.replace(NOTICE, spanish_tagline=True)
    assert "prefiere recibirla en español" in " ".join(text_of(render(other)).split())
    assert "prefiere recibirla" not in text_of(render(NOTICE))


@pytest.mark.parametrize(
    "wrong", [{"amount_due": Decimal("0.00")}, {"address": Address()}, {"answer_by": date(2026, 9, 30)}]
)
def test_what_must_not_be_mailed(wrong):
    with pytest.raises(NoticeIncomplete):
        render(msgspec.structs.replace(NOTICE, **wrong))


def test_every_word_has_both_languages_with_the_same_blanks():
    for key, (english, spanish) in WORDS.items():
        blanks = [sorted(part.split("}")[0] for part in text.split("{")[1:]) for text in (english, spanish)]
        assert english != spanish, key
        assert set(blanks[0]) == set(blanks[1]), key
