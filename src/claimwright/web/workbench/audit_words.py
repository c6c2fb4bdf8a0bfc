"""What the rows of the audit log are called: an action is a thing and what was done with it, `claim.hold` a claim held."""

from __future__ import annotations

THINGS = {
    "access": "Access", "account": "Account", "accounts": "Accounts", "agency": "Agency", "api": "Program", "api_token": "Token of a program",
    "appeal": "Appeal", "assistance": "Financial assistance", "audit": "Audit log", "authorization": "Authorization",
    "backup": "Backup", "balance": "Balance", "bank": "Bank", "books": "Books", "candidate": "Coverage that may exist", "card": "Insurance card",
    "charge": "Charge", "charge_master": "Price list", "charges": "Charges", "claim": "Claim", "claims": "Claims", "client": "Client", "close": "Close",
    "code_map": "Code map", "codes": "Code sets", "connection": "Connection", "contract": "Contract",
    "contracts": "Contract", "cost": "Cost of billing", "counter": "Counter", "coverage": "Coverage",
    "credit": "Credit", "day": "Day", "denial": "Denial", "disclosure": "Disclosure", "dispute": "Dispute",
    "document": "Document", "drawer": "Cash drawer", "dunning": "Reminder", "eligibility": "Eligibility",
    "emergency": "Emergency access", "encounter": "Visit", "enrolment": "Enrolment with a payer", "estimate": "Estimate", "estimates": "Estimates", "exchange": "Partner", "file": "File",
    "following": "Follow-up", "held": "Held money", "inbox": "File received", "inquiries": "Inquiries", "inquiry": "Inquiry",
    "installation": "Installation", "intake": "Visits taken in", "interface": "Interface", "interface_message": "Message of an interface",
    "job": "Job", "keys": "Keys", "letter_template": "Letter template", "location": "Location",
    "month": "Month", "note": "Note of a visit", "notice": "Notice", "outbox": "File to send", "paper": "Paper remittance",
    "patient": "Patient", "patient_letter": "Letter to a patient", "payer": "Payer", "payment": "Patient's payment",
    "people": "People", "person": "Person", "plan": "Payment plan", "plans": "Payment plans", "portal": "Patient's own page",
    "practice": "Practice", "provider": "Provider", "provider_adjustment": "Provider adjustment", "practice_debt": "Debt of the practice", "query": "Question to a provider",
    "receipt": "Receipt", "records": "Records", "refund": "Refund", "remittance": "Remittance", "report": "Report",
    "rule": "Local edit", "rule_proposal": "Proposed edit", "schedule": "Appointments", "search": "Search", "session": "Session", "settings": "Settings",
    "slip": "Deposit slip", "statement": "Statement", "statements": "Statements", "status": "Claim status",
    "takeback": "Takeback", "takeover": "Takeover", "tenant": "Billing office", "token": "Token", "underpayment": "Underpayment",
    "view": "Saved view", "virtual_card": "Virtual card", "webhook": "Endpoint of a program", "worklist": "Worklist", "write_off": "Write-off",
}  # fmt: skip

WHOLE = {
    "access.refused": "A page or act was refused to the person",
    "audit.read": "Audit log opened", "audit.export": "Audit log taken out as a file",
    "audit.verify": "Audit log's chain verified", "audit.seen": "Looked up who saw a patient's record",
    "claim.proof": "Claim's own file as sent opened",
    "disclosure.accounting": "Accounting of disclosures made",
    "disclosure.list": "Disclosures of a patient opened",
    "installation.restored": "Installation restored from a backup", "intake": "Visits taken in",
    "keys.rotate": "Keys renewed, everything sealed anew",
    "patient.ssn_revealed": "Social security number shown in full",
    "patient.ssn_asked": "Social security number in full: button pressed",
    "payer.rules": "What a payer asks of claims changed", "payer.rule_add": "Rule of a payer added",
    "payer.rule_end": "Rule of a payer ended",
    "search.made": "Searched",
    "session.sign_in": "Signed in", "session.sign_out": "Signed out",
    "statement.link_opened": "Statement opened by its link", "statement.link_refused": "Link of a statement refused",
    "takeover": "Takeovers opened",
}  # fmt: skip

DONE = {
    "add": "added", "again": "run again", "appeal": "appealed", "ask": "asked", "assign": "assigned",
    "cancel": "cancelled", "cause": "cause set", "chase": "chased", "close": "closed", "code": "coded",
    "combine": "combined", "correct": "corrected", "count": "counted", "create": "set up", "decide": "decided",
    "destroy": "destroyed", "discard": "discarded", "download": "downloaded", "draft": "drafted", "end": "ended",
    "enter": "entered", "explain": "explained", "export": "taken out as a file", "hold": "held", "import": "imported",
    "list": "list opened", "load": "loaded", "make": "made", "match": "matched", "mend": "mended", "merge": "merged",
    "move": "moved", "open": "opened", "pin_host_key": "host key accepted", "post": "posted", "prepare": "prepared",
    "print": "printed", "promise": "promised", "read": "opened", "receive": "received", "record": "recorded",
    "recoup": "left to the payer to take back", "register": "registered", "release": "released", "reopen": "opened again",
    "replace": "replaced", "request": "requested", "resend": "sent again", "resubmit": "sent anew", "revise": "changed",
    "rollback": "taken back", "run": "run", "save": "saved", "schedule": "scheduled", "sign": "signed", "snooze": "snoozed",
    "start": "started", "terms": "terms set", "unapply": "taken off", "undo": "undone", "unlink": "unlinked",
    "void": "voided", "withdraw": "withdrawn", "withhold": "withheld", "work": "worked", "write": "written",
}  # fmt: skip


def action_words(action: str) -> str:
    """`claim.hold` as "Claim: held"; "claim.hold_asked", the button of it, as "Claim: hold, button pressed"."""
    if action in WHOLE:
        return WHOLE[action]
    thing, _, done = action.partition(".")
    named = THINGS.get(thing, thing.replace("_", " ").capitalize())
    if not done:
        return named
    if done.endswith("_asked"):
        return f"{named}: {_plain(done.removesuffix('_asked'))}, button pressed"
    return f"{named}: {DONE.get(done, _plain(done))}"


def _plain(text: str) -> str:
    return text.replace("_", " ").replace(".", " ")
