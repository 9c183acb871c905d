"""The API of the company, under /api/v1/<tenant>/."""

from django.urls import path

from prm.company.sample.api import SampleViewSet
from prm.company.settings.api import ChangeViewSet, CompanyViewSet, LogoViewSet
from prm.company.setup.api import SetupViewSet

urlpatterns = [
    path(
        "company/",
        CompanyViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-company",
    ),
    path(
        "company/logo/",
        LogoViewSet.as_view({"put": "update", "delete": "destroy"}),
        name="api-company-logo",
    ),
    path("company/changes/", ChangeViewSet.as_view({"get": "list"}), name="api-company-change-list"),
    path(
        "company/changes/<uuid:pk>/",
        ChangeViewSet.as_view({"get": "retrieve"}),
        name="api-company-change-detail",
    ),
    path(
        "company/changes/<uuid:pk>/undo/",
        ChangeViewSet.as_view({"post": "undo"}),
        name="api-company-change-undo",
    ),
    path("setup/", SetupViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-setup"),
    path(
        "sample-data/",
        SampleViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="api-sample-data",
    ),
]
