"""Pages of order sources."""

import pytest

from orders.doors.rest.service import take_orders
from orders.sources.models import OrderSource
from orders.sources.service import save_source
from prm.core.errors import Refused
from tests.orders.pages import url, words


def test_administrator_makes_a_source_by_form(alice, scope):
    assert "No source yet" in words(alice.get(url("sources")))
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


def test_source_of_programs_is_made_by_form_and_takes_their_orders(alice, scope):
    typed = {
        "name": "Web shop", "kind": "rest", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ",",
        "date_format": "%d.%m.%Y", "partner_kind": "physician", "is_active": "on", "minor_units": "on",
    }  # fmt: skip
    shown = words(alice.post(url("source-add"), typed | {"kind": "file"}))
    assert "Say which column holds what" in shown
    assert alice.post(url("source-add"), typed).status_code == 302
    with scope():
        source = OrderSource.objects.get()
        assert (source.kind, source.rules.columns["date"]) == ("rest", "placed_at")
        sent = {"number": "1", "placed_at": "2026-05-03", "amount": "12.50"}
        assert take_orders(source, [sent])[0].status == "created"
        assert source.orders.get().amount == 12.5
    assert alice.post(url("source-edit", pk=source.pk), typed | {"name": "Shop"}).status_code == 302
    with scope():
        assert OrderSource.objects.get().kind == "rest"


def test_unknown_kind_is_refused(in_mercy):
    with pytest.raises(Refused, match="'fax' is no kind"):
        save_source(None, name="S", spec={}, kind="fax")
