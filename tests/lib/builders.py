"""Whole, valid nouns to start a test from: change what the test is about, leave the rest.

Practice NPI 1000000004, rendering NPI 1234567893; all people and payers are made up.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.claims.nouns import (
    Address,
    Adjustment,
    Claim,
    ClaimPayment,
    Coverage,
    Diagnosis,
    Line,
    LineAdjudication,
    Patient,
    Payer,
    Person,
    PriorPayment,
    Provider,
    Remittance,
    RemittanceLine,
)
from claimwright.claims.to_x12.parties import Receiver, Submitter
from claimwright.x12 import Envelope

WHEN = datetime(2026, 9, 8, 9, 30)
SUBMITTER = Submitter(
    name="LAKESIDE FAMILY MEDICINE", identifier="LAKESIDE01", contact_name="BILLING", phone="6085550142"
)
RECEIVER = Receiver(name="PRETEND CLEARINGHOUSE", identifier="CLEARHOUSE")
ENVELOPE = Envelope(sender_id="LAKESIDE01", receiver_id="CLEARHOUSE")

COMMERCIAL = Payer(payer_id="60054", name="NORTHERN MUTUAL", filing_indicator="CI")
SECOND_COMMERCIAL = Payer(payer_id="87726", name="PRAIRIE HEALTH PLAN", filing_indicator="CI")
MEDICARE = Payer(payer_id="06302", name="MEDICARE PART B WISCONSIN", filing_indicator="MB")
MEDICAID = Payer(payer_id="WIMCD", name="WISCONSIN MEDICAID", filing_indicator="MC")

HOME = Address(line1="12 BIRCH ST", city="MADISON", state="WI", postal_code="537034321")


def _with(noun: Any, overrides: dict[str, Any]) -> Any:
    return msgspec.structs.replace(noun, **overrides) if overrides else noun


def a_billing_provider(**overrides: Any) -> Provider:
    return _with(
        Provider(
            npi="1000000004",
            is_organization=True,
            last_name="LAKESIDE FAMILY MEDICINE",
            taxonomy="207Q00000X",
            tax_id="391234567",
            address=Address(line1="400 MAIN ST", city="MADISON", state="WI", postal_code="537031234"),
            contact_name="BILLING",
            phone="6085550142",
        ),
        overrides,
    )


def a_rendering_provider(**overrides: Any) -> Provider:
    return _with(
        Provider(npi="1234567893", last_name="HALVORSEN", first_name="INGRID", taxonomy="207Q00000X"), overrides
    )


def a_referring_provider(**overrides: Any) -> Provider:
    return _with(Provider(npi="1999999984", last_name="OKAFOR", first_name="DANIEL"), overrides)


def a_patient(**overrides: Any) -> Patient:
    return _with(
        Patient(
            last_name="TESTER",
            first_name="ANNA",
            birth_date=date(1980, 5, 17),
            sex="F",
            address=HOME,
            record_number="MRN1001",
        ),
        overrides,
    )


def person_of(patient: Person) -> Person:
    """The patient as a subscriber: the same person without what only a patient has."""
    return Person(**{field: getattr(patient, field) for field in Person.__struct_fields__})


def a_coverage(**overrides: Any) -> Coverage:
    return _with(
        Coverage(
            sequence="P",
            payer=COMMERCIAL,
            member_id="W12345678",
            group_number="GRP100",
            relationship="18",
            subscriber=person_of(a_patient()),
        ),
        overrides,
    )


def a_line(**overrides: Any) -> Line:
    return _with(
        Line(
            number=1,
            control_number="L1001",
            procedure_code="99213",
            charge=Decimal("150.00"),
            units=Decimal(1),
            diagnosis_pointers=(1,),
            date_from=date(2026, 8, 31),
        ),
        overrides,
    )


def a_claim(**overrides: Any) -> Claim:
    """A clean primary claim of one office visit; the patient is the subscriber.

    An override of `patient` alone makes that patient the subscriber too; of `lines` alone makes the total their sum.
    """
    lines = overrides.pop("lines", (a_line(),))
    patient = overrides.pop("patient", a_patient())
    coverage = overrides.pop("coverage", None) or a_coverage(subscriber=person_of(patient))
    claim = Claim(
        control_number="CW1001",
        patient=patient,
        coverage=coverage,
        billing_provider=a_billing_provider(),
        rendering=a_rendering_provider(),
        place_of_service="11",
        total_charge=sum((line.charge for line in lines), Decimal("0.00")),
        diagnoses=(Diagnosis(code="J069", qualifier="ABK"),),
        lines=lines,
    )
    return _with(claim, overrides)


def a_dependent_claim(**overrides: Any) -> Claim:
    """A child under a parent's cover: the claim stands in 2000C."""
    child = a_patient(first_name="TIM", birth_date=date(2018, 2, 3), sex="M", record_number="MRN1002")
    parent = Person(last_name="TESTER", first_name="ANNA")
    base = {
        "control_number": "CW1002",
        "patient": child,
        "coverage": a_coverage(relationship="19", subscriber=parent),
    }
    return a_claim(**(base | overrides))


def a_secondary_claim(**overrides: Any) -> Claim:
    """Scenario S2 after the primary's remittance: 190.00 charged, 85.00 paid, balanced on every line."""
    subscriber = person_of(a_patient())
    paid_on = date(2026, 9, 4)

    def adjudicated(code: str, paid: str, *adjustments: tuple[str, str, str]) -> LineAdjudication:
        return LineAdjudication(
            payer_id=COMMERCIAL.payer_id,
            paid_amount=Decimal(paid),
            procedure_code=code,
            adjustments=tuple(Adjustment(group=g, reason=r, amount=Decimal(a)) for g, r, a in adjustments),
            adjudication_date=paid_on,
        )

    visit = a_line(adjudications=(adjudicated("99213", "85.00", ("CO", "45", "40.00"), ("PR", "3", "25.00")),))
    test = a_line(
        number=2,
        control_number="L1002",
        procedure_code="87880",
        charge=Decimal("40.00"),
        adjudications=(adjudicated("87880", "0.00", ("CO", "45", "18.00"), ("PR", "1", "22.00")),),
    )
    base = {
        "control_number": "CW1003",
        "coverage": a_coverage(
            sequence="S", payer=SECOND_COMMERCIAL, member_id="P7654321", group_number="", subscriber=subscriber
        ),
        "prior_payments": (
            PriorPayment(
                coverage=a_coverage(subscriber=subscriber_on_wire(subscriber)),
                paid_amount=Decimal("85.00"),
                payer_claim_number="PCN778899",
            ),
        ),
        "lines": (visit, test),
    }
    return a_claim(**(base | overrides))


def subscriber_on_wire(person: Person) -> Person:
    """What 2330A carries of a subscriber: names and address, neither birth date nor sex."""
    return msgspec.structs.replace(person, birth_date=None, sex="", phone="", death_date=None)


def an_adjustment(group: str, reason: str, amount: str | Decimal) -> Adjustment:
    return Adjustment(group=group, reason=reason, amount=Decimal(amount))


def a_remittance_line(
    procedure_code: str = "99213",
    charge: str = "150.00",
    paid: str = "85.00",
    adjustments: tuple[tuple[str, str, str], ...] = (("CO", "45", "40.00"), ("PR", "3", "25.00")),
    **overrides: Any,
) -> RemittanceLine:
    """A line that balances when charge = paid + adjustments."""
    return _with(
        RemittanceLine(
            procedure_code=procedure_code,
            charge=Decimal(charge),
            paid=Decimal(paid),
            units_paid=Decimal(1),
            date_from=date(2026, 8, 31),
            control_number="L1001",
            allowed=Decimal(charge)
            - sum((Decimal(amount) for group, _, amount in adjustments if group != "PR"), Decimal(0)),
            adjustments=tuple(an_adjustment(*adjustment) for adjustment in adjustments),
        ),
        overrides,
    )


def a_claim_payment(lines: tuple[RemittanceLine, ...] | None = None, **overrides: Any) -> ClaimPayment:
    """A CLP whose charge, paid amount and patient responsibility are the sums of its lines."""
    lines = (a_remittance_line(),) if lines is None else lines
    zero = Decimal("0.00")
    responsibility = sum((a.amount for line in lines for a in line.adjustments if a.group == "PR"), zero)
    return _with(
        ClaimPayment(
            control_number="CW1001",
            status="1",
            charge=sum((line.charge for line in lines), zero),
            paid=sum((line.paid for line in lines), zero),
            patient_responsibility=responsibility,
            filing_indicator="12",
            payer_claim_number="PCN1001",
            facility_code="11",
            frequency="1",
            patient=Person(last_name="TESTER", first_name="ANNA"),
            patient_id="W12345678",
            rendering_npi="1234567893",
            lines=lines,
        ),
        overrides,
    )


def a_remittance(claims: tuple[ClaimPayment, ...] | None = None, **overrides: Any) -> Remittance:
    """A balanced remittance: BPR02 is the sum of the claims less the provider adjustments."""
    claims = (a_claim_payment(),) if claims is None else claims
    adjustments = overrides.get("provider_adjustments", ())
    zero = Decimal("0.00")
    amount = sum((claim.paid for claim in claims), zero) - sum((item.amount for item in adjustments), zero)
    return _with(
        Remittance(
            transaction_control_number="0001",
            handling="I" if amount else "H",
            amount=amount,
            method="ACH" if amount else "NON",
            payment_date=date(2026, 9, 14),
            trace_number="EFT0001001",
            trace_payer_id="1391111111",
            production_date=date(2026, 9, 14),
            payer=Payer(
                payer_id=COMMERCIAL.payer_id,
                name=COMMERCIAL.name,
                address=Address(line1="1 PLAN PLAZA", city="MILWAUKEE", state="WI", postal_code="532021111"),
            ),
            payee_name="LAKESIDE FAMILY MEDICINE",
            payee_npi="1000000004",
            payee_tax_id="391234567",
            claims=claims,
        ),
        overrides,
    )
