"""Claims of sources of any size, one at a time: read, judged and made into nouns in one pass.

What `level` judges (see `x12.passing.Pass`) comes with the claim at whose end it was found; what is found behind the
last claim of a source stands in `rest` when the stream has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimwright.claims.from_x12.claim_levels import ClaimReader
from claimwright.claims.from_x12.kinds import KIND_GUIDES, KIND_SERVICES, reader_for
from claimwright.claims.from_x12.professional import ProfessionalReader
from claimwright.claims.from_x12.quick_professional import QuickProfessional
from claimwright.claims.nouns import Claim
from claimwright.x12.faults import Fault
from claimwright.x12.passing import Pass, Record
from claimwright.x12.segments import Transaction
from claimwright.x12.vocabulary import Vocabulary

Where = Path | BinaryIO | bytes


class StreamedClaim(msgspec.Struct, frozen=True, kw_only=True):
    """One claim, the number of its CLM in its ST, and what has been found at fault since the one before."""

    claim: Claim
    segment: int = 0
    faults: tuple[Fault, ...] = ()


class ClaimStream:
    """The claims of the 837s of a source in turn, professional, institutional and dental."""

    def __init__(self, source: Where, vocabulary: Vocabulary | None = None, level: int = 0) -> None:
        self.passing = Pass(source, vocabulary, level)
        self.rest: list[Fault] = []
        self._transaction: Transaction | None = None

    def __iter__(self) -> Iterator[StreamedClaim]:
        take, found = self.passing.findings.take, self.passing.findings.faults
        for record in self.passing:
            if record.guide.set_id != "837":
                continue
            if record.transaction is not self._transaction:
                self._begin(record)
            loop = record.loop
            claim = self._quick.claim(loop) if self._quick is not None else None
            if claim is not None:
                yield StreamedClaim(claim=claim, segment=loop.number, faults=tuple(take()) if found else ())
                continue
            read = self._reader.read_claim(loop)
            yield StreamedClaim(claim=read.claim, segment=read.segment, faults=(*take(), *read.faults))
        self.rest = take()

    def _begin(self, record: Record) -> None:
        self._transaction = record.transaction
        self._reader: ClaimReader = _reader_of(record)
        self._reader.begin(record.root)
        reader = self._reader
        self._quick = QuickProfessional(reader) if isinstance(reader, ProfessionalReader) else None


def _reader_of(record: Record) -> ClaimReader:
    """By the guide, unless none of the first claim's services fits it: then the guide is a slip."""
    kind = next((kind for mark, kind in KIND_GUIDES.items() if mark in record.guide.id), "P")
    services = {
        KIND_SERVICES[row[0]] for line in record.loop.loops_of("2400") for row in line.rows() if row[0] in KIND_SERVICES
    }
    if services and kind not in services:
        kind = next(one for one in "PID" if one in services)
    return reader_for(kind)
