"""The API of the orders app, under /api/v1/<tenant>/: orders in, orders out."""

from rest_framework.routers import SimpleRouter

from orders.attribution.api import AnswerViewSet
from orders.doors.rest.api import OrderViewSet
from orders.rates.api import RateViewSet
from orders.rejects.api import RejectedLineViewSet

router = SimpleRouter(use_regex_path=False)


router.register("orders", OrderViewSet, basename="api-order")
router.register("exchange-rates", RateViewSet, basename="api-exchange-rate")
router.register("rejected-rows", RejectedLineViewSet, basename="api-rejected-row")
router.register("settled", AnswerViewSet, basename="api-settled")


urlpatterns = router.urls
