"""Writes of opportunities and budgets."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.service import (
    change_opportunity,
    close_opportunity,
    reopen_opportunity,
    reverse_budget,
    update_budget,
)
from prm.core import clock
from prm.core.errors import Refused
from tests.activities import factories as make

SOON = clock.now().date() + timedelta(days=60)


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def refused(call, field, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == (field, code)


def test_update_budget_adds_a_row_and_keeps_the_old_figures(in_mercy, elena, asked):
    echo = make.opportunity(elena)
    update = update_budget(opportunity=echo, by=in_mercy.rep, amount=Decimal("120000.004"), close_date=SOON)
    echo.refresh_from_db()
    assert (echo.amount, echo.close_date) == (120_000, SOON)
    assert (update.old_amount, update.new_amount, update.by) == (90_000, 120_000, in_mercy.rep)
    assert asked() == {elena.pk}


def test_update_budget_without_change_writes_nothing(in_mercy, elena):
    echo = make.opportunity(elena)
    assert update_budget(opportunity=echo, by=None, amount=echo.amount, close_date=echo.close_date) is None
    assert BudgetUpdate.objects.count() == 1


def test_update_budget_sent_twice_is_one(in_mercy, elena):
    echo = make.opportunity(elena)
    update_id = uuid4()
    first, again = (
        update_budget(opportunity=echo, by=None, amount=Decimal(100), update_id=update_id) for _ in range(2)
    )
    assert first == again
    refused(
        lambda: update_budget(opportunity=echo, by=None, amount=Decimal(200), update_id=update_id),
        "id",
        "id_taken",
    )
    other = make.opportunity(elena, name="Other")
    refused(
        lambda: update_budget(opportunity=other, by=None, amount=Decimal(1), update_id=update_id),
        "id",
        "id_taken",
    )


def test_reverse_budget_restores_and_keeps_the_history(in_mercy, elena):
    echo = make.opportunity(elena)
    update = update_budget(opportunity=echo, by=None, amount=Decimal(120_000))
    reverse = reverse_budget(update=update, by=in_mercy.rep)
    echo.refresh_from_db()
    assert echo.amount == 90_000
    assert (reverse.reverses, reverse.old_amount, reverse.new_amount) == (update, 120_000, 90_000)
    refused(lambda: reverse_budget(update=update, by=None), None, "changed_since")


def test_closed_opportunities_do_not_change_until_reopened(in_mercy, elena):
    echo = make.opportunity(elena)
    closed = close_opportunity(opportunity=echo, state="won")
    refused(lambda: close_opportunity(opportunity=echo, state="won"), "state", "closed")
    refused(lambda: update_budget(opportunity=echo, by=None, amount=Decimal(1)), "opportunity", "closed")
    refused(lambda: close_opportunity(opportunity=echo, state="lost"), "state", "closed")
    refused(lambda: close_opportunity(opportunity=echo, state="open"), "state", "invalid_choice")
    reopen_opportunity(opportunity=closed)
    assert update_budget(opportunity=echo, by=None, amount=Decimal(1)).new_amount == 1


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "required"),
        ({"stage": "dreaming"}, "stage", "invalid_choice"),
        ({"amount": "-1"}, "amount", "out_of_range"),
        ({"amount": "1e30"}, "amount", "out_of_range"),
        ({"days": 40_000}, "close_date", "too_late"),
        ({"currency": "EUR"}, "currency", "currency"),
    ],
)
def test_create_opportunity_refuses_what_cannot_be(in_mercy, elena, change, field, code):
    refused(lambda: make.opportunity(elena, **change), field, code)
    assert not Opportunity.objects.exists()


def test_change_opportunity_refuses_an_empty_name(in_mercy, elena):
    echo = make.opportunity(elena)
    refused(lambda: change_opportunity(opportunity=echo, name="", stage="proposal"), "name", "required")
    assert change_opportunity(opportunity=echo, name="Echo", stage="proposal").stage == "proposal"
