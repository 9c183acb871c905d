"""The API of the partners app, under /api/v1/<tenant>/: same rights and services as the pages."""

from rest_framework.routers import SimpleRouter

from partners.contacts.api import ContactViewSet
from partners.directory.api import AliasViewSet, CodeViewSet
from partners.kinds.api import KindViewSet
from partners.lookalikes.api import LookAlikeViewSet
from partners.merges.api import MergeViewSet
from partners.profiles.api import PartnerViewSet
from partners.profiles.bulk_api import BulkChangeViewSet
from partners.reviews.api import CommentViewSet, CycleViewSet, ProposalViewSet, ReviewViewSet
from partners.saved.api import SavedViewViewSet
from partners.share.api import EstimateRequestViewSet, EstimateViewSet
from partners.tags.api import TagViewSet
from partners.whatif.api import PolicyViewSet

router = SimpleRouter(use_regex_path=False)
router.register("partners", PartnerViewSet, basename="api-partner")
router.register("saved-views", SavedViewViewSet, basename="api-saved-view")
router.register("bulk-changes", BulkChangeViewSet, basename="api-bulk-change")
router.register("partner-kinds", KindViewSet, basename="api-partner-kind")
router.register("tags", TagViewSet, basename="api-tag")
router.register("policies", PolicyViewSet, basename="api-policy")
router.register("contacts", ContactViewSet, basename="api-contact")
router.register("partner-codes", CodeViewSet, basename="api-partner-code")
router.register("partner-aliases", AliasViewSet, basename="api-partner-alias")
router.register("look-alikes", LookAlikeViewSet, basename="api-look-alike")
router.register("partner-merges", MergeViewSet, basename="api-partner-merge")
router.register("share-estimates", EstimateViewSet, basename="api-share-estimate")
router.register("estimate-requests", EstimateRequestViewSet, basename="api-estimate-request")
router.register("tier-proposals", ProposalViewSet, basename="api-tier-proposal")
router.register("review-comments", CommentViewSet, basename="api-review-comment")
router.register("review-cycles", CycleViewSet, basename="api-review-cycle")
router.register("tier-reviews", ReviewViewSet, basename="api-tier-review")
urlpatterns = router.urls
