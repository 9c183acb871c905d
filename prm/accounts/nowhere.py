"""A URLconf for strangers: only the shell's own addresses, so that every tenant page is a 404."""

from django.urls import include, path

urlpatterns = [
    path("", include("prm.accounts.global_urls")),
    path("ui/", include("prm.ui.urls")),
    path("account/", include("allauth.urls")),
]
