"""The menu and the pages agree, whatever rights a role is made of: a new role is one row of rights."""

from unittest import mock

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.portal.service import grant_access
from prm.accounts.rights import RIGHTS, Right, page_requires
from prm.accounts.service import add_member
from prm.tenancy.context import tenant_scope
from prm.ui.navigation import items_for, landing_for, registered
from tests.partners.factories import make_partner


@pytest.fixture
def partners_own_client(mercy, client_for):
    """Somebody bound to a partner: the portal needs one, and no other page minds."""
    with tenant_scope(mercy.tenant):
        access = grant_access(add_member(email="elena@mercy.example", role="partner"), partner=make_partner())
        return client_for(access.membership)


def status(client, item):
    return client.get(reverse(item.url_name, kwargs={"tenant": "mercy"})).status_code


def assert_menu_is_what_opens(client, rights):
    with mock.patch.dict(RIGHTS, {"partner": rights}):
        answers = {item.key: status(client, item) for item in registered()}
    shown = {item.key for item in items_for(rights)}
    assert answers == {key: 200 if key in shown else 403 for key in answers}


@pytest.mark.parametrize("role", RIGHTS)
def test_menu_shows_a_role_the_pages_that_open_to_it(role, partners_own_client):
    assert_menu_is_what_opens(partners_own_client, RIGHTS[role])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rights=st.frozensets(st.sampled_from(Right)))
def test_menu_of_an_invented_role_is_what_opens_to_it(rights, partners_own_client):
    assert_menu_is_what_opens(partners_own_client, rights)


@pytest.mark.parametrize(
    ("role", "begins_at"),
    [
        ("administrator", "activities:overview"),
        ("manager", "activities:overview"),
        ("rep", "activities:today"),
        ("partner", "partners:portal"),
    ],
)
def test_day_of_a_role_begins_where_its_work_is(role, begins_at):
    assert landing_for(RIGHTS[role]).url_name == begins_at


@given(rights=st.frozensets(st.sampled_from(Right), min_size=0))
def test_day_begins_on_a_page_of_the_menu_or_nowhere(rights):
    landing = landing_for(rights)
    assert landing in items_for(rights) if items_for(rights) else landing is None


def test_member_is_sent_to_the_first_page_of_an_invented_role(partners_own_client):
    home = reverse("accounts:home", kwargs={"tenant": "mercy"})
    with mock.patch.dict(RIGHTS, {"partner": frozenset({Right.SYNC_VIEW, Right.KEY_EDIT})}):
        answer = partners_own_client.get(home)
    assert answer["Location"] == reverse("salesforce:health", kwargs={"tenant": "mercy"})
    with mock.patch.dict(RIGHTS, {"partner": frozenset()}):
        assert partners_own_client.get(home).status_code == 403


def test_every_right_of_the_menu_stands_in_the_table_of_rights():
    assert {item.right for item in registered()} <= set(Right)


def test_misspelt_right_of_a_page_is_refused_at_start():
    with pytest.raises(AttributeError):
        page_requires(Right.ORDER_VEIW)
