"""Months of partners for charts: oldest first, none missing."""

from datetime import date

from partners.standing.queries import orders_by_month, revenue_by_month
from tests.partners.factories import make_month, make_partner

NOV = date(2026, 11, 1)


def test_months_without_orders_are_nothing(in_mercy):
    partner = make_partner()
    assert orders_by_month([partner.pk], NOV, 3) == {partner.pk: [0, 0, 0]}
    assert revenue_by_month([partner.pk], NOV, 3) == {partner.pk: [0, 0, 0]}


def test_months_come_oldest_first_and_none_outside(in_mercy):
    partner = make_partner()
    for month, revenue in ((date(2026, 8, 1), 1), (date(2026, 9, 1), 2), (NOV, 3), (date(2026, 12, 1), 4)):
        make_month(partner, month, orders=revenue, revenue=revenue * 100)
    assert orders_by_month([partner.pk], NOV, 3)[partner.pk] == [2, 0, 3]
    assert revenue_by_month([partner.pk], NOV, 3)[partner.pk] == [200, 0, 300]


def test_several_partners_are_one_query(in_mercy, django_assert_num_queries):
    partners = [make_partner() for _ in range(3)]
    for place, partner in enumerate(partners):
        make_month(partner, NOV, orders=place)
    with django_assert_num_queries(1):
        table = orders_by_month([partner.pk for partner in partners], NOV, 1)
    assert [table[partner.pk] for partner in partners] == [[0], [1], [2]]
