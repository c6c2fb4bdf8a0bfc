"""What a new payer begins with: the rules that hold for all payers of its kind, from law or common to the trade.

Made of the examples in `edits/payers`. What differs from payer to payer is left out, so that no example is taken for a
payer's word: lists of services that need authorization, forms of its numbers, and filing limits other than the law's.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from claimwright.claims.nouns import Noun
from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import FilingLimit, PayerProfile, TimelyFiling
from claimwright.edits.payers.blue import BLUE
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.commercial_hmo import COMMERCIAL_HMO
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B


class PayerStart(Noun, frozen=True, kw_only=True):
    """`words` name the kind of payer, `says` what its rules begin with."""

    words: str
    says: str
    profile: PayerProfile


def _without_examples(profile: PayerProfile, limits: TimelyFiling | None = None) -> PayerProfile:
    return msgspec.structs.replace(
        profile, authorization_rules=(), authorization_number_pattern="", referral_number_pattern="",
        timely_filing=limits,
    )  # fmt: skip


_TRICARE = PayerProfile(
    payer_id="TRICARE", kind="tricare", filing_indicators=("CH",), pays_after_employer_plan=True,
    timely_filing=TimelyFiling(original=FilingLimit(period=Period(1, "years"))), appeal_days=90, ncci_program="medicare",
    sources=("32 CFR 199.7(d)(1) claims within one year", "32 CFR 199.10(b) reconsideration within 90 days"),
)  # fmt: skip
_ADVANTAGE = PayerProfile(
    payer_id="ADVANTAGE", kind="medicare_advantage", filing_indicators=("16", "HM", "CI"), pays_after_employer_plan=True,
    requires_enrolment=True, ncci_program="medicare",
    sources=("42 CFR 422.108 pays after an employer's plan as Medicare does", "42 CFR 422.101 covers what Medicare covers"),
)  # fmt: skip
_SUPPLEMENT = PayerProfile(payer_id="SUPPLEMENT", kind="supplemental", filing_indicators=("CI", "SP", "MI"))
_INJURY = "Another's coverage: it pays for an injury, whatever plan the patient has"
_WORKERS = PayerProfile(
    payer_id="WORKERS", kind="workers_compensation", filing_indicators=("WC",), covers_injuries_of_others=True
)
_AUTO = PayerProfile(payer_id="AUTO", kind="auto", filing_indicators=("AM",), covers_injuries_of_others=True)
_LIABILITY = PayerProfile(
    payer_id="LIABILITY", kind="liability", filing_indicators=("LM",), covers_injuries_of_others=True
)

STARTS: Mapping[str, PayerStart] = {
    "commercial": PayerStart(
        words="Commercial plan", says="Replacements and voids by frequency code; telehealth with modifier 95, 93 or GT",
        profile=_without_examples(COMMERCIAL),
    ),
    "blue": PayerStart(
        words="Blue plan", says="As a commercial plan; member ids with the plan's prefix, taxonomy on every claim",
        profile=_without_examples(BLUE),
    ),
    "hmo": PayerStart(
        words="Commercial HMO", says="As a commercial plan; asks for enrolment and taxonomy",
        profile=_without_examples(COMMERCIAL_HMO),
    ),
    "medicare": PayerStart(
        words="Medicare Part B", profile=_without_examples(MEDICARE_B, MEDICARE_B.timely_filing),
        says="Form of the MBI, one year to file (42 CFR 424.44), enrolment, Medicare's NCCI, ordering providers, CLIA",
    ),
    "advantage": PayerStart(
        words="Medicare Advantage", profile=_ADVANTAGE,
        says="A plan in Medicare's place: its own member ids, limits and appeals by contract; pays after an employer's plan, "
        "asks for enrolment, Medicare's NCCI, decides on authorizations in 7 days",
    ),
    "medicaid": PayerStart(
        words="Medicaid", says="Pays last, asks for enrolment and taxonomy, Medicaid's NCCI; the state says its filing limit",
        profile=_without_examples(MEDICAID),
    ),
    "tricare": PayerStart(
        words="TRICARE", says="One year to file (32 CFR 199.7), 90 days to appeal (32 CFR 199.10)", profile=_TRICARE
    ),
    "supplement": PayerStart(
        words="Medicare supplement", says="Pays after Medicare, mostly by crossover", profile=_SUPPLEMENT
    ),
    "workers_compensation": PayerStart(words="Workers' compensation", says=_INJURY, profile=_WORKERS),
    "auto": PayerStart(words="Auto, no-fault", says=_INJURY, profile=_AUTO),
    "liability": PayerStart(words="Liability insurer", says=_INJURY, profile=_LIABILITY),
}  # fmt: skip
