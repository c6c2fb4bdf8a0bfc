"""Everything that is wrong with a file, SNIP levels 1 to 5, each fault with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.faults import Fault
from claimwright.x12.findings import Findings, place_of
from claimwright.x12.loops import Walk, guide_of
from claimwright.x12.passing import Pass, watch_for
from claimwright.x12.segments import Document, Transaction
from claimwright.x12.vocabulary import Vocabulary


def check(data: bytes | Document, vocabulary: Vocabulary | None = None, level: int = 5) -> list[Fault]:
    """All faults of a file in file order; empty = none. Without a vocabulary level 5 is not looked at.

    Never raises on content and never stops at the first fault. A transaction of an unknown guide has its envelope
    checked, says so (ENV-GUIDE) and gets no further.
    """
    return sorted(Pass(data, vocabulary, level).faults(), key=place_of)


def stream_faults(
    source: Path | BinaryIO | bytes, vocabulary: Vocabulary | None = None, level: int = 5
) -> Iterator[Fault]:
    """The faults of a source of any size as they are found, in the memory of one claim."""
    return Pass(source, vocabulary, level).faults()


def check_envelope(document: Document) -> list[Fault]:
    """The faults of a file's envelopes alone: what the reader found, ISA, GS, ST and their trailers."""
    return sorted(Pass(document, inside=False).faults(), key=place_of)


def check_transaction(transaction: Transaction, vocabulary: Vocabulary | None = None, level: int = 5) -> list[Fault]:
    """The faults inside one transaction, ST to SE, by the guide it names; none where that is not known here."""
    guide = guide_of(transaction)
    findings = Findings()
    if guide is None:
        return []
    delimiters = transaction.st.delimiters
    walk = Walk(guide, delimiters, watch_for(guide, delimiters, findings, level, vocabulary))
    walk.take(transaction.segments)
    walk.end()
    return findings.take()
