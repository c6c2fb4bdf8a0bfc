"""Every address of the web workbench."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("claimwright.web.operations.health")),
    path("pay/", include("claimwright.web.portal.checkout_urls")),
    path("", include("claimwright.web.portal.urls")),
    path("api/", include("claimwright.web.api.urls")),
    path("", include("claimwright.web.api.page_urls")),
    path("", include("claimwright.web.workbench.urls")),
]
