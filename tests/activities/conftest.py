"""What the tests of activities share."""

import pytest

from partners.standing.models import StandingRequest


class Asked:
    """The partners whose new standing the database has noted since the test began or `clear` was called."""

    def __call__(self):
        return set(StandingRequest.objects.values_list("partner_id", flat=True))

    def clear(self):
        StandingRequest.objects.all().delete()


@pytest.fixture
def asked(in_mercy):
    """Whose score was asked for; name it after the fixtures that make the data to start with."""
    asked = Asked()
    asked.clear()
    return asked
