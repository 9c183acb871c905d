"""What every door's input is held against: days people mean, amounts to the cent, texts that can be kept."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.checks import (
    LARGEST_AMOUNT,
    LONGEST_TEXT,
    check_day,
    check_people,
    checked_amount,
    choice,
    id_taken,
    own,
    text,
)
from activities.visits.states import Channel
from prm.core import calendar
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant, tenant_scope
from tests.activities import factories as make

amounts = st.decimals(min_value=0, max_value=LARGEST_AMOUNT, allow_nan=False)


def refused(call, *arguments, **options):
    with pytest.raises(Refused) as error:
        call(*arguments, **options)
    return error.value.field, error.value.code


@given(amounts)
def test_an_amount_is_kept_to_the_cent(amount):
    kept = checked_amount(amount)
    assert kept == round(kept, 2)
    assert abs(kept - amount) <= Decimal("0.005")


@given(amounts)
def test_checking_an_amount_twice_changes_nothing(amount):
    assert checked_amount(checked_amount(amount)) == checked_amount(amount)


@pytest.mark.parametrize("amount", ["-0.01", "10000000000", "NaN", "Infinity", "-Infinity"])
def test_absurd_amounts_are_refused(amount):
    assert refused(checked_amount, Decimal(amount)) == ("amount", "out_of_range")


@given(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=200))
def test_a_text_is_trimmed_and_otherwise_kept(typed):
    assert text(typed, "note") == typed.strip()


def test_a_text_that_is_too_long_is_refused_with_both_lengths():
    with pytest.raises(Refused, match="At most 5 characters fit here; this has 6"):
        text("abcdef", "name", 5)
    assert text(" abcde ", "name", 5) == "abcde"
    assert refused(text, "x" * (LONGEST_TEXT + 1), "note") == ("note", "max_length")


def test_a_text_with_a_nul_is_refused():
    assert refused(text, "a\x00b", "note") == ("note", "invalid")


@pytest.mark.parametrize("value", Channel.values)
def test_a_known_choice_is_kept(value):
    assert choice(Channel, value, "channel") == value


@pytest.mark.parametrize("value", ["", "fax", "PHONE", "In person"])
def test_another_choice_is_refused(value):
    assert refused(choice, Channel, value, "channel") == ("channel", "invalid_choice")


def test_no_day_is_no_mistake(in_mercy):
    check_day(None, "due")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(days=st.integers(-40_000, 6_000))
def test_a_day_is_taken_from_1990_to_ten_years_ahead(in_mercy, days):
    today = calendar.today(current_tenant())
    day = today + timedelta(days=days)
    if day < date(1990, 1, 1):
        assert refused(check_day, day, "due") == ("due", "too_early")
    elif day.year > today.year + 10:
        assert refused(check_day, day, "due") == ("due", "too_late")
    else:
        check_day(day, "due")


@pytest.mark.parametrize(("ahead", "is_taken"), [(-1, True), (0, True), (1, True), (2, False)])
def test_what_has_happened_lies_at_most_a_day_ahead(in_mercy, ahead, is_taken):
    """A day ahead: a rep east of the tenant's zone writes tomorrow's date."""
    day = calendar.today(current_tenant()) + timedelta(days=ahead)
    if is_taken:
        check_day(day, "happened_on", past_only=True)
    else:
        assert refused(check_day, day, "happened_on", past_only=True) == ("happened_on", "future")


def test_a_row_of_another_tenant_does_not_exist(mercy, anchor):
    with tenant_scope(anchor.tenant):
        theirs = make.partner("Agent Smith")
    with tenant_scope(mercy.tenant):
        assert refused(own, theirs, "partner") == ("partner", "does_not_exist")
        own(make.partner(), "partner")
        own(None, "partner")


def test_a_partners_own_sign_in_logs_nothing(in_mercy):
    from prm.accounts.service import add_member

    elena = make.partner()
    theirs = add_member(email="elena@mercy.example", role="partner", name="Elena")
    assert refused(check_people, elena, theirs) == ("rep", "not_a_rep")
    for member in (in_mercy.rep, in_mercy.manager, in_mercy.administrator, None):
        check_people(elena, member)


def test_an_id_that_is_taken_says_so_at_the_id():
    assert (id_taken().field, id_taken().code) == ("id", "id_taken")
