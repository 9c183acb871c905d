"""Whatever comes in and whatever is answered: partner-months equal the sums over the orders held."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.attribution import service as attribution_service
from orders.book.models import Order, OrderLine
from orders.sources.service import save_source
from partners.directory.models import Partner, ReferralCode
from partners.standing.models import PartnerMonth
from prm.core.calendar import local_date, month_of
from prm.core.errors import Refused
from tests.orders.factories import COLUMNS, csv_text, run_import

HEADER = "No,Date,Code,Item,Qty,Price,St"

rows = st.builds(
    "{},{},{},{},{},{},{}".format,
    st.sampled_from(["1", "2", "3", "C4", "C5"]),
    st.sampled_from(["2026-04-30T23:00:00-04:00", "2026-05-01", "2026-05-31T22:00:00Z", "2026-06-02", "bad"]),
    st.sampled_from(["", "77", "77.0", "78", "79"]),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["1", "2", "-1", "-2", "x"]),
    st.sampled_from(["10", "2.55", "0"]),
    st.sampled_from(["", "completed", "scheduled", "cancelled"]),
)
files = st.lists(st.lists(rows, max_size=8), min_size=1, max_size=3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("import"), files),
        st.tuples(st.just("tie"), st.sampled_from(["77", "78", "79"])),
        st.tuples(st.just("untie"), st.sampled_from(["77", "78", "79"])),
        st.tuples(st.just("tie order"), st.integers(0, 4)),
        st.tuples(st.just("untie order"), st.integers(0, 4)),
    ),
    min_size=1,
    max_size=5,
)


def from_scratch(tenant):
    """Partner-months as plain Python makes them from the orders held."""
    found = defaultdict(lambda: [0, Decimal(0), Decimal(0), []])
    for order in Order.objects.exclude(partner=None).exclude(state="cancelled"):
        assert order.month == month_of(tenant, order.placed_at)
        sums = found[order.partner_id, order.month]
        sums[1] += order.units
        sums[2] += order.amount
        if not order.is_reversal:
            sums[0] += 1
            sums[3].append(local_date(tenant, order.placed_at))
    return {
        key: (count, units, revenue, min(days, default=None), max(days, default=None))
        for key, (count, units, revenue, days) in found.items()
    }


def held():
    return {
        (m.partner_id, m.month): (m.orders, m.units, m.revenue, m.first_on, m.last_on)
        for m in PartnerMonth.objects.all()
    }


def perform(source, partner, action, value):
    if action == "import":
        run = run_import(source, *(csv_text(*one, header=HEADER) for one in value))
        assert run.state == "done"
        return
    orders = list(Order.objects.order_by("number"))
    try:
        if action == "tie":
            attribution_service.tie_code(value, partner_id=partner.pk)
        elif action == "untie":
            attribution_service.untie_code(value)
        elif action == "tie order" and orders:
            attribution_service.tie_orders([orders[value % len(orders)].pk], partner_id=partner.pk)
        elif action == "untie order" and orders:
            attribution_service.untie_orders([orders[value % len(orders)].pk])
    except Refused:
        pass  # somebody's code already, or nobody's: nothing was done, and the months must say so


@pytest.mark.parametrize("create_partners", [True, False])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps)
def test_partner_months_equal_the_orders_after_any_story(in_mercy, create_partners, story):
    from django.db import transaction

    with transaction.atomic():
        source = save_source(
            None,
            name="Orders",
            spec={
                "columns": COLUMNS | {"state": "St"},
                "create_partners": create_partners,
                "cancellations": {"number_prefixes": ["C"]},
            },
        )
        partner = Partner.objects.create(name="Dr. Marchetti", kind="physician")
        for action, value in story:
            perform(source, partner, action, value)
            assert held() == from_scratch(in_mercy.tenant)
        for order in Order.objects.prefetch_related("lines"):
            own = [line for line in order.lines.all() if not line.refund]
            refunds = [line for line in order.lines.all() if line.refund]
            standing = [line for line in own if line.state != "cancelled"]
            assert sum(line.amount for line in standing + refunds) == order.amount
            assert sum(line.quantity for line in standing + refunds) == order.units
            assert sum(line.amount for line in refunds) == order.refunded
            assert sorted(line.ordinal for line in own) == list(range(1, len(own) + 1))
            places = sorted(line.ordinal for line in refunds)
            assert places == list(range(1_000_001, 1_000_001 + len(refunds)))
        assert OrderLine.objects.count() == sum(order.lines.count() for order in Order.objects.all())
        assert ReferralCode.objects.count() == len(set(ReferralCode.objects.values_list("normal")))
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(files, min_size=1, max_size=2))
def test_last_import_again_writes_nothing(in_mercy, batches):
    from django.db import transaction

    with transaction.atomic():
        spec = {"columns": COLUMNS | {"state": "St"}, "create_partners": True}
        source = save_source(None, name="Orders", spec=spec)
        for one in batches:
            run_import(source, *(csv_text(*rows, header=HEADER) for rows in one))
        again = run_import(source, *(csv_text(*rows, header=HEADER) for rows in batches[-1]))
        assert again.counts["wrote"] is False
        transaction.set_rollback(True)
