"""Pages of the orders app, under /t/<tenant>/."""

from django.urls import path

from orders.views import imports, orders, referrals, sources, unattributed

app_name = "orders"

urlpatterns = [
    path("orders/", orders.OrderList.as_view(), name="list"),
    path("orders/<uuid:pk>/", orders.detail, name="detail"),
    path("orders/sources/", sources.sources, name="sources"),
    path("orders/sources/add/", sources.add, name="source-add"),
    path("orders/sources/<uuid:pk>/", sources.edit, name="source-edit"),
    path("orders/imports/", imports.RunList.as_view(), name="imports"),
    path("orders/imports/add/", imports.upload, name="import"),
    path("orders/imports/<uuid:pk>/", imports.run, name="run"),
    path("orders/imports/<uuid:pk>/start/", imports.start, name="run-start"),
    path("orders/imports/<uuid:pk>/stop/", imports.stop, name="run-stop"),
    path("orders/imports/<uuid:pk>/answer/", imports.answer, name="run-answer"),
    path("orders/imports/<uuid:pk>/rejected/", imports.RejectList.as_view(), name="rejects"),
    path("orders/imports/<uuid:pk>/rejected.csv", imports.export_rejects, name="rejects-export"),
    path("orders/imports/<uuid:pk>/settle/", imports.settle, name="rejects-settle"),
    path("orders/rejected/<uuid:pk>/", imports.reject, name="reject"),
    path("orders/unattributed/", unattributed.queue, name="unattributed"),
    path("orders/unattributed/tie/", unattributed.tie, name="tie"),
    path("orders/unattributed/untie/", unattributed.untie, name="untie"),
    path("orders/unattributed/ignore/", unattributed.ignore, name="ignore"),
    path("orders/unattributed/certain/", unattributed.tie_certain, name="tie-certain"),
    path("orders/unattributed/new/", unattributed.new_partner, name="tie-new"),
    path("orders/unattributed/<uuid:pk>/", unattributed.tie_order, name="tie-order"),
    path("referrals/", referrals.own_referrals, name="own_referrals"),
]
