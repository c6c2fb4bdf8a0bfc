"""The policies of a practice as a form holds them: what each is called, its unit, and how its text is read.

The source of every default stands in `policies.Policies`; a group below names the law that its values hang on. Reading changes nothing and stores no default: only what differs from it is the practice's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.registration import Fault
from claimwright.claims.nouns import Noun


class PolicyField(Noun, frozen=True, kw_only=True):
    """One policy. `unit` says how its cell is read: dollars, days, percent, count, hour, months, yes, words ..."""

    name: str
    label: str
    unit: str
    source: str
    group: str
    least: int = 0
    most: int = 3650
    optional: bool = False


def _row(group: str, source: str, *rows: tuple[str, str, str] | tuple[str, str, str, int, int]) -> list[PolicyField]:
    made = []
    for name, label, unit, *bounds in rows:
        least, most = bounds if bounds else (0, 3650)
        made.append(
            PolicyField(name=name, label=label, unit=unit, source=source, group=group, least=int(least), most=int(most))
        )
    return made


FIELDS: tuple[PolicyField, ...] = (
    *_row(
        "Posting", "Budget Control Act of 2011 for the 2 percent; the rest is the office's choice",
        ("hold_payments_over_amount", "Payments above this wait for a look", "dollars or blank"),
        ("match_threshold_points", "Points a claim needs to match without its number", "count", 50, 100),
        ("crossover_wait_days", "Wait for a crossover before billing the next payer", "days", 0, 180),
        ("sequestration_share", "Sequestration that is right", "percent"),
        ("sequestration_tolerance_amount", "Difference of sequestration that is let pass", "dollars"),
        ("deposit_match_days", "Days between remittance and deposit", "days", 0, 60),
    ),
    *_row(
        "Write-offs and refunds", "42 CFR 401.305 for the 60 days; states' laws for the months",
        ("small_balance_limit_amount", "Small balances written off up to", "dollars"),
        ("write_off_biller_limit_amount", "A biller approves write-offs up to", "dollars"),
        ("write_off_supervisor_limit_amount", "A supervisor approves write-offs up to", "dollars"),
        ("write_off_manager_limit_amount", "A manager approves write-offs up to", "dollars"),
        ("refund_biller_limit_amount", "A biller approves refunds up to", "dollars"),
        ("refund_supervisor_limit_amount", "A supervisor approves refunds up to", "dollars"),
        ("refund_manager_limit_amount", "A manager approves refunds up to", "dollars"),
        ("refund_hold_days", "A credit made by a reversal waits", "days", 0, 365),
        ("identified_overpayment_days", "Overpayments of a government payer are returned within", "days", 1, 60),
        ("dormancy_months", "Months until an uncashed refund is the state's, by state", "by state"),
    ),
    *_row(
        "Underpayments", "the office's choice",
        ("underpayment_amount", "Listed when short by more than", "dollars"),
        ("underpayment_share", "Or by more than this part of what is due", "percent"),
        ("dispute_answer_days", "A dispute without an answer is listed again after", "days", 1, 365),
    ),
    *_row(
        "Statements and reminders", "Regulation F, 12 CFR 1006.6, for the hours; the rest is the office's choice",
        ("minimum_statement_amount", "No statement below", "dollars"),
        ("statement_cycle_days", "Days between statements", "days", 1, 180),
        ("statement_after_posting_days", "First statement so long after posting", "days", 0, 90),
        ("dunning_reminder_days", "Reminders, days after the first statement", "days list"),
        ("final_notice_days", "Final notice after", "days", 1, 720),
        ("agency_review_days", "Looked at for an agency after", "days", 1, 1440),
        ("agency_fee_share", "What an agency keeps", "percent"),
        ("contact_from_hour", "Messages from", "hour", 8, 21),
        ("contact_until_hour", "Messages until", "hour", 8, 21),
        ("statement_link_days", "A statement's link is good for", "days", 1, 365),
        ("nsf_fee_amount", "Fee for a returned check", "dollars"),
        ("chargeback_fee_amount", "Fee for a disputed card payment", "dollars"),
        ("check_block_months", "No checks after one was returned", "months", 0, 120),
    ),
    *_row(
        "Payment plans", "Regulation Z, 12 CFR 1026.2, for the four instalments",
        ("plan_minimum_instalment_amount", "Smallest instalment", "dollars"),
        ("plan_regulation_z_instalment_count", "Disclosures above so many instalments", "count", 1, 4),
        ("plan_grace_days", "Grace for an instalment", "days", 0, 60),
        ("plan_default_after_missed_count", "Missed instalments that end a plan", "count", 1, 12),
        ("plan_reminder_days", "An instalment is announced ahead", "days", 0, 30),
        ("plan_offer_days", "An offer lapses after", "days", 1, 365),
        ("plan_notice_days", "Time to answer a notice of default", "days", 1, 120),
        ("inquiry_answer_business_days", "An inquiry is answered within", "business days", 1, 60),
    ),
    *_row(
        "Financial assistance", "the practice's own policy; 26 CFR 1.501(r)-1(b)(3) for the 240 days",
        ("assistance_tiers", "Income up to % of the guideline: % taken off", "tiers"),
        ("assistance_window_days", "Later visits that a decision covers", "days", 0, 730),
        ("assistance_retroactive_days", "Earlier visits that it covers", "days", 0, 730),
        ("assistance_papers_days", "Time to bring what is lacking", "days", 1, 365),
        ("self_pay_discount_share", "Taken off for who has no insurance", "percent"),
    ),
    *_row(
        "Following claims", "Medicare Claims Processing Manual, chapter 1, for floor and paper",
        ("file_acknowledgement_days", "TA1 or 999 within", "days", 0, 60),
        ("clearinghouse_business_days", "The clearinghouse's 277CA within", "business days", 0, 60),
        ("payer_acknowledgement_business_days", "The payer's 277CA within", "business days", 0, 60),
        ("paper_answer_days", "An answer to paper within", "days", 1, 365),
        ("medicare_floor_days", "Medicare pays no earlier than", "days", 0, 60),
        ("status_again_days", "Between two questions about a claim", "days", 1, 90),
        ("status_answer_days", "A question is answered within", "days", 1, 60),
        ("status_person_after_days", "A person takes it so long past the norm", "days", 0, 180),
        ("missing_remittance_days", "The remittance within, after a decision", "days", 1, 180),
        ("information_days", "What a payer asks for, within", "days", 1, 365),
        ("information_notice_days", "Listed before that day", "days", 0, 90),
        ("open_after_decision_days", "Decided and still open with the payer, listed after", "days", 0, 365),
        ("snooze_longest_days", "An item is put aside for at most", "days", 1, 365),
    ),
    *_row(
        "Registration", "Medicare Secondary Payer Manual, chapter 3, for the 90 days",
        ("medicare_questionnaire_days", "Medicare questions hold for", "days", 1, 365),
        ("medicare_questionnaire_required", "Medicare questions are asked", "yes, no or blank"),
        ("duplicate_patients_searched", "Double records are searched each day", "yes"),
        ("schedule_sources", "Connections that bring its schedule", "words"),
    ),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
_STATE = re.compile(r"([A-Z]{2})\s*[: ]\s*(\d{1,3})\Z")
_TIER = re.compile(r"(\d{1,4})\s*:\s*(\d{1,3})\Z")
_YES, _NO = ("yes", "on", "true"), ("no", "", "false")


def cell_of(field: PolicyField, policies: Policies) -> str:
    """What stands in the form for a policy."""
    value: Any = getattr(policies, field.name)
    if value is None:
        return ""
    if field.unit == "percent":
        return f"{(value * 100).normalize():f}"
    if field.unit == "by state":
        return ", ".join(f"{state}: {months}" for state, months in sorted(value.items()))
    if field.unit == "tiers":
        return ", ".join(f"{income}: {percent}" for income, percent in value)
    if field.unit in ("days list", "words"):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def cells_of(policies: Policies) -> dict[str, str]:
    return {field.name: cell_of(field, policies) for field in FIELDS}


def read_policies(cells: Mapping[str, str]) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """What differs from the defaults, as plain values to keep, and every fault. With a fault nothing is to be saved."""
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in FIELDS:
        try:
            found[field.name] = _read(field, cells.get(field.name, "").strip())
        except ValueError as problem:
            faults.append(Fault(field=field.name, says=f"{field.label}: not understood", fix=str(problem)))
    if faults:
        return {}, tuple(faults)
    made = Policies(**found)
    faults += _together(made)
    kept = {name: value for name, value in found.items() if value != getattr(DEFAULT_POLICIES, name)}
    return ({} if faults else msgspec.to_builtins(kept)), tuple(faults)


def _together(policies: Policies) -> list[Fault]:
    """What fits each alone and not one another."""
    faults = []

    def fault(field: str, says: str, fix: str) -> None:
        faults.append(Fault(field=field, says=says, fix=fix))

    if policies.contact_from_hour >= policies.contact_until_hour:
        fault("contact_until_hour", "Messages end before they begin", "Enter a later hour")
    days = policies.dunning_reminder_days
    if list(days) != sorted(set(days)) or (days and days[-1] >= policies.final_notice_days):
        fault(
            "dunning_reminder_days", "Reminders are not in order before the final notice", "Enter rising days below it"
        )
    if policies.final_notice_days > policies.agency_review_days:
        fault("agency_review_days", "An agency would come before the final notice", "Enter a later day")
    for kind in ("write_off", "refund"):
        limits = [getattr(policies, f"{kind}_{role}_limit_amount") for role in ("biller", "supervisor", "manager")]
        if limits != sorted(limits):
            fault(f"{kind}_manager_limit_amount", "A lower role may approve more than a higher", "Let the limits rise")
    return faults


def _read(field: PolicyField, text: str) -> Any:
    """Raises ValueError with what to enter."""
    unit = field.unit
    if unit in ("dollars", "dollars or blank"):
        return None if not text and unit.endswith("blank") else _dollars(text)
    if unit == "percent":
        return _decimal(text, "Enter percent from 0 to 100, such as 2", most=Decimal(100), places=4) / 100
    if unit == "yes, no or blank":
        return None if not text else _truth(text)
    if unit == "yes":
        return _truth(text)
    if unit == "words":
        return tuple(dict.fromkeys(one.strip()[:60] for one in text.split(",") if one.strip()))
    if unit == "days list":
        return tuple(_whole(one, 1, field.most) for one in text.split(",") if one.strip())
    if unit == "by state":
        pairs = [_STATE.match(one.strip().upper()) for one in text.split(",") if one.strip()]
        if not all(pairs):
            raise ValueError("Enter states with their months, such as CA: 36, WI: 12")
        return {pair[1]: int(pair[2]) for pair in pairs if pair}
    if unit == "tiers":
        return _tiers(text)
    return _whole(text, field.least, field.most)


def _tiers(text: str) -> tuple[tuple[int, int], ...]:
    pairs = [_TIER.match(one.strip()) for one in text.split(",") if one.strip()]
    tiers = tuple((int(pair[1]), int(pair[2])) for pair in pairs if pair)
    rising = [income for income, _ in tiers] == sorted({income for income, _ in tiers})
    if not all(pairs) or not rising or any(percent > 100 for _, percent in tiers):
        raise ValueError("Enter rising incomes with what is taken off, such as 200: 100, 250: 75")
    return tiers


def _truth(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise ValueError("Enter yes or no")
    return text.lower() in _YES


def _dollars(text: str) -> Decimal:
    return _decimal(
        text.replace("$", "").replace(",", ""), "Enter dollars, such as 25.00", most=Decimal(10**9), places=2
    )


def _decimal(text: str, fix: str, *, most: Decimal, places: int) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(fix) from None
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not 0 <= value <= most or (isinstance(exponent, int) and -exponent > places):
        raise ValueError(fix)
    return value


def _whole(text: str, least: int, most: int) -> int:
    cleaned = text.strip()
    if not (cleaned.isascii() and cleaned.isdecimal()) or len(cleaned) > 6 or not least <= int(cleaned) <= most:
        raise ValueError(f"Enter a whole number from {least} to {most}")
    return int(cleaned)
