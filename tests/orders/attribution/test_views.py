"""Pages of the queue of unattributed orders."""

from decimal import Decimal

from orders.book.models import IgnoredCode, Order
from partners.directory.models import Partner
from partners.standing.models import PartnerMonth
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import
from tests.orders.pages import url, words


def test_queue_ties_a_code_remembers_it_and_undoes(bob, scope):
    with scope():
        source = make_source(columns=COLUMNS | {"partner_name": "Name"})
        partner = Partner.objects.create(name="Dr. Tomás Herrera", kind="physician")
        rows = ["1,2026-05-03,1730,A,1,10,HERRERA T MD", "2,2026-05-04,1730,A,1,5,HERRERA T MD"]
        run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,Name"))
    page = words(bob.get(url("unattributed")))
    assert "1 code, 2 orders, $15 without a provider" in page
    assert "Certain: Dr. Tomás Herrera" in page
    assert "Tie 2 orders to Dr. Tomás Herrera" in page
    bob.post(url("tie"), {"code": "1730", "partner": partner.pk})
    with scope():
        assert PartnerMonth.objects.get().revenue == Decimal(15)
    assert "Every order has its owner" in words(bob.get(url("unattributed")))
    bob.post(url("untie"), {"code": "1730"})
    with scope():
        assert not PartnerMonth.objects.exists()
        assert Order.objects.unattributed().count() == 2
    bob.post(url("ignore"), {"code": "1730"})
    with scope():
        assert IgnoredCode.objects.get().normal == "1730"
        assert not Order.objects.unattributed().exists()
    bob.post(url("untie"), {"code": "1730", "ignored": "1"})
    bob.post(url("tie-certain"), {"code": ["1730", "other"]})
    with scope():
        assert Order.objects.filter(partner=partner).count() == 2


def test_orders_without_a_code_are_tied_one_by_one(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,,A,1,10", "2,2026-05-03,,A,1,20")
        partner = Partner.objects.create(name="Dr. Marchetti", kind="physician")
        first, second = Order.objects.order_by("number")
    assert "Orders without a code" in words(bob.get(url("unattributed"), {"q": "marchetti"}))
    bob.post(url("tie-order", pk=first.pk), {"partner": partner.pk})
    bob.post(url("tie-order", pk=second.pk), {"action": "ignore"})
    with scope():
        assert PartnerMonth.objects.get().revenue == Decimal(10)
        assert not Order.objects.unattributed().exists()
    bob.post(url("untie"), {"order": first.pk})
    with scope():
        assert not PartnerMonth.objects.exists()


def test_new_partner_from_the_queue(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10")
    bob.post(url("tie-new"), {"code": "77", "name": "Dr. New"})
    with scope():
        assert Order.objects.get().partner.name == "Dr. New"
