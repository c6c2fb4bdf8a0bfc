"""A commercial HMO with primary care providers: specialists on referral, costly services on authorization. Example values."""

from __future__ import annotations

from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import AuthorizationRule, CodeRange, FilingLimit, PayerProfile, TimelyFiling

# General and family practice, internal medicine, paediatrics, their nurse practitioners and physician assistants, and
# gynaecology, which an HMO may not put behind a referral (45 CFR 149.310(a)(3)). NUCC taxonomy, by first characters.
PRIMARY_CARE = (
    "207Q00000X", "208D00000X", "207R00000X", "208000000X", "363LF0000X", "363LP0200X", "363LP2300X", "363AM0700X",
    "207V", "363LX0001X",
)  # fmt: skip
_LIST = "Example of an HMO's prior authorization list"

COMMERCIAL_HMO = PayerProfile(
    payer_id="HMO",
    name="Commercial HMO",
    kind="commercial",
    filing_indicators=("HM", "CI"),
    requires_taxonomy=True,
    requires_enrolment=True,
    daily_codes=(CodeRange(first="99231", last="99233"),),
    single_day_codes=(CodeRange(first="99202", last="99215"),),
    timely_filing=TimelyFiling(
        original=FilingLimit(period=Period(90)),
        corrected=FilingLimit(period=Period(180), runs_from="original"),
        secondary=FilingLimit(period=Period(90), runs_from="prior_payer"),
    ),
    newborn_days=31,
    authorization_rules=(
        AuthorizationRule(
            kind="referral",
            codes=(CodeRange(first="99202", last="99215"), CodeRange(first="99242", last="99245")),
            except_specialties=PRIMARY_CARE,
            except_places=("20",),
            filing_indicators=("HM",),
            source="Example of an HMO's manual: specialist visits on referral of the primary care provider",
        ),
        AuthorizationRule(
            codes=(
                CodeRange(first="70540", last="70559"),
                CodeRange(first="72141", last="72158"),
                CodeRange(first="73218", last="73223"),
                CodeRange(first="73718", last="73723"),
            ),
            source=f"{_LIST}: MR imaging",
        ),
        AuthorizationRule(
            codes=(CodeRange(first="97110", last="97546"),),
            except_places=("21",),
            source=f"{_LIST}: outpatient therapy after the evaluation",
        ),
        AuthorizationRule(codes=(CodeRange(first="E0100", last="E8002"),), source=f"{_LIST}: durable equipment"),
        AuthorizationRule(bill_types=("11", "18", "21"), source=f"{_LIST}: inpatient and skilled nursing stays"),
    ),
    authorization_number_pattern="[A-Z0-9]{6,20}",
    referral_number_pattern="[A-Z0-9]{5,20}",
    decision_days=15,  # 29 CFR 2560.503-1(f)(2)(iii)(A): pre-service claims of employer plans
    sources=("Example values; take them from the contract and the plan's list", "29 CFR 2560.503-1(f)"),
)
