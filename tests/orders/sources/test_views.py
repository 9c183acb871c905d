"""Pages of order sources."""

from orders.sources.models import OrderSource
from tests.orders.pages import url, words


def test_administrator_makes_a_source_by_form(alice, scope):
    assert "No order source yet" in words(alice.get(url("sources")))
    data = {
        "name": "Meditech", "header": "on", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "date_format": "%m/%d/%Y", "partner_kind": "physician", "number_prefixes": "C, X",
        "states": "X = cancelled\nC = completed", "is_active": "on",
        "column_number": "ORD_NO", "column_date": "ORD_DT", "column_amount": "NET_AMT",
    }  # fmt: skip
    bad = alice.post(url("source-add"), data | {"column_date": ""})
    assert "Order date is needed." in words(bad)
    assert alice.post(url("source-add"), data).status_code == 302
    with scope():
        source = OrderSource.objects.get()
        assert source.rules.states == {"x": "cancelled", "c": "completed"}
        assert source.rules.cancellations.number_prefixes == ("C", "X")
    form = alice.get(url("source-edit", pk=source.pk))
    assert "x = cancelled" in form.content.decode()
