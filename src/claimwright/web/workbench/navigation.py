"""The pages a person can go to, in the order of the day: one row a page, shown in the side bar of every page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Destination:
    """`address` is the name of a URL without arguments; `key` is pressed after g; `here` are the page names below it."""

    address: str
    words: str
    key: str = ""
    here: tuple[str, ...] = ()


NAVIGATION: tuple[tuple[str, tuple[Destination, ...]], ...] = (
    (
        "",
        (Destination("home", "Home", "h", ("worklist",)),),
    ),
    (
        "Before the claim",
        (
            Destination(
                "patients",
                "Patients",
                "p",
                (
                    "patient",
                    "new_patient",
                    "edit_patient",
                    "coverages",
                    "duplicates",
                    "duplicate",
                    "disclosures",
                    "advance_notices",
                ),
            ),
            Destination(
                "eligibility",
                "Eligibility",
                "",
                ("eligibility_snapshot", "patient_eligibility", "eligibility_asking", "key_eligibility"),
            ),
            Destination(
                "authorizations",
                "Authorizations",
                "a",
                (
                    "authorization",
                    "new_authorization",
                    "edit_authorization",
                    "ask_authorization",
                    "documents",
                    "document",
                ),
            ),
            Destination("visits", "Visits", "v", ("visit", "new_visit", "edit_visit")),
        ),
    ),
    (
        "Claims",
        (
            Destination(
                "claims", "Claims", "c", ("claim", "change_claim", "correct_claim", "claim_authorizations", "fix")
            ),
            Destination("following", "Follow-up", "w"),
            Destination("denials", "Denials", "d", ("denial", "denial_trends", "letter_templates", "rule_proposals")),
        ),
    ),
    (
        "Money",
        (
            Destination("remittances", "Remittances", "r", ("remittance",)),
            Destination("paper_list", "Paper remittances", "e", ("paper",)),
            Destination("counter", "Counter and drawer", "t"),
            Destination("bank", "Bank", "b"),
            Destination("refunds", "Credits and refunds"),
            Destination("write_offs", "Write-offs"),
            Destination("underpayments", "Underpayments"),
            Destination("takebacks", "Takebacks"),
        ),
    ),
    (
        "Patient accounts",
        (
            Destination("statements", "Statements", "", ("due_statements", "dunning")),
            Destination("plans", "Payment plans", "", ("plan",)),
            Destination("inquiries", "Inquiries"),
            Destination("assistance", "Financial assistance"),
            Destination("estimates", "Estimates"),
            Destination("agency", "Agency"),
        ),
    ),
    (
        "Office",
        (
            Destination("reports", "Reports", "m", ("report", "figure", "report_trends", "report_costs")),
            Destination("people", "People", "", ("practice_grants",)),
            Destination("my_sign_in", "My sign-in"),
            Destination("interfaces", "Interfaces", "", ("interface", "interface_message")),
            Destination("programs", "API", "", ("program_endpoint",)),
            Destination("close", "Close"),
            Destination("takeovers", "Takeover", "", ("takeover",)),
            Destination("clients", "Clients", "", ("client",)),
            Destination("jobs", "Jobs"),
            Destination("audit_log", "Audit log", "", ("audit_proof", "patient_seen")),
            Destination("files", "Files", "f", ("received_file", "sent_file")),
            Destination(
                "settings",
                "Settings",
                "",
                (
                    "settings_practice",
                    "settings_policies",
                    "settings_providers",
                    "settings_provider",
                    "settings_new_provider",
                    "settings_locations",
                    "settings_location",
                    "settings_new_location",
                    "settings_payers",
                    "settings_payer",
                    "settings_posting",
                    "settings_connections",
                    "settings_connection",
                    "settings_new_connection",
                    "settings_new_practice",
                    "settings_first_claim",
                    "settings_enrolments",
                    "settings_enrolment",
                    "settings_new_enrolment",
                    "settings_new_payer",
                    "settings_new_payer_of",
                ),
            ),
            Destination(
                "setup",
                "Rules and prices",
                "s",
                (
                    "edits",
                    "edit",
                    "code_sets",
                    "rules",
                    "rule",
                    "new_rule",
                    "edit_rule",
                    "contracts",
                    "contract",
                    "charge_master",
                    "price_import",
                ),
            ),
        ),
    ),
)
