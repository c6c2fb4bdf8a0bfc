"""Level 1 of the envelope: ISA, GS, ST and their ends; each mutation is one row, made in every valid file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.mutations.files import Mutant, Sample

Edit = Callable[[list[list[str]], "Frame"], None]
GARBLED = {"ENV-*": "the separators are guessed", "SNIP*": "the separators are guessed"}
GONE = {
    "ENV-*": "what the envelope loses, its other segments miss",
    "SNIP2-*": "the transaction is read by another guide, or none of its ends is where it was",
    "SNIP4-*": "dates are compared with the envelope's",
}


@dataclass(frozen=True)
class Frame:
    """Where the envelope's segments stand in a file, the first of each."""

    isa: int
    gs: int
    st: int
    se: int
    ge: int
    iea: int


@dataclass(frozen=True)
class Row:
    """`edit` is done to the file's segments, which are lists of elements. `at` names the segment that must be told of.

    `kinds` are the guides it is made in, "-" before them those it is not; `counts` False leaves SE01 as it was.
    """

    name: str
    ids: str
    at: str
    element: int
    edit: Edit
    also: dict[str, str] = field(default_factory=dict)
    kinds: str = ""
    counts: bool = True
    wide: bool = True  # whether the edit makes sense where the file has several transactions


def put(segment: str, element: int, value: str | Callable[[str], str]) -> Edit:
    def edit(lines: list[list[str]], frame: Frame) -> None:
        line = lines[getattr(frame, segment.lower())]
        line.extend([""] * (element + 1 - len(line)))
        line[element] = value if isinstance(value, str) else value(line[element])

    return edit


def drop(segment: str) -> Edit:
    def edit(lines: list[list[str]], frame: Frame) -> None:
        del lines[getattr(frame, segment.lower())]

    return edit


def double(first: str, last: str) -> Edit:
    """The part of the file from one segment to another comes twice."""

    def edit(lines: list[list[str]], frame: Frame) -> None:
        start, stop = getattr(frame, first.lower()), getattr(frame, last.lower()) + 1
        lines[stop:stop] = [list(line) for line in lines[start:stop]]

    return edit


def insert(before: str, *line: str) -> Edit:
    def edit(lines: list[list[str]], frame: Frame) -> None:
        lines.insert(getattr(frame, before.lower()), list(line))

    return edit


def cut(behind: str) -> Edit:
    """The file ends behind that segment."""

    def edit(lines: list[list[str]], frame: Frame) -> None:
        del lines[getattr(frame, behind.lower()) + 1 :]

    return edit


def swap(first: str, last: str) -> Edit:
    def edit(lines: list[list[str]], frame: Frame) -> None:
        one, other = getattr(frame, first.lower()), getattr(frame, last.lower())
        lines[one], lines[other] = lines[other], lines[one]

    return edit


def both(*edits: Edit) -> Edit:
    def edit(lines: list[list[str]], frame: Frame) -> None:
        for one in edits:
            one(lines, frame)

    return edit


def two(segment: str) -> Edit:
    """The counts of that segment say two."""

    def edit(lines: list[list[str]], frame: Frame) -> None:
        next(line for line in lines if line[0] == segment)[1] = "2"

    return edit


def plus(amount: int) -> Callable[[str], str]:
    return lambda value: str(int(value) + amount).zfill(len(value))


ROWS: tuple[Row, ...] = (
    # --- ISA
    Row("isa01-not-listed", "ENV-ISA-CODE", "ISA", 1, put("ISA", 1, "99")),
    Row("isa03-not-listed", "ENV-ISA-CODE", "ISA", 3, put("ISA", 3, "99")),
    Row("isa05-not-listed", "ENV-ISA-CODE", "ISA", 5, put("ISA", 5, "QQ")),
    Row("isa07-not-listed", "ENV-ISA-CODE", "ISA", 7, put("ISA", 7, "QQ")),
    Row("isa06-blank", "ENV-ISA-PARTY", "ISA", 6, put("ISA", 6, " " * 15)),
    Row("isa08-blank", "ENV-ISA-PARTY", "ISA", 8, put("ISA", 8, " " * 15)),
    Row("isa06-not-padded", "ENV-ISA-LENGTH", "ISA", 6, put("ISA", 6, "SENDER")),
    Row("isa08-too-long", "ENV-ISA-LENGTH", "ISA", 8, put("ISA", 8, "R" * 16)),
    Row("isa09-month-13", "ENV-ISA-DATE", "ISA", 9, put("ISA", 9, "261301")),
    Row("isa09-eight-digits", "ENV-ISA-LENGTH", "ISA", 9, put("ISA", 9, "20260803"), {"ENV-ISA-DATE": "the same"}),
    Row("isa10-hour-25", "ENV-ISA-TIME", "ISA", 10, put("ISA", 10, "2505")),
    Row("isa12-of-4010", "ENV-VERSION", "ISA", 12, put("ISA", 12, "00401"), kinds="-997"),
    Row("isa13-zero", "ENV-ISA-CONTROL", "ISA", 13, both(put("ISA", 13, "0" * 9), put("IEA", 2, "0" * 9))),
    Row("isa13-letters", "ENV-ISA-CONTROL", "ISA", 13, both(put("ISA", 13, "A" * 9), put("IEA", 2, "A" * 9))),
    Row("isa14-not-listed", "ENV-ISA-CODE", "ISA", 14, put("ISA", 14, "2")),
    Row("isa15-not-listed", "ENV-USAGE", "ISA", 15, put("ISA", 15, "X")),
    Row("isa11-is-the-element-separator-s-twin", "ENV-DELIMITER-CLASH", "ISA", 0,
        lambda lines, frame: lines[frame.isa].__setitem__(11, lines[frame.isa][16]),
        {"SNIP*": "repeats and components are the same now"}),
    Row("isa-missing", "ENV-NOT-X12 ENV-ISA-MISSING", "", 0, drop("ISA"), GONE),
    Row("isa-twice-the-same-number", "ENV-ISA-DUPLICATE", "ISA", 13, double("ISA", "IEA"), wide=False),
    # --- IEA
    Row("iea01-plus-one", "ENV-IEA-COUNT", "IEA", 1, put("IEA", 1, plus(1))),
    Row("iea01-zero", "ENV-IEA-COUNT", "IEA", 1, put("IEA", 1, "0")),
    Row("iea01-letters", "ENV-IEA-COUNT", "IEA", 1, put("IEA", 1, "A")),
    Row("iea02-plus-one", "ENV-IEA-CONTROL", "IEA", 2, put("IEA", 2, plus(1))),
    Row("iea02-empty", "ENV-IEA-CONTROL", "IEA", 2, put("IEA", 2, "")),
    Row("iea-missing", "ENV-IEA-MISSING", "ISA", 0, drop("IEA")),
    Row("iea-before-ge", "ENV-GE-MISSING", "GS", 0, swap("GE", "IEA"), GONE, wide=False),
    # --- GS
    Row("gs01-of-another-set", "ENV-GROUP-KIND", "ST", 1, put("GS", 1, "PO")),
    Row("gs02-empty", "ENV-GS-ELEMENT", "GS", 2, put("GS", 2, "")),
    Row("gs03-empty", "ENV-GS-ELEMENT", "GS", 3, put("GS", 3, "")),
    Row("gs04-february-30", "ENV-GS-DATE", "GS", 4, put("GS", 4, "20260230")),
    Row("gs04-six-digits", "ENV-GS-DATE", "GS", 4, put("GS", 4, "260803")),
    Row("gs04-empty", "ENV-GS-ELEMENT", "GS", 4, put("GS", 4, "")),
    Row("gs05-hour-24", "ENV-GS-TIME", "GS", 5, put("GS", 5, "2401")),
    Row("gs06-empty", "ENV-GS-ELEMENT", "GS", 6, put("GS", 6, ""), {"ENV-GE-CONTROL": "GE02 repeats GS06"}),
    Row("gs07-empty", "ENV-GS-ELEMENT", "GS", 7, put("GS", 7, "")),
    Row("gs08-unknown-guide", "ENV-GUIDE", "ST", 3, put("GS", 8, "005010X999"), GONE, kinds="-997"),
    Row("gs08-of-another-set", "ENV-GUIDE-MISMATCH ENV-GUIDE", "ST", 3,
        put("GS", 8, "005010X221A1"), GONE, kinds="-997 835"),
    Row("gs08-of-another-claim", "ENV-GUIDE-MISMATCH", "ST", 3, put("GS", 8, "005010X223A2"), GONE, kinds="837P 837D"),
    Row("gs-missing", "ENV-GS-MISSING", "ST", 0, drop("GS"), GONE),
    Row("gs-twice-the-same-number", "ENV-GS-DUPLICATE", "GS", 6,
        both(double("GS", "GE"), two("IEA")), wide=False),
    # --- GE
    Row("ge01-plus-one", "ENV-GE-COUNT", "GE", 1, put("GE", 1, plus(1))),
    Row("ge01-zero", "ENV-GE-COUNT", "GE", 1, put("GE", 1, "0")),
    Row("ge02-plus-one", "ENV-GE-CONTROL", "GE", 2, put("GE", 2, plus(1))),
    Row("ge-missing", "ENV-GE-MISSING", "GS", 0, drop("GE"), GONE),
    # --- ST, SE
    Row("se01-plus-one", "ENV-SE-COUNT", "SE", 1, put("SE", 1, plus(1)), counts=False),
    Row("se01-minus-one", "ENV-SE-COUNT", "SE", 1, put("SE", 1, plus(-1)), counts=False),
    Row("se01-letters", "ENV-SE-COUNT", "SE", 1, put("SE", 1, "XX"), {"SNIP1-NUMBER": "the same"}, counts=False),
    Row("se01-empty", "ENV-SE-COUNT", "SE", 1, put("SE", 1, ""), {"SNIP2-ELEMENT-MISSING": "the same"}, counts=False),
    Row("segment-lost", "ENV-SE-COUNT", "SE", 1, lambda lines, frame: lines.__delitem__(frame.se - 1),
        {"SNIP*": "the segment was needed"}, counts=False, wide=False),
    Row("segment-too-many", "ENV-SE-COUNT", "SE", 1,
        lambda lines, frame: lines.insert(frame.se, list(lines[frame.se - 1])),
        {"SNIP*": "the segment came too often"}, counts=False, wide=False),
    Row("se02-not-st02", "ENV-SE-CONTROL", "SE", 2, put("SE", 2, "7777")),
    Row("se-missing", "ENV-SE-MISSING", "SE", 0, drop("SE"), GONE),
    Row("st02-empty", "ENV-ST-CONTROL", "ST", 2, put("ST", 2, ""),
        {"ENV-SE-CONTROL": "SE02 repeats ST02", "SNIP*": "the same"}),
    Row("st02-too-long", "SNIP1-ELEMENT-LONG", "ST", 2,
        both(put("ST", 2, "1234567890"), put("SE", 2, "1234567890"))),
    Row("st02-too-short", "SNIP1-ELEMENT-SHORT", "ST", 2, both(put("ST", 2, "1"), put("SE", 2, "1"))),
    Row("st02-twice", "ENV-ST-DUPLICATE", "ST", 2,
        both(double("ST", "SE"), two("GE")), wide=False),
    Row("st01-unknown-set", "ENV-GUIDE", "ST", 3, put("ST", 1, "999999"), GONE, kinds="-997 999 835"),
    Row("st03-unknown-guide", "ENV-GUIDE", "ST", 3, put("ST", 3, "005010X999"), GONE, kinds="-997 835 999"),
    Row("transaction-in-transaction", "ENV-SE-MISSING", "SE", 0,
        lambda lines, frame: lines.insert(frame.se - 1, list(lines[frame.st])), {**GONE, "SNIP*": "cut in two"},
        counts=False, wide=False),
    # --- what stands where nothing may stand
    Row("segment-between-st-and-gs", "ENV-LOOSE-SEGMENT", "NTE", 0, insert("ST", "NTE", "ADD", "X")),
    Row("segment-behind-se", "ENV-LOOSE-SEGMENT", "NTE", 0, insert("GE", "NTE", "ADD", "X")),
    Row("segment-behind-ge", "ENV-LOOSE-SEGMENT", "NTE", 0, insert("IEA", "NTE", "ADD", "X")),
    # --- cut short
    Row("ends-behind-se", "ENV-GE-MISSING", "GS", 0, cut("SE"), GONE, wide=False),
    Row("ends-behind-ge", "ENV-IEA-MISSING", "ISA", 0, cut("GE"), GONE, wide=False),
    Row("ends-before-se", "ENV-SE-MISSING", "SE", 0,
        lambda lines, frame: lines.__delitem__(slice(frame.se - 1, None)), {**GONE, "SNIP*": "cut short"}, wide=False),
)  # fmt: skip


def frame_of(sample: Sample) -> Frame:
    names = [line.split(sample.element, 1)[0] for line in sample.lines]
    return Frame(*(names.index(name) for name in ("ISA", "GS", "ST", "SE", "GE", "IEA")))


def envelope_mutants(sample: Sample) -> Iterator[Mutant]:
    frame = frame_of(sample)
    alone = sum(line.startswith(("ST" + sample.element, "GS" + sample.element)) for line in sample.lines) == 2
    for row in ROWS:
        if not row.wide and not alone:
            continue
        if row.kinds and (sample.kind in row.kinds.lstrip("-").split()) is row.kinds.startswith("-"):
            continue
        lines = [line.split(sample.element) for line in sample.lines]
        row.edit(lines, frame)
        data = sample.render([sample.element.join(line) for line in lines], row.counts)
        number = {"ST": 1}.get(row.at, 0)
        yield Mutant(
            row.name, 1, data, frozenset(row.ids.split()), number, row.element, 0, row.at,
            len(lines) if row.at in ("SE", "ST", "") else 0, row.also, repr(sample), row.at,
        )  # fmt: skip


def raw_mutants(sample: Sample) -> Iterator[Mutant]:
    """What is wrong with the bytes around and between segments."""
    text = sample.data.decode("latin-1")
    terminator = sample.terminator + "\n"

    def made(
        kind: str, new: str, ids: str, also: dict[str, str] | None = None, number: int = 0, span: int = 0
    ) -> Mutant:
        return Mutant(
            kind, 1, new.encode("latin-1"), frozenset(ids.split()), number, span=span, also=also or {},
            sample=repr(sample), place="bytes",
        )  # fmt: skip

    far = len(sample.lines)
    middle = sample.inside()[len(sample.inside()) // 2]
    half = sum(len(line) + len(terminator) for line in sample.lines[: middle.index])
    broken = half + len(sample.lines[middle.index]) - 1
    yield made("text-before-isa", "HTTP/1.1 200 OK\r\n\r\n" + text, "ENV-PREAMBLE")
    yield made("text-behind-iea", text + "-- end of file --", "ENV-JUNK")
    yield made("compressed", "\x1f\x8b" + text, "ENV-WRAPPED", GONE)
    yield made("empty", "", "ENV-EMPTY", GONE)
    yield made("only-blanks-and-line-breaks", " \r\n \r\n", "ENV-EMPTY", GONE)
    yield made("an-error-page", "<html><body>503</body></html>", "ENV-NOT-X12", GONE)
    yield made("isa-cut-short", text[:60], "ENV-ISA", GONE)
    cut_short = {**GONE, "SNIP*": "cut short"}
    yield made("cut-in-a-segment", text[:broken], "ENV-SE-MISSING", cut_short, 1, far)
    if sample.kind != "275" or middle.shape.id != "BIN":
        yield made(
            "line-break-in-a-segment", text[:broken] + "\n" + text[broken:], "SNIP1-LINE-BREAK", {}, middle.number
        )
    isa = text[: text.index(terminator)].split(sample.element)
    if sample.terminator == "~":
        rest = text[text.index(terminator) :]
        yield made("isa16-missing", sample.element.join([*isa[:16], ""]) + rest, "ENV-ISA-ELEMENTS", GARBLED)
    short = sample.element.join([*isa[:14], *isa[15:]])
    yield made(
        "isa-of-fifteen-elements",
        short + text[text.index(terminator) :],
        "ENV-ISA ENV-ISA-ELEMENTS ENV-ISA-LENGTH",
        {**GONE, "SNIP*": "the separators are misread"},
        0,
        far,
    )
