"""The API of lists, under /api/v1/<tenant>/."""

from rest_framework.routers import SimpleRouter

from activities.lists.runs.api import ListViewSet

router = SimpleRouter(use_regex_path=False)
router.register("lists", ListViewSet, basename="api-list")
urlpatterns = router.urls
