"""The API of the orders app, under /api/v1/<tenant>/: orders in, orders out."""

from rest_framework.routers import SimpleRouter

from orders.attribution.api import AnswerViewSet
from orders.catalogue.api import ProductViewSet
from orders.doors.rest.api import OrderViewSet
from orders.rates.api import RateViewSet
from orders.reconciliation.api import ControlTotalViewSet, ReconciliationViewSet
from orders.rejects.api import RejectedLineViewSet
from orders.runs.sent.api import ImportViewSet
from orders.shares.api import OrderShareViewSet, ShareRuleViewSet

router = SimpleRouter(use_regex_path=False)


router.register("orders", OrderViewSet, basename="api-order")
router.register("exchange-rates", RateViewSet, basename="api-exchange-rate")
router.register("products", ProductViewSet, basename="api-product")
router.register("rejected-rows", RejectedLineViewSet, basename="api-rejected-row")
router.register("order-shares", OrderShareViewSet, basename="api-order-share")
router.register("share-rules", ShareRuleViewSet, basename="api-share-rule")
router.register("reconciliation", ReconciliationViewSet, basename="api-reconciliation")
router.register("control-totals", ControlTotalViewSet, basename="api-control-total")
router.register("imports", ImportViewSet, basename="api-import")
router.register("settled", AnswerViewSet, basename="api-settled")


urlpatterns = router.urls
