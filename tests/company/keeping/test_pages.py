"""What is kept how long, from all apps, on one tab."""

import pytest

from activities.campaigns.settings.service import save_settings
from prm.audit.keeping.service import set_retention
from prm.company.keeping import registry
from prm.company.keeping.registry import Kept, all_kept
from prm.core.urls import tenant_url
from prm.tenancy.context import tenant_scope

TAB = "/t/mercy/settings/data/"


def test_each_app_says_what_it_keeps_and_what_can_be_changed_comes_first(mercy, client_for):
    page = client_for(mercy.administrator).get(TAB).text
    for words in ("7 years", "24 months", "For good", "100 days", "The last 500", "14 days after"):
        assert words in page
    assert page.index("The audit trail: who") < page.index("rejected rows and the accounts")


def test_what_the_organisation_decides_is_said_as_decided(mercy, client_for):
    with tenant_scope(mercy.tenant):
        set_retention(years=None)
        save_settings(hosts=["www.mercy.example"], consent="Counted.", keep_months=6)
    page = client_for(mercy.administrator).get(TAB).text
    assert "24 months" not in page
    assert "6 months" in page


def test_each_way_to_change_it_opens(mercy, client_for):
    client = client_for(mercy.administrator)
    ways = [one.url_name for one in all_kept() if one.url_name]
    assert len(ways) >= 2
    for name in ways:
        assert client.get(tenant_url(mercy.tenant, name)).status_code == 200


def test_all_tabs_open_and_lead_to_each_other(mercy, client_for):
    client = client_for(mercy.administrator)
    page = client.get("/t/mercy/settings/").text
    for path in ("fields", "mail", "security", "data"):
        assert f"/t/mercy/settings/{path}/" in page
        assert 'aria-current="page"' in client.get(f"/t/mercy/settings/{path}/").text
    assert "/t/mercy/settings/data/" in client.get("/t/mercy/orders/rates/").text


def test_a_manager_keeps_rates_without_the_tabs(mercy, client_for):
    page = client_for(mercy.manager).get("/t/mercy/orders/rates/").text
    assert "Data and retention" not in page


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_others_may_not(mercy, client_for, who):
    assert client_for(getattr(mercy, who)).get(TAB).status_code == 403


def test_two_of_one_key_are_a_mistake():
    one = Kept(key="orders", what=lambda: "x", how_long=lambda: "y")
    with pytest.raises(ValueError, match="data that are kept"):
        registry.register([one])
