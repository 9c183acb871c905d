"""Pages of the queue of unattributed orders."""

from decimal import Decimal

from orders.attribution.models import Answer
from orders.book.models import IgnoredCode, Order
from partners.directory.models import Partner, ReferralCode
from partners.standing.models import PartnerMonth
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import
from tests.orders.pages import url, words


def latest(scope):
    """The id of the answer given last."""
    with scope():
        return Answer.objects.latest("at").pk


def test_queue_ties_a_code_remembers_it_and_undoes(bob, scope):
    with scope():
        source = make_source(columns=COLUMNS | {"partner_name": "Name"})
        partner = Partner.objects.create(name="Dr. Tomás Herrera", kind="physician")
        rows = ["1,2026-05-03,1730,A,1,10,HERRERA T MD", "2,2026-05-04,1730,A,1,5,HERRERA T MD"]
        run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,Name"))
    page = words(bob.get(url("unattributed")))
    assert "1 code: 2 orders, $15 without a provider" in page
    assert "Certain: Dr. Tomás Herrera" in page
    assert "Tie 2 orders to Dr. Tomás Herrera" in page
    bob.post(url("tie"), {"code": "1730", "partner": partner.pk})
    with scope():
        assert PartnerMonth.objects.get().revenue == Decimal(15)
    assert "All have their owner" in words(bob.get(url("unattributed")))
    bob.post(url("answer-undo", pk=latest(scope)))
    with scope():
        assert not PartnerMonth.objects.exists()
        assert Order.objects.unattributed().count() == 2
    bob.post(url("ignore"), {"code": "1730"})
    with scope():
        assert IgnoredCode.objects.get().normal == "1730"
        assert not Order.objects.unattributed().exists()
    bob.post(url("answer-undo", pk=latest(scope)))
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
    with scope():
        answer = Answer.objects.get(kind="tied_orders")
    bob.post(url("answer-undo", pk=answer.pk))
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
        partner = Partner.objects.create(name="Dr. Marchetti", kind="physician")
    bob.post(url("tie"), {"code": "77", "partner": partner.pk})
    with scope():
        ReferralCode.objects.all().delete()
    done = bob.post(
        url("answer-undo", pk=latest(scope)), {"next": "/t/mercy/orders/unattributed/settled/"}, follow=True
    )
    assert "77 is nobody’s code by now." in words(done)
    assert "77 is Dr. Marchetti" in words(done)


def test_settled_answers_are_listed_and_undone_long_after_the_toast(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10", "2,2026-05-03,78,A,1,20", "3,2026-05-03,,A,1,5")
        partner = Partner.objects.create(name="Dr. Marchetti", kind="physician")
        lone = Order.objects.get(number="3")
    assert "Nothing was decided yet" in words(bob.get(url("settled")))
    bob.post(url("tie"), {"code": "77", "partner": partner.pk})
    bob.post(url("ignore"), {"code": "78"})
    bob.post(url("tie-order", pk=lone.pk), {"partner": partner.pk})
    page = words(bob.get(url("settled")))
    assert (
        "77 is Dr. Marchetti" in page
        and "78 is not a provider" in page
        and "1 order tied to Dr. Marchetti" in page
    )
    assert "78 is not a provider" in words(bob.get(url("settled"), {"q": "78"}))
    assert "Nothing was decided about such a code" in words(bob.get(url("settled"), {"q": "99"}))
    with scope():
        ids = list(Answer.objects.order_by("at").values_list("pk", flat=True))
    for pk in ids:
        bob.post(url("answer-undo", pk=pk))
    with scope():
        assert Order.objects.unattributed().count() == 3
        assert not ReferralCode.objects.exists() and not IgnoredCode.objects.exists()
        assert not PartnerMonth.objects.exists()
    assert words(bob.get(url("settled"))).count("taken back") == 3


def test_only_who_may_tie_sees_and_undoes_what_is_settled(bob, mercy, client_for, scope):
    mary = client_for(mercy.rep)
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10")
    bob.post(url("ignore"), {"code": "77"})
    assert mary.get(url("settled")).status_code == 403
    assert mary.post(url("answer-undo", pk=latest(scope))).status_code == 403
    with scope():
        assert IgnoredCode.objects.count() == 1


def test_order_page_ties_anew_and_back(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10")
        ann, bo = (
            Partner.objects.create(name=name, kind="physician") for name in ("Dr. Ann Lee", "Dr. Bo Ray")
        )
        order = Order.objects.get()
    bob.post(url("tie"), {"code": "77", "partner": ann.pk})
    assert "Tie anew" in words(bob.get(url("detail", pk=order.pk)))
    page = words(bob.get(url("order-partner", pk=order.pk), {"q": "ray"}))
    assert "It counts for <strong>Dr. Ann Lee</strong> now" in page and "Dr. Bo Ray" in page
    bob.post(url("tie-order", pk=order.pk), {"partner": bo.pk, "next": url("detail", pk=order.pk)})
    with scope():
        assert PartnerMonth.objects.get().partner == bo
        answer = Answer.objects.get(kind="tied_orders")
        assert (answer.partner, answer.previous) == (bo, ann)
    bob.post(url("answer-undo", pk=answer.pk))
    with scope():
        assert PartnerMonth.objects.get().partner == ann
    bob.post(url("tie-order", pk=order.pk), {"action": "untie"})
    with scope():
        assert not PartnerMonth.objects.exists()


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


def test_queue_says_whose_orders_are_still_on_their_way(bob, scope, monkeypatch):
    monkeypatch.setattr("orders.attribution.moving.AT_ONCE", 1)
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10", "2,2026-05-03,77,A,1,20")
        partner = Partner.objects.create(name="Dr. Marchetti", kind="physician")
    said = words(bob.post(url("tie"), {"code": "77", "partner": partner.pk}, follow=True))
    assert "2 orders tied to Dr. Marchetti." in said
    assert "1 order of them follow in the background" not in said
    assert "1 of them follows in the background" in said
    assert "Orders of 77 are being moved." in said
