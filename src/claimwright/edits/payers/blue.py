"""A Blue plan: rules as such plans publish them. The lists below are examples; the plan's own list replaces them."""

from __future__ import annotations

from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import AuthorizationRule, CodeRange, FilingLimit, PayerProfile, TimelyFiling

_LIST = "Example of a Blue plan's prior authorization list"
_IMAGING = f"{_LIST}: CT, MR and nuclear imaging outside hospital and emergency room"

BLUE = PayerProfile(
    payer_id="BLUE",
    name="Blue plan",
    kind="commercial",
    filing_indicators=("BL",),
    # A prefix of three letters (some have digits since 2018) that says which plan, then the plan's own id.
    member_id_pattern="[A-Z][A-Z0-9]{2}[A-Z0-9]{6,14}",
    requires_taxonomy=True,
    single_day_codes=(CodeRange(first="99202", last="99215"),),
    daily_codes=(CodeRange(first="99231", last="99233"),),
    timely_filing=TimelyFiling(
        original=FilingLimit(period=Period(365)),
        corrected=FilingLimit(period=Period(365), runs_from="original"),
        secondary=FilingLimit(period=Period(365), runs_from="prior_payer"),
    ),
    newborn_days=31,
    authorization_rules=(
        AuthorizationRule(
            codes=(
                CodeRange(first="70450", last="70498"),
                CodeRange(first="70540", last="70559"),
                CodeRange(first="71250", last="71275"),
                CodeRange(first="71550", last="71555"),
                CodeRange(first="72125", last="72159"),
                CodeRange(first="72191", last="72198"),
                CodeRange(first="73200", last="73225"),
                CodeRange(first="73700", last="73725"),
                CodeRange(first="74150", last="74183"),
                CodeRange(first="78451", last="78454"),
                CodeRange(first="78811", last="78816"),
            ),
            except_places=("21", "23"),
            source=_IMAGING,
        ),
        AuthorizationRule(
            codes=(CodeRange(first="22551", last="22554"), CodeRange(first="22612", last="22634")),
            source=f"{_LIST}: spinal fusion",
        ),
        AuthorizationRule(
            codes=(CodeRange(first="27130"), CodeRange(first="27447")), source=f"{_LIST}: joint replacement"
        ),
        AuthorizationRule(bill_types=("11",), source=f"{_LIST}: planned inpatient admissions"),
    ),
    decision_days=15,  # 29 CFR 2560.503-1(f)(2)(iii)(A): pre-service claims of employer plans
    sources=("Example values; take them from the plan's provider manual", "29 CFR 2560.503-1(f)"),
)
