"""An organisation with products, to which the lines of orders go."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.book.models import Order, OrderLine
from orders.catalogue.models import Product
from partners.directory.service import create_partner
from prm.salesforce.fieldmap import service
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.choices import LinesChoice, ScopeChoice
from prm.salesforce.setup import service as setup_service
from tests.salesforce.conftest import Link
from tests.salesforce.test_apps import make_order

ORDER = "orders.order"


def choose(**lines):
    service.choose_scope(key=ORDER, scope=ScopeChoice(), lines=LinesChoice(**lines))
    return service.put_in_force()


@dataclass
class Shop:
    """The organisation's side: its products, and what stands on an opportunity."""

    link: Link

    def book(self, name=""):
        where = f"Name = '{name}'" if name else "IsStandard = true"
        return self.link.there.query(f"SELECT Id FROM Pricebook2 WHERE {where}")[0]["Id"]

    def create(self, sobject, **values):
        return self.link.there.call("POST", f"sobjects/{sobject}", json=values)["id"]

    def sell(self, *codes, book="", **values):
        """Put products into the standard price book, and into another one."""
        for code in codes:
            product = self.create("Product2", Name=f"The {code}", ProductCode=code, IsActive=True)
            for name in dict.fromkeys(("", book)):
                entry = {"Pricebook2Id": self.book(name), "Product2Id": product, "UnitPrice": 1}
                self.create("PricebookEntry", **entry, IsActive=True, **values)

    def amount(self, order):
        return self.link.there.one("Opportunity", order.pk, "Amount")["Amount"]

    def items(self, order, *fields):
        """Return product code, quantity and price of the line items of an order, or other fields."""
        deal = self.link.there.one("Opportunity", order.pk)["Id"]
        names = fields or ("ProductCode", "Quantity", "UnitPrice")
        rows = self.link.there.query(
            f"SELECT {', '.join(names)} FROM OpportunityLineItem WHERE OpportunityId = '{deal}' ORDER BY ProductCode, UnitPrice"
        )
        return [tuple(row[name] for name in names) for row in rows]

    def tell(self, order):
        return {one.field: one.message for one in self.link.problems() if one.record_id == order.pk}


@pytest.fixture
def shop(connected):
    """Lines go as products of the standard price book; A, B and C are there."""
    choose(on=True)
    assert setup_service.set_up().complete
    found = Shop(connected)
    found.sell("A", "B", "C")
    connected.settle()
    connected.forget()
    return found


@pytest.fixture
def partner(connected):
    return create_partner(name="Dr. Chow", kind="physician")


def put_lines(order, *lines, **values):
    """Give an order these lines (code, quantity, amount, further values) and their sum, as another version of it does."""
    OrderLine.objects.filter(order=order).delete()
    total = units = Decimal(0)
    for place, (code, quantity, amount, *more) in enumerate(lines, 1):
        product = (
            Product.objects.get_or_create(code=code, defaults={"name": f"Our {code}"})[0] if code else None
        )
        line = {"state": "", "placed_at": datetime(2026, 12, 1, 2, tzinfo=UTC), **(more[0] if more else {})}
        OrderLine.objects.create(
            order=order,
            ordinal=place,
            product=product,
            quantity=Decimal(quantity),
            amount=Decimal(amount),
            **line,
        )
        if line["state"] != "cancelled":
            total, units = total + Decimal(amount), units + Decimal(quantity)
    known = Order.objects.get(pk=order.pk)
    Order.objects.filter(pk=order.pk).update(amount=total, units=units, revision=known.revision + 1, **values)
    return Order.objects.get(pk=order.pk)


def order_of(partner, *lines, number="E1", **values):
    return put_lines(make_order(partner, number, **values), *lines)


def line_set(order):
    return LineSet.objects.get(record_id=order.pk)


__all__ = ["choose", "line_set", "order_of", "put_lines", "registry"]
