"""Addresses of paying on a hosted page."""

from django.urls import URLPattern, path

from claimwright.web.portal import checkout

urlpatterns: list[URLPattern] = [
    path("<str:token>/", checkout.checkout, name="checkout"),
    path("<str:token>/receipt.pdf", checkout.checkout_receipt, name="checkout_receipt"),
    path("message/<str:token>/", checkout.card_message, name="card_message"),
    path("sandbox/<str:token>/", checkout.card_sandbox, name="card_sandbox"),
]
