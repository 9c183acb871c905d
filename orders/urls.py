"""Pages of the orders app, under /t/<tenant>/."""

from django.urls import path

from orders.attribution import views as attribution_views
from orders.book import views as book_views
from orders.catalogue import views as catalogue_views
from orders.portal import views as portal_views
from orders.rates import views as rates_views
from orders.reconciliation import views as reconciliation_views
from orders.rejects import views as rejects_views
from orders.runs import views as runs_views
from orders.samples import views as samples_views
from orders.shares import views as shares_views
from orders.sources import views as sources_views

app_name = "orders"

urlpatterns = [
    path("orders/", book_views.OrderList.as_view(), name="list"),
    path("orders/<uuid:pk>/", book_views.detail, name="detail"),
    path("orders/<uuid:pk>/partner/", attribution_views.order_partner, name="order-partner"),
    path("orders/<uuid:pk>/fields/", book_views.own_fields, name="order-own"),
    path("orders/<uuid:pk>/shares/", shares_views.order_shares, name="order-shares"),
    path("orders/shares/", shares_views.rules, name="share-rules"),
    path("orders/shares/add/", shares_views.add_rule, name="share-rule-add"),
    path("orders/shares/<uuid:pk>/remove/", shares_views.remove_rule, name="share-rule-remove"),
    path("orders/products/", catalogue_views.ProductList.as_view(), name="products"),
    path("orders/products/<uuid:pk>/", catalogue_views.product, name="product"),
    path("orders/products/<uuid:pk>/family/", catalogue_views.family, name="product-family"),
    path("orders/products/<uuid:pk>/merge/", catalogue_views.merge, name="product-merge"),
    path("orders/products/<uuid:pk>/unmerge/", catalogue_views.unmerge, name="product-unmerge"),
    path("orders/products/of/<uuid:pk>/", book_views.partner_products, name="partner-products"),
    path("orders/sources/", sources_views.sources, name="sources"),
    path("orders/sources/add/", sources_views.add, name="source-add"),
    path("orders/sources/sample/", samples_views.bring, name="source-sample"),
    path("orders/sources/sample/<uuid:pk>/", samples_views.sample, name="sample"),
    path("orders/sources/sample/<uuid:pk>/discard/", samples_views.discard, name="sample-discard"),
    path("orders/sources/<uuid:pk>/", sources_views.edit, name="source-edit"),
    path("orders/imports/", runs_views.RunList.as_view(), name="imports"),
    path("orders/imports/add/", runs_views.upload, name="import"),
    path("orders/imports/<uuid:pk>/", runs_views.run, name="run"),
    path("orders/imports/<uuid:pk>/start/", runs_views.start, name="run-start"),
    path("orders/imports/<uuid:pk>/read/", runs_views.read, name="run-read"),
    path("orders/imports/<uuid:pk>/stop/", runs_views.stop, name="run-stop"),
    path("orders/imports/<uuid:pk>/accept/", runs_views.accept, name="run-accept"),
    path("orders/imports/<uuid:pk>/change/", runs_views.change, name="run-change"),
    path("orders/imports/<uuid:pk>/take-back/", runs_views.take_back, name="run-take-back"),
    path("orders/imports/<uuid:pk>/answer/", runs_views.answer, name="run-answer"),
    path("orders/imports/<uuid:pk>/rejected/", rejects_views.RejectList.as_view(), name="rejects"),
    path("orders/imports/<uuid:pk>/rejected.csv", rejects_views.export_rejects, name="rejects-export"),
    path("orders/imports/<uuid:pk>/rejected/alike/", rejects_views.alike, name="rejects-alike"),
    path("orders/imports/<uuid:pk>/settle/", rejects_views.settle, name="rejects-settle"),
    path("orders/rejected/<uuid:pk>/", rejects_views.reject, name="reject"),
    path("orders/unattributed/", attribution_views.queue, name="unattributed"),
    path("orders/unattributed/tie/", attribution_views.tie, name="tie"),
    path("orders/unattributed/settled/", attribution_views.settled, name="settled"),
    path("orders/unattributed/settled/<uuid:pk>/undo/", attribution_views.undo, name="answer-undo"),
    path("orders/unattributed/ignore/", attribution_views.ignore, name="ignore"),
    path("orders/unattributed/certain/", attribution_views.tie_certain, name="tie-certain"),
    path("orders/unattributed/new/", attribution_views.new_partner, name="tie-new"),
    path("orders/unattributed/<uuid:pk>/", attribution_views.tie_order, name="tie-order"),
    path("orders/rates/", rates_views.rates, name="rates"),
    path("orders/rates/add/", rates_views.add, name="rate-add"),
    path("orders/rates/import/", rates_views.bring, name="rates-import"),
    path("orders/rates/age/", rates_views.age, name="rates-age"),
    path("orders/rates/again/", rates_views.again, name="rates-again"),
    path("orders/rates/<uuid:pk>/", rates_views.change, name="rate-change"),
    path("orders/rates/<uuid:pk>/remove/", rates_views.remove, name="rate-remove"),
    path("orders/reconciliation/", reconciliation_views.month, name="reconciliation"),
    path("orders/reconciliation/check/", reconciliation_views.check, name="reconciliation-check"),
    path("orders/reconciliation/<uuid:pk>/sign/", reconciliation_views.sign, name="reconciliation-sign"),
    path(
        "orders/reconciliation/<uuid:pk>/reopen/", reconciliation_views.reopen, name="reconciliation-reopen"
    ),
    path("orders/reconciliation/<uuid:pk>/undo/", reconciliation_views.undo, name="reconciliation-undo"),
    path("orders/reconciliation/<uuid:pk>/orders/", reconciliation_views.rows, name="reconciliation-rows"),
    path("orders/control-totals/", reconciliation_views.totals, name="control-totals"),
    path(
        "orders/control-totals/<uuid:pk>/withdraw/",
        reconciliation_views.withdraw,
        name="control-total-withdraw",
    ),
    path("referrals/", portal_views.own_referrals, name="own-referrals"),
]
