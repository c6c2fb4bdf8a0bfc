"""Addresses of plans, inquiries, financial assistance and estimates."""

from django.urls import URLPattern, path

from claimwright.web.workbench import assistance, estimates, inquiries, plans

urlpatterns: list[URLPattern] = [
    path("plans/", plans.plans, name="plans"),
    path("plans/offer/", plans.offer, name="offer_plan"),
    path("plans/<uuid:plan_id>/", plans.plan, name="plan"),
    path("plans/<uuid:plan_id>/change/", plans.change, name="change_plan"),
    path("plans/<uuid:plan_id>/agreement.pdf", plans.plan_agreement, name="plan_agreement"),
    path("letters/<uuid:letter_id>.pdf", plans.patient_letter, name="patient_letter"),
    path("inquiries/", inquiries.inquiries, name="inquiries"),
    path("inquiries/open/", inquiries.open_one, name="open_inquiry"),
    path("inquiries/<uuid:inquiry_id>/change/", inquiries.change, name="change_inquiry"),
    path("assistance/", assistance.assistance, name="assistance"),
    path("assistance/apply/", assistance.apply, name="apply_for_assistance"),
    path("assistance/<uuid:application_id>/change/", assistance.change, name="change_assistance"),
    path("estimates/", estimates.estimates, name="estimates"),
    path("estimates/issue/", estimates.issue, name="issue_estimate"),
    path("estimates/ask/", estimates.ask, name="request_estimate"),
    path("estimates/<uuid:estimate_id>.pdf", estimates.estimate_pdf, name="estimate_pdf"),
    path("estimates/over/<uuid:excess_id>/", estimates.excess, name="estimate_excess"),
    path("estimates/disputes/<uuid:dispute_id>/", estimates.close, name="close_estimate_dispute"),
]
