"""Addresses of the interfaces' pages."""

from django.urls import path

from claimwright.web.workbench import interfaces as views

urlpatterns = [
    path("interfaces/", views.interfaces, name="interfaces"),
    path("interfaces/<uuid:interface_id>/", views.interface, name="interface"),
    path("interfaces/<uuid:interface_id>/save/", views.save_interface_settings, name="save_interface"),
    path("interfaces/<uuid:interface_id>/codes/", views.save_interface_code, name="save_interface_code"),
    path("interfaces/<uuid:interface_id>/replay/", views.replay_interface, name="replay_interface"),
    path("interfaces/codes/<uuid:code_id>/drop/", views.drop_interface_code, name="drop_interface_code"),
    path("interfaces/messages/<uuid:message_id>/", views.interface_message, name="interface_message"),
    path("interfaces/messages/<uuid:message_id>/replay/", views.replay_interface_message, name="replay_message"),
    path("interfaces/messages/<uuid:message_id>/close/", views.close_interface_message, name="close_message"),
]
