from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.campaigns.members.service import set_attended, set_reach
from activities.campaigns.planning.models import Member
from activities.campaigns.results.models import Figures
from activities.campaigns.results.service import count_figures
from orders.book.models import Order
from tests.activities import factories as people
from tests.activities.campaigns import factories as make


def test_what_was_reached_opened_came_and_ordered(in_mercy):
    # So many that coins leave enough on both sides.
    partners = [people.partner(f"Dr. {n}") for n in range(36)]
    made = make.running(*partners, holdout_percent=50)
    sent = [m.partner for m in Member.objects.sent().select_related("partner")]
    held = [m.partner for m in Member.objects.held().select_related("partner")]
    make.ask(make.token(made, sent[0]))
    make.ask(make.token(made, sent[1], None), suffix=".gif")
    make.settled()
    set_attended(campaign=made, members=[Member.objects.get(partner=sent[2]).pk])
    set_reach(campaign=made, members=[Member.objects.get(partner=sent[-1]).pk], reach="unknown")
    for partner in (sent[0], sent[0], sent[1], held[0]):
        make.order(partner)
    make.order(sent[2], days_ago=3)
    figures = count_figures(made.pk)
    assert (figures.sent, figures.reached) == (len(sent), len(sent) - 1)
    assert (figures.opened, figures.came) == (2, 2)
    assert (figures.ordered, figures.held_ordered, figures.held) == (2, 1, len(held))
    assert (figures.orders_before, figures.held_orders_before) == (1, 0)


def test_orders_count_from_the_day_of_sending_on_both_sides(in_mercy):
    partners = [people.partner(f"Dr. {n}") for n in range(12)]
    made = make.running(*partners, holdout_percent=50, sent=False)
    for partner in partners:
        make.order(partner)
    figures = count_figures(made.pk)
    assert (figures.ordered, figures.held_ordered, figures.reached, figures.result_on) == (0, 0, 0, None)


def test_a_campaign_that_is_gone_is_counted_by_nobody(in_mercy):
    from prm.core.ids import uuid7

    assert count_figures(uuid7()) is None
    assert not Figures.objects.exists()


@pytest.mark.parametrize("weeks", [1, 8])
def test_the_last_day_is_said(elena, weeks):
    made = make.running(elena, weeks=weeks)
    sent_on = made.waves.get().sent_on
    assert count_figures(made.pk).result_on == sent_on + timedelta(weeks=weeks)


def test_members_know_what_their_partner_ordered_of_both_groups_and_touch_only_what_changed(in_mercy):
    # So many that coins leave enough on both sides.
    partners = [people.partner(f"Dr. {n}") for n in range(36)]
    made = make.running(*partners, holdout_percent=50)
    sent = Member.objects.sent().order_by("pk").first()
    held = Member.objects.held().order_by("pk").first()
    for partner in (sent.partner, sent.partner, held.partner):
        make.order(partner)
    make.order(sent.partner, days_ago=3)
    count_figures(made.pk)
    assert set(Member.objects.exclude(orders=0).values_list("pk", "orders")) == {(sent.pk, 2), (held.pk, 1)}
    with CaptureQueriesContext(connection) as queries:
        count_figures(made.pk)
    assert not any('UPDATE "campaigns_member"' in one["sql"] for one in queries)
    Order.objects.all().update(state="cancelled")
    count_figures(made.pk)
    assert not Member.objects.exclude(orders=0).exists()
