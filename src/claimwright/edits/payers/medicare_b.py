"""Medicare Part B, as any of its contractors: set `payer_id` to the contractor's."""

from __future__ import annotations

from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import CodeRange, DateRule, FilingLimit, PayerProfile, TimelyFiling

_FOOT_CARE = "Medicare Claims Processing Manual 100-04, chapter 32, 80 routine foot care"
_CHIROPRACTIC = "Medicare Claims Processing Manual 100-04, chapter 26, 10.4 item 14"

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
        DateRule(codes=CodeRange(first="11719", last="11721"), field="last_seen_date", source=_FOOT_CARE),
        DateRule(codes=CodeRange(first="11055", last="11057"), field="last_seen_date", source=_FOOT_CARE),
    ),
    timely_filing=TimelyFiling(original=FilingLimit(period=Period(1, "years"))),
    # No authorization rules: Part B asks professional claims for none. The lists of 42 CFR 414.234 (equipment) and
    # 419.83 (hospital outpatient) are the supplier's and the hospital's.
    sources=("42 CFR 424.44", "CMS 5010 837P edits", "Medicare Claims Processing Manual 100-04 chapters 1, 12, 26"),
)
