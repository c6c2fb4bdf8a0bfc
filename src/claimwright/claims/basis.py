"""What the larger nouns are made of: addresses, people, providers, diagnoses. Import them from `claims.nouns`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

ZERO = Decimal("0.00")


class Noun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of all nouns: immutable, compared by value, JSON by msgspec (`to_json`, `from_json`)."""


class Address(Noun, frozen=True):
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""  # digits only, 5 or 9
    country: str = ""  # blank for the United States
    country_subdivision: str = ""  # N407, outside the United States and Canada


class Person(Noun, frozen=True):
    """A patient, subscriber or other natural person as the payer holds them."""

    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    birth_date: date | None = None
    sex: str = ""  # F, M, U
    address: Address = Address()
    phone: str = ""
    death_date: date | None = None


class Patient(Person, frozen=True):
    """A person in care. `record_number` is the practice's MRN (REF*EA), `external_ids` other systems' ids."""

    record_number: str = ""
    language: str = "en"
    preferred_name: str = ""
    external_ids: tuple[str, ...] = ()


class Provider(Noun, frozen=True):
    """A billing, rendering, referring... provider. An organization has its name in `last_name`."""

    npi: str = ""
    is_organization: bool = False
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    taxonomy: str = ""
    tax_id: str = ""
    tax_id_qualifier: str = "EI"  # EI employer, SY social security
    address: Address = Address()
    contact_name: str = ""
    phone: str = ""
    phone_extension: str = ""
    fax: str = ""
    email: str = ""
    secondary_ids: tuple[tuple[str, str], ...] = ()  # (REF01, REF02)
    other_payer_ids: tuple[tuple[str, str, str], ...] = ()  # (REF01, REF02, REF04: the other payer's id), lines only

    @property
    def name(self) -> str:
        return self.last_name if self.is_organization else " ".join(filter(None, (self.first_name, self.last_name)))


class Diagnosis(Noun, frozen=True):
    code: str = ""  # no dot
    qualifier: str = ""  # ABK principal, ABF other, ABJ admitting, APR reason, ABN cause; BK, BF, BJ, PR, BN for ICD-9
    present_on_admission: str = ""  # Y, N, U, W; institutional claims only


class ConditionIndicator(Noun, frozen=True):
    """One CRC: whether the conditions `codes` of a category apply.

    Categories: 07 ambulance, 09 equipment, 70 hospice, 75 homebound, E1 E2 E3 vision, ZZ EPSDT referral.
    """

    category: str = ""
    applies: bool = True
    codes: tuple[str, ...] = ()


class Adjustment(Noun, frozen=True):
    """One CAS triple: group CO PR OA PI CR, CARC, amount and optional quantity."""

    group: str = ""
    reason: str = ""
    amount: Decimal = ZERO
    quantity: Decimal | None = None


class LineAdjudication(Noun, frozen=True):
    """What one prior payer decided on one line: loop 2430."""

    payer_id: str = ""  # SVD01 = 2330B NM109
    paid_amount: Decimal = ZERO
    procedure_code: str = ""
    procedure_qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""  # SVD03-7
    revenue_code: str = ""  # SVD04
    units: Decimal = Decimal(1)
    bundled_into: int = 0  # SVD06: the line number it was bundled into
    adjustments: tuple[Adjustment, ...] = ()
    adjudication_date: date | None = None  # DTP*573
    remaining_liability: Decimal | None = None  # AMT*EAF


class OtherPayerProvider(Noun, frozen=True):
    """Another payer's own numbers for a provider of the claim: loops 2330C and after. `role` is NM101."""

    role: str = ""
    is_organization: bool = False
    ids: tuple[tuple[str, str], ...] = ()  # (REF01, REF02)


class Drug(Noun, frozen=True):
    """A drug or supply of a line, loop 2410. `qualifier` N4 = an NDC of 11 digits; EN EO HI ON UK UP other products."""

    ndc: str = ""
    qualifier: str = "N4"
    quantity: Decimal | None = None
    unit: str = ""  # F2 GR ME ML UN
    prescription_number: str = ""  # REF*XZ
    link_number: str = ""  # REF*VY: joins the parts of a compound


class Note(Noun, frozen=True):
    """A remark with its kind (NTE01): ADD, CER, DCP ... of a claim."""

    code: str = "ADD"
    text: str = ""


class Contract(Noun, frozen=True):
    """Contract terms: CN1. A plain CN1*09 amount is the claim's or line's `obligated_amount` instead."""

    kind: str = ""  # CN101: 01 DRG, 02 per diem, 03 variable per diem, 04 flat, 05 capitated, 06 percent, 09 other
    amount: Decimal | None = None
    percent: Decimal | None = None
    code: str = ""
    discount_percent: Decimal | None = None
    version: str = ""


class Repricing(Noun, frozen=True):
    """What a repricer made of a claim or line: HCP, REF*9A/9C (line: 9B/9D) and DTP*050."""

    reference: str = ""
    adjusted_reference: str = ""
    received_date: date | None = None
    method: str = ""  # HCP01
    allowed_amount: Decimal | None = None
    savings_amount: Decimal | None = None
    organization_id: str = ""
    rate: Decimal | None = None
    group_code: str = ""  # HCP06: approved DRG or APG
    group_amount: Decimal | None = None
    revenue_code: str = ""
    procedure_qualifier: str = ""
    procedure_code: str = ""
    unit_basis: str = ""
    units: Decimal | None = None
    reject_reason: str = ""
    compliance: str = ""
    exception: str = ""


class PayerReference(Noun, frozen=True):
    """A number that another payer than the destination gave for a line: REF*G1, 9F or G3 with REF04."""

    qualifier: str = ""
    value: str = ""
    payer_id: str = ""
