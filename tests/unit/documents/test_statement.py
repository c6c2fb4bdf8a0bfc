"""Statements: what is printed, that it adds up, and that text is only ever text."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.nouns import Address
from claimwright.documents.statement import (
    StatementDocument,
    StatementDoesNotAdd,
    StatementVisit,
    amount_text,
    date_text,
    render,
    render_all,
)
from claimwright.documents.statement_words import WORDS, words

VISIT = StatementVisit(
    date_of_service=date(2026, 8, 31),
    provider="Dr. Ingrid Halvorsen",
    service="Office visit",
    charge=Decimal("1150.00"),
    insurer_paid=Decimal("985.00"),
    discount=Decimal("140.00"),
    already_paid=Decimal("10.00"),
    amount_owed=Decimal("15.00"),
    reasons=("Your plan says $25.00 of this visit is your copay.",),
)


def a_statement(**overrides: object) -> StatementDocument:
    statement = StatementDocument(
        number="ST-100234",
        issued_on=date(2026, 9, 30),
        due_on=date(2026, 10, 28),
        practice_name="Lakeside Family Medicine",
        practice_address=Address(line1="400 Main St", city="Madison", state="WI", postal_code="537031234"),
        practice_phone="6085550142",
        patient_name="Anna Tester",
        guarantor_name="Maria Tester",
        guarantor_address=Address(line1="12 Birch St", city="Madison", state="WI", postal_code="53703"),
        visits=(VISIT,),
        total_due=Decimal("15.00"),
        aging=(("0-30", Decimal("15.00")), ("31-60", Decimal("0.00"))),
    )
    return msgspec.structs.replace(statement, **overrides) if overrides else statement


def text_of(pdf: bytes, *options: str) -> str:
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext is missing: apt-get install poppler-utils"
    done = subprocess.run([tool, "-layout", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def test_everything_a_patient_must_read_is_printed():
    text = text_of(render(a_statement()))
    for wanted in (
        "Lakeside Family Medicine", "ST-100234", "September 30, 2026", "October 28, 2026", "Anna Tester",
        "Maria Tester", "Madison, WI 53703-1234", "08/31/2026", "with Dr. Ingrid Halvorsen", "Office visit",
        "$1,150.00", "-$985.00", "-$140.00", "-$10.00", "$15.00", "Your plan says $25.00 of this visit is your copay.",
        "(608) 555-0142", "Financial assistance", "collections", "Free interpreter", "Intérprete gratis", "0-30 days",
        "Page 1 of 1",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_the_same_figures_are_the_same_bytes():
    assert render(a_statement()) == render(a_statement())
    assert render(a_statement()) != render(a_statement(number="ST-100235"))


def test_spanish_says_the_same_in_spanish():
    text = text_of(render(a_statement(language="es")))
    for wanted in (
        "Estado de cuenta",
        "30 de septiembre de 2026",
        "31/08/2026",
        "Usted debe",
        "Por qué debe esto",
        "$15.00",
    ):
        assert wanted in text, wanted
    assert "You owe" not in text


def test_each_word_is_in_both_languages_with_the_same_blanks():
    for key, (english, spanish) in WORDS.items():
        assert english and spanish and english != spanish, key
        blanks = [sorted(part.split("}")[0] for part in text.split("{")[1:]) for text in (english, spanish)]
        assert blanks[0] == blanks[1], key
    assert words("es")["charge"] == "Cargo"


def test_a_language_without_words_is_refused():
    with pytest.raises(ValueError, match="en, es"):
        render(a_statement(language="fr"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"total_due": Decimal("15.01")},
        {"visits": (msgspec.structs.replace(VISIT, discount=Decimal("139.99")),)},
        {"aging": (("0-30", Decimal("14.99")),)},
        {"unapplied_credit": Decimal("5.00")},
    ],
)
def test_a_statement_that_does_not_add_is_never_made(wrong):
    with pytest.raises(StatementDoesNotAdd):
        render(a_statement(**wrong))


def test_credit_and_money_still_with_the_insurer_are_shown_and_counted():
    visit = msgspec.structs.replace(VISIT, charge=Decimal("1190.00"), insurance_pending=Decimal("40.00"))
    text = text_of(render(a_statement(visits=(visit,), unapplied_credit=Decimal("5.00"), total_due=Decimal("10.00"))))
    assert "$40.00 of this visit is still with your insurance" in text
    assert "-$5.00" in text and "$10.00" in text


def test_a_visit_of_which_nothing_is_owed_does_not_say_why_it_is_owed():
    waits = msgspec.structs.replace(
        VISIT, insurer_paid=Decimal("0.00"), discount=Decimal("0.00"), already_paid=Decimal("0.00"),
        insurance_pending=VISIT.charge, amount_owed=Decimal("0.00"), reasons=(),
    )  # fmt: skip
    text = text_of(render(a_statement(visits=(waits,), total_due=Decimal("0.00"), aging=())))
    assert "Where it stands:" in text and "Why you owe this" not in text


def test_text_is_never_template_code():
    nasty = '#panic("x") *bold* $x^2$ @ref <label> \\ "quoted" [x] `code` // gone'
    text = text_of(render(a_statement(patient_name=nasty, visits=(msgspec.structs.replace(VISIT, reasons=(nasty,)),))))
    flat = " ".join(text.split())
    assert '#panic("x") *bold* $x^2$' in flat
    assert "// gone" in flat


def test_the_address_stands_in_the_envelope_window():
    """In points: 2.5 to 3.17 in from the top, 0.875 to 4.3 in from the left, on a letter page."""
    address = Address(line1="12 Birch St", line2="Apartment 4", city="Madison", state="WI", postal_code="53703")
    pdf = render(a_statement(guarantor_address=address))
    window = text_of(pdf, "-x", "63", "-y", "180", "-W", "247", "-H", "48", "-r", "72")
    assert [line.strip() for line in window.splitlines() if line.strip()] == [
        "Maria Tester", "12 Birch St", "Apartment 4", "Madison, WI 53703",
    ]  # fmt: skip


def test_many_visits_run_over_pages_and_the_slip_stands_on_the_last():
    many = a_statement(visits=(VISIT,) * 30, total_due=Decimal("450.00"), aging=())
    pages = text_of(render(many)).split("\f")
    pages = [page for page in pages if page.strip()]
    assert len(pages) >= 3
    assert all("Office visit" in page or "Return this slip" in page for page in pages)
    assert ["Return this slip" in page for page in pages].count(True) == 1
    assert "Return this slip" in pages[-1] and "Total you owe" in "".join(pages[-2:])
    assert sum(page.count("Office visit") for page in pages) == 30
    assert all("Why you owe this" in page for page in pages if "Office visit" in page)
    for page in pages:  # a visit and its reason never part
        assert page.count("Office visit") == page.count("Why you owe this")


def test_a_batch_is_the_same_as_one_by_one():
    documents = [a_statement(number=f"ST-{number}") for number in range(5)]
    assert list(render_all(documents)) == [render(document) for document in documents]


def test_amounts_and_dates_in_words():
    assert [amount_text(Decimal(text)) for text in ("0", "-5", "1234567.8")] == ["$0.00", "-$5.00", "$1,234,567.80"]
    assert date_text(date(2026, 1, 5), "en") == "January 5, 2026"
    assert date_text(date(2026, 1, 5), "es") == "5 de enero de 2026"
