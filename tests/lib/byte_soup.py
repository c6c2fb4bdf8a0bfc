"""Files of anything: random bytes, and valid files cut, swapped, doubled and sprinkled; and what must hold of all.

`python -m tests.lib.byte_soup MINUTES [SEED]` runs it for so long and prints what came of it.
"""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import random
import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from claimwright.claims import from_x12
from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.from_x12.intake import intake
from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import Envelope, Fault, read, stream_transactions, write
from claimwright.x12.acknowledge import functional_acknowledgement
from claimwright.x12.answering import answers, skeleton
from claimwright.x12.check import check, stream_faults
from claimwright.x12.masking import Masker
from claimwright.x12.passing import stream_records
from claimwright.x12.splitting import SplitRefused, split
from tests.lib.memory import bounded
from tests.lib.x12_rules import SOUND, changed

GOLDEN = Path(__file__).parents[1] / "golden"
VOCABULARY = CodeVocabulary()
WHEN = datetime(2026, 8, 4)
ENVELOPE = Envelope(sender_id="A", receiver_id="B")
SLOWEST_SECONDS = 5.0  # for files of some kilobytes, on a busy machine: more is a hang
# An answer repeats control numbers as they came, good or bad; its own counts and segments must be right.
OF_OUR_OWN_MAKING = ("ENV-SE", "ENV-GE", "ENV-IEA", "ENV-GS-M", "ENV-ISA-M", "SNIP2-SEGMENT", "SNIP2-LOOP", "SNIP2-HL")
SECONDS_TO_MAKE_SMALLER = 30.0
WAYS_TO_SPLIT = ("transaction", "claim", "provider", "interchange")
PIECES = (
    "ISA", "GS", "ST", "SE", "GE", "IEA", "TA1", "HL", "LX", "CLM", "CLP", "NM1", "BIN", "BDS", "*", "~", ":", "^", "\n",
    "\r\n", " ", "\t", "\x00", "\x1a", "\xff", "\xe9", "'", "|", "0", "-1", "1E9", "NaN", "Infinity", "20260230",
    "99999999999999999999", "ST*837*0001*005010X222A1~", "ST*835*0001~", "SE*2*0001~", "HL*1**20*1~", "IEA*1*1~",
    "BIN*99999999*", "BIN*-1*X~", "BDS*ASC*5*~~~~~~",
)  # fmt: skip
VALUES = (
    "", " ", "0", "-0", "-1", "1.", ".1", "1.005", "1E9", "NaN", "Infinity", "999999999999999999", "\xb2", "\u0663"[:0] + "\xb9",
    "20260230", "00000000", "99999999", "20260101-20251231", "20260101", "D8", "RD8", "X" * 90, "9" * 300, "\xff", "é",
    "A:B:C:D:E:F:G:H:I:J", "A^B^C", ":::::", "^^^", "ABK:J069", "HC:99213", "18", "22", "23", "835", "837", "005010X222A1",
)  # fmt: skip


@cache
def bases() -> tuple[str, ...]:
    """Every golden file, those that must fail too, and the sound transactions."""
    found = [path.read_bytes() for path in sorted(GOLDEN.glob("*/*/*.edi"))]
    found += [changed(kind) for kind in SOUND]
    return tuple(data.decode("latin-1") for data in found)


@cache
def readers() -> tuple[Callable[..., object], ...]:
    """Every public reader of the nouns that takes one transaction."""
    found = []
    for module in pkgutil.iter_modules(from_x12.__path__):
        loaded = importlib.import_module(f"{from_x12.__name__}.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ != loaded.__name__ or name.startswith("_"):
                continue
            first, *rest = inspect.signature(function).parameters.values() or [None]
            if first is not None and first.annotation == "Transaction" and all(
                one.default is not inspect.Parameter.empty for one in rest
            ):  # fmt: skip
                found.append(function)
    return tuple(found)


# --- making soup


def soup(chance: random.Random) -> bytes:
    """Mostly valid files with one to eight changes; sometimes bytes of no sense at all."""
    kind = chance.random()
    if kind < 0.03:
        return chance.randbytes(chance.randrange(400))
    if kind < 0.08:
        return "".join(chance.choices(PIECES, k=chance.randrange(80))).encode("latin-1")
    text = chance.choice(bases())
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        text = chance.choice(CHANGES)(text, chance)
    return text.encode("latin-1", "replace")


def _terminator(text: str) -> str:
    return text[105] if len(text) > 105 else "~"


def _element(text: str) -> str:
    return text[3] if len(text) > 3 else "*"


def _segments(text: str) -> list[str]:
    return text.split(_terminator(text))


def _joined(text: str, segments: list[str]) -> str:
    return _terminator(text).join(segments)


def _some(segments: list[str], chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(segments))
    return start, min(len(segments), start + chance.choice((1, 1, 1, 2, 3, 8)))


def drop_segments(text: str, chance: random.Random) -> str:
    found = _segments(text)
    start, stop = _some(found, chance)
    return _joined(text, found[:start] + found[stop:])


def double_segments(text: str, chance: random.Random) -> str:
    found = _segments(text)
    start, stop = _some(found, chance)
    return _joined(text, found[:stop] + found[start:stop] * chance.choice((1, 1, 2, 30)) + found[stop:])


def swap_segments(text: str, chance: random.Random) -> str:
    found = _segments(text)
    one, other = chance.randrange(len(found)), chance.randrange(len(found))
    found[one], found[other] = found[other], found[one]
    return _joined(text, found)


def shuffle_segments(text: str, chance: random.Random) -> str:
    found = _segments(text)
    start, stop = _some(found, chance)
    middle = found[start : stop + 6]
    chance.shuffle(middle)
    return _joined(text, found[:start] + middle + found[stop + 6 :])


def insert_foreign(text: str, chance: random.Random) -> str:
    """Segments of another file, in this one's separators or their own."""
    found, other = _segments(text), _segments(chance.choice(bases()))
    start, stop = _some(other, chance)
    at = chance.randrange(len(found) + 1)
    return _joined(text, found[:at] + other[start:stop] + found[at:])


def _in_elements(text: str, chance: random.Random, spoil: Callable[[list[str], random.Random], None]) -> str:
    found = _segments(text)
    at = chance.randrange(len(found))
    elements = found[at].split(_element(text))
    spoil(elements, chance)
    found[at] = _element(text).join(elements)
    return _joined(text, found)


def change_element(text: str, chance: random.Random) -> str:
    return _in_elements(text, chance, lambda one, by: one.__setitem__(by.randrange(len(one)), by.choice(VALUES)))


def drop_element(text: str, chance: random.Random) -> str:
    return _in_elements(text, chance, lambda one, by: one.__delitem__(by.randrange(len(one))))


def double_element(text: str, chance: random.Random) -> str:
    return _in_elements(text, chance, lambda one, by: one.insert(by.randrange(len(one)), by.choice(one)))


def swap_elements(text: str, chance: random.Random) -> str:
    return _in_elements(text, chance, lambda one, by: by.shuffle(one))


def empty_elements(text: str, chance: random.Random) -> str:
    return _in_elements(text, chance, lambda one, by: one.extend([""] * by.randrange(20)))


def cut(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] if chance.random() < 0.7 else text[at:]


def drop_bytes(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice((1, 1, 2, 10, 40)) :]


def sprinkle(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(PIECES) + text[at + chance.choice((0, 0, 1)) :]


def change_separator(text: str, chance: random.Random) -> str:
    """One separator becomes another character, in all of the file or from some place on."""
    if len(text) < 106:
        return text
    old, new = chance.choice((text[3], text[82], text[104], text[105])), chance.choice("*~:^|>\n\x1c\x1d\x1f'!+A0 ")
    at = chance.choice((0, 0, chance.randrange(len(text))))
    return text[:at] + text[at:].replace(old, new)


def change_line_breaks(text: str, chance: random.Random) -> str:
    terminator, style = _terminator(text), chance.choice(("", "\n", "\r\n", "\r", "\n\n", " \n"))
    return text.replace("\r", "").replace("\n", "").replace(terminator, terminator + style)


def wrap_lines(text: str, chance: random.Random) -> str:
    width = chance.choice((1, 20, 80))
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def append_file(text: str, chance: random.Random) -> str:
    return text + chance.choice(("", "\n", "junk", "~")) + chance.choice(bases())


def change_guide(text: str, chance: random.Random) -> str:
    names = ("005010X222A1", "005010X223A2", "005010X224A2", "005010X221A1", "005010X279A1", "005010X212", "005010X214",
             "005010X217", "005010X210", "005010X231A1", "005010X220A1", "005010X218", "004010", "")  # fmt: skip
    return text.replace(chance.choice(names[:-2]), chance.choice(names))


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    drop_segments, double_segments, swap_segments, shuffle_segments, insert_foreign, change_element, change_element,
    drop_element, double_element, swap_elements, empty_elements, cut, drop_bytes, sprinkle, sprinkle, change_separator,
    change_line_breaks, wrap_lines, append_file, change_guide,
)  # fmt: skip


# --- what must hold


def holds(data: bytes) -> None:
    """Nothing raises; bytes are kept; the two ways to judge, and the two ways to read, agree; answers are sound."""
    document = read(data)
    assert write(document) == data, "written otherwise than read"
    faults = check(data, VOCABULARY)
    again = check(read(data), VOCABULARY)
    assert again == faults, f"a document is judged otherwise: {_difference(again, faults)}"
    streamed = sorted(stream_faults(io.BytesIO(data), VOCABULARY), key=_order)
    assert streamed == sorted(faults, key=_order), f"a stream is judged otherwise: {_difference(streamed, faults)}"
    for fault in faults:
        assert fault.place() and fault.id and fault.message
    _holds_of_answers(data, faults)
    _holds_of_records(data)
    _holds_of_verbs(data)


def _order(fault: Fault) -> str:
    return repr(fault)


def _difference(some: list[Fault], others: list[Fault]) -> list[str]:
    mine, theirs = Counter(map(_short, some)), Counter(map(_short, others))
    return [*(f"+{one}" for one in mine - theirs), *(f"-{one}" for one in theirs - mine)][:6]


def _short(fault: Fault) -> str:
    return f"{fault.id} {fault.segment_id} @{fault.segment} byte {fault.byte} line {fault.line} loop {fault.loop}"


def _holds_of_answers(data: bytes, faults: list[Fault]) -> None:
    answer = functional_acknowledgement(read(data), faults, envelope=ENVELOPE, control_number=1, when=WHEN)
    for made in (answer, *_answers(data, faults)):
        assert write(read(made)) == made
        wrong = [fault for fault in check(made) if fault.id.startswith(OF_OUR_OWN_MAKING)]
        assert not wrong, f"our own answer is at fault: {[_short(fault) for fault in wrong[:3]]}"


def _answers(data: bytes, faults: list[Fault]) -> Iterator[bytes]:
    for answer in answers(skeleton(data), data, faults, when=WHEN):
        for part in (answer.ta1, answer.functional, answer.claims):
            if part:
                yield part


def _holds_of_records(data: bytes) -> None:
    whole = [transaction.text() for transaction in read(data).transactions()]
    streamed = [transaction.text() for transaction in stream_transactions(io.BytesIO(data))]
    assert streamed == whole, "a stream hands out other transactions"
    for record in stream_records(data):
        assert record.root.segments is not None and record.guide.id
    for transaction in read(data).transactions():
        for reader in readers():
            reader(transaction)
    read_file(data)
    intake(data)


def _holds_of_verbs(data: bytes) -> None:
    masked = "".join(Masker(b"key").mask(data))
    assert len(list(read(masked.encode("latin-1", "replace")).transactions())) == len(list(read(data).transactions()))
    for way in WAYS_TO_SPLIT:
        try:
            for piece in split(data, way):
                assert piece.part > 0
        except SplitRefused:
            continue


# --- many of them


def smaller(data: bytes, fails: Callable[[bytes], bool], seconds: float = SECONDS_TO_MAKE_SMALLER) -> bytes:
    """A failing file with all left out that is not needed for it to fail, as far as that is found in the time."""
    size, until = max(len(data) // 2, 1), time.monotonic() + seconds
    while size and time.monotonic() < until:
        at = 0
        while at < len(data) and time.monotonic() < until:
            without = data[:at] + data[at + size :]
            if fails(without):
                data = without
            else:
                at += size
        size //= 2
    return data


def failure_of(data: bytes) -> str:
    """Type and place of what goes wrong with a file, "" where nothing does."""
    start = time.monotonic()
    try:
        holds(data)
    except AssertionError as error:
        return f"AssertionError {str(error).split('@')[0][:90]}"
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} {Path(last.filename).name}:{last.name}"
    return "" if time.monotonic() - start < SLOWEST_SECONDS else "slow"


def run(minutes: float, seed: int) -> int:
    """Cook for so many minutes; a failure of each kind is told with its least case. Answers how many kinds failed."""
    chance = random.Random(seed)
    until = time.monotonic() + minutes * 60
    cases = size = 0
    found: dict[str, bytes] = {}
    print(f"seed {seed}, {len(bases())} files, {len(readers())} readers", flush=True)
    while time.monotonic() < until:
        data = soup(chance)
        cases, size = cases + 1, size + len(data)
        failure = failure_of(data)
        if failure and failure not in found:
            found[failure] = data
            if failure != "slow":
                data = found[failure] = smaller(data, lambda part, kind=failure: failure_of(part) == kind)  # type: ignore[misc]
            print(f"case {cases}: {failure}\n  {data!r}", flush=True)
    print(f"{cases} cases, {size / 1e6:.1f} MB, {len(found)} kinds of failure", flush=True)
    return len(found)


if __name__ == "__main__":
    with bounded():
        sys.exit(run(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else secrets.randbelow(10**9)))
