"""The credit of an order is shared by hand and by rule; everything sums to the orders, to the last digit."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F, Sum

from orders.attribution import service as attribution
from orders.book.models import Order, OrderShare, ShareRule
from orders.book.queries import order_weeks, parts_counted
from orders.runs import service as runs
from orders.shares import service
from orders.shares.service import Part
from orders.states import ShareCase
from partners.directory.models import Partner
from partners.merges.service import merge_partners, undo_merge
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source
from tests.orders.pages import url
from tests.partners.factories import make_partner

MAY = date(2026, 5, 1)


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True)


@pytest.fixture
def practice(in_mercy):
    return make_partner("Practice")


def revenue(name, month=MAY):
    found = PartnerMonth.objects.filter(partner__name=name, month=month).first()
    return found and (found.orders, found.revenue)


def share(order, *parts):
    return service.share_order(order.pk, [Part(partner.pk, Decimal(percent)) for partner, percent in parts])


def save_rule(**said):
    """Save a rule and do what is then done in the background."""
    rule = service.save_rule(**said)
    service.share_by_rules()
    return rule


def shared_order(source, practice, *, amount="10.01", percent=70):
    import_rows(source, f"1,2026-05-03,77,A,1,{amount}")
    order = Order.objects.get(number="1")
    share(order, (order.partner, percent), (practice, 100 - percent))
    return order


def test_parts_count_for_each_and_come_to_the_order(source, practice):
    order = shared_order(source, practice)
    assert (revenue("77"), revenue("Practice")) == ((1, Decimal("7.01")), (1, Decimal("3.00")))
    assert Order.objects.get().is_shared
    service.unshare_order(order.pk)
    assert (revenue("77"), revenue("Practice"), Order.objects.get().is_shared) == (
        (1, Decimal("10.01")),
        None,
        False,
    )


def test_months_in_sql_are_the_parts_of_the_rule(source, in_mercy):
    random = Random(7)
    others = [make_partner(f"P{n}") for n in range(4)]
    rows = [
        f"{n},2026-05-{1 + n % 28:02},77,A,{random.choice('1237')},{random.randint(-99_999, 99_999)}.{random.randint(0, 9999):04}"
        for n in range(30)
    ]
    import_rows(source, *rows)
    expected: dict[str, Decimal] = {}
    for order in Order.objects.all():
        cuts = sorted(random.sample(range(1, 10_000), 3))
        parts = [Decimal(b - a) / 100 for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        share(order, *zip(others, parts, strict=True))
        for one, counted in parts_counted(order, list(order.shares.select_related("partner")), 2):
            expected[one.partner.name] = expected.get(one.partner.name, Decimal(0)) + counted
    held = dict(PartnerMonth.objects.values_list("partner__name", "revenue"))
    assert held == expected
    sums = Order.objects.aggregate(units=Sum("units"), counted=Sum("counted"))
    months = PartnerMonth.objects.aggregate(units=Sum("units"), counted=Sum("revenue"))
    assert sums == months


def test_later_versions_leave_what_was_shared_by_hand_and_months_follow_them(source, practice):
    order = shared_order(source, practice)
    import_rows(source, "1,2026-06-03,77,A,1,20")
    assert (revenue("77"), revenue("Practice")) == (None, None)
    june = date(2026, 6, 1)
    assert (revenue("77", june), revenue("Practice", june)) == ((1, 14), (1, 6))
    import_rows(source, "1,2026-06-03,78,A,1,20")
    assert (revenue("77", june), revenue("78", june)) == ((1, 14), None)
    with pytest.raises(Refused, match="shared by hand"):
        attribution.tie_orders([order.pk], partner_id=practice.pk)
    import_rows(source, "1,2026-06-03,78,A,1,20", "1,2026-06-03,78,B,-1,20")
    assert PartnerMonth.objects.aggregate(total=Sum("revenue"))["total"] == 0


def test_cancelled_order_counts_for_nobody_and_one_that_is_untied_neither(source, practice):
    order = shared_order(source, practice)
    attribution.untie_code("77")
    assert (revenue("77"), revenue("Practice")) == (None, None)
    attribution.tie_code("77", partner_id=order.partner_id)
    assert revenue("Practice") == (1, Decimal("3.00"))


@pytest.mark.parametrize(
    ("percents", "said"),
    [((60, 30), "90 per cent"), ((100, 0), "above 0"), ((50, "50.001"), "two decimals"), ((100,), "2 to 10")],
)
def test_parts_that_make_no_whole_are_refused(source, practice, percents, said):
    import_rows(source, "1,2026-05-03,77,A,1,5")
    order = Order.objects.get()
    with pytest.raises(Refused, match=said):
        share(order, *zip([order.partner, practice], percents, strict=False))
    assert not OrderShare.objects.exists()


def test_database_takes_no_parts_that_make_no_whole(source, practice):
    order = shared_order(source, practice)
    for write in (
        lambda: OrderShare.objects.filter(partner=practice).delete(),
        lambda: OrderShare.objects.filter(partner=practice).update(percent=29),
        lambda: OrderShare.objects.create(order=order, partner=practice, percent=1, origin="hand", month=MAY),
    ):
        with pytest.raises(DatabaseError, match="do not make 100"), transaction.atomic():
            write()


def test_members_orders_are_shared_with_their_organisation_by_rule_and_the_narrowest_counts(source, practice):
    import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-06-03,77,A,1,10", "3,2026-05-03,78,A,1,10")
    Partner.objects.filter(name="77").update(organisation=practice, region="North")
    Partner.objects.filter(name="78").update(region="north ")
    save_rule(case=ShareCase.ORGANISATION, percent=Decimal(20), since=MAY)
    save_rule(case=ShareCase.REGION, region="North", percent=Decimal(50), to=make_partner("Scout"))
    assert (revenue("77"), revenue("78"), revenue("Practice"), revenue("Scout")) == (
        (1, 8),
        (1, 5),
        (1, 2),
        (1, 5),
    )
    import_rows(source, "4,2026-05-09,77,A,1,100", "3,2026-05-03,77,A,1,10")
    assert (revenue("77"), revenue("Practice"), revenue("Scout")) == ((3, 96), (3, 24), None)
    save_rule(
        case=ShareCase.PARTNER, subject=Partner.objects.get(name="77"), percent=Decimal(50), to=practice
    )
    assert (revenue("77"), revenue("Practice")) == ((3, 60), (3, 60))
    for rule in ShareRule.objects.all():
        service.remove_rule(rule.pk)
    service.share_by_rules()
    assert (revenue("77"), revenue("Practice")) == ((3, 120), None)
    assert not OrderShare.objects.exists()


def test_rule_that_says_too_little_is_refused(in_mercy, practice):
    for case, more, said in (
        (ShareCase.PARTNER, {}, "whose"),
        (ShareCase.PARTNER, {"subject": practice}, "who gets"),
        (ShareCase.PARTNER, {"subject": practice, "to": practice}, "own orders"),
        (ShareCase.REGION, {"to": practice}, "which region"),
    ):
        with pytest.raises(Refused, match=f"(?i){said}"):
            service.save_rule(case=case, percent=Decimal(10), **more)


def test_import_that_is_taken_back_takes_its_parts_with_it(source, practice):
    Partner.objects.filter(pk=practice.pk).update(name="Practice")
    service.save_rule(case=ShareCase.ORGANISATION, percent=Decimal(20))
    import_rows(source, "1,2026-05-03,77,A,1,10")
    Partner.objects.filter(name="77").update(organisation=practice)
    run = import_rows(source, "2,2026-05-03,77,A,1,10")
    assert revenue("Practice") == (1, 2)
    runs.take_back(run.pk)
    assert (revenue("77"), revenue("Practice")) == ((1, 10), None)
    run = import_rows(source, "3,2026-05-03,77,A,1,10")
    order = Order.objects.get(number="3")
    share(order, (order.partner, 50), (practice, 50))
    with pytest.raises(Refused, match="shared by hand"):
        runs.take_back(run.pk)


def test_lists_weeks_and_portal_know_each_part(source, practice):
    order = shared_order(source, practice, amount="200")
    (mine,) = Order.objects.credited_to(practice.pk)
    assert (mine, mine.part_percent) == (order, 30)
    (week,) = order_weeks(practice)
    assert (week["orders"], week["amount"]) == (1, 60)
    assert list(Order.objects.credited_to(make_partner("Else").pk)) == []


def test_page_shares_undoes_and_lists(alice, scope, mercy, client_for):
    with scope():
        import_rows(make_source(create_partners=True), "1,2026-05-03,77,A,1,10")
        order, practice = Order.objects.get(), make_partner("Practice")
        own = order.partner_id
    there = url("order-shares", pk=order.pk)
    assert "Share the credit" in alice.get(there).content.decode()
    said = {"partner_1": own, "percent_1": "60", "partner_2": practice.pk}
    assert "not 100" in alice.post(there, {**said, "percent_2": "30"}).content.decode()
    assert alice.post(there, {**said, "percent_2": "40"}).status_code == 302
    page = alice.get(url("detail", pk=order.pk)).content.decode()
    assert "Shared by hand" in page and "$4.00" in page
    listed = " ".join(alice.get(url("list") + f"?partner={practice.pk}").content.decode().split())
    assert "shared, 40 %" in listed and "of it $4" in listed
    alice.post(there, {"action": "whole"})
    with scope():
        assert not Order.objects.get().is_shared
    page = " ".join(alice.get(url("detail", pk=order.pk)).content.decode().split())
    assert "Shared before" in page and "Practice, 40 %" in page and "taken back by" in page
    rules = alice.post(url("share-rule-add"), {"case": "organisation", "percent": "20"})
    assert rules.status_code == 302 and "any" in alice.get(url("share-rules")).content.decode()
    api = "/api/v1/mercy/"
    parts = {"parts": [{"partner": str(own), "percent": "99"}, {"partner": str(practice.pk), "percent": "1"}]}
    answer = alice.put(f"{api}order-shares/{order.pk}/", parts, content_type="application/json")
    assert answer.json()["parts"][0]["percent"] == "99.00"
    assert alice.get(f"{api}orders/{order.pk}/").json()["shares"][1]["origin"] == "hand"
    rule = alice.get(f"{api}share-rules/").json()["results"][0]
    assert alice.delete(f"{api}share-rules/{rule['id']}/").status_code == 204
    body = {"case": "region", "region": "North", "to": str(practice.pk), "percent": "5"}
    assert alice.post(f"{api}share-rules/", body, content_type="application/json").status_code == 201


def test_part_that_no_sum_can_hold_waits_with_its_order_and_everybody_else_goes_on(source, practice):
    """Each order by itself is none too large, nor are the months of those who sent them."""
    import_rows(source, *(f"{n},2026-05-0{n},{76 + n},A,60000,1000000000" for n in (1, 2, 3)))
    orders = list(Order.objects.order_by("number"))
    for order in orders:
        share(order, (order.partner, 30), (practice, 70))
    assert list(Order.objects.order_by("number").values_list("waits", flat=True)) == ["", "", "too_large"]
    part, rest = Decimal(42) * 10**12, Decimal(18) * 10**12
    assert revenue("Practice") == (2, 2 * part)
    assert [revenue(name) for name in ("77", "78", "79")] == [(1, rest), (1, rest), None]
    service.unshare_order(orders[0].pk)
    assert not Order.objects.waiting().exists()
    assert (revenue("Practice"), revenue("79")) == ((2, 2 * part), (1, rest))


def test_a_rule_between_two_who_are_one_shares_nothing_until_they_are_two_again(source, practice):
    """Neither a rule to oneself nor a part for a partner that is not there any more."""
    import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-05-03,78,A,1,100")
    first, second = (Partner.objects.get(codes__normal=code) for code in ("77", "78"))
    save_rule(case=ShareCase.PARTNER, subject=first, to=second, percent=Decimal(30))
    save_rule(case=ShareCase.PARTNER, subject=second, to=practice, percent=Decimal(10))
    assert (revenue("77"), revenue("78"), revenue("Practice")) == ((1, 7), (2, 93), (1, 10))
    for survivor, gone in ((first, second), (second, first)):
        merge = merge_partners(survivor.pk, merged_id=gone.pk)
        service.share_by_rules()
        assert not ShareRule.objects.filter(subject=F("to")).exists()
        counted = {m.partner_id: m.revenue for m in PartnerMonth.objects.exclude(revenue=0)}
        assert set(counted) <= {survivor.pk, practice.pk} and sum(counted.values()) == 110
        undo_merge(merge.pk)
        service.share_by_rules()
        assert (revenue("77"), revenue("78"), revenue("Practice")) == ((1, 7), (2, 93), (1, 10))
