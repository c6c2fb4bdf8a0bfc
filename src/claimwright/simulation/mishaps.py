"""What careless partners send: one remittance or acknowledgement for each way a payment can need a person.

The files are made from claims that are really out, and dropped where the clearinghouse leaves its answers, so that they
come in over SFTP like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import Adjustment, ClaimPayment, Payer, Person, Remittance, RemittanceLine
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.to_x12.remittance import build_interchange
from claimwright.simulation.office import BILLING
from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.payments.models import ClaimPayment as ClaimPaymentRow
from claimwright.web.payments.models import Remittance as RemittanceRow
from claimwright.web.submissions.models import ClaimVersion
from claimwright.x12 import Envelope, InterchangeBuilder, TransactionBuilder, read

TRACE_IDS = {"MEDB1": "1900000001", "COMM1": "1900000002", "MCAID": "1900000003", "SUPP1": "1900000004"}
CLEARINGHOUSE = Envelope(sender_id="CWSANDBOX", receiver_id="LAKESIDE")
CENT = Decimal("0.01")
KEPT = Decimal("0.30")  # the contractual part of these payers' answers
FIRST_CONTROL_NUMBER = 900_000_001


def drop_all(tenant: Tenant, outbound: Path, day: date) -> list[str]:
    """Leave every mishap that the office's claims allow; the names of the files."""
    names = []
    with tenant_scope(tenant):
        maker = Maker(day)
        for name, content in maker.files():
            (outbound / name).write_bytes(content)
            names.append(name)
    return names


class Maker:
    """Makes the files; each takes a claim of its own, so that one mishap does not hide another."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.when = datetime.combine(day, datetime.min.time())
        self.number = FIRST_CONTROL_NUMBER
        self.used: set[object] = set()

    def files(self) -> Iterator[tuple[str, bytes]]:
        for make in REMITTANCE_MISHAPS:
            remittance = make(self)
            if remittance is not None:
                yield f"835_{make.__name__.upper()}.edi", self.render(remittance)
        yield from self.copies()
        yield "999_OF_NOTHING.edi", self.orphan_acknowledgement()

    def version(self, *states: State, **match: object) -> ClaimVersion | None:
        """An untouched claim to a first payer in one of the states."""
        rows = ClaimVersion.objects.filter(state__in=states, **({"claim__sequence": "P"} | match))
        rows = rows.select_related("claim__payer", "claim__patient").exclude(pk__in=self.used)
        found = rows.filter(claim__encounter__claim_payments__isnull=True).order_by("-control_number").first()
        found = found or rows.order_by("-control_number").first()
        if found is not None:
            self.used.add(found.pk)
        return found

    def payment(self, version: ClaimVersion, *, status: str = "1", **changes: object) -> ClaimPayment:
        """The answer an ordinary payer would give: the contractual part off, the rest paid."""
        claim = msgspec.convert(version.content, ClaimNoun)
        lines = tuple(
            RemittanceLine(
                procedure_code=line.procedure_code, modifiers=line.modifiers, charge=line.charge,
                paid=line.charge - (line.charge * KEPT).quantize(CENT), units_paid=line.units, date_from=line.date_from,
                control_number=line.control_number,
                adjustments=(Adjustment(group="CO", reason="45", amount=(line.charge * KEPT).quantize(CENT)),),
            )
            for line in claim.lines
        )  # fmt: skip
        plain = ClaimPayment(
            control_number=version.control_number, status=status, charge=claim.total_charge,
            paid=sum((line.paid for line in lines), Decimal("0.00")), patient_responsibility=Decimal("0.00"),
            filing_indicator="CI", payer_claim_number=f"M{version.control_number}", facility_code="11", frequency="1",
            patient=Person(last_name=claim.patient.last_name, first_name=claim.patient.first_name), lines=lines,
        )  # fmt: skip
        return msgspec.structs.replace(plain, **changes)

    def remittance(self, payer_id: str, *claims: ClaimPayment, **changes: object) -> Remittance:
        self.number += 1
        amount = sum((claim.paid for claim in claims), Decimal("0.00"))
        plain = Remittance(
            handling="I" if amount > 0 else "H", amount=amount, method="ACH" if amount > 0 else "NON",
            payment_date=self.day, production_date=self.day, trace_number=f"{TRACE_IDS[payer_id]}{self.number % 10000:04d}",
            trace_payer_id=TRACE_IDS[payer_id], payer=Payer(payer_id=payer_id, name=f"SANDBOX {payer_id}"),
            payee_name=BILLING.last_name.upper(), payee_npi=BILLING.npi, payee_tax_id=BILLING.tax_id, claims=claims,
        )  # fmt: skip
        return msgspec.structs.replace(plain, **changes)

    def render(self, remittance: Remittance) -> bytes:
        self.number += 1
        return build_interchange(
            [remittance], envelope=CLEARINGHOUSE, control_number=self.number % 1_000_000_000,
            group_control_number=self.number % 1_000_000_000, when=self.when, line_break="\n",
        )  # fmt: skip

    def copies(self) -> Iterator[tuple[str, bytes]]:
        """A posted payment in another envelope, and again with one figure changed."""
        row = RemittanceRow.objects.filter(state="posted", amount__gt=0).select_related("part__file").first()
        if row is None:
            return
        content = bytes(row.part.file.content)
        document = read(content)
        isa, iea = document.interchanges[0].isa, document.interchanges[0].iea
        if isa is not None and iea is not None:
            self.number += 1
            isa.elements[13] = iea.elements[2] = f"{self.number % 1_000_000_000:09d}"
            text = "".join(segment.text() for segment in document.segments)
            yield "835_IN_ANOTHER_ENVELOPE.edi", text.encode("latin-1")
        noun = msgspec.convert(row.content, Remittance)
        first, *others = noun.claims
        changed = msgspec.structs.replace(first, payer_claim_number=f"{first.payer_claim_number}X")
        yield "835_SAME_PAYMENT_CHANGED.edi", self.render(msgspec.structs.replace(noun, claims=(changed, *others)))

    def orphan_acknowledgement(self) -> bytes:
        self.number += 1
        answer = TransactionBuilder("999", "0001", "005010X231A1")
        answer.add("AK1", "HC", "987654321", "005010X222A1")
        answer.add("AK9", "A", 1, 1, 1)
        interchange = InterchangeBuilder(CLEARINGHOUSE, self.number % 1_000_000_000, self.when)
        interchange.add_group("999", 1, "005010X231A1", [answer.build()])
        return interchange.build()


SENT = (State.PAYER_ACCEPTED, State.CH_ACCEPTED, State.FILE_ACCEPTED, State.SENT)


def off_by_a_cent(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT)
    if version is None:
        return None
    paid = maker.remittance(version.claim.payer.payer_id, maker.payment(version))
    return msgspec.structs.replace(paid, amount=paid.amount + CENT)


def another_patient(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT)
    if version is None:
        return None
    stranger = Person(last_name="STRANGER", first_name="PAT")
    claim = maker.payment(version)
    line = msgspec.structs.replace(claim.lines[0], charge=claim.lines[0].charge + 50, paid=claim.lines[0].paid + 50)
    other = msgspec.structs.replace(
        claim, patient=stranger, charge=claim.charge + 50, paid=claim.paid + 50, lines=(line, *claim.lines[1:])
    )
    return maker.remittance(version.claim.payer.payer_id, other)


def lines_nobody_billed(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT)
    if version is None:
        return None
    claim = maker.payment(version)
    half = (claim.charge / 2).quantize(CENT)
    lines = tuple(
        RemittanceLine(procedure_code=code, charge=amount, paid=amount, units_paid=Decimal(1))
        for code, amount in (("97799", half), ("97798", claim.charge - half))
    )
    if len(version.content["lines"]) == len(lines):
        lines = (*lines, RemittanceLine(procedure_code="97797", charge=Decimal("0.00"), paid=Decimal("0.00")))
    return maker.remittance(
        version.claim.payer.payer_id, msgspec.structs.replace(claim, paid=claim.charge, lines=lines)
    )


def payer_not_on_the_claim(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT, claim__payer__key="commercial")
    return maker.remittance("MCAID", maker.payment(version)) if version else None


def reason_nobody_knows(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT)
    if version is None:
        return None
    claim = maker.payment(version)
    lines = tuple(
        msgspec.structs.replace(
            line, adjustments=tuple(msgspec.structs.replace(one, reason="999") for one in line.adjustments)
        )
        for line in claim.lines
    )
    return maker.remittance(version.claim.payer.payer_id, msgspec.structs.replace(claim, lines=lines))


def _negative(claim: ClaimPayment) -> ClaimPayment:
    """The claim payment taken back: every amount the other way round."""

    def turned(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        return tuple(msgspec.structs.replace(one, amount=-one.amount) for one in adjustments)

    return msgspec.structs.replace(
        claim, status="22", charge=-claim.charge, paid=-claim.paid, patient_responsibility=None,
        adjustments=turned(claim.adjustments), forwarded_to=None,
        lines=tuple(
            msgspec.structs.replace(
                line, charge=-line.charge, paid=-line.paid, adjustments=turned(line.adjustments), allowed=None
            )
            for line in claim.lines
        ),
        allowed=None, interest=None,
    )  # fmt: skip


def _with_payment(maker: Maker, claim: ClaimPayment, version: ClaimVersion) -> Remittance | None:
    """A reversal with another claim's payment above it, so that the payment itself is not below zero."""
    other = maker.version(*SENT, claim__payer=version.claim.payer)
    if other is None:
        return None
    paid = maker.payment(other)
    if paid.paid + claim.paid < 0:
        return None
    return maker.remittance(version.claim.payer.payer_id, claim, paid)


def reversal_of_nothing(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT)
    if version is None:
        return None
    small = _negative(maker.payment(version))
    return _with_payment(maker, small, version) or maker.remittance(version.claim.payer.payer_id, *(
        () if small.paid else (small,)
    ))  # fmt: skip


def reversal_without_correction(maker: Maker) -> Remittance | None:
    rows = ClaimPaymentRow.objects.filter(state="posted", status="1", reversed_by__isnull=True, paid__gt=0)
    rows = rows.filter(version__state=State.CLOSED, encounter__claims__sequence="P").exclude(version__in=maker.used)
    for row in rows.select_related("version__claim__payer").order_by("paid")[:40]:
        if row.encounter is None or row.encounter.claims.count() != 1 or row.version is None:
            continue
        answer = _with_payment(maker, _negative(msgspec.convert(row.content, ClaimPayment)), row.version)
        if answer is not None:
            maker.used.add(row.version_id)
            return answer
    return None


def second_payment(maker: Maker) -> Remittance | None:
    version = maker.version(State.CLOSED)
    return maker.remittance(version.claim.payer.payer_id, maker.payment(version)) if version else None


def secondary_repeats_the_discount(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT, claim__sequence="S")
    if version is None:
        return None
    return maker.remittance(version.claim.payer.payer_id, maker.payment(version, status="2"))


def status_of_an_older_guide(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT)
    return maker.remittance(version.claim.payer.payer_id, maker.payment(version, status="10")) if version else None


def claim_that_never_went(maker: Maker) -> Remittance | None:
    version = maker.version(State.EDIT_HOLD)
    return maker.remittance(version.claim.payer.payer_id, maker.payment(version)) if version else None


def forwarded_to_a_stranger(maker: Maker) -> Remittance | None:
    version = maker.version(*SENT, claim__payer__key="commercial")
    if version is None or version.claim.encounter.claims.count() != 1:
        return None
    stranger = Payer(payer_id="STRANGE1", name="STRANGE BENEFIT FUND")
    return maker.remittance(version.claim.payer.payer_id, maker.payment(version, status="19", forwarded_to=stranger))


REMITTANCE_MISHAPS: tuple[Callable[[Maker], Remittance | None], ...] = (
    off_by_a_cent,
    another_patient,
    lines_nobody_billed,
    payer_not_on_the_claim,
    reason_nobody_knows,
    reversal_of_nothing,
    reversal_without_correction,
    second_payment,
    secondary_repeats_the_discount,
    status_of_an_older_guide,
    claim_that_never_went,
    forwarded_to_a_stranger,
)
