"""A commercial plan: a common set of rules to start from; the contract's own values replace them."""

from __future__ import annotations

from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import CodeRange, FilingLimit, PayerProfile, TelehealthPair, TimelyFiling

COMMERCIAL = PayerProfile(
    payer_id="COMMERCIAL",
    name="Commercial plan",
    kind="commercial",
    filing_indicators=("CI", "12", "HM", "BL"),
    daily_codes=(CodeRange(first="99231", last="99233"),),
    single_day_codes=(CodeRange(first="99202", last="99215"),),
    timely_filing=TimelyFiling(
        original=FilingLimit(period=Period(180)),
        corrected=FilingLimit(period=Period(180), runs_from="original"),
        secondary=FilingLimit(period=Period(90), runs_from="prior_payer"),
    ),
    telehealth=tuple(
        TelehealthPair(place=place, modifiers=("95", "93", "GT"), source="Common plan policies since CY2022")
        for place in ("02", "10")
    ),
    ncci_program="medicare",  # as most plans publish in their claim editing policies
    newborn_days=31,
    decision_days=15,  # 29 CFR 2560.503-1(f)(2)(iii)(A): pre-service claims of employer plans
    sources=("Example values; take them from the contract",),
)
