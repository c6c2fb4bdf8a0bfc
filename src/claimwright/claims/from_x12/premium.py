"""820 (005010X218, and other 820s as far as they are alike) to PremiumPayment. Reads by the order of segments alone.

Payments of exchanges (X306) and of other trades have an ENT that says nothing, and no guide here to place it; their
money is read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from claimwright.claims.from_x12.parties import PartyValues, Read, references, text
from claimwright.claims.nouns import ZERO
from claimwright.claims.parties import Party, Period
from claimwright.claims.premium import (
    BankAccount,
    MemberCount,
    PremiumAdjustment,
    PremiumCharge,
    PremiumDetail,
    PremiumItem,
    PremiumPayment,
    PremiumRemitter,
    RemittanceDelivery,
)
from claimwright.x12.faults import Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

RECEIVER, PAYERS = "PE", ("PR", "RM")
OPENERS = ("RMR", "ADX", "IT1", "SAC", "SLN")

PremiumPaymentRead = Read[PremiumPayment]


def premium_payment(transaction: Transaction) -> PremiumPaymentRead:
    """One ST..SE of an 820. Amounts that are none are 0.00 with a fault that names segment and element.

    That the parts do not add up to the payment is no fault of reading: `PremiumPayment.difference` tells it.
    """
    reader = PremiumReader("820")
    noun = reader.read(transaction)
    return Read(noun=noun, faults=tuple(reader.faults))


class PremiumReader(PartyValues):
    """Reads the segments of one 820."""

    def read(self, transaction: Transaction) -> PremiumPayment:
        header, parties, remitters = _parts(transaction.segments)
        payment = header.first("BPR")
        if payment is None:
            self.fault("NO-BPR", transaction.st, 0, "The remittance has no BPR: no payment is told", "Ask the payer")
        trace, currency = header.first("TRN"), header.first("CUR")
        receiver, payer, others = Party(), Party(), []
        delivery: Segment | None = None
        for loop in parties:
            role = text(loop.first("N1"), 1)
            if role == RECEIVER and not receiver.role:
                receiver, delivery = self.party(loop), loop.first("RDM")
            elif role in PAYERS and not payer.role:
                payer = self.party(loop)
            else:
                others.append(self.party(loop))
        return PremiumPayment(
            transaction_control_number=transaction.control_number,
            **self._payment(payment),
            trace_kind=text(trace, 1),
            trace_number=text(trace, 2),
            trace_originator=text(trace, 3),
            trace_division=text(trace, 4),
            currency_entity=text(currency, 1),
            currency=text(currency, 2),
            references=references(header),
            dates=tuple(self.dtm(segment) for segment in header.all("DTM")),
            receiver=receiver,
            delivery=_delivery(delivery),
            payer=payer,
            intermediaries=tuple(others),
            remitters=tuple(self.remitter(loop) for loop in remitters),
        )

    def _payment(self, segment: Segment | None) -> dict[str, Any]:
        if segment is None:
            return {"amount": ZERO, "credit_debit": ""}
        return {
            "handling": text(segment, 1),
            "amount": self.amount(segment, 2),
            "credit_debit": text(segment, 3),
            "method": text(segment, 4),
            "format": text(segment, 5),
            "sender_account": _account(segment, 6),
            "originator_id": text(segment, 10),
            "originator_code": text(segment, 11),
            "receiver_account": _account(segment, 12),
            "payment_date": self.day(segment, 16, Severity.REJECT),
        }

    def dtm(self, segment: Segment) -> Period:
        """A DTM: a day in DTM02 or a range in DTM06; one that was shaped like a DTP is read like one."""
        if text(segment, 2) in ("D8", "RD8"):
            return self.period(segment)
        if text(segment, 6):
            return self.period(segment, 1, 5, 6)
        return Period(qualifier=text(segment, 1), start=self.day(segment, 2))

    def remitter(self, loop: Loop) -> PremiumRemitter:
        entity = loop.first("ENT")
        head, blocks = _blocks(loop.segments, ("RMR",))
        self.loop, self.control_number = "", text(entity, 1)
        before, earlier = _blocks(head, ("ADX",))
        top = _loop(before)
        return PremiumRemitter(
            number=text(entity, 1),
            kind=text(entity, 2),
            id_qualifier=text(entity, 3),
            identifier=text(entity, 4),
            names=tuple(self.party(_loop([name])) for name in top.all("NM1")),
            references=references(top),
            earlier_adjustments=tuple(self.adjustment(block) for block in earlier),
            details=tuple(self.detail(block) for block in blocks),
        )

    def detail(self, segments: Sequence[Segment]) -> PremiumDetail:
        remitted = segments[0]
        head, blocks = _blocks(segments[1:], ("IT1", "ADX"))
        top = _loop(head)
        covered = top.first("DTM")
        return PremiumDetail(
            reference_qualifier=text(remitted, 1),
            reference=text(remitted, 2),
            action=text(remitted, 3),
            paid=self.amount(remitted, 4),
            billed=self.optional_amount(remitted, 5),
            discount=self.optional_amount(remitted, 6),
            references=references(top),
            period=self.dtm(covered) if covered is not None else None,
            items=tuple(self.item(block) for block in blocks if block[0].id == "IT1"),
            adjustments=tuple(self.adjustment(block) for block in blocks if block[0].id == "ADX"),
            segment=remitted.number,
        )

    def adjustment(self, segments: Sequence[Segment]) -> PremiumAdjustment:
        told = segments[0]
        return PremiumAdjustment(
            amount=self.amount(told, 1),
            reason=text(told, 2),
            reference_qualifier=text(told, 3),
            reference=text(told, 4),
            references=references(_loop(segments)),
        )

    def item(self, segments: Sequence[Segment]) -> PremiumItem:
        loop = _loop(segments)
        return PremiumItem(
            line=text(segments[0], 1),
            charges=tuple(
                PremiumCharge(indicator=text(one, 1), code=text(one, 2), amount=self.cents(one, 5))
                for one in loop.all("SAC")
            ),
            counts=tuple(
                MemberCount(
                    line=text(one, 1),
                    relation=text(one, 3),
                    count=self.quantity(one, 4),
                    unit=one.component(5, 1).strip(),
                )
                for one in loop.all("SLN")
            ),
        )

    def cents(self, segment: Segment, element: int) -> Decimal:
        """An N2: whole cents without a point. A point that came all the same means dollars."""
        value = text(segment, element)
        if "." in value:
            return self.amount(segment, element)
        return (self.amount(segment, element) / 100).quantize(ZERO)


def _parts(segments: Sequence[Segment]) -> tuple[Loop, list[Loop], list[Loop]]:
    """The header, the parties (N1) and the remitters (ENT). Money without an ENT belongs to a remitter unnamed, and a
    name after money to another remitter of the same ENT."""
    header = _loop([])
    parties: list[Loop] = []
    remitters: list[Loop] = []
    current = header
    for segment in segments:
        paid = bool(remitters) and current is remitters[-1] and current.first("RMR") is not None
        if segment.id == "SE":
            continue
        if segment.id == "ENT" or (segment.id in OPENERS and not remitters):
            current = _loop([])
            remitters.append(current)
        elif segment.id == "NM1" and paid:
            entity = current.first("ENT")
            current = _loop([entity] if entity is not None else [])
            remitters.append(current)
        elif segment.id == "N1" and not remitters:
            current = _loop([])
            parties.append(current)
        current.segments.append(segment)
    return header, parties, remitters


def _blocks(segments: Sequence[Segment], openers: tuple[str, ...]) -> tuple[list[Segment], list[list[Segment]]]:
    """What stands before the first opener, and a block of segments for each opener."""
    head: list[Segment] = []
    blocks: list[list[Segment]] = []
    for segment in segments:
        if segment.id in openers:
            blocks.append([segment])
        elif blocks:
            blocks[-1].append(segment)
        else:
            head.append(segment)
    return head, blocks


def _loop(segments: Sequence[Segment]) -> Loop:
    return Loop("", None, None, list(segments))


def _account(segment: Segment, first: int) -> BankAccount:
    return BankAccount(
        bank_qualifier=text(segment, first),
        bank_number=text(segment, first + 1),
        account_qualifier=text(segment, first + 2),
        account_number=text(segment, first + 3),
    )


def _delivery(segment: Segment | None) -> RemittanceDelivery | None:
    if segment is None:
        return None
    return RemittanceDelivery(method=text(segment, 1), name=text(segment, 2), number=text(segment, 3))
