"""PremiumPayment to 820, 005010X218: writes what the noun holds, balanced or not; judging is not the writer's part."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.claims.parties import Party, Period
from claimwright.claims.premium import (
    BankAccount,
    PremiumAdjustment,
    PremiumDetail,
    PremiumItem,
    PremiumPayment,
    PremiumRemitter,
)
from claimwright.claims.to_x12.parties import Code, Words
from claimwright.claims.to_x12.text import TextNotice
from claimwright.claims.to_x12.transactions import TransactionWriter, format_period, transaction_number
from claimwright.x12.segments import Segment
from claimwright.x12.writer import TransactionBuilder, ValueRefused

GUIDE = "005010X218"


def premium_payment(
    payment: PremiumPayment, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of an 820. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    Raises ValueRefused for a charge with a part of a cent, which the wire cannot say.
    """
    writer = PremiumWriter(TransactionBuilder("820", transaction_number(payment, control_number), GUIDE))
    writer.header(payment)
    for remitter in payment.remitters:
        writer.remitter(remitter)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


class PremiumWriter(TransactionWriter):
    """Writes the loops of the 820 in their order."""

    def header(self, payment: PremiumPayment) -> None:
        self.add(
            "BPR",
            payment.handling,
            payment.amount,
            payment.credit_debit,
            payment.method,
            payment.format,
            *_account(payment.sender_account),
            Code(payment.originator_id),
            Code(payment.originator_code),
            *_account(payment.receiver_account),
            payment.payment_date,
        )
        self.add(
            "TRN",
            payment.trace_kind,
            Code(payment.trace_number),
            Code(payment.trace_originator),
            Code(payment.trace_division),
        )
        if payment.currency:
            self.add("CUR", payment.currency_entity, payment.currency)
        self.reference_list(payment.references)
        for period in payment.dates:
            self.dtm(period)
        self.organization(payment.receiver)
        if payment.delivery is not None:
            way = payment.delivery
            self.add("RDM", way.method, Words(way.name), Words(way.number))
        self.organization(payment.payer)
        for bank in payment.intermediaries:
            self.organization(bank)

    def organization(self, party: Party) -> None:
        self.short_name(party)
        if party.additional_name:
            self.add("N2", Words(party.additional_name))
        self.place(party)
        self.contacts(party.contacts)
        self.reference_list(party.references)

    def dtm(self, period: Period) -> None:
        style, days = format_period(period.start, period.end)
        if style == "RD8":
            self.add("DTM", period.qualifier, "", "", "", style, days)
        else:
            self.add("DTM", period.qualifier, days)

    def remitter(self, remitter: PremiumRemitter) -> None:
        self.control_number = remitter.number
        self.add("ENT", remitter.number, remitter.kind, remitter.id_qualifier, Code(remitter.identifier))
        for name in remitter.names:
            self.party_name(name)
        self.reference_list(remitter.references)
        self.adjustment_list(remitter.earlier_adjustments)
        for detail in remitter.details:
            self.detail(detail)

    def detail(self, detail: PremiumDetail) -> None:
        self.add(
            "RMR",
            detail.reference_qualifier,
            Code(detail.reference),
            detail.action,
            detail.paid,
            detail.billed,
            detail.discount,
        )
        self.reference_list(detail.references)
        if detail.period is not None:
            self.dtm(detail.period)
        for item in detail.items:
            self.item(item)
        self.adjustment_list(detail.adjustments)

    def adjustment_list(self, adjustments: Sequence[PremiumAdjustment]) -> None:
        for one in adjustments:
            self.add("ADX", one.amount, one.reason, one.reference_qualifier, Code(one.reference))
            self.reference_list(one.references)

    def item(self, item: PremiumItem) -> None:
        self.add("IT1", item.line)
        for charge in item.charges:
            cents = charge.amount * 100
            if cents != cents.to_integral_value():
                raise ValueRefused("SAC", 5, "a charge is a whole number of cents")
            self.add("SAC", charge.indicator, charge.code, "", "", int(cents))
        for count in item.counts:
            self.add("SLN", count.line, "", count.relation, count.count, (count.unit,))


def _account(account: BankAccount) -> tuple[str | Code, ...]:
    return (
        account.bank_qualifier,
        Code(account.bank_number),
        account.account_qualifier,
        Code(account.account_number),
    )
