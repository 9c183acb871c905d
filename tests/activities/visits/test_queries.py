"""Which visits are found, in the tenant's own calendar."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from activities.visits.models import Visit
from activities.visits.queries import last_visits, visit_moments, visits_per_month
from activities.visits.states import Channel, Purpose
from partners.standing.inputs import Wanted
from tests.activities import factories as make

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
SINCE, END = datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2026, 11, 24, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_a_monday(clock_at):
    clock_at(NOW)


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def per_month(*partners):
    wanted = Wanted([partner.pk for partner in partners])
    found = visits_per_month(wanted, timezone="America/New_York", since=SINCE, end=END)
    rows = zip(found.place.tolist(), found.month.tolist(), found.visits.tolist(), strict=True)
    return sorted((wanted.ids[place], month, count) for place, month, count in rows)


def test_the_last_visit_of_each_partner_is_found_at_once(in_mercy, elena, django_assert_num_queries):
    other = make.partner("Dr. Samuel Okafor")
    make.visit(elena, in_mercy.rep, days_ago=3)
    make.visit(elena, in_mercy.rep, days_ago=9)
    with django_assert_num_queries(1):
        found = last_visits([elena.pk, other.pk], before=END)
    assert found == {elena.pk: NOW - timedelta(days=3)}


def test_a_later_visit_is_not_known_on_an_earlier_day(in_mercy, elena):
    make.visit(elena, in_mercy.rep, days_ago=3)
    assert last_visits([elena.pk], before=NOW - timedelta(days=3)) == {}


def test_visits_are_counted_by_month_of_the_tenants_calendar(in_mercy, elena):
    for moment in ("2026-11-01T03:30", "2026-11-01T05:30", "2026-11-20T12:00"):
        make.visit(elena, in_mercy.rep, happened_at=datetime.fromisoformat(f"{moment}+00:00"))
    assert per_month(elena) == [(elena.pk, date(2026, 10, 1), 1), (elena.pk, date(2026, 11, 1), 2)]


def test_only_visits_of_the_time_asked_for_are_counted(in_mercy, elena):
    make.visit(elena, in_mercy.rep, happened_at=SINCE)
    make.visit(elena, in_mercy.rep, happened_at=SINCE - timedelta(seconds=1))
    assert per_month(elena) == [(elena.pk, date(2026, 1, 1), 1)]


def test_only_the_partners_asked_for_are_counted(in_mercy, elena):
    other = make.partner("Dr. Samuel Okafor")
    for partner in (elena, other):
        make.visit(partner, in_mercy.rep)
    assert per_month(other) == [(other.pk, date(2026, 11, 1), 1)]


def test_columns_are_of_equal_length_also_without_visits(in_mercy, elena):
    found = visits_per_month(Wanted([elena.pk]), timezone="America/New_York", since=SINCE, end=END)
    assert {len(column) for column in found} == {0}
    assert np.issubdtype(found.month.dtype, np.datetime64)


def test_moments_say_when_and_how(in_mercy, elena):
    make.visit(elena, in_mercy.rep, days_ago=2, channel="phone")
    make.visit(elena, in_mercy.rep, days_ago=400)
    assert visit_moments(elena, since=SINCE, end=END) == [(NOW - timedelta(days=2), Channel.PHONE)]


def test_promises_are_the_open_ones_the_most_urgent_first(in_mercy, elena):
    today = NOW.date()
    for step, due in (("later", today + timedelta(days=9)), ("soon", today), ("undated", None), ("", None)):
        make.visit(elena, in_mercy.rep, next_step=step, next_step_due=due)
    done = make.visit(elena, in_mercy.rep, next_step="done")
    Visit.objects.filter(pk=done.pk).update(next_step_done_at=NOW)
    assert [visit.next_step for visit in Visit.objects.promises()] == ["soon", "later", "undated"]


@pytest.mark.parametrize("purpose", Purpose)
def test_a_purpose_is_read_in_its_words_or_in_the_reps(in_mercy, elena, purpose):
    own = "Conference" if purpose == Purpose.OTHER else ""
    visit = make.visit(elena, in_mercy.rep, purpose=purpose.value, purpose_other=own)
    assert visit.purpose_words == (own or purpose.label)
