"""The API of campaigns, under /api/v1/<tenant>/."""

from rest_framework.routers import SimpleRouter

from activities.campaigns.pages.api import CampaignViewSet, MemberViewSet

router = SimpleRouter(use_regex_path=False)
router.register("campaigns", CampaignViewSet, basename="api-campaigns")
router.register("campaign-members", MemberViewSet, basename="api-campaign-members")
urlpatterns = router.urls
