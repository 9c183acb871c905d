"""Mounts every app by dotted string."""

from django.urls import include, path

_tenant_pages = [
    path("", include("partners.urls")),
    path("", include("orders.urls")),
    path("", include("activities.urls")),
    path("campaigns/", include("activities.campaigns.urls")),
    path("lists/", include("activities.lists.urls")),
    path("salesforce/", include("prm.salesforce.urls")),
    path("", include("prm.search.urls")),
    path("audit/", include("prm.audit.urls")),
    path("choose/", include("prm.ui.pickers.urls")),
    path("settings/fields/", include("prm.ownfields.urls")),
    path("", include("prm.digest.urls")),
    path("", include("prm.company.urls")),
    path("", include("prm.accounts.urls")),
]
_tenant_api = [
    path("", include("partners.api")),
    path("", include("orders.api")),
    path("", include("activities.api")),
    path("", include("activities.campaigns.api")),
    path("", include("activities.lists.api")),
    path("", include("prm.salesforce.api")),
    path("", include("prm.ownfields.api")),
    path("", include("prm.digest.api")),
    path("", include("prm.company.api")),
    path("", include("prm.search.api")),
    path("", include("prm.audit.pages.api")),
    path("", include("prm.api.schema")),
]

urlpatterns = [
    path("", include("prm.accounts.global_urls")),
    path("", include("prm.digest.global_urls")),
    path("", include("prm.api.health")),
    path("ui/", include("prm.ui.shell.urls")),
    path("account/", include("prm.accounts.signin.urls")),
    path("t/<slug:tenant>/", include(_tenant_pages)),
    path("api/v1/<slug:tenant>/", include(_tenant_api)),
]

handler400 = "prm.api.failures.bad_request"
handler403 = "prm.api.failures.refused"
handler404 = "prm.api.failures.not_found"
handler429 = "prm.api.failures.too_many"  # asked for by allauth
handler500 = "prm.api.failures.broken"
