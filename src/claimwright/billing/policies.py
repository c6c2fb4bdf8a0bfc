"""The values that a practice may set, with the defaults of the domain. A rule reads them from here, never a number."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts in dollars, spans in days, shares as fractions. Source of the defaults: the domain specification,
    sections 1 (answers), 6 (timers), 7 (write-offs, refunds, underpayment) and 9 (statements, plans)."""

    small_balance_limit_amount: Decimal = Decimal("4.99")
    match_threshold_points: int = 80
    crossover_wait_days: int = 30
    refund_hold_days: int = 30
    sequestration_share: Decimal = Decimal("0.02")
    sequestration_tolerance_amount: Decimal = Decimal("0.01")
    minimum_statement_amount: Decimal = Decimal("5.00")
    statement_cycle_days: int = 28
    statement_after_posting_days: int = 3
    dunning_reminder_days: tuple[int, ...] = (30, 60, 90)  # of the clock that the first unanswered statement starts
    final_notice_days: int = 100
    agency_review_days: int = 120
    contact_from_hour: int = 9  # of the patient's day; the law's 8 to 21, and 20 where a state asks for it
    contact_until_hour: int = 20
    statement_link_days: int = 90
    nsf_fee_amount: Decimal = Decimal("25.00")
    plan_grace_days: int = 10
    plan_default_after_missed_count: int = 2
    plan_regulation_z_instalment_count: int = 4  # more than this many: disclosures
    agency_fee_share: Decimal = Decimal("0.25")
    underpayment_amount: Decimal = Decimal("2.00")
    underpayment_share: Decimal = Decimal("0.03")
    identified_overpayment_days: int = 60
    deposit_match_days: int = 5
    medicare_questionnaire_days: int = 90  # domain section 1: the answers speak for visits up to so many days later
    medicare_questionnaire_required: bool | None = None  # None: once the practice has recorded one
    duplicate_patients_searched: bool = True  # at the end of each day, among new and changed records
    schedule_sources: tuple[str, ...] = ()  # connections that bring its schedule, where there are several practices


DEFAULT_POLICIES = Policies()
