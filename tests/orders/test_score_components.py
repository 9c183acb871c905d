"""The score component for regular orders."""

from datetime import date
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import pytest

from orders.score_components import COMPONENTS, explain, measure, recency_fraction, regularity_fraction
from prm.core.calendar import add_months


def context(orders, first, last, as_of=date(2026, 11, 10)):
    months = [add_months(date(2026, 11, 1), place - 11) for place in range(12)]
    counts = np.array([orders], dtype=np.int64)
    return SimpleNamespace(
        partner_ids=[UUID(int=1)], as_of=as_of, months=months, orders=counts,
        first_order_on=np.array([first], dtype="datetime64[D]"),
        last_order_on=np.array([last], dtype="datetime64[D]"),
    )  # fmt: skip


@pytest.mark.parametrize(("days", "fraction"), [(0, 1.0), (30, 1.0), (105, 0.5), (180, 0.0), (900, 0.0)])
def test_recency(days, fraction):
    assert recency_fraction(days) == fraction


def test_halves_for_regularity_and_recency():
    assert regularity_fraction(*np.array([[6], [6], [10]])) == 1.0
    assert regularity_fraction(*np.array([[3], [6], [105]])) == 0.5
    assert regularity_fraction(*np.array([[0], [6], [400]])) == 0.0


def test_running_month_without_orders_is_no_bad_sign():
    orders = [1] * 11 + [0]
    (found,) = measure(context(orders, date(2025, 1, 1), date(2026, 10, 20))).values()
    assert found == (1.0, {"months_with": 6, "months": 6, "last": "2026-10-20"})


def test_running_month_with_orders_counts():
    orders = [0] * 11 + [2]
    (found,) = measure(context(orders, date(2025, 1, 1), date(2026, 11, 5))).values()
    assert found.facts == {"months_with": 1, "months": 7, "last": "2026-11-05"}


def test_new_partner_is_judged_by_the_months_there_were():
    orders = [0] * 9 + [1, 1, 1]
    (found,) = measure(context(orders, date(2026, 9, 3), date(2026, 11, 5))).values()
    assert found.fraction == 1.0


def test_partner_who_never_ordered_cannot_be_told():
    (found,) = measure(context([0] * 12, None, None)).values()
    assert found == (None, {})
    assert explain({}, None) == "Has never ordered"


def test_sentence(in_mercy):
    text = explain({"months_with": 5, "months": 6, "last": "2020-10-20"}, in_mercy.tenant)
    assert text == "Orders in 5 of 6 months, the last on 20 Oct 2020"
    assert [c.key for c in COMPONENTS] == ["regularity"]
