"""Drawing on a grid of ten characters and six lines to the inch: what both claim forms share.

The same values go on a printed form (data alone, moved by an offset) or on a form of our own drawing. Same values,
same bytes: a PDF holds no time and no random id.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from reportlab.pdfgen.canvas import Canvas

from claimwright.claims.to_x12.text import LETTERS

PAGE_WIDTH, PAGE_HEIGHT = 612.0, 792.0  # US letter, points
POINTS_PER_CHARACTER, POINTS_PER_LINE = 7.2, 12.0
FONT, FONT_SIZE, SMALLEST_SIZE = "Courier", 12.0, 7.0  # Courier of 12 points is ten characters to the inch
CAPTION_FONT, CAPTION_SIZE = "Helvetica", 5.0
LARGEST_OFFSET = 72.0  # points: what is further off is a wrong form, no printer's tolerance
UNKNOWN = "?"


class FormRefused(ValueError):
    """The form cannot be made of this claim; the text says why and what to do instead."""


class PaperWarning(msgspec.Struct, frozen=True):
    """Something of the claim that is not, or not wholly, on the paper. Holds no value of the claim.

    `kind`: TOO_LONG (`length` characters, `room` fit), NO_ROOM (`length` values, `room` places), NOT_LATIN (`length`
    letters printed as question marks), NO_PLACE (the form has no box for it; `what` names it).
    """

    box: str
    kind: str
    length: int = 0
    room: int = 0
    what: str = ""
    page: int = 0  # from 1; 0: the claim as a whole

    @property
    def says(self) -> str:
        where = f"box {self.box}" + (f", page {self.page}" if self.page else "")
        if self.kind == "TOO_LONG":
            return (
                f"{where}: {self.length} characters, only {self.room} are printed: shorten it or send the claim as 837"
            )
        if self.kind == "NO_ROOM":
            told = f" ({self.what})" if self.what else ""
            return f"{where}: {self.length} values{told}, the form takes {self.room}: the rest is not printed"
        if self.kind == "NOT_LATIN":
            return f"{where}: {self.length} letters have no Latin form and are printed as ?: write the name by hand"
        return f"{where}: {self.what}"


class Place(msgspec.Struct, frozen=True):
    """Where a value stands: line and column of the grid, from 1, and how many characters fit. Parts of a column are
    allowed, for boxes do not all begin on one."""

    line: float
    column: float
    characters: int
    align: str = "left"  # left, right


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One form: where its grid begins, where each value stands, and how the form itself is drawn.

    `left` is the left edge of column 1, `baseline` the distance from the page's top to the foot of a line 0, in
    points. `choices` are boxes to cross: box, then value, then place. `draw` draws the empty form.
    """

    name: str
    left: float
    baseline: float
    places: Mapping[str, Place]
    choices: Mapping[str, Mapping[str, Place]]
    draw: Callable[[Any], None]

    def x(self, column: float) -> float:
        return self.left + (column - 1) * POINTS_PER_CHARACTER

    def y(self, line: float) -> float:
        """The baseline of a line, in points from the page's foot, as PDF counts."""
        return PAGE_HEIGHT - (self.baseline + line * POINTS_PER_LINE)


class Values:
    """Box to text, as it is filled. Blank values leave no entry; what does not come through is kept as a warning."""

    def __init__(self) -> None:
        self.boxes: dict[str, str] = {}
        self.warnings: list[PaperWarning] = []

    def put(self, box: str, value: str) -> None:
        text, unknown = on_paper(value)
        if unknown:
            self.warnings.append(PaperWarning(box, "NOT_LATIN", unknown))
        if text:
            self.boxes[box] = text

    def put_each(self, boxes: Sequence[str], values: Sequence[str], what: str = "") -> None:
        """One value a box, in order; more values than boxes is a warning."""
        for box, value in zip(boxes, values, strict=False):
            self.put(box, value)
        if len(values) > len(boxes):
            self.no_room(boxes[-1], len(values), len(boxes), what)

    def no_room(self, box: str, length: int, room: int, what: str = "") -> None:
        self.warnings.append(PaperWarning(box, "NO_ROOM", length, room, what))

    def no_place(self, box: str, what: str) -> None:
        self.warnings.append(PaperWarning(box, "NO_PLACE", what=what))


def on_paper(value: str) -> tuple[str, int]:
    """Upper-case ASCII as a scanner reads it, and how many letters had no Latin form and became question marks."""
    if value.isascii() and value.isprintable():
        return value.strip().upper(), 0
    out: list[str] = []
    unknown = 0
    for letter in unicodedata.normalize("NFC", value):
        plain = LETTERS.get(letter, letter)
        if not plain.isascii():
            plain = "".join(one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one))
        if plain.isspace() or unicodedata.category(letter) == "Cc":
            plain = " "
        elif plain and not (plain.isascii() and plain.isprintable()):
            plain, unknown = UNKNOWN, unknown + 1
        out.append(plain)
    return " ".join("".join(out).split()).upper(), unknown


class Printed(msgspec.Struct, frozen=True):
    """A PDF, how many pages it has, and what is not wholly on them."""

    pdf: bytes
    pages: int
    warnings: tuple[PaperWarning, ...] = ()


def print_pages(
    sheet: Sheet, pages: Iterable[Mapping[str, str]], *, data_only: bool = False, offset: tuple[float, float] = (0, 0)
) -> Printed:
    """The pages on one form. `offset` moves the data right and down, in points, for a printer that is a little off.

    Raises FormRefused for an offset of more than an inch.
    """
    across, down = offset
    if max(abs(across), abs(down)) > LARGEST_OFFSET:
        raise FormRefused("the offset is more than an inch: check that the form and the paper size are the right ones")
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle(sheet.name)
    canvas.setCreator("Claimwright")
    warnings: list[PaperWarning] = []
    count = 0
    for count, page in enumerate(pages, 1):
        if not data_only:
            sheet.draw(canvas)
        canvas.translate(across, -down)
        warnings += _fill(canvas, sheet, page, count)
        canvas.showPage()
    canvas.save()
    return Printed(buffer.getvalue(), count, tuple(warnings))


def _fill(canvas: Any, sheet: Sheet, page: Mapping[str, str], number: int) -> list[PaperWarning]:
    found = []
    canvas.setFillGray(0)
    for box, text in page.items():
        if box in sheet.choices:
            place = sheet.choices[box].get(text)
            if place is not None:
                _write(canvas, sheet, place, "X")
            continue
        place = sheet.places[box]
        room = fits(place.characters)
        if len(text) > room:
            found.append(PaperWarning(box, "TOO_LONG", len(text), room, page=number))
        _write(canvas, sheet, place, text[:room])
    return found


def fits(characters: int) -> int:
    """How many characters a box of so many takes in the smallest print that a scanner still reads."""
    return int(characters * FONT_SIZE / SMALLEST_SIZE)


def _write(canvas: Any, sheet: Sheet, place: Place, text: str) -> None:
    size = FONT_SIZE if len(text) <= place.characters else FONT_SIZE * place.characters / len(text)
    x = sheet.x(place.column)
    canvas.setFont(FONT, size)
    if place.align == "right":
        canvas.drawRightString(x + place.characters * POINTS_PER_CHARACTER, sheet.y(place.line), text)
    else:
        canvas.drawString(x, sheet.y(place.line), text)


# Drawing of the empty form -----------------------------------------------------------------------------------------


class Pen:
    """Lines, shades and captions of a form, in points from the page's top left corner."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        canvas.setStrokeGray(0.35)
        canvas.setFillGray(0.25)
        canvas.setLineWidth(0.5)

    def across(self, y: float, start: float, end: float) -> None:
        self.canvas.line(start, PAGE_HEIGHT - y, end, PAGE_HEIGHT - y)

    def down(self, x: float, start: float, end: float, *, dotted: bool = False) -> None:
        if dotted:
            self.canvas.setDash(1, 1.5)
        self.canvas.line(x, PAGE_HEIGHT - start, x, PAGE_HEIGHT - end)
        if dotted:
            self.canvas.setDash()

    def shade(self, x: float, y: float, width: float, height: float) -> None:
        self.canvas.saveState()
        self.canvas.setFillGray(0.9)
        self.canvas.rect(x, PAGE_HEIGHT - y - height, width, height, stroke=0, fill=1)
        self.canvas.restoreState()

    def square(self, x: float, y: float, width: float, height: float) -> None:
        self.canvas.rect(x, PAGE_HEIGHT - y - height, width, height, stroke=1, fill=0)

    def caption(self, x: float, y: float, text: str, size: float = CAPTION_SIZE, *, bold: bool = False) -> None:
        self.canvas.setFont(f"{CAPTION_FONT}-Bold" if bold else CAPTION_FONT, size)
        self.canvas.drawString(x, PAGE_HEIGHT - y, text)
