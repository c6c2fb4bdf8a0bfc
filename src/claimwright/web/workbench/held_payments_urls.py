"""Addresses of the decisions on held money."""

from django.urls import path

from claimwright.web.workbench import held_payments as views

urlpatterns = [
    path("remittances/<uuid:remittance_id>/held/<slug:step>/", views.decide_held, name="decide_held"),
    path("remittances/claims/<uuid:claim_payment_id>/assign/", views.assign_payment, name="assign_payment"),
    path("remittances/held/<slug:kind>/<uuid:item_id>/<slug:step>/", views.give_back, name="give_back"),
    path("remittances/debts/<uuid:debt_id>/settle/", views.settle_debt, name="settle_debt"),
    path("remittances/adjustments/<uuid:adjustment_id>/place/", views.place_adjustment, name="place_adjustment"),
]
