"""The API of the sync, under /api/v1/<tenant>/."""

from rest_framework.routers import SimpleRouter

from prm.salesforce.inbox.api import ConflictViewSet, ProblemViewSet

router = SimpleRouter(use_regex_path=False)
router.register("salesforce/conflicts", ConflictViewSet, basename="api-salesforce-conflict")
router.register("salesforce/problems", ProblemViewSet, basename="api-salesforce-problem")

urlpatterns = router.urls
