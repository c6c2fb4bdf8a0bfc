"""COB: other payers: what they decided, and who comes before whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Adjustment, Claim, Coverage, LineAdjudication
from claimwright.edits.facts import NOT_EFFECTIVE, UNANSWERED_STATES, UNKNOWN, Facts
from claimwright.edits.mends import leave_out_patient_payment
from claimwright.edits.obligation import obligated_amount, with_obligated_amount
from claimwright.edits.places import decided_lines_of, earlier_priors_of, first_day_of, order_of, priors_of
from claimwright.edits.shapes import (
    CMS,
    FRONT_END,
    HOLD,
    LOCAL,
    PAYER,
    REJECT,
    TR3,
    WARN,
    Finding,
    Hits,
    Unanswered,
    edit,
)
from claimwright.edits.tables import (
    ADJUSTMENT_GROUPS,
    FORWARDED_STATUSES,
    INJURY_INDICATORS,
    INSURANCE_TYPES,
    MEDICAID_INDICATOR,
    MSP_VALUES,
    VOID,
    is_injury,
)

GUIDE = "005010X222A1"
OBLIGATED_VALUE = "44"  # value code of an institutional claim: what CN1*09 is of a professional one
MSP_MANUAL = "Medicare Secondary Payer Manual 100-05"


def _line_decisions(claim: Claim, payer_id: str) -> Iterator[tuple[str, LineAdjudication]]:
    for path, line in decided_lines_of(claim):
        for index, decision in enumerate(line.adjudications):
            if decision.payer_id == payer_id:
                yield f"{path}.adjudications[{index}]", decision


def _sum(adjustments: tuple[Adjustment, ...]) -> Decimal:
    return sum((adjustment.amount for adjustment in adjustments), ZERO)


def _days(claim: Claim, payer_id: str) -> list[date]:
    return [one.adjudication_date for _, one in _line_decisions(claim, payer_id) if one.adjudication_date is not None]


@edit(
    "COB01",
    REJECT,
    says="A later payer is billed without {0} of the payer before",
    fix="Wait for the earlier payer's remittance, or enter it",
    cites=[TR3(GUIDE, "2320, 2330B DTP*573, 2430")],
)
def earlier_payer_has_decided(claim: Claim, facts: Facts) -> Hits:
    if claim.coverage.sequence in ("P", "U"):
        return
    earlier = list(earlier_priors_of(claim))
    if not earlier:
        yield "prior_payments", "the decision"
    for path, prior in earlier:
        if not prior.adjudicated:
            yield f"{path}.adjudicated", "the decision"
        elif prior.adjudication_date is None and not _days(claim, prior.coverage.payer.payer_id):
            yield f"{path}.adjudication_date", "the date"


@edit(
    "COB02",
    REJECT,
    says="Line charge {0} is not {1} paid and adjusted by payer {2}",
    fix="Line out of balance: correct the paid amount or the adjustments",
    cites=[TR3(GUIDE, "1.4.4 balancing: SV102 = SVD02 + CAS"), TR3(GUIDE, "2430")],
)
def line_decisions_balance(claim: Claim, facts: Facts) -> Hits:
    for path, line in decided_lines_of(claim):
        totals: dict[str, Decimal] = {}
        for decision in line.adjudications:
            amount = decision.paid_amount + _sum(decision.adjustments)
            totals[decision.payer_id] = totals.get(decision.payer_id, ZERO) + amount
        for payer_id, total in totals.items():
            if total != line.charge:
                yield f"{path}.adjudications", line.charge, total, payer_id


@edit(
    "COB03",
    REJECT,
    says="Claim charge {0} is not {1} paid and adjusted by payer {2}",
    fix="Claim out of balance: correct the paid amount or the adjustments",
    cites=[TR3(GUIDE, "1.4.4 balancing: CLM02 = AMT*D + CAS"), TR3(GUIDE, "2320 AMT*D, CAS")],
)
def claim_decisions_balance(claim: Claim, facts: Facts) -> Hits:
    for path, prior in priors_of(claim):
        if prior.adjudicated:
            payer_id = prior.coverage.payer.payer_id
            on_lines = sum((_sum(one.adjustments) for _, one in _line_decisions(claim, payer_id)), ZERO)
            total = prior.paid_amount + _sum(prior.adjustments) + on_lines
            if total != claim.total_charge:
                yield path, claim.total_charge, total, payer_id


@edit(
    "COB04",
    REJECT,
    says="Adjustment {0}-{1} of {2} stands on the claim and on its lines",
    fix="Remove one level",
    cites=[FRONT_END("Clearinghouse edits", "2320 CAS against 2430 CAS"), TR3(GUIDE, "2320 CAS")],
)
def adjustments_have_one_level(claim: Claim, facts: Facts) -> Hits:
    for path, prior in priors_of(claim):
        if not prior.adjustments:
            continue
        amounts: dict[tuple[str, str], list[Decimal]] = {}
        for _, decision in _line_decisions(claim, prior.coverage.payer.payer_id):
            for one in decision.adjustments:
                amounts.setdefault((one.group, one.reason), []).append(one.amount)
        for index, own in enumerate(prior.adjustments):
            found = amounts.get((own.group, own.reason), [])
            if found and (own.amount in found or own.amount == sum(found, ZERO)):
                yield f"{path}.adjustments[{index}]", own.group, own.reason, own.amount


@edit(
    "COB05",
    REJECT,
    says="Payer {0}'s date of decision stands {1}",
    fix="Keep one: on the claim or on the lines",
    cites=[FRONT_END("CMS 5010 837P edits", "2330B against 2430 DTP*573"), TR3(GUIDE, "2330B DTP*573")],
)
def decision_date_has_one_level(claim: Claim, facts: Facts) -> Hits:
    for path, prior in priors_of(claim):
        if not prior.adjudicated:
            continue
        payer_id = prior.coverage.payer.payer_id
        dated = prior.adjudication_date is not None
        on_lines = bool(_days(claim, payer_id))
        if on_lines and dated:
            yield f"{path}.adjudication_date", payer_id, "on the claim and on its lines"
        elif not on_lines and not dated:
            yield f"{path}.adjudication_date", payer_id, "nowhere"
        elif on_lines:
            for place, decision in _line_decisions(claim, payer_id):
                if decision.adjudication_date is None:
                    yield f"{place}.adjudication_date", payer_id, "on some of the lines it decided and not on this one"


@edit(
    "COB06",
    REJECT,
    says="Adjustment {0}-{1} lacks its group, reason or amount, or the reason was retired",
    fix="Complete the pair, or use the reason in force when the payer decided",
    cites=[FRONT_END("Claim Adjustment Reason Codes", "effective and stop dates"), TR3(GUIDE, "2320 and 2430 CAS")],
)
def adjustments_are_whole(claim: Claim, facts: Facts) -> Hits:
    listed = facts.code_sets.loaded("carc")
    for path, adjustment, on in _adjustments(claim):
        whole = adjustment.group in ADJUSTMENT_GROUPS and adjustment.reason and adjustment.amount
        state = facts.code_sets.state("carc", adjustment.reason, on) if listed and on is not None and whole else None
        if not whole or state in (NOT_EFFECTIVE, UNKNOWN):
            yield path, adjustment.group or "(none)", adjustment.reason or "(none)"
        elif state in UNANSWERED_STATES:
            yield Unanswered(path, f"the list of adjustment reasons does not cover {on}")


def _adjustments(claim: Claim) -> Iterator[tuple[str, Adjustment, date | None]]:
    """Every adjustment with the day its payer decided."""
    claim_days: dict[str, date | None] = {}
    for path, prior in priors_of(claim):
        payer_id = prior.coverage.payer.payer_id
        claim_days[payer_id] = prior.adjudication_date
        on = prior.adjudication_date or max(_days(claim, payer_id), default=None)
        for index, adjustment in enumerate(prior.adjustments):
            yield f"{path}.adjustments[{index}]", adjustment, on
    for path, line in decided_lines_of(claim):
        for place, decision in enumerate(line.adjudications):
            on = decision.adjudication_date or claim_days.get(decision.payer_id)
            for index, adjustment in enumerate(decision.adjustments):
                yield f"{path}.adjudications[{place}].adjustments[{index}]", adjustment, on


@edit(
    "COB07",
    REJECT,
    says="The earlier payer's payment is {0}",
    fix="Use the net position after the reversal",
    cites=[FRONT_END("CMS 5010 837P edits", "2430 SVD02, 2320 AMT*D"), TR3(GUIDE, "2430 SVD02")],
)
def prior_payments_are_not_negative(claim: Claim, facts: Facts) -> Hits:
    for path, prior in priors_of(claim):
        if prior.paid_amount < ZERO:
            yield f"{path}.paid_amount", prior.paid_amount
    for path, line in decided_lines_of(claim):
        for index, decision in enumerate(line.adjudications):
            if decision.paid_amount < ZERO:
                yield f"{path}.adjudications[{index}].paid_amount", decision.paid_amount


@edit(
    "COB08",
    REJECT,
    says="A line was decided by payer {0}, which is no other payer of the claim",
    fix="Align the payer id of the line with that of the other payer",
    cites=[TR3(GUIDE, "2430 SVD01 = 2330B NM109")],
)
def line_decisions_name_a_payer(claim: Claim, facts: Facts) -> Hits:
    known = {prior.coverage.payer.payer_id for prior in claim.prior_payments}
    for path, line in decided_lines_of(claim):
        for index, decision in enumerate(line.adjudications):
            if decision.payer_id not in known or not decision.payer_id:
                yield f"{path}.adjudications[{index}].payer_id", decision.payer_id or "(blank)"


@edit(
    "COB09",
    REJECT,
    says="This payer pays second and the reason is not given (insurance type {0})",
    fix="Set the MSP type",
    cites=[CMS(MSP_MANUAL, "chapter 3; 837P SBR05"), TR3(GUIDE, "2000B SBR05")],
    needs=("payer",),
)
def reason_for_second_is_given(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.insurance_type_when_secondary or claim.coverage.sequence in ("P", "U"):
        return
    if claim.kind == "I" and claim.institutional is not None:  # SBR05 is not used there: a value code says why
        if MSP_VALUES.isdisjoint(value.code for value in claim.institutional.values):
            yield "institutional.values", "(no value code)"
        return
    if claim.kind != "P":
        return
    if claim.coverage.insurance_type not in INSURANCE_TYPES:
        yield "coverage.insurance_type", claim.coverage.insurance_type or "(blank)"


def report_obligated_amount(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The amount as the one earlier payer told it by what it took off under its contract. A facility has a value code."""
    if claim.kind == "I" or any(one.obligated_amount is not None for one in facts.prior_adjudications or ()):
        return None
    told = with_obligated_amount(claim)
    return told if told is not claim else None


@edit(
    "COB10",
    HOLD,
    says="The primary's contract obliges to accept {0}, below the charge of {1}, and the claim does not say so",
    fix="Add the amount obligated to accept (CN1*09; value code 44 on an institutional claim)",
    cites=[CMS(MSP_MANUAL, "chapter 5; OTAF"), TR3(GUIDE, "2300 and 2400 CN1")],
    needs=("payer", "contracts", "prior_adjudications"),
    mends=report_obligated_amount,
)
def obligated_amount_is_reported(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.obligated_amount_when_secondary or claim.coverage.sequence in ("P", "U"):
        return
    if _reports_obligated_amount(claim):
        return
    told = [one.obligated_amount for one in facts.prior_adjudications or () if one.obligated_amount is not None]
    owed = min(told) if told else obligated_amount(claim)
    if owed is not None and owed < claim.total_charge:
        yield "obligated_amount", owed, claim.total_charge


def _reports_obligated_amount(claim: Claim) -> bool:
    if claim.obligated_amount is not None or any(line.obligated_amount is not None for line in claim.lines):
        return True
    own = claim.institutional
    return own is not None and any(value.code == OBLIGATED_VALUE for value in own.values)


@edit(
    "COB11",
    HOLD,
    says="Medicare is billed first though an employer plan is active",
    fix="Re-order: the employer plan pays first",
    cites=[CMS(MSP_MANUAL, "chapter 1, 10"), CMS("42 CFR 411 subparts B to H")],
    needs=("payer", "medicare_secondary"),
)
def employer_plan_is_first(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.pays_after_employer_plan or facts.medicare_secondary is None:
        return
    if claim.coverage.sequence == "P" and facts.medicare_secondary.employer_plan_active and claim.frequency != VOID:
        yield "coverage.sequence", facts.medicare_secondary.reason


@edit(
    "COB12",
    REJECT,
    says="Medicaid stands {0}, before another payer",
    fix="Re-order: Medicaid is last",
    cites=[PAYER("42 CFR 433.139", "third party liability"), PAYER("State Medicaid billing manual")],
    uses=("coverages",),
)
def medicaid_is_last(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency == VOID:
        return  # it takes back what was billed before another cover was known
    on = first_day_of(claim)
    known = [(f"{path}.coverage", prior.coverage) for path, prior in priors_of(claim)]
    known.append(("coverage", claim.coverage))
    ours = [(path, coverage) for path, coverage in known if _is_medicaid(coverage, facts)]
    if not ours:
        return
    # Only what is not Medicaid counts: a Medicaid plan may pay before Medicaid itself.
    last = max((order_of(coverage) for _, coverage in known if not _is_medicaid(coverage, facts)), default=-1)
    for coverage in facts.coverages or ():
        if on is not None and coverage.in_force(on) and not _is_medicaid(coverage, facts):
            last = max(last, order_of(coverage))
    for path, coverage in ours:
        if order_of(coverage) < last:
            yield f"{path}.sequence", coverage.sequence


def _is_medicaid(coverage: Coverage, facts: Facts) -> bool:
    profile = facts.payer
    named = profile is not None and profile.pays_last and profile.payer_id == coverage.payer.payer_id
    return named or coverage.payer.filing_indicator == MEDICAID_INDICATOR


@edit(
    "COB13",
    REJECT,
    says="Payer {0} sent the claim on itself (status {1}); wait until {2}",
    fix="Do not file: wait 30 days for the crossover's remittance",
    cites=[LOCAL("Coordination of Benefits Agreement crossover", "835 CLP02 19, 20, 21")],
    needs=("prior_adjudications",),
    uses=("payer",),
)
def claim_was_not_crossed_over(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency == VOID:
        return
    days = facts.payer.crossover_wait_days if facts.payer is not None else 30
    for prior in facts.prior_adjudications or ():
        here = prior.forwarded_to in ("", claim.coverage.payer.payer_id)
        until = prior.decided_on + timedelta(days=days) if prior.decided_on is not None else None
        if prior.status in FORWARDED_STATUSES and here and (until is None or facts.today < until):
            if claim.coverage.sequence != "P":
                yield "prior_payments", prior.payer_id, prior.status, until or "its date is known"


@edit(
    "COB14",
    HOLD,
    says="An injury is billed to a health plan while a {0} case is open",
    fix="Bill the liable carrier",
    cites=[
        PAYER("Plan exclusion of work and liability injuries"),
        CMS(MSP_MANUAL, "chapter 2, 60 no-fault, liability"),
    ],
    needs=("cases",),
)
def liable_carrier_is_billed(claim: Claim, facts: Facts) -> Hits:
    carrier = facts.payer is not None and facts.payer.covers_injuries_of_others
    if (
        not facts.cases
        or carrier
        or claim.frequency == VOID
        or claim.coverage.payer.filing_indicator in INJURY_INDICATORS
    ):
        return
    if not claim.causes and not any(is_injury(diagnosis.code) for diagnosis in claim.diagnoses):
        return
    if any(
        prior.adjudicated and prior.coverage.payer.filing_indicator in INJURY_INDICATORS
        for prior in claim.prior_payments
    ):
        return  # the carrier was billed and has decided: what it leaves is the plan's
    on = first_day_of(claim)
    for case in facts.cases:
        if case.open and (case.injury_date is None or on is None or case.injury_date <= on):
            yield "coverage", case.kind


@edit(
    "COB15",
    WARN,
    says="The patient's payment of {0} is on an assigned claim",
    fix="It may split the payer's payment to the patient: leave it out",
    cites=[CMS("Medicare Claims Processing Manual 100-04", "chapter 1, 30.3; 837P AMT*F5")],
    needs=("payer",),
    mends=leave_out_patient_payment,
)
def patient_payment_is_left_out(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.patient_paid_may_split_payment:
        return
    if claim.patient_paid and claim.coverage.accepts_assignment == "A":
        yield "patient_paid", claim.patient_paid


EDITS = (
    earlier_payer_has_decided,
    line_decisions_balance,
    claim_decisions_balance,
    adjustments_have_one_level,
    decision_date_has_one_level,
    adjustments_are_whole,
    prior_payments_are_not_negative,
    line_decisions_name_a_payer,
    reason_for_second_is_given,
    obligated_amount_is_reported,
    employer_plan_is_first,
    medicaid_is_last,
    claim_was_not_crossed_over,
    liable_carrier_is_billed,
    patient_payment_is_left_out,
)
