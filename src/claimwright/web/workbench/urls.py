"""Pages of the workbench."""

from django.urls import URLPattern, path

from claimwright.web.workbench import (
    claim,
    claim_actions,
    claims,
    files,
    home,
    patient,
    patients,
    remittance,
    remittance_actions,
    remittances,
    reports,
    search,
    session,
    worklist,
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", session.sign_out, name="logout"),
    path("search/", search.search, name="search"),
    path("worklists/<slug:worklist>/", worklist.worklist, name="worklist"),
    path("worklists/items/<uuid:item_id>/done/", worklist.finish, name="finish"),
    path("claims/", claims.claims, name="claims"),
    path("claims.csv", claims.claims_csv, name="claims_csv"),
    path("claims/<uuid:claim_id>/", claim.claim, name="claim"),
    path("claims/findings/<uuid:finding_id>/override/", claim_actions.override, name="override"),
    path("claims/versions/<uuid:version_id>/hold/", claim_actions.put_on_hold, name="hold"),
    path("claims/versions/<uuid:version_id>/release/", claim_actions.let_go, name="release"),
    path("patients/", patients.patients, name="patients"),
    path("patients/<uuid:patient_id>/", patient.patient, name="patient"),
    path("statements/<uuid:statement_id>.pdf", patient.statement_pdf, name="statement"),
    path("remittances/", remittances.remittances, name="remittances"),
    path("remittances/<uuid:remittance_id>/", remittance.remittance, name="remittance"),
    path(
        "remittances/claims/<uuid:claim_payment_id>/release/", remittance_actions.release_claim, name="release_payment"
    ),
    path(
        "remittances/adjustments/<uuid:adjustment_id>/release/",
        remittance_actions.release_adjustment,
        name="release_adjustment",
    ),  # fmt: skip
    path("reports/", reports.reports, name="reports"),
    path("files/", files.files, name="files"),
    path("files/received/<uuid:received_file_id>/", files.received_file, name="received_file"),
    path("files/received/<uuid:received_file_id>/download/", files.received_download, name="received_download"),
    path("files/sent/<uuid:sent_file_id>/", files.sent_file, name="sent_file"),
    path("files/sent/<uuid:sent_file_id>/download/", files.sent_download, name="sent_download"),
]
