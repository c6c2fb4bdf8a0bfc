"""A state Medicaid program. Limits differ by state: these are common ones, to be replaced by the state's manual."""

from __future__ import annotations

from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import (
    AuthorizationRule,
    CodeRange,
    DateRule,
    FilingLimit,
    PayerProfile,
    TelehealthPair,
    TimelyFiling,
)

MEDICAID = PayerProfile(
    payer_id="MEDICAID",
    name="Medicaid",
    kind="medicaid",
    filing_indicators=("MC",),
    requires_taxonomy=True,
    requires_enrolment=True,
    patient_is_subscriber=True,
    pays_last=True,
    span_limit="month",
    daily_codes=(CodeRange(first="99231", last="99233"),),
    single_day_codes=(CodeRange(first="99202", last="99215"),),
    date_rules=(
        DateRule(
            codes=CodeRange(first="59400", last="59410"),
            field="last_menstrual_period",
            source="State Medicaid manuals, maternity",
        ),
    ),
    timely_filing=TimelyFiling(
        original=FilingLimit(period=Period(365)),
        corrected=FilingLimit(period=Period(365), runs_from="original"),
        secondary=FilingLimit(period=Period(180), runs_from="prior_payer"),
    ),
    telehealth=tuple(
        TelehealthPair(place=place, modifiers=("95", "93", "GT"), source="State Medicaid manuals, telehealth")
        for place in ("02", "10")
    ),
    requires_ordering=True,
    checks_ordering=True,
    ndc_required=(
        CodeRange(first="J0120", last="J9999"),
        CodeRange(first="Q0138", last="Q0139"),
        CodeRange(first="Q2043", last="Q2057"),
        CodeRange(first="Q5101", last="Q5160"),
    ),
    requires_clia=True,
    vaccine_billing="either",  # Vaccines for Children: the state gives the product, and states differ in what is billed
    newborn_days=30,
    authorization_rules=(
        AuthorizationRule(
            codes=(
                CodeRange(first="70540", last="70559"),
                CodeRange(first="72141", last="72158"),
                CodeRange(first="78811", last="78816"),
            ),
            except_places=("21", "23"),
            source="State Medicaid manuals, advanced imaging: example, the state's own list replaces it",
        ),
        AuthorizationRule(
            codes=(CodeRange(first="K0813", last="K0898"),),
            source="42 CFR 440.70(b)(3) and state Medicaid manuals: power wheelchairs",
        ),
    ),
    sources=(
        "42 CFR 433.139 payer of last resort",
        "42 CFR 447.45(d)(1) claims within 12 months",
        "42 CFR 438.210(d), 440.230(e) decisions",
        "42 CFR 455.410(b), 455.440 ordering and referring",
        "42 USC 1396r-8(a)(7), 42 CFR 447.520 NDC of drugs given by physicians",
    ),
)
