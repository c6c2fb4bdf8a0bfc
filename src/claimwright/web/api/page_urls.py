"""The pages of programs, under names of the workbench's table."""

from django.urls import path

from claimwright.web.api import pages

urlpatterns = [
    path("programs/", pages.programs, name="programs"),
    path("programs/tokens/issue/", pages.issue, name="issue_api_token"),
    path("programs/tokens/<uuid:apitoken_id>/revoke/", pages.revoke, name="revoke_api_token"),
    path("programs/addresses/register/", pages.register, name="register_program_endpoint"),
    path("programs/addresses/<uuid:webhookendpoint_id>/", pages.endpoint, name="program_endpoint"),
    path("programs/addresses/<uuid:webhookendpoint_id>/end/", pages.end, name="end_program_endpoint"),
    path("programs/addresses/<uuid:webhookendpoint_id>/again/", pages.again, name="send_events_again"),
]
