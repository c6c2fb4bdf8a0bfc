"""Medicare Part B, as any of its contractors: set `payer_id` to the contractor's."""

from __future__ import annotations

from datetime import date

from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import (
    AcceptedCode,
    CodeRange,
    DateRule,
    FilingLimit,
    PayerProfile,
    ReferringRule,
    TelehealthPair,
    TimelyFiling,
)

_FOOT_CARE = "Medicare Claims Processing Manual 100-04, chapter 32, 80 routine foot care"
# Class findings go with a systemic disease, whose doctor must have seen the patient; painful nails alone have none.
_CLASS_FINDINGS = ("Q7", "Q8", "Q9")
_CHIROPRACTIC = "Medicare Claims Processing Manual 100-04, chapter 26, 10.4 item 14"

_TELEHEALTH = "42 CFR 410.78 and its extension to December 31, 2027; Medicare Claims Processing Manual 100-04, 12, 190"
# Fee schedule status: B bundled, D and F deleted, G and I another code is used, H deleted modifier, N not covered, P excluded.
_UNPAID = ("B", "D", "F", "G", "H", "I", "N", "P")
_MENTAL_HEALTH = (CodeRange(first="90785", last="90863"), CodeRange(first="96116", last="96171"))

MEDICARE_B = PayerProfile(
    payer_id="MEDICAREB",
    name="Medicare Part B",
    kind="medicare",
    filing_indicators=("MB",),
    # Medicare Beneficiary Identifier: C A AN N A AN N A A N N, letters without S L O I B Z.
    member_id_pattern=(
        "[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
        "[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
    ),
    requires_person_rendering=True,
    requires_enrolment=True,
    frequency_codes=("1",),
    patient_is_subscriber=True,
    pays_after_employer_plan=True,
    insurance_type_when_secondary=True,
    obligated_amount_when_secondary=True,
    patient_paid_may_split_payment=True,
    span_limit="year",
    span_scope="line",
    daily_codes=(CodeRange(first="99231", last="99233"), CodeRange(first="99307", last="99310")),
    single_day_codes=(CodeRange(first="99202", last="99215"), CodeRange(first="99281", last="99285")),
    date_rules=(
        DateRule(codes=CodeRange(first="98940", last="98942"), field="initial_treatment_date", source=_CHIROPRACTIC),
        *(
            DateRule(
                codes=CodeRange(first=first, last=last, modifiers=_CLASS_FINDINGS),
                field="last_seen_date",
                source=_FOOT_CARE,
            )
            for first, last in (("11055", "11057"), ("11719", "11721"), ("G0127", "G0127"))
        ),
    ),
    timely_filing=TimelyFiling(original=FilingLimit(period=Period(1, "years"))),
    unpaid_statuses=_UNPAID,
    accepted_codes=(
        AcceptedCode(
            codes=CodeRange(first="98000", last="98015"),
            instead="99202 to 99215 with the telehealth place of service",
            start=date(2025, 1, 1),
            source="CY2025 PFS final rule, 89 FR 97710",
        ),
        AcceptedCode(
            codes=CodeRange(first="99241", last="99245"), instead="99202 to 99215", source="CMS change request 6740"
        ),
        AcceptedCode(
            codes=CodeRange(first="99251", last="99255"), instead="99221 to 99233", source="CMS change request 6740"
        ),
        AcceptedCode(
            codes=CodeRange(first="99417"), instead="G2212", start=date(2021, 1, 1), source="CY2021 PFS final rule"
        ),
        AcceptedCode(
            codes=CodeRange(first="99418"),
            instead="G0316, G0317 or G0318",
            start=date(2023, 1, 1),
            source="CY2023 PFS final rule, 87 FR 69404",
        ),
    ),
    prefers_x_modifiers=True,
    refuses_modifier_51=True,
    telehealth=(
        TelehealthPair(place="02", refused=("GT",), end=date(2028, 1, 1), source=_TELEHEALTH),
        TelehealthPair(place="10", refused=("GT",), end=date(2028, 1, 1), source=_TELEHEALTH),
        TelehealthPair(place="02", refused=("GT",), codes=_MENTAL_HEALTH, start=date(2028, 1, 1), source=_TELEHEALTH),
        TelehealthPair(place="10", refused=("GT",), codes=_MENTAL_HEALTH, start=date(2028, 1, 1), source=_TELEHEALTH),
        TelehealthPair(
            place="11", modifiers=("95",), end=date(2024, 1, 1), source="CY2024 PFS final rule, 88 FR 78818"
        ),
    ),
    # Whoever certifies the plan of care is named as referring; 42 CFR 424.507 asks who ordered, and that they may.
    referring_rules=(
        ReferringRule(
            codes=(
                CodeRange(first="92507", last="92526", modifiers=("GN",)),
                CodeRange(first="97010", last="97799", modifiers=("GN", "GO", "GP")),
            ),
            start=date(2013, 10, 7),
            source="CMS change request 8005: the certifying physician of outpatient therapy",
        ),
    ),
    requires_ordering=True,
    checks_ordering=True,
    requires_waste_modifier=True,
    requires_clia=True,
    requires_therapy_modifiers=True,
    # No authorization rules: Part B asks professional claims for none. The lists of 42 CFR 414.234 (equipment) and
    # 419.83 (hospital outpatient) are the supplier's and the hospital's.
    sources=("42 CFR 424.44", "CMS 5010 837P edits", "Medicare Claims Processing Manual 100-04 chapters 1, 12, 26"),
)
