"""Addresses of the reports and of the closing of days and months."""

from django.urls import URLPattern, path

from claimwright.web.workbench import close, report_pages, worklist

urlpatterns: list[URLPattern] = [
    path("reports/trends/", report_pages.trends, name="report_trends"),
    path("reports/costs/", report_pages.costs, name="report_costs"),
    path("reports/costs/save/", report_pages.save_cost, name="save_cost"),
    path("reports/filters/keep/", report_pages.keep_filter, name="keep_filter"),
    path("reports/figure/<slug:name>/", report_pages.figure, name="figure"),
    path("reports/figure/<slug:name>.<slug:form>", report_pages.figure, name="figure_file"),
    path("reports/<slug:report>/", report_pages.report, name="report"),
    path("reports/<slug:report>.<slug:form>", report_pages.export, name="report_file"),
    path("worklists/<slug:worklist>.<slug:form>", worklist.export, name="worklist_file"),
    path("close/", close.close, name="close"),
    path("close/day/", close.close_day, name="close_day"),
    path("close/sign/", close.sign_off, name="sign_off_item"),
    path("close/month/", close.lock, name="lock_month"),
    path("close/reopen/", close.reopen, name="reopen_month"),
    path("close/posting-day/", close.posting_day, name="posting_day"),
    path("close/days/<uuid:day_close_id>.csv", close.day_sheet, name="closed_day_sheet"),
    path("close/reports/<uuid:report_id>/", close.month_report, name="month_report"),
]
