"""What only a professional claim tells and few claims do: ambulance, equipment, spine, vision, certificates, forms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.basis import Address, ConditionIndicator, Noun, Provider


class Ambulance(Noun, frozen=True):
    """A transport: CR1, CRC*07, pick-up and drop-off; on a line only where it differs from the claim's."""

    patient_weight_pounds: Decimal | None = None  # CR102
    reason: str = ""  # CR104: A-E
    miles: Decimal | None = None  # CR106
    round_trip_purpose: str = ""  # CR109
    stretcher_purpose: str = ""  # CR110
    conditions: tuple[ConditionIndicator, ...] = ()  # CRC*07, at most 3
    pick_up: Address | None = None
    drop_off: Address | None = None
    drop_off_name: str = ""
    patients_carried: Decimal | None = None  # QTY*PT, lines only


class Spine(Noun, frozen=True):
    """Spinal manipulation: CR2."""

    condition: str = ""  # CR208
    description: str = ""  # CR210
    more_description: str = ""  # CR211


class Equipment(Noun, frozen=True):
    """Durable medical equipment on a line: SV5, CR3 and the dates of its certificate."""

    procedure_code: str = ""  # SV501-2
    days: Decimal | None = None  # SV503: length of medical necessity
    rental_price: Decimal | None = None  # SV504
    purchase_price: Decimal | None = None  # SV505
    rental_unit: str = ""  # SV506: 1 weekly, 4 monthly, 6 daily
    certification_type: str = ""  # CR301: I initial, R renewal, S revised
    months: Decimal | None = None  # CR303
    begin_therapy_date: date | None = None  # DTP*463
    revision_date: date | None = None  # DTP*607
    last_certification_date: date | None = None  # DTP*461


class Measurement(Noun, frozen=True):
    """A test result: MEA. `of` OG starting dosage, TR test results; `kind` HT height, R1-R4 the laboratory value."""

    of: str = ""
    kind: str = ""
    value: Decimal | None = None


class FormAnswer(Noun, frozen=True):
    """One answer of a supporting form: FRM."""

    question: str = ""  # FRM01
    yes_no: str = ""  # FRM02: Y, N, W not applicable
    text: str = ""  # FRM03
    on: date | None = None  # FRM04
    percent: Decimal | None = None  # FRM05


class Form(Noun, frozen=True):
    """A certificate or other supporting form of a line: 2440."""

    list_qualifier: str = ""  # LQ01: AS, UT
    code: str = ""  # LQ02
    answers: tuple[FormAnswer, ...] = ()


class Professional(Noun, frozen=True):
    """The rarer professional facts of a claim."""

    acute_manifestation_date: date | None = None  # 453
    last_xray_date: date | None = None  # 455
    prescription_date: date | None = None  # 471, hearing and vision
    disability_start: date | None = None  # 360, 314
    disability_end: date | None = None  # 361, 314
    last_worked_date: date | None = None  # 297
    return_to_work_date: date | None = None  # 296
    assumed_care_date: date | None = None  # 090
    relinquished_care_date: date | None = None  # 091
    first_contact_date: date | None = None  # 444, property and casualty
    patient_weight_pounds: Decimal | None = None  # PAT08
    pregnant: bool = False  # PAT09
    patient_contact_name: str = ""  # PER of the patient, property and casualty
    patient_contact_phone: str = ""
    patient_contact_extension: str = ""
    ambulance: Ambulance | None = None
    spine: Spine | None = None
    anesthesia_procedures: tuple[str, ...] = ()  # HI*BP, BO: the surgery the anesthesia was for
    mammography_certification: str = ""  # REF*EW
    care_plan_oversight: str = ""  # REF*1J
    medicare_crossover: str = ""  # REF*F5: section 4081
    primary_care: Provider | None = None  # 2310A P3


class ProfessionalLine(Noun, frozen=True):
    """The rarer professional facts of a line."""

    epsdt: bool = False  # SV111
    family_planning: bool = False  # SV112
    copay_exempt: bool = False  # SV115
    equipment: Equipment | None = None
    ambulance: Ambulance | None = None
    conditions: tuple[ConditionIndicator, ...] = ()  # CRC*70 hospice employee, CRC*09 equipment
    measurements: tuple[Measurement, ...] = ()
    anesthesia_extra_units: Decimal | None = None  # QTY*FL, obstetric
    prescription_date: date | None = None  # 471
    last_seen_date: date | None = None  # 304
    hemoglobin_test_date: date | None = None  # 738
    creatinine_test_date: date | None = None  # 739
    shipped_date: date | None = None  # 011
    last_xray_date: date | None = None  # 455
    initial_treatment_date: date | None = None  # 454
    mammography_certification: str = ""  # REF*EW
    referring_clia: str = ""  # REF*F4
    immunization_batch: str = ""  # REF*BT
    postage: Decimal | None = None  # AMT*F4
    purchased_service_provider: Provider | None = None  # 2420B
    purchased_service_id: str = ""  # PS101
    purchased_service_amount: Decimal | None = None  # PS102
    primary_care: Provider | None = None  # 2420F P3
    forms: tuple[Form, ...] = ()
