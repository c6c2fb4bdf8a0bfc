"""One PDF of a letter and its enclosures: each page of an enclosure says which it is, and the letter where it lies."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import msgspec
import pikepdf
from reportlab.lib.pagesizes import letter as LETTER_SIZE
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from claimwright.documents.letters import LetterEnclosure

IMAGES = ("image/png", "image/jpeg", "image/tiff")
_MARGIN = 36.0
_STAMP_SIZE = 8
_STAMP_HEIGHT = 14
_WIDTH, _HEIGHT = float(LETTER_SIZE[0]), float(LETTER_SIZE[1])
_GREY = (0.33, 0.38, 0.43)


class PackRefused(ValueError):
    """An enclosure that cannot be put in; the text names it and what to do."""


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    content: bytes
    media_type: str = "application/pdf"


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    pdf: bytes
    pages: int
    contents: tuple[LetterEnclosure, ...]


def make_pack(
    write_letter: Callable[[tuple[LetterEnclosure, ...]], bytes], enclosures: Sequence[Enclosure], *, reference: str
) -> Pack:
    """`write_letter` makes the letter from the list of enclosures; it is written again once their pages are known.

    Raises PackRefused for an enclosure that cannot be opened.
    """
    papers = [_pages_of(one) for one in enclosures]
    listed = tuple(LetterEnclosure(title=one.title) for one in enclosures)
    length = _count(write_letter(listed))
    for _ in range(3):  # the page numbers themselves may make the letter a page longer
        listed = _placed(enclosures, papers, length)
        written = write_letter(listed)
        if _count(written) == length:
            break
        length = _count(written)
    whole = pikepdf.open(io.BytesIO(written))
    last = length + sum(len(paper.pages) for paper in papers)
    at = length
    for number, (one, paper) in enumerate(zip(enclosures, papers, strict=True), 1):
        for page in paper.pages:
            at += 1
            whole.pages.append(page)
            stamp = f"Claim {reference}   Enclosure {number}: {one.title}   page {at} of {last}"
            _stamp(pikepdf.Page(whole.pages[-1]), stamp)
    out = io.BytesIO()
    whole.save(out, deterministic_id=True)
    return Pack(pdf=out.getvalue(), pages=last, contents=listed)


def _count(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def _placed(enclosures: Sequence[Enclosure], papers: Sequence[pikepdf.Pdf], length: int) -> tuple[LetterEnclosure, ...]:
    found = []
    at = length
    for one, paper in zip(enclosures, papers, strict=True):
        found.append(LetterEnclosure(title=one.title, first_page=at + 1, last_page=at + len(paper.pages)))
        at += len(paper.pages)
    return tuple(found)


def _pages_of(one: Enclosure) -> pikepdf.Pdf:
    if one.media_type in IMAGES:
        return pikepdf.open(io.BytesIO(_pictured(one)))
    if one.media_type != "application/pdf":
        raise PackRefused(f"{one.title} is {one.media_type or 'of no known kind'}: scan or print it to a PDF")
    try:
        opened = pikepdf.open(io.BytesIO(one.content))
    except pikepdf.PasswordError:
        raise PackRefused(f"{one.title} is locked with a password: get it again without one") from None
    except pikepdf.PdfError:
        raise PackRefused(f"{one.title} is not a PDF that can be read: scan it again") from None
    if not len(opened.pages):
        raise PackRefused(f"{one.title} has no pages: scan it again")
    return opened


def _pictured(one: Enclosure) -> bytes:
    """A picture on a sheet, as large as the margins let it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=LETTER_SIZE, invariant=1)
    try:
        picture = ImageReader(io.BytesIO(one.content))
        width, height = picture.getSize()
    except OSError:
        raise PackRefused(f"{one.title} is not a picture that can be read: scan it again") from None
    scale = min((_WIDTH - 2 * _MARGIN) / width, (_HEIGHT - 2 * _MARGIN) / height)
    wide, high = width * scale, height * scale
    canvas.drawImage(picture, (_WIDTH - wide) / 2, _HEIGHT - _MARGIN - high, wide, high)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _stamp(page: pikepdf.Page, text: str) -> None:
    """In the lowest quarter inch, which forms and scans leave free."""
    left, bottom, right, _ = (float(one) for one in page.mediabox)
    at = (left + right - stringWidth(text, "Helvetica", _STAMP_SIZE)) / 2
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
    # A name of our own, always the same: the same pack is the same bytes.
    name = page.add_resource(font, pikepdf.Name.Font, pikepdf.Name("/EnclosureStamp"), replace_existing=True)
    raw = text.encode("cp1252", "replace")
    for mark in (b"\\", b"(", b")"):
        raw = raw.replace(mark, b"\\" + mark)
    grey = " ".join(str(one) for one in _GREY)
    # What the page drew before must not move or colour the stamp.
    page.contents_add(b"q", prepend=True)
    page.contents_add(
        f"Q q BT {grey} rg {name} {_STAMP_SIZE} Tf {at:.2f} {bottom + _STAMP_HEIGHT:.2f} Td (".encode()
        + raw
        + b") Tj ET Q"
    )
