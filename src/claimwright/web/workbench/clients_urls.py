"""Addresses of the clients' pages."""

from django.urls import path

from claimwright.web.workbench import clients

urlpatterns = [
    path("clients/", clients.clients, name="clients"),
    path("clients/invoices/", clients.issue_all, name="issue_all_invoices"),
    path("clients/<uuid:practice_id>/", clients.client, name="client"),
    path("clients/<uuid:practice_id>/terms/", clients.save_terms, name="save_terms"),
    path("clients/<uuid:practice_id>/invoice/", clients.issue, name="issue_invoice"),
    path("clients/<uuid:practice_id>/invoice/void/", clients.void, name="void_invoice"),
    path("clients/<uuid:practice_id>/invoice/<str:month>.pdf", clients.paper, name="invoice_paper"),
    path("clients/<uuid:practice_id>/report/<str:month>.<str:kind>", clients.report, name="client_report"),
    path("clients/<uuid:practice_id>/payment/", clients.pay, name="client_payment"),
]
