"""Addresses of statements and dunning."""

from django.urls import URLPattern, path

from claimwright.web.workbench import statements

urlpatterns: list[URLPattern] = [
    path("statements/", statements.statements, name="statements"),
    path("statements/due/", statements.due_statements, name="due_statements"),
    path("statements/issue/", statements.issue, name="issue_statements"),
    path("statements/print/", statements.print_batch, name="print_statements"),
    path("statements/email/", statements.email, name="email_statements"),
    path("statements/dunning/", statements.dunning, name="dunning"),
    path("statements/dunning/run/", statements.run_dunning, name="run_dunning"),
    path("statements/batches/<uuid:batch_id>.zip", statements.mail_batch, name="mail_batch"),
    path("statements/sent/<uuid:whole_id>.pdf", statements.guarantor_statement_pdf, name="guarantor_statement"),
    path("statements/sent/<uuid:whole_id>/change/", statements.change, name="change_statement"),
    path("statements/notices/<uuid:notice_id>.pdf", statements.notice_pdf, name="final_notice"),
    path("statements/pieces/<uuid:piece_id>/returned/", statements.came_back, name="mail_returned"),
    path("statements/contacts/<uuid:contact_id>/", statements.contact, name="record_contact"),
]
