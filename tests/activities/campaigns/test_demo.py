"""The demo's campaign is made at any hour of the year."""

from datetime import UTC, date, datetime

import pytest

from activities.campaigns import demo
from activities.campaigns.planning.models import Campaign


@pytest.mark.parametrize(
    "moment", [datetime(2026, 11, 28, 4, 8, tzinfo=UTC), datetime(2026, 4, 2, 4, 8, tzinfo=UTC)]
)
def test_it_begins_on_its_first_day_where_the_clock_changed_since(in_mercy, elena, clock_at, moment):
    """An hour before midnight, weeks after a change of the clock, eight weeks of hours ago is another day."""
    clock_at(moment)
    in_mercy.tenant.timezone = "America/New_York"
    in_mercy.tenant.save()
    demo.settle(in_mercy.tenant)
    sent = Campaign.objects.get(name="New lab opens").waves.get().sent_on
    assert sent == {11: date(2026, 10, 2), 4: date(2026, 2, 5)}[moment.month]
