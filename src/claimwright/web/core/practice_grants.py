"""Which practices a person sees, kept by the database: a restrictive policy on every table, beside that of the tenant.

A person who is limited to some practices works under a role of the database of its own (`core.tenancy`). Only that role
is bound by the policies below, so that jobs, programs and people without a limit pay nothing for them, not even in the
planning of a query. Every model of a tenant is in one of four groups; one that is in none is closed, and fails a test of
the house:

- it has a column `practice_id`, or is the practice itself: its own rows say whose they are;
- THROUGH: a row is seen with the row that it hangs on;
- CLOSED: of the office as a whole, with no part that is one practice's;
- OPEN: of the office as a whole, and needed by whoever works in it; holds nothing of a practice's patients or money,
  or is closed at the door (`workbench/policies.py`, WHOLE_OFFICE).

The reasons are in docs/decisions/0021-practices-are-granted-in-the-database.md.
"""

from __future__ import annotations

import hashlib

from django.apps import apps

from claimwright.web.core.models import TenantModel
from claimwright.web.core.tenancy import PRACTICES
from claimwright.web.database import LIMITED_ROLE

# Evaluated once a query: a subquery without a reference to the row. The outer cast changes nothing, it only says that
# ANY is given one array and not a query of rows.
GRANTED = f"(SELECT NULLIF(current_setting('{PRACTICES}', true), '')::uuid[])::uuid[]"
GRANTED_TEXT = f"(SELECT NULLIF(current_setting('{PRACTICES}', true), '')::text[])::text[]"
POLICY = "practice_grants"

THROUGH: dict[str, str] = {
    "contracts.ExpectedClaim": "claim_version_id submissions.ClaimVersion",
    "contracts.ExpectedLine": "expected_id contracts.ExpectedClaim",
    "patients.PatientCoverage": "patient_id patients.Patient",
    "patients.PatientAddress": "patient_id patients.Patient",
    "patients.PatientPhone": "patient_id patients.Patient",
    "patients.CardImage": "coverage_id patients.PatientCoverage",
    "patients.MedicareQuestionnaire": "patient_id patients.Patient",
    "patients.InjuryCase": "patient_id patients.Patient",
    "patients.DuplicatePair": "first_id patients.Patient second_id patients.Patient",
    "patients.PatientMerge": "survivor_id patients.Patient absorbed_id patients.Patient",
    "patients.MergeMove": "merge_id patients.PatientMerge",
    "patients.FoundCoverage": "patient_id patients.Patient",
    "patients.Disclosure": "patient_id patients.Patient",
    "authorizations.AuthorizationChange": "authorization_id authorizations.Authorization",
    "authorizations.AuthorizationEntry": "authorization_id authorizations.Authorization",
    "authorizations.AuthorizationRequest": "authorization_id authorizations.Authorization",
    "authorizations.DocumentLink": "document_id authorizations.Document",
    "authorizations.Questionnaire": "patient_id patients.Patient",
    "eligibility.EligibilitySnapshot": "inquiry_id eligibility.EligibilityInquiry",
    "eligibility.SnapshotChange": "snapshot_id eligibility.EligibilitySnapshot",
    "eligibility.CoverageCandidate": "patient_id patients.Patient",
    "charges.EncounterMove": "encounter_id charges.Encounter",
    "charges.ChargeCorrection": "encounter_id charges.Encounter",
    "charges.DocumentedService": "encounter_id charges.Encounter",
    "charges.AnesthesiaTime": "encounter_id charges.Encounter",
    "charges.ProviderQuery": "encounter_id charges.Encounter",
    "submissions.ClaimVersion": "claim_id submissions.Claim",
    "submissions.ClaimEvent": "version_id submissions.ClaimVersion",
    "submissions.EditFinding": "version_id submissions.ClaimVersion",
    "submissions.Submission": "version_id submissions.ClaimVersion",
    "submissions.ClaimPrint": "version_id submissions.ClaimVersion",
    "followup.Following": "version_id submissions.ClaimVersion",
    "followup.StatusAnswer": "inquiry_id followup.StatusInquiry",
    "followup.PayerContact": "version_id submissions.ClaimVersion",
    "denials.Appeal": "denial_id denials.Denial",
    "denials.RecordsRequest": "denial_id denials.Denial",
    "payments.PracticeDebt": "claim_payment_id payments.ClaimPayment",
    "payments.AdjudicationRecord": "claim_payment_id payments.ClaimPayment",
    "payments.ProviderAdjustment": "remittance_id payments.Remittance",
    "bank.BankStatement": "account_id bank.BankAccount",
    "bank.BankLine": "account_id bank.BankAccount",
    "bank.BankMatchLine": "line_id bank.BankLine",
    "bank.OpenLine": "line_id bank.BankLine",
    "cashier.VirtualCard": "remittance_id payments.Remittance",
    "cashier.DrawerCount": "drawer_id cashier.CashDrawer",
    "cashier.CounterReceipt": "receipt_id payments.PatientReceipt",
    "cashier.SlipDrawer": "slip_id cashier.DepositSlip",
    "cashier.SlipCheck": "slip_id cashier.DepositSlip",
    "cashier.CardEvent": "attempt_id cashier.CardAttempt",
    "cashier.CardRefund": "attempt_id cashier.CardAttempt",
    "cashier.ReturnedPayment": "receipt_id payments.PatientReceipt",
    "cashier.CreditMove": "source patients.Patient target patients.Patient",
    "recoveries.AgencyPayment": "placement_id recoveries.AgencyPlacement",
    "arrangements.PlanLine": "plan_id arrangements.PaymentPlan",
    "arrangements.PlanStep": "plan_id arrangements.PaymentPlan",
    "arrangements.EstimateExcess": "estimate_id arrangements.GoodFaithEstimate",
    "arrangements.EstimateDispute": "excess_id arrangements.EstimateExcess",
    "statements.GuarantorStatement": "account_id statements.Account",
    "statements.StatementPart": "whole_id statements.GuarantorStatement",
    "statements.Notice": "account_id statements.Account",
    "statements.Delivery": "account_id statements.Account",
    "statements.ClockStop": "account_id statements.Account",
    "statements.DunningStep": "account_id statements.Account",
    "statements.Contact": "account_id statements.Account",
    "statements.StatementLink": "whole_id statements.GuarantorStatement",
    "takeover.TakeoverFile": "takeover_id takeover.Takeover",
    "takeover.TakeoverClaim": "takeover_id takeover.Takeover",
    "takeover.TakeoverPlan": "takeover_id takeover.Takeover",
    "clients.InvoiceCredit": "invoice_id clients.ClientInvoice",
    "operations.InterfaceCode": "interface_id operations.Interface",
    "operations.InterfaceMessage": "interface_id operations.Interface",
    "operations.InterfaceCharge": "interface_id operations.Interface",
    # Rows whose own column is empty are seen with these.
    "authorizations.Authorization": "patient_id patients.Patient",
    "authorizations.Document": "patient_id patients.Patient",
    "payments.ClaimPayment": "remittance_id payments.Remittance",
    "payments.Refund": "patient_id patients.Patient",
}

CLOSED = frozenset(
    {
        "bank.BankFile",
        "bank.BankMatch",
        "bank.BankMatchPart",
        "close.DayClose",
        "close.ItemSignOff",
        "close.AuditResult",
        "close.MonthReport",
        "recoveries.AgencyFile",
        "statements.MailBatch",
        "operations.JobRun",
        "denials.LearnedChance",
    }
)

OPEN: dict[str, str] = {
    "core.AuditEvent": "ids only; each row needs the last one of its chain",
    "core.Counter": "numbers that only go up",
    "exchange.Connection": "claims go out by it; where to and under which name, nothing of a practice",
    "exchange.InboxFile": "written while a payer answers; whole files are closed at the door",
    "exchange.InboxDelivery": "names of files; closed at the door",
    "exchange.InboxPart": "what a claim's event or a remittance points to as its proof; closed at the door",
    "exchange.OutboxFile": "written while a payer is asked; whole files are closed at the door",
    "exchange.RealTimeExchange": "written while a payer is asked; no page shows it",
    "accounts.PeriodEvent": "which months are closed: every posting asks",
    "practice.Payer": "payers are the office's",
    "contracts.Contract": "by payer and tax id: what a claim is priced and expected by",
    "contracts.ContractVersion": "of a contract",
    "contracts.ContractRate": "of a contract",
    "eligibility.PayerCheck": "how a payer is asked",
    "charges.CodeMapping": "codes of an interface",
    "submissions.LocalRule": "edits of the office hold for every claim",
    "submissions.LocalRuleVersion": "of a rule",
    "submissions.LocalRuleTrial": "counts of a rule tried",
    "followup.PayerNorm": "how many days a payer takes",
    "denials.LetterTemplate": "the office's letters",
    "denials.RuleProposal": "counts that propose a rule",
    "payments.AdjustmentAccount": "a payer's running balance by reference: posting asks for it",
    "recoveries.Agency": "agencies are the office's",
    "reports.SavedFilter": "a person's own",
    "core.EmergencyAccess": "who opened what for a while and why, no patient's data; each request asks for it",
    "core.SentForm": "found by the key of the form that was sent, and by the same person only",
    "core.SavedView": "a person's own, or a shared list's filter",
    "operations.JobSchedule": "when jobs run",
    "api.ApiToken": "the keys of programs; no page shows more than their names",
    "api.KeptAnswer": "found by the token and key that made it",
    "api.WebhookEndpoint": "whoever changes something has to see who is told of it",
    "api.WebhookDelivery": "ids only; written with what happened, whoever did it",
}

SHARED = frozenset({"practice.Provider"})  # a row of no practice is of all: who refers, orders or supervises anywhere
# Written on behalf of what is not one practice's too; who writes need not see the row afterwards.
WRITTEN_BLIND = frozenset({"accounts.LedgerTransfer", "core.WorkItem"})


def _table(label: str) -> str:
    return str(apps.get_model(label)._meta.db_table)


def _seen_with(label: str) -> str:
    """The rows that THROUGH names are seen; row-level security holds inside the subquery too."""
    words = THROUGH[label].split()
    table = _table(label)
    return " AND ".join(
        f'EXISTS (SELECT 1 FROM "{_table(parent)}" parent WHERE parent.id = "{table}"."{column}")'
        for column, parent in zip(words[::2], words[1::2], strict=True)
    )


def _ledger(table: str) -> str:
    """A transfer is seen from either of its accounts, or with the payment that it came by."""
    sides = []
    for side in ("debit", "credit"):
        kind, subject = f'"{table}".{side}_kind', f'"{table}".{side}_subject'
        sides.append(
            f"""CASE WHEN {kind} IN ('RECEIVABLE', 'BAD_DEBT')
                     THEN EXISTS (SELECT 1 FROM charges_chargeline line WHERE line.line_id = {subject})
                     WHEN {kind} = 'CREDIT'
                     THEN EXISTS (SELECT 1 FROM patients_patient patient WHERE patient.id::text = {subject})
                     WHEN {kind} IN ('REMITTANCE', 'SUSPENSE')
                     THEN EXISTS (SELECT 1 FROM payments_remittance payment WHERE payment.number = {subject})
                     ELSE {subject} = ANY ({GRANTED_TEXT}) END"""
        )
    return " OR ".join(sides)


def plan_of(model: type[TenantModel]) -> str | None:
    """The condition under which a limited person sees a row of the model; None for one that is open."""
    label, table = model._meta.label, model._meta.db_table
    columns = {field.column: field for field in model._meta.concrete_fields}
    if label == "practice.Practice":
        return f"id = ANY ({GRANTED})"
    if label == "accounts.LedgerTransfer":
        return _ledger(table)
    if "practice_id" in columns:
        own = f"practice_id = ANY ({GRANTED})"
        if label in SHARED:
            return f"practice_id IS NULL OR {own}"
        return f"{own} OR (practice_id IS NULL AND {_seen_with(label)})" if label in THROUGH else own
    if label in THROUGH:
        return _seen_with(label)
    return None if label in OPEN else "false"


def ungrouped(models_of_tenants: list[type[TenantModel]]) -> list[str]:
    """Labels of models that say nowhere whose their rows are."""
    grouped = {*THROUGH, *CLOSED, *OPEN, "practice.Practice", "accounts.LedgerTransfer"}
    return [
        model._meta.label
        for model in models_of_tenants
        if model._meta.label not in grouped
        and "practice_id" not in {field.column for field in model._meta.concrete_fields}
    ]


def policies(models_of_tenants: list[type[TenantModel]], existing: dict[str, set[str]]) -> list[str]:
    """Statements that bring the policies up to date. `existing`: table to the names of its policies of this kind.

    A policy's name holds a digest of what it says, so one that says something else takes its place.
    """
    statements = []
    for model in models_of_tenants:
        table, seen = model._meta.db_table, plan_of(model)
        old = existing.get(table, set())
        name = ""
        if seen is not None:
            written = "true" if model._meta.label in WRITTEN_BLIND else seen
            name = f"{POLICY}_{hashlib.sha256(f'{seen}|{written}'.encode()).hexdigest()[:8]}"
            if name not in old:
                statements.append(
                    f'CREATE POLICY {name} ON "{table}" AS RESTRICTIVE TO "{LIMITED_ROLE}" '
                    f"USING ({seen}) WITH CHECK ({written})"
                )
        statements += [f'DROP POLICY {stale} ON "{table}"' for stale in sorted(old - {name})]
    return statements
