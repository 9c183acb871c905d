"""What the tests of activities share."""

import pytest

from partners.standing.models import StandingRequest
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make


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


# People and their browsers, for the tests of pages.


@pytest.fixture
def elena(mercy):
    with tenant_scope(mercy.tenant):
        return make.partner(rep=mercy.rep, specialty="Cardiology")


@pytest.fixture
def rep(mercy, client_for):
    return client_for(mercy.rep)


@pytest.fixture
def manager(mercy, client_for):
    return client_for(mercy.manager)


@pytest.fixture
def outsider(mercy, client_for):
    """A second rep, whose panel is empty."""
    from prm.accounts.service import add_member

    with tenant_scope(mercy.tenant):
        return client_for(add_member(email="otto@mercy.example", role="rep", name="Otto"))


@pytest.fixture
def partner_member(mercy, elena, client_for):
    from partners.portal.service import grant_access
    from prm.accounts.service import add_member

    with tenant_scope(mercy.tenant):
        member = add_member(email="elena@mercy.example", role="partner", name="Elena")
        grant_access(member, partner=elena)
    return client_for(member)
