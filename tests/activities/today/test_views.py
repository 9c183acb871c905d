"""Today: who is due, who slips, what was promised."""

from datetime import UTC, datetime

import pytest

from activities.visits.models import Visit
from prm.core import calendar
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import fill_panel, in_mercy, url


@pytest.fixture(autouse=True)
def _late_in_a_quarter(clock_at):
    """Stop the clock where a quarterly call is due: early in a quarter nobody is, and that is right."""
    clock_at(datetime(2026, 11, 18, 15, tzinfo=UTC))


def test_today_shows_due_promised_and_figures(mercy, rep):
    fill_panel(mercy, 2)
    page = rep.get(url("today")).content.decode()
    assert "Quarterly call, last seen" in page
    assert "Dr. 0" in page
    assert "All promises" in page
    assert "Visits this month" in page


def test_today_costs_the_same_for_one_partner_and_for_nine(mercy, rep, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    fill_panel(mercy, 1)
    rep.get(url("today"))
    with CaptureQueriesContext(connection) as few:
        rep.get(url("today"))
    fill_panel(mercy, 8)
    with CaptureQueriesContext(connection) as many:
        rep.get(url("today"))
    assert len(many) == len(few) < 40


def test_slipping_partners_come_with_reason_and_money(mercy, elena, rep):
    from partners.alarms.service import watch_orders
    from partners.standing.models import PartnerMonth

    with tenant_scope(mercy.tenant):
        today = calendar.today(mercy.tenant)
        for back in range(1, 31):
            orders = 2 if back <= 4 else 12
            PartnerMonth.objects.create(
                partner=elena, month=calendar.add_months(today, -back), orders=orders, revenue=orders * 1000
            )
        watch_orders()
        make.insight(elena, mercy.rep)
        make.insight(elena, mercy.rep, outcome="observed")
    page = rep.get(url("today")).content.decode()
    assert "Fell from about 12 to 2 a month since Jul." in page
    assert "−$120,000" in page
    assert "Less than 1 false alarm in a year, 1 watched" in page
    assert "St. Brendan named in 2 insights in the last 90 days." in page


def test_a_promise_is_ticked_off_with_undo(mercy, elena, rep):
    visit = in_mercy(mercy, lambda: make.visit(elena, mercy.rep, next_step="Send contacts"))
    page = rep.post(url("step", pk=visit.pk), follow=True).content.decode()
    assert "Done." in page
    assert in_mercy(mercy, lambda: Visit.objects.get().has_open_step) is False
    rep.post(url("step", pk=visit.pk), {"done": "0"})
    assert in_mercy(mercy, lambda: Visit.objects.get().has_open_step) is True
