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


def test_a_choice_without_a_partner_says_so_and_stays(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10", "2,2026-05-03,,A,1,20")
        lone = Order.objects.get(number="2")
    answer = bob.post(url("tie"), {"code": "77", "partner": ""}, follow=True)
    assert "Choose who it is first." in words(answer)
    assert answer.request["QUERY_STRING"] == "code=77"
    answer = bob.post(url("tie-order", pk=lone.pk), {"partner": "no id"}, follow=True)
    assert "Search for the partner first, then choose." in words(answer)
    with scope():
        assert Order.objects.unattributed().count() == 2


def test_what_cannot_be_undone_any_more_says_so(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10")
    assert "77 is nobody&#x27;s code." in words(bob.post(url("untie"), {"code": "77"}, follow=True))
    bob.post(url("untie"), {"order": "no id"}, follow=True)
    with scope():
        assert Order.objects.unattributed().count() == 1


def test_queue_shows_the_entry_asked_for_and_its_consequence(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10", "2,2026-05-03,78,A,1,20", "3,2026-05-03,,A,1,5")
        Partner.objects.create(name="Dr. Marchetti", kind="physician")
    assert "1 of 3" in words(bob.get(url("unattributed")))
    page = words(bob.get(url("unattributed"), {"code": "77", "q": "march"}))
    assert "2 of 3" in page and "Dr. Marchetti" in page
    assert "Orders without a code" in words(bob.get(url("unattributed"), {"code": "-"}))
    assert "1 of 3" in words(bob.get(url("unattributed"), {"code": "unknown"}))


def test_another_kind_of_partner_comes_from_the_source(bob, scope):
    with scope():
        import_rows(make_source(partner_kind="dealer"), "1,2026-05-03,77,A,1,10")
    bob.post(url("tie-new"), {"code": "77", "name": ""})
    with scope():
        partner = Order.objects.get().partner
        assert (partner.name, partner.kind) == ("77", "dealer")
