"""Addresses of the jobs' page."""

from django.urls import path

from claimwright.web.workbench import jobs

urlpatterns = [
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/run/", jobs.run_job, name="run_job"),
    path("jobs/schedule/", jobs.schedule_job, name="schedule_job"),
    path("jobs/runs/<uuid:run_id>/again/", jobs.run_job_again, name="run_job_again"),
]
