"""Mounts every app by dotted string."""

from django.urls import include, path

_tenant_pages = [
    path("", include("partners.urls")),
    path("", include("orders.urls")),
    path("", include("activities.urls")),
    path("salesforce/", include("prm.salesforce.urls")),
    path("", include("prm.tenancy.urls")),
]
_tenant_api = [
    path("", include("partners.api")),
    path("", include("orders.api")),
    path("", include("activities.api")),
    path("", include("prm.tenancy.api")),
]

urlpatterns = [
    path("", include("prm.tenancy.global_urls")),
    path("ui/", include("prm.ui.urls")),
    path("account/", include("allauth.urls")),
    path("t/<slug:tenant>/", include(_tenant_pages)),
    path("api/v1/<slug:tenant>/", include(_tenant_api)),
]

handler400 = "prm.tenancy.failures.bad_request"
handler403 = "prm.tenancy.failures.refused"
handler404 = "prm.tenancy.failures.not_found"
handler500 = "prm.tenancy.failures.broken"
