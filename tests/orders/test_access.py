"""Who may see the pages of orders, and whose rows."""

import pytest
from django.urls import reverse

from orders.book.models import Order
from orders.rejects.models import RejectedLine
from orders.sources.models import OrderSource
from tests.orders.factories import import_rows, make_source
from tests.orders.pages import url


@pytest.mark.parametrize("name", ["imports", "import", "sources", "unattributed"])
def test_rep_may_look_at_orders_only(mercy, client_for, name):
    mary = client_for(mercy.rep)
    assert mary.get(url("list")).status_code == 200
    assert mary.get(url(name)).status_code == 403


def test_another_tenants_rows_are_not_found(anchor, client_for, scope, mercy):
    with scope():
        run = import_rows(make_source(), "1,2026-05-03,77,A,x,10", "2,2026-05-03,77,A,1,10")
        order, line, source = Order.objects.get(), RejectedLine.objects.get(), OrderSource.objects.get()
    charlie = client_for(anchor.administrator)
    for name, pk in [("detail", order.pk), ("run", run.pk), ("reject", line.pk), ("source-edit", source.pk),
                     ("rejects", run.pk), ("rejects-export", run.pk)]:  # fmt: skip
        other = reverse(f"orders:{name}", kwargs={"tenant": "anchor", "pk": pk})
        assert charlie.get(other).status_code == 404, name
        assert charlie.get(url(name, pk=pk)).status_code == 404
    charlie.post(
        reverse("orders:tie-order", kwargs={"tenant": "anchor", "pk": order.pk}), {"action": "ignore"}
    )
    with scope():
        assert Order.objects.get().is_ignored is False
