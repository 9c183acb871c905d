"""The API of the orders app, under /api/v1/<tenant>/: orders in, orders out."""

from rest_framework.routers import SimpleRouter

from orders.doors.rest.api import OrderViewSet

router = SimpleRouter()


router.register("orders", OrderViewSet, basename="api-order")


urlpatterns = router.urls
