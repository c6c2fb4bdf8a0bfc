"""I8: every byte received, every transaction in it, and the counts its envelopes give."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from claimwright.auditor.file_facts import ReadOnce
from claimwright.auditor.report import Check, Cursor, Listed, rows
from claimwright.x12 import Interchange, read

DECIDED = frozenset(("posted", "acknowledged", "taken_in", "quarantined", "duplicate", "held"))
ACTED_ON = frozenset(("posted", "acknowledged"))
TAKEN_IN = frozenset(("taken_in",))
FILES = """
SELECT f.id, f.kind, f.size, f.sha256, f.state, f.content, f.source, f.received_at IS NULL,
  (SELECT count(*) FROM exchange_inboxdelivery d WHERE d.file_id = f.id),
  ARRAY(SELECT p.byte_start FROM exchange_inboxpart p WHERE p.file_id = f.id ORDER BY p.ordinal),
  ARRAY(SELECT p.fate::text FROM exchange_inboxpart p WHERE p.file_id = f.id ORDER BY p.ordinal)
FROM exchange_inboxfile f"""


def received_bytes_have_one_fate_each(cursor: Cursor) -> Iterator[tuple[str, str]]:
    for file, kind, size, digest, state, content, source, timeless, deliveries, starts, fates in rows(cursor, FILES):
        content = bytes(content)
        waiting = sum(fate not in DECIDED for fate in fates)
        problem = ""
        if hashlib.sha256(content).hexdigest() != digest or len(content) != size:
            problem = "the stored bytes are not those received"
        elif not deliveries or not source or timeless:
            problem = "no delivery, source or time is recorded"
        elif state != "received" and (waiting or not fates):
            problem = f"it is {state}, {waiting} of {len(fates)} parts have no fate"
        elif state == "done" and kind == "x12":
            problem = _part_problem(content, starts)
        yield f"file {file}", problem


class Envelopes(msgspec.Struct, frozen=True):
    """First bytes of a file's TA1s and STs, and of the STs that a wrong count concerns, with which count."""

    starts: tuple[int, ...]
    miscounted: tuple[tuple[int, str], ...]


def _read(content: bytes) -> Envelopes:
    starts: list[int] = []
    miscounted: list[tuple[int, str]] = []
    for interchange in read(content).interchanges:
        starts += [ta1.offset for ta1 in interchange.ta1s]
        starts += [transaction.st.offset for transaction in interchange.transactions()]
        miscounted += _miscounted(interchange)
    return Envelopes(tuple(starts), tuple(miscounted))


envelopes = ReadOnce(_read)


def _part_problem(content: bytes, starts: list[int]) -> str:
    """Each TA1 and ST by its first byte against the parts that stand for them."""
    expected = Counter(envelopes(content).starts)
    if expected == Counter(starts):
        return ""
    return f"the file has {expected.total()} transactions and TA1s, {len(starts)} have a fate, or not at the same bytes"


COUNTED = """
SELECT f.id, f.content, array_agg(p.byte_start), array_agg(p.fate::text),
  coalesce(t.fixed_date, (now() AT TIME ZONE t.time_zone)::date) - f.received_on
FROM exchange_inboxfile f JOIN exchange_inboxpart p ON p.file_id = f.id JOIN core_tenant t ON t.id = f.tenant_id
WHERE f.kind = 'x12' AND (%s::text IS NULL OR p.fate = %s) GROUP BY f.id, f.content, f.received_on, t.fixed_date, t.time_zone"""


def counts_are_those_of_the_envelopes(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """A transaction whose SE01, GE01 or IEA01 does not count what is there must not have posted or answered."""
    for file, content, starts, fates, _ in rows(cursor, COUNTED, None, None):
        wrong = _wrong(bytes(content), starts, fates, ACTED_ON)
        yield f"file {file}", f"byte {wrong[0][0]}: {wrong[0][1]}, and it was acted on" if wrong else ""


def claims_taken_in_miscounted(cursor: Cursor) -> Iterator[Listed]:
    """Clients' 837P files are read claim by claim whatever their counts say; which those were is to be seen."""
    for file, content, starts, fates, age in rows(cursor, COUNTED, "taken_in", "taken_in"):
        wrong = _wrong(bytes(content), starts, fates, TAKEN_IN)
        if wrong:
            yield Listed(f"taken in with a wrong count ({len(wrong)})", f"file {file}", Decimal("0.00"), age)


def _wrong(content: bytes, starts: list[int], fates: list[str], of: frozenset[str]) -> list[tuple[int, str]]:
    fate_at = dict(zip(starts, fates, strict=True))
    return [(offset, says) for offset, says in envelopes(content).miscounted if fate_at.get(offset) in of]


def _miscounted(interchange: Interchange) -> Iterator[tuple[int, str]]:
    """First byte of each transaction that a wrong count concerns, and which count."""
    iea = interchange.iea
    whole = iea is not None and iea[1].strip().isdigit() and int(iea[1]) == len(interchange.groups)
    for group in interchange.groups:
        ge = group.ge
        counted = ge is not None and ge[1].strip().isdigit() and int(ge[1]) == len(group.transactions)
        for transaction in group.transactions:
            se = transaction.se
            if se is None or not se[1].strip().isdigit() or int(se[1]) != len(transaction.segments):
                yield transaction.st.offset, "SE01 does not count its segments"
            elif not counted:
                yield transaction.st.offset, "GE01 does not count the transactions"
            elif not whole:
                yield transaction.st.offset, "IEA01 does not count the groups"


CHECKS = (
    Check(
        "I8", "Every byte received is kept and every transaction in it has one fate", received_bytes_have_one_fate_each
    ),
    Check(
        "I8",
        "What posted or answered is whole by its own counts",
        counts_are_those_of_the_envelopes,
        claims_taken_in_miscounted,
    ),
)
