"""A tenant whose mail leaves, on a Monday morning, with somebody whom something needs."""

from datetime import UTC, datetime, timedelta

import pytest

from prm.core import calendar
from prm.core.clock import now
from tests.activities.factories import partner, visit

MONDAY = datetime(2026, 11, 23, 12, 40, tzinfo=UTC)


@pytest.fixture
def monday(clock_at):
    """Mercy is made two weeks before a Monday on which it is 7:40 in New York."""
    clock_at(MONDAY - timedelta(days=14))
    return MONDAY


@pytest.fixture
def house(monday, mercy, settings, clock_at):
    """Mercy in New York, with a mail server; the rep's promise is due since Friday."""
    settings.MAIL_DELIVERS = settings.MAIL_IS_SET_UP = True
    settings.COMMAND_URL = "https://prm.example"
    mercy.tenant.timezone = "America/New_York"
    mercy.tenant.save()
    clock_at(monday)
    return mercy


@pytest.fixture
def promise(house):
    """What mary promised to Dr. Marchetti, due on Friday."""
    from prm.tenancy.context import tenant_scope

    with tenant_scope(house.tenant):
        due = calendar.local_date(house.tenant, now() - timedelta(days=3))
        return visit(
            partner(rep=house.rep), house.rep, days_ago=10, next_step="Send the protocol", next_step_due=due
        )
