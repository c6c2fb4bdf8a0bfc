"""Claim payments of sources of any size, one at a time: read, judged and made into nouns in one pass.

What `level` judges (see `x12.passing.Pass`) comes with the payment at whose end it was found; what is found behind the
last payment of a source stands in `rest` when the stream has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimwright.claims.from_x12.quick_remittance import quick_payment
from claimwright.claims.from_x12.remittance import RemittanceReader
from claimwright.claims.nouns import ClaimPayment, Remittance
from claimwright.x12.faults import Fault
from claimwright.x12.guides import Guide
from claimwright.x12.loops import Loop
from claimwright.x12.passing import Pass, Record
from claimwright.x12.segments import Transaction
from claimwright.x12.vocabulary import Vocabulary

Where = Path | BinaryIO | bytes


class StreamedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """One claim payment with its remittance, which has no claims of its own here and no provider adjustments, for
    those come at the end; what could not be read of it, and what has been found at fault since the one before."""

    payment: ClaimPayment
    remittance: Remittance
    faults: tuple[Fault, ...] = ()


class PaymentStream:
    """The claim payments of the 835s of a source in turn. Other transactions are passed over.

    `on_remittance` is called at the end of each 835, be there claims in it or not, with its remittance: without the
    claims, which have gone by, and without fingerprint, but with its provider adjustments.
    """

    def __init__(
        self,
        source: Where,
        vocabulary: Vocabulary | None = None,
        level: int = 0,
        on_remittance: Callable[[Remittance], None] | None = None,
    ) -> None:
        self.passing = Pass(source, vocabulary, level)
        self.passing.ended = self._end if on_remittance is not None else None
        self.rest: list[Fault] = []
        self._tell = on_remittance
        self._transaction: Transaction | None = None

    def __iter__(self) -> Iterator[StreamedPayment]:
        take, found = self.passing.findings.take, self.passing.findings.faults
        for record in self.passing:
            if record.guide.set_id != "835":
                continue
            if record.transaction is not self._transaction:
                self._begin(record)
            payment = quick_payment(record.loop)
            if payment is None:
                payment = self._reader.claim(record.loop)
            faults: tuple[Fault, ...] = ()
            if found or self._reader.faults:
                faults = (*take(), *self._reader.faults)
                self._reader.faults.clear()
            yield StreamedPayment(payment=payment, remittance=self._remittance, faults=faults)
        self.rest = take()

    def _end(self, root: Loop, transaction: Transaction, guide: Guide) -> None:
        if guide.set_id == "835" and self._tell is not None:
            reader = RemittanceReader(root)
            adjustments = tuple(one for segment in root.all("PLB") for one in reader.plb(segment))
            self._tell(msgspec.structs.replace(reader.header(transaction), provider_adjustments=adjustments))

    def _begin(self, record: Record) -> None:
        self._transaction = record.transaction
        self._reader = RemittanceReader(record.root)
        self._remittance = self._reader.header(record.transaction)
