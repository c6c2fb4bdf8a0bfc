"""The values that a practice may set, with the defaults of the domain. A rule reads them from here, never a number."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts in dollars, spans in days, shares as fractions. Source of the defaults: the domain specification,
    sections 1 (answers), 6 (timers), 7 (write-offs, refunds, underpayment) and 9 (statements, plans)."""

    small_balance_limit_amount: Decimal = Decimal("4.99")
    match_threshold_points: int = 80
    hold_payments_over_amount: Decimal | None = None  # above it a remittance posts after a look; None: of any size
    crossover_wait_days: int = 30
    refund_hold_days: int = 30
    sequestration_share: Decimal = Decimal("0.02")
    sequestration_tolerance_amount: Decimal = Decimal("0.01")
    minimum_statement_amount: Decimal = Decimal("5.00")
    statement_cycle_days: int = 28
    statement_after_posting_days: int = 3
    dunning_reminder_days: tuple[int, ...] = (30, 60, 90)  # of the clock that the first unanswered statement starts
    final_notice_days: int = 100  # after the first statement
    agency_review_days: int = 120
    contact_from_hour: int = 9  # of the patient's day; the law's 8 to 21, and 20 where a state asks for it
    contact_until_hour: int = 20
    statement_link_days: int = 90
    nsf_fee_amount: Decimal = Decimal("25.00")
    chargeback_fee_amount: Decimal = Decimal("0.00")  # a cardholder may dispute a charge; asking a fee for it is rare
    check_block_months: int = 12  # domain section 9: no checks for so long after one was returned
    plan_grace_days: int = 10
    plan_default_after_missed_count: int = 2
    plan_regulation_z_instalment_count: int = 4  # more than this many: disclosures
    plan_minimum_instalment_amount: Decimal = Decimal("10.00")
    plan_reminder_days: int = 5  # an instalment is announced so many days ahead
    plan_offer_days: int = 30  # an offer that nobody accepts lapses after so many
    plan_notice_days: int = 30  # to answer the notice of default, and again the final notice
    inquiry_answer_business_days: int = 10
    # Highest income in percent of the poverty guideline, and the percent taken off. The practice's own policy.
    assistance_tiers: tuple[tuple[int, int], ...] = ((200, 100), (250, 75), (300, 50), (400, 25))
    assistance_window_days: int = 180  # future visits that a decision covers
    assistance_retroactive_days: int = 240  # earlier visits it covers, at the longest; 26 CFR 1.501(r)-1(b)(3)
    assistance_papers_days: int = 30  # to bring what an application lacks
    self_pay_discount_share: Decimal = Decimal("0")  # off the charge master for who has no insurance
    agency_fee_share: Decimal = Decimal("0.25")
    underpayment_amount: Decimal = Decimal("2.00")
    underpayment_share: Decimal = Decimal("0.03")
    identified_overpayment_days: int = 60
    refund_biller_limit_amount: Decimal = Decimal("50.00")  # refunds a role may approve, never its own
    refund_supervisor_limit_amount: Decimal = Decimal("500.00")
    refund_manager_limit_amount: Decimal = Decimal("2500.00")  # an owner above
    write_off_biller_limit_amount: Decimal = Decimal("50.00")
    write_off_supervisor_limit_amount: Decimal = Decimal("500.00")
    write_off_manager_limit_amount: Decimal = Decimal("2500.00")  # an owner above
    dormancy_months: dict[str, int] = {}  # state -> months until an uncashed refund is unclaimed property
    open_after_decision_days: int = 7  # the payer has decided and money is open that no list shows: then one does
    dispute_answer_days: int = 30  # a disputed underpayment without an answer is listed again
    deposit_match_days: int = 5
    snooze_longest_days: int = 60  # an item put aside longer than two cycles of follow-up is forgotten
    file_acknowledgement_days: int = 1  # TA1 or 999
    clearinghouse_business_days: int = 2  # its 277CA, after sending
    payer_acknowledgement_business_days: int = 5  # the payer's own 277CA, after sending
    paper_answer_days: int = 30  # Medicare pays paper from day 29 (Claims Processing Manual, chapter 1, 80.2.1.2)
    medicare_floor_days: int = 14
    status_again_days: int = 7  # between questions (276) about one claim
    status_answer_days: int = 3  # a batch is answered by the next business day; a weekend may lie between
    status_person_after_days: int = 14  # past the norm, with questions that did not help
    missing_remittance_days: int = 10  # after payment or decision by a 277
    information_days: int = 30  # for what a payer asks, where it names no day
    information_notice_days: int = 7  # before that day
    medicare_questionnaire_days: int = 90  # domain section 1: the answers speak for visits up to so many days later
    medicare_questionnaire_required: bool | None = None  # None: once the practice has recorded one
    duplicate_patients_searched: bool = True  # at the end of each day, among new and changed records
    schedule_sources: tuple[str, ...] = ()  # connections that bring its schedule, where there are several practices


DEFAULT_POLICIES = Policies()
