"""What the tests of campaigns share."""

import pytest

from activities.campaigns.counting import door
from tests.activities import factories as people


@pytest.fixture(autouse=True)
def _knows_nothing():
    """A process that has just begun."""
    door.forget()


@pytest.fixture
def elena(in_mercy):
    return people.partner()
