"""Every address of the web workbench."""

from django.contrib import admin
from django.urls import include, path

from claimwright.web.api.urls import api_urls

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("claimwright.web.operations.health")),
    path("pay/", include("claimwright.web.portal.checkout_urls")),
    path("", include("claimwright.web.portal.urls")),
    path("api/v1/", api_urls),
    path("", include("claimwright.web.api.page_urls")),
    path("", include("claimwright.web.workbench.urls")),
]
