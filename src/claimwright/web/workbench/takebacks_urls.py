"""Addresses of takebacks."""

from django.urls import path

from claimwright.web.workbench import takebacks as views

urlpatterns = [
    path("takebacks/", views.takeback_list, name="takebacks"),
    path("takebacks/notice/", views.record_notice, name="takeback_notice"),
    path("takebacks/<uuid:takeback_id>/letter/", views.takeback_letter, name="takeback_letter"),
    path("takebacks/<uuid:takeback_id>/<slug:step>/", views.work_takeback, name="work_takeback"),
]
