"""835 (005010X221A1, and 4010 as far as it is alike) to Remittance. Reads everything, judges nothing, never raises."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import msgspec

from claimwright.claims.from_x12.values import Values, address_of, person_of, reference
from claimwright.claims.nouns import ClaimPayment, Payer, Person, ProviderAdjustment, Remittance, RemittanceLine
from claimwright.x12 import loops
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

PLB_PAIRS = range(3, 14, 2)
MOA_REMARKS = range(3, 8)
MIA_REMARKS = (5, 20, 21, 22, 23)


class RemittanceRead(msgspec.Struct, frozen=True, kw_only=True):
    """What an 835 holds, and what of it could not be read. With a fault of severity reject nothing is posted."""

    remittance: Remittance
    faults: tuple[Fault, ...] = ()


def remittance(transaction: Transaction) -> RemittanceRead:
    """One ST..SE of an 835. Amounts that are none are 0.00 with a fault that names segment and element."""
    reader = RemittanceReader(loops.parse(transaction))
    noun = reader.read(transaction)
    return RemittanceRead(remittance=noun, faults=tuple(reader.faults))


def fingerprint(transaction: Transaction) -> str:
    """Which payment notice this is, whatever envelope, separators and line breaks it came in.

    SHA-256 of ST..SE without ST02, SE02 and blanks; trailing empty elements do not count.
    """
    digest = hashlib.sha256()
    for segment in transaction.segments:
        elements = list(segment.elements)
        if elements[0] in ("ST", "SE") and len(elements) > 2:
            elements[2] = ""
        marks = segment.delimiters
        text = "\x1f".join(elements).replace(marks.component, "\x1d").replace(marks.repetition, "\x1c")
        digest.update("".join(text.split(" ")).translate(_NO_BREAKS).rstrip("\x1f").encode("latin-1"))
        digest.update(b"\x1e")
    return digest.hexdigest()


_NO_BREAKS = {ord(character): None for character in "\t\r\n\x0b\x0c\x00"}


class RemittanceReader(Values):
    """Reads the loops of one 835."""

    def __init__(self, root: Loop) -> None:
        super().__init__("835")
        self.root = root

    def read(self, transaction: Transaction) -> Remittance:
        header = self.header(transaction)
        claims = tuple(self.claim(loop) for loop in self.root.descend("2100"))
        adjustments = tuple(item for segment in self.root.all("PLB") for item in self.plb(segment))
        return msgspec.structs.replace(
            header, claims=claims, provider_adjustments=adjustments, fingerprint=fingerprint(transaction)
        )

    def header(self, transaction: Transaction) -> Remittance:
        """What stands before the claims: payment, trace, payer and payee."""
        root = self.root
        payment, trace, currency = root.first("BPR"), root.first("TRN"), root.first("CUR")
        if payment is None:
            self.fault("NO-BPR", transaction.st, 0, "The remittance has no BPR: no payment is told", "Ask the payer")
        if trace is None or not trace[2].strip():
            self.fault("NO-TRN", trace or transaction.st, 2, "The payment has no trace number", "Ask the payer")
        payee = next(root.descend("1000B"), None)
        name = payee.first("N1") if payee else None
        by_npi = name is not None and name[3] == "XX"
        tax_id = reference(payee, "TJ") if payee else ""
        if name is not None and name[3] == "FI":
            tax_id = name[4].strip()
        return Remittance(
            transaction_control_number=transaction.control_number,
            handling=payment[1] if payment else "",
            amount=self.amount(payment, 2) if payment else Decimal("0.00"),
            credit_debit=payment[3] if payment else "",
            method=payment[4] if payment else "",
            payment_date=self.day(payment, 16, Severity.REJECT),
            trace_number=trace[2].strip() if trace else "",
            trace_payer_id=trace[3].strip() if trace else "",
            currency=currency[2].strip() if currency else "USD",
            production_date=self.day(root.first("DTM", "405"), 2),
            payer=self.payer(),
            payee_name=name.text_of(2).strip() if name else "",
            payee_npi=name[4].strip() if name and by_npi else "",
            payee_tax_id=tax_id,
        )

    def payer(self) -> Payer:
        loop = next(self.root.descend("1000A"), None)
        if loop is None:
            return Payer()
        name = loop.first("N1")
        known = ("2U",)
        return Payer(
            payer_id=reference(loop, "2U") or (name[4].strip() if name else ""),
            name=name.text_of(2).strip() if name else "",
            address=address_of(loop),
            secondary_ids=tuple((s[1], s[2].strip()) for s in loop.all("REF") if s[1] not in known),
        )

    def claim(self, loop: Loop) -> ClaimPayment:
        segment = loop.first("CLP") or loop.segments[0]
        self.loop, self.control_number = loop.id, segment[1].strip()
        patient, corrected = loop.first("NM1", "QC"), loop.first("NM1", "74")
        subscriber, rendering = loop.first("NM1", "IL"), loop.first("NM1", "82")
        moa, mia = loop.first("MOA"), loop.first("MIA")
        remarks = [moa[at] for at in MOA_REMARKS] if moa else []
        remarks += [mia[at] for at in MIA_REMARKS] if mia else []
        responsibility = self.optional_amount(segment, 5)
        noun = ClaimPayment(
            control_number=self.control_number,
            status=segment[2].strip(),
            charge=self.amount(segment, 3),
            paid=self.amount(segment, 4),
            patient_responsibility=responsibility,
            filing_indicator=segment[6].strip(),
            payer_claim_number=segment[7].strip(),
            facility_code=segment[8].strip(),
            frequency=segment[9].strip(),
            patient=person_of(patient),
            patient_id=patient[9].strip() if patient else "",
            subscriber_id=subscriber[9].strip() if subscriber else "",
            corrected_insured=_corrected(corrected),
            corrected_member_id=corrected[9].strip() if corrected else "",
            rendering_npi=rendering[9].strip() if rendering and rendering[8] == "XX" else "",
            forwarded_to=_payer(loop.first("NM1", "TT")),
            priority_payer=_payer(loop.first("NM1", "PR")),
            original_reference=reference(loop, "F8"),
            adjustments=self.adjustments(loop),
            remarks=tuple(remark.strip() for remark in remarks if remark.strip()),
            lines=(),
            date_from=self.dated(loop, "232", "DTM", 2),
            date_to=self.dated(loop, "233", "DTM", 2),
            received_date=self.dated(loop, "050", "DTM", 2),
            allowed=self.optional_amount(loop.first("AMT", "AU"), 2),
            interest=self.optional_amount(loop.first("AMT", "I"), 2),
            segment=segment.number,
        )
        lines = tuple(self.line(line) for line in loop.descend("2110"))
        return msgspec.structs.replace(noun, lines=lines)

    def line(self, loop: Loop) -> RemittanceLine:
        segment = loop.first("SVC") or loop.segments[0]
        self.loop = loop.id
        single, start = self.dated(loop, "472", "DTM", 2), self.dated(loop, "150", "DTM", 2)
        code, original = segment.components(1), segment.components(6)
        return RemittanceLine(
            procedure_code=segment.component(1, 2).strip(),
            procedure_qualifier=segment.component(1, 1),
            modifiers=tuple(part for part in code[2:6] if part),
            original_procedure_code=segment.component(6, 2).strip(),
            original_modifiers=tuple(part for part in original[2:6] if part),
            charge=self.amount(segment, 2),
            paid=self.amount(segment, 3),
            units_paid=self.quantity(segment, 5),
            units_billed=self.quantity(segment, 7),
            date_from=single or start,
            date_to=self.dated(loop, "151", "DTM", 2),
            control_number=reference(loop, "6R"),
            allowed=self.optional_amount(loop.first("AMT", "B6"), 2),
            adjustments=self.adjustments(loop),
            remarks=tuple(s[2].strip() for s in loop.all("LQ", "HE") if s[2].strip()),
            segment=segment.number,
        )

    def plb(self, segment: Segment) -> list[ProviderAdjustment]:
        self.loop, self.control_number = "", ""
        period = self.day(segment, 2)
        found = []
        for at in PLB_PAIRS:
            if not segment[at].strip() and not segment[at + 1].strip():
                continue
            if not segment.component(at, 1).strip():
                self.fault("PLB", segment, at, "A provider adjustment without its code", "Ask the payer what it is for")
            found.append(
                ProviderAdjustment(
                    code=segment.component(at, 1).strip(),
                    reference=segment.component(at, 2).strip(),
                    amount=self.amount(segment, at + 1),
                    provider_id=segment[1].strip(),
                    fiscal_period_end=period,
                    segment=segment.number,
                )
            )
        return found


def _corrected(name: Segment | None) -> Person | None:
    person = person_of(name)
    return person if name is not None and person != Person() else None


def _payer(name: Segment | None) -> Payer | None:
    if name is None:
        return None
    return Payer(payer_id=name[9].strip(), name=name.text_of(3).strip(), id_qualifier=name[8].strip())
