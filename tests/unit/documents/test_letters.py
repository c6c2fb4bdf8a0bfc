"""Letters to payers: every shipped template merges, nothing a payer needs is left out, and a pack is one PDF in order."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import msgspec
import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from claimwright.codes.denials import carc_rules, category_defaults
from claimwright.documents import letters, packs
from claimwright.documents.letters import Letter, LetterIncomplete, LetterLine, TemplateFault

VALUES = {
    "payer": "NORTHERN MUTUAL", "practice": "LAKESIDE FAMILY MEDICINE", "patient": "ANNA TESTER", "member_id": "NM123456789",
    "claim_number": "2026300001234", "control_number": "C00000A1", "date_of_service": "09/15/2026", "codes": "99213-25",
    "amount": "$150.00", "denial_code": "CO-197", "denial_words": "there is no authorization on file",
    "denial_date": "09/30/2026", "level": "first internal appeal",
    "argument": "The patient was seen for acute chest pain.\n\nAuthorization A-4471 was granted by telephone on 14 September.",
    "authorization_sentence": "The claim carried authorization A-4471.",
    "filing_sentence": "The claim was first sent on 09/16/2026 and accepted by you on 09/18/2026.",
}  # fmt: skip
LETTER = Letter(
    written_on=date(2026, 10, 5), practice_name="LAKESIDE FAMILY MEDICINE",
    practice_lines=("100 Lake Street", "Madison, WI 53703", "(608) 555-0142", "NPI 1000000004  Tax id 39-1234567"),
    recipient=("NORTHERN MUTUAL", "Provider Appeals", "PO Box 5000", "Madison, WI 53708"),
    patient="ANNA TESTER", member_id="NM123456789", birth_date=date(1980, 5, 17), claim_number="2026300001234",
    control_number="C00000A1", denial_code="CO-197", denial_date=date(2026, 9, 30), level_name="first internal appeal",
    lines=(
        LetterLine(
            date_of_service=date(2026, 9, 15), code="99213-25", denied_as="CO-197 M62", charge=Decimal("150.00"),
            amount=Decimal("150.00"),
        ),
    ),
    values=VALUES, signature=("Rosa Biller", "Billing supervisor", "(608) 555-0142"),
)  # fmt: skip


def words_of(pdf: bytes, page: int | None = None) -> str:
    """The text as it stands on the pages, or on one of them (from 0)."""
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext is missing: apt-get install poppler-utils"
    only = [] if page is None else ["-f", str(page + 1), "-l", str(page + 1)]
    done = subprocess.run([tool, "-layout", *only, "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def a_pdf(words: str, pages: int = 1) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for number in range(1, pages + 1):
        canvas.drawString(100, 700, f"{words} {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_every_category_that_is_a_denial_has_its_own_letter():
    categories = {rule.category for rule in carc_rules().values() if category_defaults(rule.category)}
    assert categories - set(letters.shipped_templates()) == set()
    assert letters.shipped_template("UNCLASSIFIED") == letters.shipped_template(letters.GENERAL)


@pytest.mark.parametrize("name", sorted(letters.shipped_templates()))
def test_a_shipped_letter_says_all_that_a_payer_needs(name):
    template = letters.parse_template(letters.shipped_template(name))
    said = words_of(letters.render_letter(LETTER, template))
    for wanted in (
        "ANNA TESTER", "NM123456789", "2026300001234", "09/15/2026", "99213-25", "$150.00", "CO-197", "09/30/2026",
        "acute chest pain", "A-4471 was granted", "Rosa Biller", "Provider Appeals",
    ):  # fmt: skip
        assert wanted in said, wanted
    assert "{" not in said
    assert "None" not in said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Hello\n\n{argument}\n\nRequest:\nPay.", "line 1"),
        ("Subject: X\n\n{argument}\n\nPay.", "Request:"),
        ("Subject: X\n\n{argument} {diagnosis}\n\nRequest:\nPay.", r"line 3: \{diagnosis\}"),
        ("Subject: X\n\n{argument\n\nRequest:\nPay.", "line 3: a brace"),
        ("Subject: X\n\nWords.\n\nRequest:\nPay.", "argument"),
    ],
)
def test_a_template_that_cannot_be_used_names_the_place(text, fault):
    with pytest.raises(TemplateFault, match=fault):
        letters.parse_template(text)


def test_a_template_is_text_and_never_reaches_into_objects():
    with pytest.raises(TemplateFault):
        letters.parse_template("Subject: X\n\n{argument} {payer.__class__}\n\nRequest:\nPay.")


def test_a_letter_without_an_argument_does_not_go_out():
    template = letters.parse_template(letters.shipped_template("AUTH"))
    with pytest.raises(LetterIncomplete, match="argument"):
        letters.render_letter(msgspec.structs.replace(LETTER, values=VALUES | {"argument": " "}), template)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"patient": ""}, "patient"), ({"member_id": ""}, "member id"), ({"lines": ()}, "denied lines"),
        ({"signature": ()}, "signer"), ({"claim_number": "", "control_number": ""}, "claim number"),
        ({"recipient": ()}, "payer"),
    ],
)  # fmt: skip
def test_a_letter_that_lacks_what_a_payer_must_be_told_does_not_go_out(changes, named):
    template = letters.parse_template(letters.shipped_template("MEDNEC"))
    with pytest.raises(LetterIncomplete, match=named):
        letters.render_letter(msgspec.structs.replace(LETTER, **changes), template)


def test_marks_of_the_layout_language_in_a_text_stay_text():
    template = letters.parse_template(letters.shipped_template("CODE"))
    rough = VALUES | {"argument": '#panic("x") *bold* $1 < 2$ _a_ @ref \\ {braces}'}
    said = words_of(letters.render_letter(msgspec.structs.replace(LETTER, values=rough), template))
    assert '#panic("x") *bold* $1 < 2$ _a_ @ref \\ {braces}' in said


def test_an_empty_sentence_leaves_no_hole():
    template = letters.parse_template(letters.shipped_template("AUTH"))
    merged = letters.merge(template, VALUES | {"authorization_sentence": ""})
    assert all(text and "  " not in text for text in merged.paragraphs)


def write(template):
    def inner(listed):
        return letters.render_letter(msgspec.structs.replace(LETTER, enclosures=listed), template)

    return inner


def a_picture() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (1700, 2200), 200).save(out, "PNG")
    return out.getvalue()


def test_a_pack_holds_all_in_order_and_the_letter_says_where():
    template = letters.parse_template(letters.shipped_template("AUTH"))
    enclosures = [
        packs.Enclosure(title="Remittance page", content=a_pdf("REMITTANCE")),
        packs.Enclosure(title="Signed visit note", content=a_pdf("NOTE", pages=3)),
        packs.Enclosure(title="Card", content=a_picture(), media_type="image/png"),
    ]
    made = packs.make_pack(write(template), enclosures, reference="2026300001234")
    with pikepdf.open(io.BytesIO(made.pdf)) as opened:
        assert len(opened.pages) == made.pages
    length = made.pages - 5
    assert [(one.first_page - length, one.last_page - length) for one in made.contents] == [(1, 1), (2, 4), (5, 5)]
    first = words_of(made.pdf)
    assert f"pages {length + 2} to {length + 4}" in first
    third = words_of(made.pdf, length + 2)
    assert "NOTE 2" in third
    assert f"Enclosure 2: Signed visit note page {length + 3} of {made.pages}" in third
    assert packs.make_pack(write(template), enclosures, reference="2026300001234").pdf == made.pdf


@pytest.mark.parametrize(
    ("content", "media_type", "says"),
    [
        (b"%PDF-1.7 junk", "application/pdf", "scan it again"),
        (b"x", "image/png", "scan it again"),
        (b"x", "text/rtf", "PDF"),
    ],
)
def test_an_enclosure_that_cannot_be_read_is_named(content, media_type, says):
    template = letters.parse_template(letters.shipped_template("AUTH"))
    with pytest.raises(packs.PackRefused, match=f"^The note.*{says}"):
        packs.make_pack(
            write(template), [packs.Enclosure(title="The note", content=content, media_type=media_type)], reference="1"
        )


def test_a_locked_file_is_refused():
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(a_pdf("X"))) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(packs.PackRefused, match="password"):
        packs.make_pack(
            write(letters.parse_template(letters.shipped_template("AUTH"))),
            [packs.Enclosure(title="The note", content=out.getvalue())], reference="1",
        )  # fmt: skip


def test_an_exhibit_is_a_page_of_our_records():
    exhibit = letters.Exhibit(
        title="Proof of filing", practice="LAKESIDE FAMILY MEDICINE", made_on=date(2026, 10, 5),
        facts=(("Claim", "C00000A1"),), columns=(letters.Column(title="Date"), letters.Column(title="What", wide=True)),
        rows=(("09/16/2026", "Sent"), ("09/18/2026", "Accepted by the payer")), notes=("Control numbers are ours.",),
    )  # fmt: skip
    said = words_of(letters.render_exhibit(exhibit))
    assert "Proof of filing" in said
    assert "Accepted by the payer" in said
    with pytest.raises(ValueError, match="one cell"):
        letters.render_exhibit(msgspec.structs.replace(exhibit, rows=(("one",),)))
