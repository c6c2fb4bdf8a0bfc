"""The verbs of arrangements by name; each lives in the module of its subject."""

from __future__ import annotations

from claimwright.web.arrangements.assistance import (
    add_assistance_document,
    apply_for_assistance,
    approve_assistance,
    ask_for_papers,
    deny_assistance,
    give_assistance,
    withdraw_assistance,
)
from claimwright.web.arrangements.autopay import begin_keeping, charge_due, charge_instalment, stop_autopay
from claimwright.web.arrangements.estimate_bills import (
    close_dispute,
    compare_bill,
    compare_bills,
    confirm_excess,
    file_dispute,
    list_due_estimates,
)
from claimwright.web.arrangements.estimates import ServiceWanted, issue_estimate, request_estimate, revise_estimate
from claimwright.web.arrangements.follow import (
    charge_plan,
    follow_arrangements,
    follow_plan,
    follow_plans,
    hand_plan_to_bad_debt,
    plans_to_charge,
)
from claimwright.web.arrangements.inquiries import assign_inquiry, open_inquiry, resolve_inquiry
from claimwright.web.arrangements.plans import (
    accept_plan,
    cancel_plan,
    join_plan,
    offer_plan,
    open_balances,
    pay_plan,
    reinstate_plan,
    review_plan,
)

__all__ = [
    "ServiceWanted", "accept_plan", "add_assistance_document", "apply_for_assistance",
    "approve_assistance", "ask_for_papers", "assign_inquiry", "begin_keeping", "cancel_plan", "charge_due",
    "charge_instalment", "charge_plan", "close_dispute", "compare_bill",
    "compare_bills", "confirm_excess", "deny_assistance", "file_dispute", "follow_arrangements", "follow_plan",
    "follow_plans", "give_assistance", "hand_plan_to_bad_debt", "issue_estimate", "join_plan", "list_due_estimates",
    "offer_plan", "open_balances", "open_inquiry", "pay_plan", "plans_to_charge", "reinstate_plan", "request_estimate", "resolve_inquiry",
    "review_plan", "revise_estimate", "stop_autopay", "withdraw_assistance",
]  # fmt: skip
