"""The API of the sync, under /api/v1/<tenant>/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from prm.salesforce.breakers.api import GuardRulesView, MassChangeViewSet
from prm.salesforce.inbox.api import ConflictViewSet, ProblemViewSet, RecordView, WaitingViewSet
from prm.salesforce.pages.api import RestingView, StatusView
from prm.salesforce.setup.adopting_api import MatchViewSet, ReadView
from prm.salesforce.setup.api import ConnectionView, DryRunView, PauseView, ResumeView, StartView
from prm.salesforce.setup.fieldpages.api import (
    DescribeView,
    MappingBackView,
    MappingForceView,
    MappingTryView,
    MappingVersionViewSet,
    MappingView,
)
from prm.salesforce.setup.ownerpages.api import OwnersView, OwnerView

router = SimpleRouter(use_regex_path=False)
router.register("salesforce/conflicts", ConflictViewSet, basename="api-salesforce-conflict")
router.register("salesforce/problems", ProblemViewSet, basename="api-salesforce-problem")
router.register("salesforce/waiting", WaitingViewSet, basename="api-salesforce-waiting")
router.register("salesforce/matches", MatchViewSet, basename="api-salesforce-match")
router.register("salesforce/mass-changes", MassChangeViewSet, basename="api-salesforce-mass-change")
router.register(
    "salesforce/mapping/versions", MappingVersionViewSet, basename="api-salesforce-mapping-version"
)

urlpatterns = [
    *router.urls,
    path("salesforce/status/", StatusView.as_view(), name="api-salesforce-status"),
    path("salesforce/connection/", ConnectionView.as_view(), name="api-salesforce-connection"),
    path("salesforce/connection/start/", StartView.as_view(), name="api-salesforce-start"),
    path("salesforce/connection/pause/", PauseView.as_view(), name="api-salesforce-pause"),
    path("salesforce/connection/resume/", ResumeView.as_view(), name="api-salesforce-resume"),
    path("salesforce/reading/", ReadView.as_view(), name="api-salesforce-reading"),
    path("salesforce/mapping/", MappingView.as_view(), name="api-salesforce-mapping"),
    path("salesforce/mapping/force/", MappingForceView.as_view(), name="api-salesforce-mapping-force"),
    path("salesforce/mapping/back/", MappingBackView.as_view(), name="api-salesforce-mapping-back"),
    path("salesforce/mapping/describe/", DescribeView.as_view(), name="api-salesforce-mapping-describe"),
    path("salesforce/mapping/try/", MappingTryView.as_view(), name="api-salesforce-mapping-try"),
    path("salesforce/owners/", OwnersView.as_view(), name="api-salesforce-owners"),
    path("salesforce/owners/<uuid:pk>/", OwnerView.as_view(), name="api-salesforce-owner"),
    path("salesforce/dry-run/", DryRunView.as_view(), name="api-salesforce-dry-run"),
    path("salesforce/resting/", RestingView.as_view(), name="api-salesforce-resting"),
    path("salesforce/thresholds/", GuardRulesView.as_view(), name="api-salesforce-thresholds"),
    path("salesforce/records/<uuid:pk>/", RecordView.as_view(), name="api-salesforce-record"),
]
