"""Files are taken by date, then as people count."""

import pytest

from orders.doors.files.order import in_order


@pytest.mark.parametrize(
    "wanted",
    [
        ["orders_1.csv", "orders_2.csv", "orders_10.csv"],
        ["Orders 9.csv", "orders 10.csv", "ORDERS 11.csv"],
        ["b-2026-01-31.csv", "a-2026-02-01.csv", "a_20260202.csv", "x 03.02.2026.csv"],
        ["2026-05-01_2.csv", "2026-05-01_10.csv", "2026-05-02_1.csv"],
        # One without a date: all by name.
        ["a-2026-02-01.csv", "b-2026-01-31.csv", "c.csv"],
        # 20261399 is no day.
        ["a-20261399.csv", "b-20260101.csv"],
        ["a.csv"],
        [],
    ],
)
def test_order_of_files(wanted):
    mixed = list(reversed(wanted))
    assert [mixed[place] for place in in_order(mixed)] == wanted
