"""Addresses of refunds, write-offs, underpayments and agencies."""

from django.urls import path

from claimwright.web.workbench import recoveries as views
from claimwright.web.workbench import recovery_lists as lists

urlpatterns = [
    path("refunds/", lists.credit_list, name="refunds"),
    path("refunds/together/", views.issue_together, name="issue_together"),
    path("refunds/request/", views.payer_request, name="payer_request"),
    path("refunds/<uuid:refund_id>/<slug:step>/", views.work_refund, name="work_refund"),
    path("write-offs/", lists.write_off_list, name="write_offs"),
    path("write-offs/small/<uuid:practice_id>/", views.write_off_small, name="write_off_small"),
    path("write-offs/<uuid:write_off_id>/<slug:step>/", views.decide_write_off, name="decide_write_off"),
    path("underpayments/", lists.underpayment_list, name="underpayments"),
    path("underpayments/dispute/", views.make_dispute, name="make_dispute"),
    path("underpayments/<uuid:underpayment_id>/decide/", views.decide_underpayment, name="decide_underpayment"),
    path("disputes/<uuid:dispute_id>/letter/", views.dispute_letter, name="dispute_letter"),
    path("disputes/<uuid:dispute_id>/<slug:step>/", views.work_dispute, name="work_dispute"),
    path("agency/", lists.agency_list, name="agency"),
    path("agency/new/", views.open_agency, name="open_agency"),
    path("agency/accounts/<uuid:placement_id>/<slug:step>/", views.work_account, name="work_account"),
    path("agency/files/<uuid:file_id>/", views.agency_file, name="agency_file"),
    path("agency/<uuid:agency_id>/<slug:step>/", views.agency_export, name="agency_export"),
]
