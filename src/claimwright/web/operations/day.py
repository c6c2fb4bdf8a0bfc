"""What an office does at the end of a day: credits onto balances, small balances, closed claims, holds, late money, and
what was done and not charged, authorizations and rules whose day has come, eligibility that is due, claims that are not
answered, patients who do not answer, and records that may be one person."""

from __future__ import annotations

from claimwright.billing.lifecycle import State
from claimwright.web.arrangements.follow import charge_plan, follow_arrangements, plans_to_charge
from claimwright.web.authorizations.services import expire_authorizations, list_overdue_decisions
from claimwright.web.bank.services import match_open_lines
from claimwright.web.cashier.returns import note_bank_returns
from claimwright.web.charges.reconciliation import reconcile_encounters
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as, audit_together
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.operations.denial_day import follow_denials
from claimwright.web.operations.eligibility import check_eligibility
from claimwright.web.operations.status_inquiries import follow_claims
from claimwright.web.patients.duplicates import scan_duplicates
from claimwright.web.payments import models
from claimwright.web.payments.credits import release_holds
from claimwright.web.payments.decided_open import list_open_after_decision
from claimwright.web.payments.services import apply_credits, list_missing_deposits, settle_visits
from claimwright.web.payments.statements import patients_who_owe
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries.daily import follow_recoveries_of_the_day
from claimwright.web.statements.services import Emails, run_dunning, send_emails
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.rules import demote_overridden_rules, expire_rules


def end_day(*, tenant: Tenant) -> Emails:
    """Run after posting; doing it again changes nothing. Call outside any transaction. Says what became of the e-mails,
    which go out when all else stands, as the cards that are kept are charged then."""
    with tenant_scope(tenant), acting_as("end of day"), audit_together():
        holders = models.Refund.objects.filter(line_id="", patient__isnull=False).exclude(state="CLEARED")
        owing = set(patients_who_owe())
        apply_credits(patient_ids=sorted(owing.intersection(map(str, holders.values_list("patient_id", flat=True)))))
        decided = ClaimVersion.objects.filter(state=State.ADJUDICATED).values_list("claim__encounter_id", flat=True)
        settle_visits(encounter_ids=set(decided))
        release_holds()
        match_open_lines()
        note_bank_returns()
        list_missing_deposits()
        reconcile_encounters()
        list_overdue_decisions()
        expire_authorizations()
        check_eligibility()
        expire_rules()
        demote_overridden_rules()
        follow_denials()
        list_open_after_decision()
        follow_recoveries_of_the_day()
        follow_arrangements()
        follow_claims()
        run_dunning()
        _search_duplicates()
    with acting_as("end of day"):
        _charge_instalments(tenant)
        return send_emails(tenant=tenant)


def _charge_instalments(tenant: Tenant) -> None:
    """Each in a transaction of its own, when all else stands: no later fault takes back what the processor took."""
    with tenant_scope(tenant):
        waiting = plans_to_charge()
    for plan_id, number in waiting:
        with tenant_scope(tenant):
            charge_plan(plan_id=plan_id, number=number)


def _search_duplicates() -> None:
    """New and changed records against all others, for each practice whose policy does not say otherwise."""
    for practice in Practice.objects.order_by("npi"):
        if policies_of(practice).duplicate_patients_searched:
            scan_duplicates(practice=practice, only_changed=True)
