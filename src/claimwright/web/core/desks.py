"""Whose work each worklist is: the role at whose desk an item lies until it is given to a person by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.services import record_audit
from claimwright.web.core.worklists import TITLES, Worklist

_ROWS: tuple[tuple[User.Role, str], ...] = (
    (
        User.Role.FRONT_DESK,
        "duplicate_patients unreadable_cards coverage_order schedule_problems interface_messages eligibility_registration "
        "eligibility_not_active eligibility_changes eligibility_queries coverage_candidates document_problems "
        "arrived_without_note assistance gfe_due returned_mail plan_payments",
    ),
    (
        User.Role.CODER,
        "intake_unmapped_codes note_without_charge documented_without_line line_without_documentation "
        "lab_result_without_charge charge_lag provider_queries",
    ),
    (
        User.Role.BILLER,
        "intake_problems unknown_payer edit_holds file_edits file_rejections clearinghouse_rejections payer_rejections "
        "orphan_acknowledgements ambiguous_sends next_payer missing_crossover denials appeals_unanswered "
        "records_requested authorization_chase authorization_problems authorization_answers eligibility_queue "
        "eligibility_answers new_coverage inquiries estimate_exceeded plan_defaults no_file_acknowledgement "
        "no_clearinghouse_answer no_payer_acknowledgement no_payer_answer missing_remittances information_requested "
        "claims_not_on_file status_answers contacts_due underpayments primary_changed reversed_without_correction "
        "open_after_decision",
    ),
    (
        User.Role.POSTER,
        "quarantined_files quarantined_remittances remittance_conflicts duplicate_remittances unmatched_payments "
        "partial_matches unmatched_lines payer_not_on_claim other_practice unknown_reason_codes "
        "reversals_without_original second_remittances would_go_negative claim_status_on_hold claim_not_sent "
        "posting_review before_posting provider_adjustments unidentified_takebacks deposits eft_without_era era_without_eft bank_lines "
        "cash_differences returned_payments card_payments agency_problems",
    ),
    (User.Role.SUPERVISOR, "write_off_approvals rule_proposals agency_review"),
    (User.Role.MANAGER, "unpriced_charges connection_problems eligibility_set_up credit_balances refunds_out failed_jobs webhooks_undelivered emergency_access"),
)  # fmt: skip
DESKS: Mapping[str, User.Role] = {name: role for role, names in _ROWS for name in names.split()}


class NotAssigned(ValueError):
    """Work that cannot be given to that person; the text says why."""


def desk_of(worklist: str) -> User.Role:
    """Raises KeyError for a list that nobody shows."""
    if worklist not in TITLES:
        raise KeyError(worklist)
    return DESKS[Worklist(worklist)]


def owner_of(item: WorkItem) -> str:
    """The person whose it is, else the desk in words."""
    return item.owner or desk_of(item.worklist).label


def assign_work_items(*, item_ids: Iterable[UUID], to: User | None) -> int:
    """Give open items to a person, or back to their desk; says how many. Raises NotAssigned for who cannot sign in."""
    if to is not None and not to.is_active:
        raise NotAssigned("this person no longer signs in")
    name = to.get_username() if to is not None else ""
    items = WorkItem.objects.filter(pk__in=list(item_ids)).exclude(state=WorkItem.State.DONE).exclude(owner=name)
    changed = list(items.values_list("pk", flat=True))
    items.update(owner=name)
    for item_id in changed:
        record_audit(
            action="worklist.assigned", subject_type="work_item", subject_id=item_id, detail=name or "the desk"
        )
    return len(changed)
