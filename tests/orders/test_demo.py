"""The demo's orders come in through the import, look alive, and are made once."""

from datetime import datetime

import pytest
from django.db.models import Sum

from orders import demo
from orders.book.models import Order
from orders.rejects.models import RejectedLine
from orders.runs.models import ImportRun
from orders.states import OrderState
from partners import demo as partners_demo
from partners.standing.models import PartnerMonth
from prm.core.calendar import local_date, today

# The first and the last day of a month, of a quarter and of a year, a leap day, and a day amid.
DAYS = ("2026-11-01", "2026-11-30", "2026-12-31", "2027-01-01", "2028-02-29", "2027-05-19")


@pytest.mark.parametrize("day", DAYS)
def test_demo_has_something_of_everything_on_any_day(in_mercy, clock_at, day):
    clock_at(datetime.fromisoformat(f"{day}T15:00:00+00:00"))
    partners_demo.fill(in_mercy.tenant, 30)
    demo.fill(in_mercy.tenant, 30)
    assert set(Order.objects.values_list("state", flat=True)) == set(OrderState.values)
    assert Order.objects.filter(revision=2).exists()
    assert Order.objects.unattributed().exclude(code="").exists()
    assert RejectedLine.objects.count() == 3


def test_demo_fills_two_years_once(in_mercy):
    partners_demo.fill(in_mercy.tenant, 30)
    demo.fill(in_mercy.tenant, 30)
    months = PartnerMonth.objects.order_by().values("month").distinct().count()
    assert months == 24
    latest = Order.objects.order_by("-placed_at").first().placed_at
    assert (today(in_mercy.tenant) - local_date(in_mercy.tenant, latest)).days < 14
    before = (
        Order.objects.count(),
        ImportRun.objects.count(),
        PartnerMonth.objects.aggregate(s=Sum("revenue")),
    )
    demo.fill(in_mercy.tenant, 30)
    assert before == (
        Order.objects.count(),
        ImportRun.objects.count(),
        PartnerMonth.objects.aggregate(s=Sum("revenue")),
    )
