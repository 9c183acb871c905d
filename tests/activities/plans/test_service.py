"""Writes of call plans."""

from datetime import date

import pytest

from activities.plans.models import CallPlan
from activities.plans.service import set_call_plan
from prm.core import calendar
from prm.core.errors import Refused
from tests.activities import factories as make


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def refused(call, field, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == (field, code)


def test_set_call_plan_judges_the_running_block_by_the_new_plan(in_mercy, elena, asked):
    set_call_plan(partner=elena, visits=4, valid_from=date(2020, 1, 1))
    set_call_plan(partner=elena, visits=2, months=3)
    assert CallPlan.objects.in_force(calendar.today(in_mercy.tenant)).get().plan.words == "2 visits a quarter"
    assert CallPlan.objects.in_force(date(2020, 6, 1)).get().visits == 4
    set_call_plan(partner=elena, visits=1, months=3)
    assert CallPlan.objects.count() == 2
    assert asked() == {elena.pk}


def test_set_call_plan_for_a_longer_block_replaces_what_began_inside_it(in_mercy, elena, clock_at):
    from datetime import UTC, datetime

    clock_at(datetime(2026, 11, 23, 12, tzinfo=UTC))
    set_call_plan(partner=elena, visits=4)  # from 1 November
    set_call_plan(partner=elena, visits=2, months=3)  # from 1 October
    assert CallPlan.objects.in_force(date(2026, 11, 23)).get().plan.words == "2 visits a quarter"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"visits": 32}, "visits", "out_of_range"),
        ({"visits": -1}, "visits", "out_of_range"),
        ({"visits": 1, "months": 5}, "months", "invalid_choice"),
        ({"visits": 1, "valid_from": date(1901, 1, 1)}, "valid_from", "too_early"),
    ],
)
def test_set_call_plan_refuses_what_cannot_be(in_mercy, elena, change, field, code):
    refused(lambda: set_call_plan(partner=elena, **change), field, code)
