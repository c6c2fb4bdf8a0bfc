"""Who may open what: one table of every address, enforced before any view runs. What is not in it is refused.

A row is one permission: what it lets a person do, the roles that have it, and the names of the addresses it opens. A
name ending in `.read` only looks: its addresses take GET alone, and the auditor has all of these and no other. Any
other permission acts (its forms are pages too). An address in no row is refused to everybody and fails the tests.

Limits by amount (write-offs, refunds), the rule of two persons and the state of a thing are not here: services keep
them, under every door.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from claimwright.web.core.models import User
from claimwright.web.workbench.open_addresses import OPEN_SPACES, OWN, PUBLIC

DESK, CODER, BILLER, POSTER = User.Role.FRONT_DESK, User.Role.CODER, User.Role.BILLER, User.Role.POSTER
AUDITOR, OWNER = User.Role.AUDITOR, User.Role.OWNER
MANAGERS = (User.Role.MANAGER, User.Role.OWNER)
LEADS = (User.Role.SUPERVISOR, *MANAGERS)
WORKERS = (DESK, CODER, BILLER, POSTER, *LEADS)
EVERYBODY = (*WORKERS, AUDITOR)
BACK_OFFICE = (BILLER, POSTER, *LEADS)
READERS = (*BACK_OFFICE, AUDITOR)


@dataclass(frozen=True)
class Policy:
    """`does` completes "may …"; `addresses` are names of URLs, separated by blanks; `why` is the reason for the roles."""

    permission: str
    does: str
    roles: tuple[User.Role, ...]
    addresses: str
    why: str

    @property
    def only_reads(self) -> bool:
        return self.permission.endswith(".read")


POLICIES: tuple[Policy, ...] = (
    Policy(
        "office.read", "see the day's worklists, search and look things up", EVERYBODY,
        "home worklist worklist_file search help_index help_page find_codes find_patients find_price find_level",
        "where everybody's day begins",
    ),
    Policy(
        "office.work", "take, give, put aside and finish items of worklists, own and follow claims, and keep one's own views",
        WORKERS, "finish assign_work take_next work_together claim_in_hand save_view delete_view",
        "whoever does the work ends the item",
    ),
    Policy(
        "office.lead", "answer what was passed up, and end the office's views", LEADS, "",
        "asked inside the worklists' pages: the question was put to somebody who may decide",
    ),
    Policy(
        "patients.read", "see patients, their coverage and what their payers answered", EVERYBODY,
        "patients patient coverages card_image duplicates duplicate patient_letter eligibility eligibility_snapshot "
        "patient_eligibility eligibility_asking",
        "nobody codes, bills, posts or answers a patient without",
    ),
    Policy(
        "patients.work", "register and correct patients and their coverage", (DESK, BILLER, *LEADS),
        "new_patient save_new_patient edit_patient save_patient returned_mail save_coverage save_order save_parents "
        "save_medicare_answers save_accident close_case undo_found end_coverage upload_cards scan_duplicates keep_apart",
        "the desk registers; billers correct what a payer rejects",
    ),
    Policy(
        "patients.merge", "merge two records of a patient", LEADS, "merge_patients undo_merge",
        "a wrong merge mixes two persons' care",
    ),
    Policy(
        "patients.number", "see a social security number in full", LEADS, "show_ssn",
        "the least that the work needs; each look is in the audit log",
    ),
    Policy(
        "eligibility.work", "ask payers and key their answers", (DESK, BILLER, *LEADS),
        "ask_eligibility ask_at_once look_for_coverage decide_candidate key_eligibility save_keyed_eligibility",
        "asked before the visit, at the desk, and again before billing",
    ),
    Policy(
        "eligibility.set_up", "set how payers are asked", (BILLER, *LEADS), "save_eligibility_payer",
        "a wrong address stops every question to that payer",
    ),
    Policy(
        "authorizations.read", "see authorizations", EVERYBODY, "authorizations authorization advance_notices",
        "schedulers, coders and billers all ask whether there is one",
    ),
    Policy(
        "authorizations.work", "record authorizations", (DESK, BILLER, *LEADS),
        "new_authorization save_new_authorization edit_authorization save_authorization "
        "ask_authorization send_authorization_request ask_authorization_again "
        "save_advance_notice withdraw_advance_notice",
        "got by the desk before the visit, or by billers after a denial",
    ),
    Policy("documents.read", "open documents", EVERYBODY, "documents document document_content", "evidence for any stage"),
    Policy(
        "documents.work", "file, link and sign documents", WORKERS,
        "upload_document replace_document sign_document link_document number_document unlink_document",
        "papers come in at every place of the office; a replaced one is kept",
    ),
    Policy("documents.hold", "hold documents against deletion", LEADS, "hold_document", "a legal duty, not a habit of the day"),
    Policy("visits.read", "see visits and their charges", EVERYBODY, "visits visit", "the visit is what all the rest is about"),
    Policy(
        "visits.enter", "enter visits and charges", (DESK, CODER, BILLER, *LEADS),
        "new_visit save_new_visit edit_visit save_entered_visit",
        "entered at the desk or in the back, until the charges are locked",
    ),
    Policy(
        "visits.code", "lock charges, time anesthesia and ask the provider", (CODER, BILLER, *LEADS),
        "charge_visit move_visit ask_query answer_query withdraw_query save_anesthesia",
        "what is locked becomes a claim: for who knows the codes",
    ),
    Policy(
        "claims.read", "see claims, their edits and their proofs", EVERYBODY,
        "claims claims_csv claims_xlsx claim claim_proof claim_mailed filing_proof edits edit "
        "sending_claim raw_sent raw_received",
        "the desk and posters are asked where a claim stands",
    ),
    Policy(
        "claims.correct", "correct, hold and release claims", (CODER, BILLER, *LEADS),
        "fix apply_fix change_claim save_claim hold release claim_authorizations put_authorization claims_together "
        "validate_claim note_claim undo_claim cancel_claim "
        "correct_visit_charges save_visit_charges",
        "coders and billers clear what the edits find",
    ),
    Policy(
        "claims.send", "send, replace, void, split, combine, print and pass on claims", (BILLER, *LEADS),
        "follow_claim split_claim combine_claims print_claim send_claim correct_claim save_correction resend_claim "
        "requeue_claim bill_next reopen_claim cancel_file resend_file",
        "what goes to a payer in the practice's name",
    ),
    Policy(
        "claims.override", "let a claim go over a finding", LEADS, "override",
        "not by whoever wants the claim out today",
    ),
    Policy("following.read", "see claims without an answer", (BILLER, *LEADS, AUDITOR), "following", "the follow-up desk"),
    Policy(
        "following.work", "ask payers about claims and log calls", (BILLER, *LEADS),
        "ask_statuses ask_status log_contact close_contact save_payer_norm",
        "the follow-up desk",
    ),
    Policy(
        "denials.read", "see denials, appeals and what prevents them", (CODER, BILLER, *LEADS, AUDITOR),
        "denials denial denial_trends letter_templates rule_proposals appeal_proof",
        "coders learn from denials; the desk is not asked about them",
    ),
    Policy(
        "denials.work", "work denials and write appeals", (BILLER, *LEADS),
        "work_denial batch_denials save_letter_template",
        "the denials desk",
    ),
    Policy(
        "denials.prevent", "decide on rules proposed from denials", LEADS, "decide_proposal",
        "a rule stops claims of everybody",
    ),
    Policy(
        "remittances.read", "see remittances and what payers explained", READERS,
        "remittances remittance remittance_eobs claim_eob paper_list",
        "posters post, billers read why; the desk has the patient's account",
    ),
    Policy(
        "remittances.post", "key paper remittances and virtual cards", BACK_OFFICE,
        "start_paper paper save_paper virtual_card",
        "posters; billers too, since most offices have one person for both: give coders and posters their own role "
        "where duties are kept apart",
    ),
    Policy(
        "remittances.release", "post what was held for a look", LEADS,
        "release_payment release_adjustment post_looked_over decide_held assign_payment settle_debt place_adjustment "
        "give_back",
        "it was held because a rule doubted it",
    ),
    Policy(
        "bank.read", "see the bank's lines", (POSTER, *LEADS, AUDITOR), "bank",
        "who proves the money is not who sends the claims",
    ),
    Policy(
        "bank.work", "import and match the bank's lines", (POSTER, *LEADS),
        "import_statement accept_bank_match explain_bank_line undo_bank_match",
        "who proves the money is not who sends the claims",
    ),
    Policy(
        "cashier.read", "see the counter and its papers", (DESK, *READERS), "counter slip_pdf receipt_pdf",
        "money is taken at the desk and proved in the back",
    ),
    Policy(
        "cashier.take", "take payments and count the drawer", (DESK, *BACK_OFFICE),
        "counter_payment open_drawer count_drawer make_slip",
        "the desk takes co-payments; counted blind, at its end",
    ),
    Policy(
        "cashier.correct", "take back, return and move payments", BACK_OFFICE,
        "void_slip record_return unapply_receipt settle_return move_credit",
        "not by who took the money at the desk",
    ),
    Policy(
        "credits.read", "see credits, refunds and write-offs", READERS, "refunds write_offs",
        "money that leaves the books is seen by all who keep them",
    ),
    Policy(
        "credits.work", "ask for and approve refunds and write-offs", BACK_OFFICE,
        "claim_to_patient claim_from_patient claim_write_off take_back_write_off work_refund issue_together payer_request "
        "decide_write_off write_off_small",
        "two persons, each within the limit of the role: the services see to both",
    ),
    Policy(
        "recoveries.read", "see underpayments, disputes and accounts at an agency", (BILLER, *LEADS, AUDITOR),
        "underpayments dispute_letter takebacks takeback_letter agency agency_file",
        "follow-up with payers and agencies",
    ),
    Policy(
        "recoveries.work", "dispute underpayments and place accounts", (BILLER, *LEADS),
        "make_dispute decide_underpayment work_dispute takeback_notice work_takeback open_agency work_account "
        "agency_export",
        "follow-up with payers and agencies",
    ),
    Policy(
        "accounts.read", "see statements, plans, inquiries, assistance and estimates", (DESK, *READERS),
        "statements due_statements dunning statement guarantor_statement final_notice mail_batch plans plan "
        "plan_agreement inquiries assistance estimates estimate_pdf",
        "whoever answers a patient about a bill",
    ),
    Policy(
        "accounts.work", "agree plans, answer inquiries, take applications, issue estimates", (DESK, BILLER, *LEADS),
        "offer_plan change_plan open_inquiry change_inquiry apply_for_assistance change_assistance issue_estimate "
        "request_estimate estimate_excess close_estimate_dispute",
        "agreed where the patient asks; who decides on assistance is held by the service",
    ),
    Policy(
        "assistance.decide", "decide on financial assistance", LEADS, "",
        "asked inside the page of applications; never by who took the application",
    ),
    Policy(
        "statements.work", "issue, send and change statements and notices", (BILLER, *LEADS),
        "issue_statements print_statements email_statements run_dunning change_statement mail_returned record_contact",
        "mail to patients, once a cycle",
    ),
    Policy(
        "reports.read", "read reports and figures", READERS,
        "reports report report_file report_trends report_costs figure figure_file",
        "the office's money as a whole",
    ),
    Policy("reports.keep", "keep filters of reports", BACK_OFFICE, "keep_filter", "one's own view, but a row of ours"),
    Policy("reports.costs", "enter what billing costs", LEADS, "save_cost", "wages are in it"),
    Policy(
        "close.read", "see the close of days and months", READERS, "close closed_day_sheet month_report",
        "the checklist is everybody's who keeps the books",
    ),
    Policy(
        "close.work", "close days and sign items of the checklist", BACK_OFFICE, "close_day sign_off_item",
        "signed by who did the item",
    ),
    Policy("close.month", "lock a month", LEADS, "lock_month", "figures that others rely on"),
    Policy(
        "close.reopen", "open a locked month again and post in it", (OWNER,), "reopen_month posting_day",
        "it changes figures already given out",
    ),
    Policy(
        "clients.read", "see clients' terms, invoices and reports", (*MANAGERS, AUDITOR),
        "clients client invoice_paper client_report",
        "what the billing service earns",
    ),
    Policy(
        "clients.work", "invoice clients", MANAGERS,
        "issue_all_invoices save_terms issue_invoice void_invoice client_payment",
        "what the billing service earns",
    ),
    Policy(
        "audit.read", "read the audit log, prove it, and see who saw a record", (*MANAGERS, AUDITOR),
        "audit_log audit_proof patient_seen",
        "whoever answers for the others looks at what they did",
    ),
    Policy(
        "disclosures.read", "see to whom a record was disclosed", (DESK, *READERS),
        "disclosures disclosure_accounting",
        "a patient may ask anybody of the office for it",
    ),
    Policy(
        "disclosures.work", "record disclosures outside treatment, payment and operations", (DESK, BILLER, *LEADS),
        "record_disclosure withdraw_disclosure",
        "recorded by whoever handed it out or learnt of it",
    ),
    Policy("jobs.read", "see the jobs of the day", READERS, "jobs", "did the files go out, did they come in"),
    Policy("jobs.run", "run a job now", BACK_OFFICE, "run_job run_job_again", "running a job twice does nothing twice"),
    Policy("jobs.schedule", "change when jobs run", MANAGERS, "schedule_job", "deadlines hang on it"),
    Policy(
        "files.read", "open files as sent and received", READERS,
        "files received_file received_download sent_file sent_download",
        "whole files hold many patients' data",
    ),
    Policy("files.hand_in", "hand in files as they came", BACK_OFFICE, "", "asked of programs: read as if a partner had sent it"),
    Policy(
        "interfaces.read", "see other systems' messages, what waits and why", READERS,
        "interfaces interface interface_message",
        "a message as it came is patient data of every kind",
    ),
    Policy(
        "interfaces.work", "say what senders' ids mean, replay and close messages", (BILLER, *LEADS),
        "save_interface save_interface_code drop_interface_code replay_interface replay_message close_message",
        "a map decides what is charged and whose it is",
    ),
    Policy(
        "setup.read", "see contracts, prices, rules and code sets", (CODER, *READERS),
        "setup contracts contract rules rule code_sets charge_master price_import",
        "why a price or an edit is what it is; terms with payers are not for the desk",
    ),
    Policy(
        "settings.read", "see how practices, providers, locations and payers are set up", (CODER, *READERS),
        "settings settings_practice settings_policies settings_providers settings_provider settings_new_provider "
        "settings_locations settings_location settings_new_location settings_payers settings_payer settings_posting "
        "settings_new_practice settings_first_claim settings_enrolments settings_new_enrolment settings_enrolment "
        "settings_new_payer settings_new_payer_of settings_payer_rules",
        "why a claim carries what it carries, and a payment waits",
    ),
    Policy(
        "settings.work", "take on and change practices, policies, providers, locations, payers and enrolments", MANAGERS,
        "save_time_zone save_practice_settings add_identifier save_policies save_provider save_new_provider save_location "
        "save_new_location save_payer_settings save_new_practice save_new_payer save_new_enrolment save_enrolment "
        "save_payer_rules add_payer_rule end_payer_rule",
        "every later claim and decision goes by it",
    ),
    Policy(
        "settings.automation", "set what of a payer's remittances posts by itself", LEADS,
        "save_payer_automation add_never_automatic end_never_automatic",
        "it only ever holds more; who leads the posters knows which payer to watch",
    ),
    Policy(
        "connections.read", "see the connections to trading partners", (*MANAGERS, AUDITOR),
        "settings_connections settings_connection settings_new_connection",
        "where patients' data goes is not everybody's to know; no secret is ever shown",
    ),
    Policy(
        "connections.work", "set up and try connections, and trust a host key", MANAGERS,
        "save_connection save_new_connection try_connection trust_host_key",
        "a wrong address or key sends patients' data to a stranger",
    ),
    Policy("prices.upload", "bring a new price list", (BILLER, *LEADS), "upload_prices discard_prices", "it prices nothing until accepted"),
    Policy("prices.accept", "accept a price list", LEADS, "accept_prices", "every later charge is priced by it"),
    Policy(
        "contracts.work", "keep contracts with payers", LEADS,
        "save_contract preview_sheet accept_sheet withdraw_version",
        "what is owed, and what is written off, comes from them",
    ),
    Policy(
        "rules.work", "write local edits", LEADS, "new_rule save_new_rule edit_rule save_rule act_on_rule",
        "a rule stops claims of everybody",
    ),
    Policy(
        "takeover.read", "see what was brought from another system", (*LEADS, AUDITOR),
        "takeovers takeover takeover_template takeover_faults",
        "whole files of balances and patients",
    ),
    Policy(
        "takeover.work", "bring balances from another system, and take them back", LEADS,
        "save_takeover load_takeover undo_takeover",
        "it writes the opening balances of the books",
    ),
    Policy(
        "emergency.open", "open a patient's pages in an emergency", WORKERS, "open_in_emergency",
        "care or a deadline may not wait for a manager; it is for an hour, written down and reviewed",
    ),
    Policy("people.read", "see who works here", (*MANAGERS, AUDITOR), "people practice_grants", "who has which key is not everybody's to know"),
    Policy(
        "people.work", "take people in, change their roles, unlock and disable them", MANAGERS,
        "add_person change_person_role new_sign_in_link reset_second_factor disable_person enable_person unlock_person "
        "review_emergency save_practice_grants",
        "an owner's sign-in only by an owner, one's own by nobody: the service holds that",
    ),
    Policy(
        "programs.read", "see programs, their tokens and what they are told", (*MANAGERS, AUDITOR), "programs program_endpoint",
        "who has which key is not everybody's to know",
    ),
    Policy(
        "programs.work", "give programs tokens and addresses to tell", MANAGERS,
        "issue_api_token revoke_api_token register_program_endpoint end_program_endpoint send_events_again",
        "a program does what its token says, day and night",
    ),
    Policy(
        "codes.work", "import code sets", (OWNER,), "check_code_files import_codes rollback_codes",
        "every tenant of the installation codes by them",
    ),
)  # fmt: skip

# Patients' pages that a worker's role does not open but an emergency may: whole files, the bank and figures are not.
IN_EMERGENCY = frozenset(
    {
        "patients.read", "authorizations.read", "documents.read", "visits.read", "claims.read",
        "following.read", "denials.read", "remittances.read", "cashier.read", "accounts.read",
    }
)  # fmt: skip

# What is of the office as a whole, and closed to a person who is limited to some practices (core/practice_grants.py).
_OF_ALL = (
    "bank.read bank.work files.read files.hand_in interfaces.read interfaces.work jobs.read jobs.run jobs.schedule close.read close.work close.month "
    "close.reopen clients.read clients.work takeover.read takeover.work contracts.work rules.work codes.work "
    "denials.prevent eligibility.set_up reports.costs people.read people.work programs.read programs.work audit.read "
    "settings.work settings.automation connections.read connections.work"
)
WHOLE_OFFICE = frozenset(_OF_ALL.split())
# Acts of a permission that is otherwise a practice's, on what is of several: a file of claims, a payer's usual days.
OF_SEVERAL = frozenset({"cancel_file", "resend_file", "save_payer_norm", "email_statements"})

# Worklists that tell of money or of whole files: seen by who may see their page. Any other is for everybody.
WORKLISTS: dict[str, str] = {
    "remittances.read": "quarantined_remittances remittance_conflicts duplicate_remittances unmatched_payments "
    "partial_matches unmatched_lines payer_not_on_claim other_practice unknown_reason_codes reversals_without_original "
    "second_remittances would_go_negative claim_status_on_hold claim_not_sent posting_review before_posting primary_changed "
    "reversed_without_correction open_after_decision provider_adjustments unidentified_takebacks missing_remittances",
    "bank.read": "deposits eft_without_era era_without_eft bank_lines",
    "credits.read": "credit_balances refunds_out write_off_approvals",
    "recoveries.read": "underpayments agency_review agency_problems",
    "files.read": "file_rejections file_edits orphan_acknowledgements ambiguous_sends connection_problems quarantined_files",
    "jobs.read": "failed_jobs",
    "programs.read": "webhooks_undelivered",
    "people.read": "emergency_access",
}  # fmt: skip
OF_WORKLIST: dict[str, str] = {name: permission for permission, names in WORKLISTS.items() for name in names.split()}

OF_ADDRESS: dict[str, Policy] = {name: policy for policy in POLICIES for name in policy.addresses.split()}
OF_PERMISSION: dict[str, Policy] = {policy.permission: policy for policy in POLICIES}


def is_public(address: str) -> bool:
    """Whether anybody may open it, signed in or not; what lies behind asks for itself."""
    return address in PUBLIC or address.partition(":")[0] in OPEN_SPACES and ":" in address


def may_open(role: str, address: str) -> bool:
    """Whether a person of this role may open the address of this name. False for an address in no row."""
    policy = OF_ADDRESS.get(address)
    return is_public(address) or (address in OWN and bool(role)) or (policy is not None and role in policy.roles)


def opens_in_emergency(role: str, address: str) -> str:
    """The permission that a person of this role may open in an emergency to reach the address; "" for none."""
    policy = OF_ADDRESS.get(address)
    if policy is None or policy.permission not in IN_EMERGENCY or role in policy.roles:
        return ""
    return policy.permission if role in OF_PERMISSION["emergency.open"].roles else ""


def may(request: HttpRequest, address: str) -> bool:
    """Whether the person of this request may open the address: what a page asks before it shows a button."""
    return may_open(getattr(request.user, "role", ""), address) and not is_whole_office(request.user, address)


def is_whole_office(person: object, address: str) -> bool:
    """Whether the address is of the office as a whole, and the person limited to some of its practices."""
    policy = OF_ADDRESS.get(address)
    is_whole = policy is not None and (policy.permission in WHOLE_OFFICE or address in OF_SEVERAL)
    return bool(getattr(person, "practice_ids", ())) and is_whole


def may_see_worklist(role: str, worklist: str) -> bool:
    """Whether a person of this role sees the items of a worklist."""
    return role in OF_PERMISSION[OF_WORKLIST.get(worklist, "office.read")].roles


def worklists_hidden_from(request: HttpRequest) -> list[str]:
    """Names of the worklists whose items this person does not see."""
    role = getattr(request.user, "role", "")
    return [name for name in OF_WORKLIST if not may_see_worklist(role, name)]


def workers_on(name: str) -> list[str]:
    """The roles that see a worklist and work: who only reads is given nothing to do."""
    return [role for role in WORKERS if may_see_worklist(role, name)]


def has(request: HttpRequest, permission: str) -> bool:
    """Whether the person of this request has a permission that is asked for inside a page."""
    return getattr(request.user, "role", "") in OF_PERMISSION[permission].roles


def permissions_of(role: str) -> tuple[str, ...]:
    """What a role may do, in the order of the table."""
    return tuple(policy.permission for policy in POLICIES if role in policy.roles)


def as_table() -> str:
    """The table of permissions and roles for `docs/how-it-works/people.md`; the test of the house compares the two."""
    roles = [role for role in User.Role if role is not User.Role.API]
    lines = [
        "|Permission|May|" + "|".join(role.label for role in roles) + "|Why|",
        "|---|---|" + ":-:|" * len(roles) + "---|",
    ]
    for policy in POLICIES:
        ticks = "|".join("x" if role in policy.roles else "" for role in roles)
        lines.append(f"|`{policy.permission}`|{policy.does}|{ticks}|{policy.why}|")
    return "\n".join(lines)
