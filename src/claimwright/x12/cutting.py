"""Text to segments: where each begins and ends, whatever separators, line breaks and junk it came with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, repeat

from claimwright.x12.faults import Fault, Severity
from claimwright.x12.segments import Delimiters, Document, Segment, unwrapped

BLANKS = " \t\r\n\x00\x1a"
LINE_BREAKS = frozenset("\r\n")
BYTE_ORDER_MARK = "\xef\xbb\xbf"  # of UTF-8, read as Latin-1
ISA_ELEMENTS = 16
ISA_SEARCH_CHARACTERS = 300  # an ISA is 106; sloppy senders pad or cut it, none trebles it
WINDOW = 1 << 19  # characters that are cut at once: more than a chunk with what was left of the one before
ENVELOPE_SEGMENTS = frozenset(("ISA", "GS", "ST", "GE", "IEA", "SE", "TA1"))
BINARY = {"BIN": 2, "BDS": 3}  # the element that holds raw bytes; the one before it says how many
MOST_BINARY_DIGITS = 12
SPECIAL_LETTERS = "IB"  # what ISA, IEA, BIN and BDS begin with


class Source:
    """Text that comes in chunks. `text` is what has come and is not yet consumed; `base` its offset in the file."""

    __slots__ = ("_chunks", "base", "text")

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self.text = next(chunks, "")
        self.base = 0

    def more(self, position: int) -> bool:
        """Drop what is before `position`, which becomes 0, and add chunks until the rest has doubled."""
        kept = self.text[position:]
        parts = [kept]
        wanted, came = max(len(kept), 1), 0
        for chunk in self._chunks:
            parts.append(chunk)
            came += len(chunk)
            if came >= wanted:  # doubling keeps a segment of 50 MB from being copied once per chunk
                break
        self.base += position
        self.text = "".join(parts)
        return came > 0

    def consume(self, position: int) -> None:
        """Let go of what is before `position`, which becomes 0."""
        if position:
            self.text = self.text[position:]
            self.base += position


def detect_delimiters(text: str, start: int) -> tuple[Delimiters, int] | None:
    """Delimiters of the ISA at `start` and the index of its terminator; None when it is no ISA.

    Counts sixteen element separators rather than trusting the 106 bytes, because short ISAs are sent.
    """
    if len(text) < start + 5:
        return None
    element = text[start + 3]
    if element.isalnum() or element in BLANKS:
        return None
    position = start + 3
    for _ in range(ISA_ELEMENTS - 1):
        position = text.find(element, position + 1, start + ISA_SEARCH_CHARACTERS)
        if position < 0:
            return None
    if position + 2 >= len(text):
        return None
    component, end = text[position + 1], position + 2
    if component == "~":  # ISA16 was left out: its place is taken by the terminator, and ":" is a fair guess
        component, end = ":", position + 1
    if text[end] == " " and text[end + 1 : end + 2].strip(" \r\n"):
        end += 1  # a blank before the terminator
    if text[end] == "\r" and text[end + 1 : end + 2] == "\n":
        end += 1  # the carriage return stays with its segment as a blank
    terminator = text[end]
    if component.isalnum() or terminator.isalnum():
        return None  # ISA16 is missing: the next segment stands where the separators should
    repetition = text[start : position + 1].split(element)[11]
    if len(repetition) != 1 or repetition.isalnum() or repetition == " ":
        repetition = "\x1f"  # 4010's "U", or nothing: no repeats
    return Delimiters(element, component, repetition, terminator), end


def find_isa(text: str, start: int) -> int:
    """Index of the next "ISA" that begins a segment: not the one inside a name such as ISAAC or NARCISA."""
    position = text.find("ISA", start)
    while position >= 0:
        after = text[position + 3 : position + 4]
        before = text[position - 1 : position] if position else ""
        if after and not after.isalnum() and after not in BLANKS and not before.isalnum():
            return position
        position = text.find("ISA", position + 3)
    return -1


def _next_interchange(source: Source, document: Document) -> tuple[Delimiters | None, str]:
    """Delimiters of the next readable ISA, at which the source then stands, and the text before it."""
    skipped: list[str] = []
    position = 0
    while True:
        start = find_isa(source.text, position)
        found = detect_delimiters(source.text, start) if start >= 0 else None
        if found is not None:
            skipped.append(source.text[:start])
            source.consume(start)
            return found[0], "".join(skipped)
        reach = start if start >= 0 else max(position, len(source.text) - 4)
        if start < 0 or len(source.text) - start < ISA_SEARCH_CHARACTERS:
            skipped.append(source.text[:reach])
            if source.more(reach):
                position = 0
                continue
            rest = source.text
            source.base, source.text = source.base + len(rest), ""
            if start >= 0:
                document.faults.append(_broken_isa(source.base - len(rest)))
            return None, "".join(skipped) + rest
        document.faults.append(_broken_isa(source.base + start))
        position = start + 3


class Run:
    """Text that one `split` cuts: `count` segments, each ending in `separator`. `offset`, `ordinal` and `line` are
    those of its first segment; `down` is 1 where each segment begins a line of its own, else 0."""

    __slots__ = ("_cut", "count", "delimiters", "down", "line", "offset", "ordinal", "separator", "text", "trail")

    def __init__(
        self,
        text: str,
        separator: str,
        delimiters: Delimiters,
        offset: int,
        ordinal: int,
        line: int,
        count: int,
        cut: list[str] | None = None,
    ) -> None:
        self._cut = cut  # its segments' text, where the judging of the window has cut them
        self.text, self.separator, self.delimiters = text, separator, delimiters
        self.offset, self.ordinal, self.line, self.count = offset, ordinal, line, count
        self.down = 1 if "\n" in separator else 0
        self.trail = None if separator == delimiters.terminator else separator

    def pieces(self, start: int = 0, end: int | None = None) -> list[str]:
        """The text of each segment from `start` to `end`, which are where segments begin."""
        if self._cut is not None and not start and end is None:
            return self._cut
        pieces = self.text[start:end].split(self.separator)
        pieces.pop()
        return pieces

    def segments(self, start: int, end: int | None, ordinal: int, number: int = 0) -> list[Segment]:
        """The segments from `start` to `end`; the first one's ordinal, and its number in its transaction, if any."""
        delimiters, trail, down = self.delimiters, self.trail, self.down
        element, gap = delimiters.element, len(self.separator)
        offset = self.offset + start
        line = self.line + (ordinal - self.ordinal if down else 0)
        step = 1 if number else 0
        segments: list[Segment] = []
        add = segments.append
        for piece in self.pieces(start, end):
            add(Segment(piece.split(element), delimiters, number, ordinal, offset, line, "", trail))
            ordinal += 1
            number += step
            offset += len(piece) + gap
            line += down
        return segments


def batches(source: Source, document: Document) -> Iterator[list[Segment]]:
    """All segments of the source, many at a time. Text that is in none goes to preamble, remainder or a trail."""
    cutter = Cutter(source, document, cuts=True)
    for run in cutter.runs():
        segments = [run] if isinstance(run, Segment) else run.segments(0, None, run.ordinal)
        cutter.last = segments[-1]
        yield segments


def rows(source: Source, document: Document) -> Iterator[list[str]]:
    """The elements of each segment and nothing else: the quickest way through a file."""
    return chain.from_iterable(_row_batches(source, document))  # in C: a generator would be resumed for each segment


def _row_batches(source: Source, document: Document) -> Iterator[Iterable[list[str]]]:
    cutter = Cutter(source, document, cuts=True)
    for run in cutter.runs():
        if isinstance(run, Segment):
            cutter.last = run
            yield (run.elements,)
            continue
        pieces = run.pieces()
        cutter.last = Segment(pieces[-1].split(run.delimiters.element), run.delimiters)
        yield map(str.split, pieces, repeat(run.delimiters.element))


class Cutter:
    """Cuts a source into segments and keeps count of them, of bytes and of lines.

    Most text is regular: each terminator is followed by the same line break or by none. Such text is cut by one
    `split`. What is not regular is cut one by one, as are the segments at which separators may change. Whoever takes
    the runs sets `last` to the last segment of each, for what follows may belong to it. `cuts`: all pieces of every
    run will be wanted, and judging them is cheaper than judging the text.
    """

    __slots__ = ("_cuts", "_delimiters", "_document", "_line", "_ordinal", "_source", "_special", "last")

    def __init__(self, source: Source, document: Document, cuts: bool = False) -> None:
        self._source, self._document, self._cuts = source, document, cuts
        self.last: Segment | None = None
        self._ordinal, self._line = 1, 1
        self._delimiters = Delimiters()
        self._special: tuple[str, ...] = ()

    def runs(self) -> Iterator[Run | Segment]:
        """Everything, in order."""
        while True:
            delimiters, skipped = _next_interchange(self._source, self._document)
            self._line += skipped.count("\n")
            if delimiters is None:
                _end(skipped, self.last, self._document)
                return
            if self.last is None:
                self._document.preamble = skipped
                _judge_preamble(skipped, self._document)
            else:
                _lengthen(self.last, skipped)
                _judge_junk(skipped, self.last, self._document)
            self._delimiters = delimiters
            self._special = tuple(name + delimiters.element for name in ("ISA", "IEA", *BINARY))
            yield from self._interchange()

    def _interchange(self) -> Iterator[Run | Segment]:
        """From here to the end, or to an ISA with other separators, at which the source then stands."""
        source, terminator = self._source, self._delimiters.terminator
        position = by_hand = 0  # up to `by_hand` the text is known not to be regular
        while True:
            text = source.text
            if position >= len(text):
                if not source.more(position):
                    return
                position = by_hand = 0
            elif self.last is not None and text[position] in "\r\n":
                stop = position + 1
                while stop < len(text) and text[stop] in "\r\n":
                    stop += 1
                self._trail(text[position:stop])
                position = stop
            else:
                if position >= by_hand:
                    stop = text.rfind(terminator, position, position + WINDOW) + 1
                    run, length, regular = self._run(text, position, stop) if stop else (None, 0, True)
                    if run is not None:
                        yield run
                        position += length
                        continue
                    by_hand = position + 1 if regular else stop
                segment, position, left = self._one(position)
                if source.text is not text:
                    by_hand = 0
                if segment is not None:
                    yield segment
                if left:
                    return

    def _run(self, text: str, position: int, stop: int) -> tuple[Run | None, int, bool]:
        """The regular segments from `position` up to `stop` and how long they are. None where the first one is special,
        or where the text is not regular: then the last answer is False.

        Every test here reads the whole window once, so there are as few as can be; a test for one character that is
        absent costs next to nothing, one for two characters as much as cutting a tenth of the window.
        """
        terminator = self._delimiters.terminator
        if text.startswith(self._special, position):
            return None, 0, True
        first = text.find(terminator, position)
        separator = terminator
        if terminator == "\n":
            separator = "\r\n" if first > position and text[first - 1] == "\r" else "\n"
        elif text.startswith("\r\n", first + 1):
            separator = terminator + "\r\n"
        elif text.startswith("\n", first + 1):
            separator = terminator + "\n"
        if separator != terminator:
            stop = text.rfind(separator, position, stop + 2) + len(separator)
        elif text[stop : stop + 1] in LINE_BREAKS:  # the break belongs to the last segment, and not to a run
            stop = text.rfind(terminator, position, stop - 1) + 1
            if not stop:
                return None, 0, True
        window = text[position:stop]
        pieces: list[str] | None = None
        if self._cuts:
            pieces = window.split(separator)
            pieces.pop()
            count = len(pieces)
            odd = not pieces or min(pieces) < "!"  # one is empty or begins with a blank
        else:
            count = window.count(separator)
            odd = (
                window[0] in BLANKS
                or window[0] == terminator
                or separator + terminator in window
                or separator + " " in window
            )
        if (
            odd
            or (separator != terminator and window.count(terminator) != count)
            or ("\n" in window if "\n" not in separator else terminator != "\n" and window.count("\n") != count)
            or ("\r" in window if "\r" not in separator else window.count("\r") != count)
            or " " + separator in window
            or "\x00" in window
            or "\t" in window
            or "\x1a" in window
        ):
            return None, 0, False
        special = self._first_special(window, separator)
        if special < len(window):
            window = window[:special]
            count = window.count(separator)
            pieces = pieces[:count] if pieces is not None else None
        run = Run(
            window, separator, self._delimiters, self._source.base + position, self._ordinal, self._line, count,
            pieces,
        )  # fmt: skip
        self._ordinal += count
        self._line += count * run.down
        return run, len(window), True

    def _first_special(self, window: str, separator: str) -> int:
        """Where the first segment begins that must be cut by hand; the window's length where there is none."""
        found = len(window)
        for letter in SPECIAL_LETTERS:
            at = window.find(separator + letter, 0, found)
            while at >= 0:
                if window.startswith(self._special, at + len(separator)):
                    found = at + len(separator)
                    break
                at = window.find(separator + letter, at + 1, found)
        return found

    def _trail(self, text: str) -> None:
        assert self.last is not None
        _lengthen(self.last, text)
        self._line += text.count("\n")

    def _one(self, position: int) -> tuple[Segment | None, int, bool]:
        """The segment that begins at `position` if there is one, where it ends, and whether the interchange does.

        Blanks and line breaks around it are its lead and trail; an empty segment belongs to the one before it.
        """
        source, delimiters = self._source, self._delimiters
        position, stop, split = self._bounds(position)
        text = source.text
        if not text:
            return None, 0, True
        cut = stop < 0
        if cut:
            stop = len(text)
        body, start = text[position:stop], position
        if body[:1] in BLANKS:
            stripped = body.lstrip(BLANKS)
            start += len(body) - len(stripped)
            body = stripped
        if self.last is not None and body and self._leaves(body, start):
            self._trail(text[position:start])
            source.consume(start)
            return None, 0, True
        ending = "" if cut else delimiters.terminator
        after = stop + 1
        while not cut and (text[after : after + 1] in LINE_BREAKS or text.startswith(delimiters.terminator, after)):
            after += 1
        ending += text[stop + 1 : after]
        segment: Segment | None = None
        if body or self.last is None:
            self._line += text.count("\n", position, start)
            segment = self._whole(body, source.base + start, text[position:start], ending, split)
            self._ordinal += 1
            self._line += text.count("\n", start, stop) + ending.count("\n")
        else:
            self._trail(text[position:stop] + ending)
        if cut:
            source.consume(len(text))
            return segment, 0, False
        return segment, after, False

    def _bounds(self, position: int) -> tuple[int, int, int]:
        """Where the segment begins and ends (-1: the text ends first), after more text has come where it must; and
        how often it may be split, -1 = at each separator. Bytes of a BIN or BDS may be anything, separators too."""
        source, delimiters = self._source, self._delimiters
        element, terminator = delimiters.element, delimiters.terminator
        while True:
            text = source.text
            if text.startswith(self._special[2:], position):
                at = BINARY[text[position : position + 3]]
                parts = text[position : position + 40].split(element, at)
                size = parts[at - 1] if len(parts) > at else ""
                if size.isdecimal() and size.isascii() and len(size) <= MOST_BINARY_DIGITS:
                    stop = position + sum(len(part) + 1 for part in parts[:at]) + int(size)
                    if text[stop : stop + 1] == terminator:
                        return position, stop, at
                    if stop >= len(text):
                        if source.more(position):
                            position = 0
                            continue
                        text, position = source.text, 0  # all has come: it holds fewer bytes than it says
            stop = text.find(terminator, position)
            if stop >= 0:
                return position, stop, -1
            if not source.more(position):
                return 0, -1, -1
            position = 0

    def _whole(self, body: str, offset: int, lead: str, ending: str, split: int) -> Segment:
        element = self._delimiters.element
        as_read = None
        if split < 0:
            if body and body[-1] in BLANKS:
                kept = body.rstrip(BLANKS)
                ending = body[len(kept) :] + ending
                body = kept
            if "\n" in body or "\r" in body:
                as_read, body = body, unwrapped(body)
        trail = None if ending == self._delimiters.terminator else ending
        return Segment(
            body.split(element, split), self._delimiters, 0, self._ordinal, offset, self._line, lead, trail, as_read
        )

    def _leaves(self, body: str, start: int) -> bool:
        """Whether the interchange ends before `body`: an ISA of other separators, or junk after an IEA."""
        assert self.last is not None
        if self.last.elements[0] == "IEA":
            name = body.split(self._delimiters.element, 1)[0]
            if name not in ENVELOPE_SEGMENTS:
                return True
        if not body.startswith("ISA") or find_isa(self._source.text, start) != start:
            return False
        found = detect_delimiters(self._source.text, start)
        return found is not None and found[0] != self._delimiters


def _lengthen(segment: Segment, text: str) -> None:
    """More text that belongs behind a segment."""
    if text:
        segment.trail = (segment.delimiters.terminator if segment.trail is None else segment.trail) + text


def _broken_isa(byte: int) -> Fault:
    return Fault(
        id="ENV-ISA",
        message="The ISA segment is cut short or its separators cannot be told",
        fix="Ask the sender for the whole file; ISA has 16 elements and 106 bytes",
        segment_id="ISA",
        byte=byte,
        ta1="022",
    )


def _judge_preamble(text: str, document: Document) -> None:
    if text.strip(BLANKS + BYTE_ORDER_MARK):
        document.faults.append(
            Fault(id="ENV-PREAMBLE", message="Text before the first ISA is no segment", severity=Severity.WARN)
        )


def _judge_junk(text: str, last: Segment, document: Document) -> None:
    if text.strip(BLANKS):
        document.faults.append(
            Fault(
                id="ENV-JUNK",
                message="Text after an interchange is no segment and was passed over",
                severity=Severity.WARN,
                byte=last.offset,
            )
        )


def _end(rest: str, last: Segment | None, document: Document) -> None:
    document.remainder = rest
    if last is not None:
        _judge_junk(rest, last, document)
    elif not rest.strip(BLANKS + BYTE_ORDER_MARK):
        document.faults.append(
            Fault(id="ENV-EMPTY", message="The file is empty", fix="Ask the sender to send it again", ta1="024")
        )
    elif not document.faults:
        document.faults.append(
            Fault(
                id="ENV-NOT-X12",
                message="No ISA segment: this is not an X12 interchange",
                fix="Check what was delivered; a web page or an error text may stand in place of the file",
                ta1="024",
            )
        )
