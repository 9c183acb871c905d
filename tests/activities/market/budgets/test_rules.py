"""What a pipeline of budgets counts."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from activities.market.budgets.rules import pipeline


def pipe(expected, raised=0, revenue=400_000, floor=100_000):
    return pipeline(
        expected=Decimal(expected), raised=Decimal(raised), revenue=Decimal(revenue), floor=Decimal(floor)
    )


def test_pipeline_worth_a_quarter_of_the_revenue_earns_half():
    assert pipe(100_000) == 0.5


def test_pipeline_without_open_budget_is_zero():
    assert pipe(0, raised=-50_000) == 0


def test_pipeline_of_a_prospect_is_weighed_against_the_floor():
    assert pipe(25_000, revenue=0) == 0.5


@given(st.integers(1, 10**7), st.integers(1, 10**6))
def test_pipeline_rises_with_a_raised_budget(expected, raised):
    assert 0 <= pipe(expected) < pipe(expected + raised, raised) <= 1
