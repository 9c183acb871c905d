"""A forecast does everything but write."""

from decimal import Decimal

from orders.book.models import Order
from orders.catalogue.models import Product
from orders.ingest.forecast import Asked, forecast
from partners.directory.models import Partner
from tests.orders.factories import import_rows, make_source
from tests.orders.ingest.staged import put


def test_shares_and_fates_are_told_and_nothing_is_written(in_mercy):
    source = make_source(create_partners=True)
    import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-05-03,77,A,1,10")
    before = Order.objects.count(), Partner.objects.count(), Product.objects.count()

    def fill(stage):
        put(stage, "1")
        put(stage, "2", quantity="3")
        put(stage, "3", code="99", product_code="NEW")
        put(stage, "4", code="", quantity="-1")

    found = forecast(source, fill, asked=Asked(["2", "3", "9"]))
    assert (Order.objects.count(), Partner.objects.count(), Product.objects.count()) == before
    shares = found.shares
    assert (shares.created, shares.created_amount) == (1, Decimal(10))
    assert (shares.corrected, shares.corrected_amount) == (1, Decimal(20))
    assert (shares.reversed, shares.reversed_amount) == (1, Decimal(-10))
    assert (shares.tied, shares.changed, found.unchanged) == (2, 3, 1)
    fates = {fate.number: (fate.outcome, fate.held_amount, fate.amount, fate.code) for fate in found.fates}
    assert fates == {
        "2": ("corrected", Decimal(10), Decimal(30), "77"),
        "3": ("created", None, Decimal(10), "99"),
    }
    assert next(fate.partner_id for fate in found.fates if fate.number == "2") == Partner.objects.get().pk


def test_nothing_has_no_shares(in_mercy):
    found = forecast(make_source(), lambda _stage: None)
    assert (found.shares.changed, found.shares.created_amount, found.fates) == (0, None, [])
