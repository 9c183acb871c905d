"""Every difference has its causes, and they make it up exactly: pure, for all histories."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.reconciliation.reading import TotalRow, read_totals
from orders.reconciliation.rules import Declared, Held, Part, compose, joined, of_side
from orders.reconciliation.states import (
    AMOUNT_THERE,
    COUNTS_THERE,
    DAY_THERE,
    MAPPING,
    NEXT,
    STATE_THERE,
    Basis,
    Cause,
    DayState,
    Side,
)
from orders.salesforce import MAPPINGS
from prm.core.errors import Refused

MONEY = st.decimals(min_value=-1000, max_value=1000, places=4)
COUNT = st.integers(0, 50)


def parts(*causes):
    return st.lists(
        st.builds(Part, st.sampled_from(causes), st.integers(-5, 5), MONEY, st.integers(0, 9)), max_size=6
    )


SOURCE = Cause.of_source()
THERE = tuple(cause for cause in Cause if cause not in SOURCE)


@given(
    orders=COUNT,
    amount=MONEY,
    counted=MONEY,
    declared=st.none() | st.builds(Declared, st.none() | COUNT, st.none() | MONEY),
    rejected=parts(Cause.REJECTED, Cause.DISMISSED),
    late=parts(Cause.CANCELLED_LATE, Cause.CHANGED_SINCE),
    there=parts(*THERE),
    is_connected=st.booleans(),
)
def test_causes_make_up_the_difference(
    orders, amount, counted, declared, rejected, late, there, is_connected
):
    gone = of_side(there, Side.THERE)
    held = Held(orders, amount, counted, 0, orders - gone.orders, counted - gone.amount)
    found = compose(
        held,
        declared=declared,
        rejected=rejected,
        unread=0,
        late=late,
        there=there,
        is_connected=is_connected,
    )
    source, salesforce = of_side(found.parts, Side.SOURCE), of_side(found.parts, Side.THERE)
    if found.source_orders is not None:
        assert source.orders == found.source_orders - orders
    if found.source_amount is not None:
        assert source.amount == found.source_amount - amount
    if is_connected:
        assert salesforce.orders == orders - found.there_orders
        assert salesforce.amount == counted - found.there_amount
    else:
        assert (found.there_orders, found.there_amount, salesforce.amount) == (None, None, 0)
    assert len({part.cause for part in found.parts}) == len(found.parts)
    if found.state is DayState.AGREES and found.source_amount is not None:
        assert source.amount == 0


def figures(*there, declared=None, rejected=(), unread=0, held=None):
    return compose(
        held or Held(2, Decimal(20), Decimal(20), 0, 2, Decimal(20)),
        declared=declared,
        rejected=rejected,
        unread=unread,
        late=(),
        there=there,
        is_connected=True,
    )


def test_what_a_source_does_not_declare_is_unknown_and_what_it_sent_is_known():
    sent = figures(rejected=[Part(Cause.REJECTED, 1, Decimal(5), 1)])
    assert (sent.basis, sent.source_orders, sent.source_amount) == (Basis.SENT, 3, 25)
    only_orders = figures(declared=Declared(2, None))
    assert (only_orders.source_amount, only_orders.state) == (None, DayState.AGREES)
    short = figures(declared=Declared(3, Decimal(26)), rejected=[Part(Cause.REJECTED, 1, Decimal(5), 1)])
    assert short.parts[-1] == Part(Cause.NOT_EXPLAINED, 0, Decimal(1))


@pytest.mark.parametrize(
    "causes, state",
    [
        ((), DayState.AGREES),
        ((Cause.ROUNDED,), DayState.AGREES),
        ((Cause.WAITING,), DayState.WAITING),
        ((Cause.WAITING, Cause.REFUSED), DayState.OPEN),
        ((Cause.SET_ASIDE, Cause.ROUNDED), DayState.EXPLAINED),
        ((Cause.RATE_MISSING,), DayState.OPEN),
    ],
)
def test_how_a_day_stands(causes, state):
    assert figures(*(Part(cause, 0, Decimal(1), 1) for cause in causes)).state is state
    assert figures(unread=1).state is DayState.OPEN


def test_another_difference_has_another_mark():
    one = figures(Part(Cause.REFUSED, 1, Decimal("5.0000"), 1))
    assert one.print == figures(Part(Cause.REFUSED, 1, Decimal(5), 1)).print
    assert one.print != figures(Part(Cause.REFUSED, 1, Decimal("5.01"), 1)).print
    assert joined([Part(Cause.REFUSED, 1, Decimal(0), 0), Part(Cause.REFUSED, -1, Decimal(0), 0)]) == ()


def test_orders_count_there_as_their_mapping_says_and_every_cause_says_what_follows():
    (mapping,) = [one for one in MAPPINGS if one.key == MAPPING]
    assert mapping.sums is not None
    assert mapping.field(mapping.sums.state).there == STATE_THERE
    assert mapping.field(mapping.sums.amount).there == AMOUNT_THERE
    assert mapping.field(mapping.sums.day).there == DAY_THERE
    assert mapping.sums.counts == COUNTS_THERE
    assert set(NEXT) == set(Cause)


def test_control_totals_are_read_whole_or_not_at_all():
    assert read_totals('Day;Count;Amount\n2026-11-19;231;"284.977,00"\n2026-11-20;1,000;-5,5') == [
        TotalRow(date(2026, 11, 19), 231, Decimal("284977.00")),
        TotalRow(date(2026, 11, 20), 1000, Decimal("-5.5")),
    ]
    assert read_totals("date,amount,currency\n2026-11-19,1250.50,eur")[0] == TotalRow(
        date(2026, 11, 19), None, Decimal("1250.50"), "EUR"
    )
    for text, words in (
        ("", "empty"),
        ("day,note\n2026-11-19,x", "headings"),
        ("day,orders\n", "no totals"),
        ("day,orders\n2026-11-31,1", "Line 2"),
        ("day,orders\n2026-11-19,two", "no number"),
        ("day,orders\n2026-11-19,", "neither"),
        ("day,orders\n2026-11-19,1\n2026-11-19,2", "two totals"),
        ("day,orders,currency\n2026-11-19,1,XXQ", "ISO 4217"),
    ):
        with pytest.raises(Refused, match=words):
            read_totals(text)
