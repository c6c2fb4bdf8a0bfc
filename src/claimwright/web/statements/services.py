"""Statements and dunning, by one name each: what pages, jobs and the scripted biller call."""

from claimwright.web.statements.delivery import Emails, make_mail_batch, record_contact, return_mail, send_emails
from claimwright.web.statements.dunning import DunningRun, run_dunning
from claimwright.web.statements.holds import register_check, register_stop
from claimwright.web.statements.issuing import (
    StatementRefused,
    document_of,
    issue_due_statements,
    pdf_of,
    preview_due_statements,
    reissue_statement,
    send_again,
    void_statement,
)
from claimwright.web.statements.links import (
    LinkLocked,
    LinkRefused,
    find_by_code,
    find_link,
    make_link,
    read_token,
    revoke_links,
    statement_code,
    token_of,
    verify,
)

__all__ = [
    "DunningRun",
    "Emails",
    "LinkLocked",
    "LinkRefused",
    "StatementRefused",
    "document_of",
    "find_by_code",
    "find_link",
    "issue_due_statements",
    "make_link",
    "make_mail_batch",
    "pdf_of",
    "preview_due_statements",
    "read_token",
    "record_contact",
    "register_check",
    "register_stop",
    "reissue_statement",
    "return_mail",
    "revoke_links",
    "run_dunning",
    "send_again",
    "send_emails",
    "statement_code",
    "token_of",
    "verify",
    "void_statement",
]
