"""Addresses of the settings."""

from django.urls import URLPattern, path

from claimwright.web.workbench import (
    payer_rules,
    remittance_actions,
    settings_connections,
    settings_office,
    settings_payers,
)

urlpatterns: list[URLPattern] = [
    path("settings/", settings_office.settings, name="settings"),
    path("settings/time-zone/", settings_office.save_time_zone, name="save_time_zone"),
    path("settings/practices/<uuid:practice_id>/", settings_office.settings_practice, name="settings_practice"),
    path(
        "settings/practices/<uuid:practice_id>/save/",
        settings_office.save_practice_settings,
        name="save_practice_settings",
    ),
    path("settings/practices/<uuid:practice_id>/numbers/", settings_office.add_identifier, name="add_identifier"),
    path(
        "settings/practices/<uuid:practice_id>/policies/", settings_office.settings_policies, name="settings_policies"
    ),
    path("settings/practices/<uuid:practice_id>/policies/save/", settings_office.save_policies, name="save_policies"),
    path("settings/providers/", settings_office.settings_providers, name="settings_providers"),
    path("settings/providers/new/", settings_office.settings_new_provider, name="settings_new_provider"),
    path("settings/providers/new/save/", settings_office.save_provider, name="save_new_provider"),
    path("settings/providers/<uuid:provider_id>/", settings_office.settings_provider, name="settings_provider"),
    path("settings/providers/<uuid:provider_id>/save/", settings_office.save_provider, name="save_provider"),
    path("settings/locations/", settings_office.settings_locations, name="settings_locations"),
    path("settings/locations/new/", settings_office.settings_new_location, name="settings_new_location"),
    path("settings/locations/new/save/", settings_office.save_location, name="save_new_location"),
    path("settings/locations/<uuid:location_id>/", settings_office.settings_location, name="settings_location"),
    path("settings/locations/<uuid:location_id>/save/", settings_office.save_location, name="save_location"),
    path("settings/payers/", settings_payers.settings_payers, name="settings_payers"),
    path("settings/payers/<uuid:payer_id>/", settings_payers.settings_payer, name="settings_payer"),
    path("settings/payers/<uuid:payer_id>/save/", settings_payers.save_payer_settings, name="save_payer_settings"),
    path(
        "settings/payers/<uuid:payer_id>/automation/",
        settings_payers.save_payer_automation,
        name="save_payer_automation",
    ),
    path("settings/payers/<uuid:payer_id>/rules/", payer_rules.settings_payer_rules, name="settings_payer_rules"),
    path("settings/payers/<uuid:payer_id>/rules/save/", payer_rules.save_payer_rules, name="save_payer_rules"),
    path(
        "settings/payers/<uuid:payer_id>/rules/<slug:section>/add/", payer_rules.add_payer_rule, name="add_payer_rule"
    ),
    path(
        "settings/payers/<uuid:payer_id>/rules/<slug:section>/<slug:key>/end/",
        payer_rules.end_payer_rule,
        name="end_payer_rule",
    ),
    path("settings/posting/", settings_payers.settings_posting, name="settings_posting"),
    path("settings/posting/never/", settings_payers.add_never, name="add_never_automatic"),
    path("settings/posting/never/<uuid:entry_id>/end/", settings_payers.end_never, name="end_never_automatic"),
    path("settings/connections/", settings_connections.settings_connections, name="settings_connections"),
    path("settings/connections/new/", settings_connections.settings_new_connection, name="settings_new_connection"),
    path("settings/connections/new/save/", settings_connections.save_connection, name="save_new_connection"),
    path(
        "settings/connections/<uuid:connection_id>/",
        settings_connections.settings_connection,
        name="settings_connection",
    ),
    path(
        "settings/connections/<uuid:connection_id>/save/", settings_connections.save_connection, name="save_connection"
    ),
    path("settings/connections/<uuid:connection_id>/try/", settings_connections.test_connection, name="try_connection"),
    path("settings/connections/<uuid:connection_id>/key/", settings_connections.trust_host_key, name="trust_host_key"),
    path("remittances/<uuid:remittance_id>/look/", remittance_actions.post_looked, name="post_looked_over"),
]
