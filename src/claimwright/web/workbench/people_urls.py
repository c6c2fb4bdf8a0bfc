"""Addresses of signing in, of one's own sign-in, of people and of emergencies."""

from django.urls import URLPattern, path

from claimwright.web.workbench import emergencies, my_sign_in, people, session, session_guard

urlpatterns: list[URLPattern] = [
    path("login/", session.SignIn.as_view(), name="login"),
    path("login/second/", session.second_factor, name="second_factor"),
    path("login/enrol/", session.enrol, name="enrol"),
    path("login/passkey/", session.passkey_sign_in, name="passkey_sign_in"),
    path("login/passkey/options/", session.passkey_options, name="passkey_options"),
    path("login/again/", session_guard.sign_in_again, name="sign_in_again"),
    path("logout/", session.sign_out, name="logout"),
    path("welcome/<str:token>/", session.sign_in_link, name="sign_in_link"),
    path("session/", session_guard.session_state, name="session_state"),
    path("session/alive/", session_guard.session_alive, name="session_alive"),
    path("session/end/", session_guard.session_end, name="session_end"),
    path("account/", my_sign_in.my_sign_in, name="my_sign_in"),
    path("account/password/", my_sign_in.change_password, name="change_password"),
    path("account/factors/add/", my_sign_in.add_second_factor, name="add_second_factor"),
    path("account/factors/remove/", my_sign_in.remove_second_factor, name="remove_second_factor"),
    path("account/codes/", my_sign_in.renew_recovery_codes, name="renew_recovery_codes"),
    path("account/sessions/end/", my_sign_in.end_other_sessions, name="end_other_sessions"),
    path("people/", people.people_page, name="people"),
    path("people/add/", people.add_person, name="add_person"),
    path("people/<int:person_id>/role/", people.change_role, name="change_person_role"),
    path("people/<int:person_id>/link/", people.new_link, name="new_sign_in_link"),
    path("people/<int:person_id>/second-factor/", people.reset_factor, name="reset_second_factor"),
    path("people/<int:person_id>/disable/", people.disable, name="disable_person"),
    path("people/<int:person_id>/enable/", people.enable, name="enable_person"),
    path("people/<int:person_id>/unlock/", people.unlock, name="unlock_person"),
    path("people/emergencies/<uuid:access_id>/review/", people.review_emergency, name="review_emergency"),
    path("emergency/", emergencies.open_in_emergency, name="open_in_emergency"),
]
