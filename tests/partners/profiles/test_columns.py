"""Columns to choose and groups with sums in the list of partners."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.profiles import columns
from prm.accounts.rights import RIGHTS, SCOPES
from prm.tenancy.context import tenant_scope
from tests.activities.factories import visit
from tests.partners.factories import make_partner
from tests.partners.pages import NOW, stand

LIST = "/t/mercy/partners/"


@pytest.fixture
def bob(mercy, client_for):
    return client_for(mercy.manager)


def heads(html):
    table = html[html.index("<thead") : html.index("</thead>")]
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall("(?s)<th.*?</th>", table)][
        1:
    ]


def test_the_usual_columns_are_those_nobody_chose(mercy, bob):
    with tenant_scope(mercy.tenant):
        make_partner("Ann")
    assert heads(bob.get(LIST).content.decode()) == [
        "Provider", "Tier", "Level", "Score", "Revenue, 12 m", "Orders, 12 m", "Share", "Headroom", "Last order", "Rep",
    ]  # fmt: skip


def test_each_column_can_be_chosen_sorts_and_is_exported(mercy, bob):
    with tenant_scope(mercy.tenant):
        ann = stand(make_partner("Ann", city="Salem", region="North"), (10,) * 12)
        make_partner("Ben")
        visit(ann, mercy.rep, days_ago=12)
    for key, _ in columns.choices(RIGHTS["manager"]):
        html = bob.get(LIST, {"columns": key, "sort": f"-{key}"}).content.decode()
        assert len(heads(html)) == 2, key
        assert html.count("data-href") == 2, key
        assert bob.get(LIST, {"columns": key, "export": "csv"}).status_code == 200
    html = bob.get(LIST, {"columns": "last_visit,trend,city"}).content.decode()
    assert heads(html) == ["Provider", "Trend, 3 m", "City", "Last visit"]
    assert "12 days ago" in html
    assert "Salem" in html


def test_a_column_of_what_one_may_not_see_is_not_offered():
    assert "last_visit" not in dict(columns.choices(SCOPES["partners:read"]))
    assert "last_visit" in dict(columns.choices(RIGHTS["rep"]))


def test_nonsense_shows_the_usual(mercy, bob):
    with tenant_scope(mercy.tenant):
        make_partner("Ann")
    assert len(heads(bob.get(LIST, {"columns": "nope"}).content.decode())) == 10
    sheet = bob.get(f"{LIST}columns/", {"columns": "city", "tier": "low"}).content.decode()
    assert 'name="tier" value="low"' in sheet


@pytest.fixture
def grouped(mercy, clock_at):
    clock_at(NOW)
    with tenant_scope(mercy.tenant):
        for number in range(7):
            stand(make_partner(f"Mary {number}", rep=mercy.rep, region="North"), (100,) * 12)
        stand(make_partner("Bob 0", rep=mercy.manager), (500,) * 12)
        make_partner("Nobody's")


def test_groups_sum_what_they_hold_and_lead_to_all_of_it(grouped, mercy, bob):
    html = " ".join(bob.get(LIST, {"group": "rep"}).content.decode().split())
    assert "9 in 3 groups" in html
    assert "2 more of Mary" in html
    assert html.index(">Mary</a>") < html.index(">Bob</a>") < html.index(">Nobody</a>")
    assert "$8,400" in html
    assert f"?rep={mercy.rep.pk}" in html
    by_tier = bob.get(LIST, {"group": "tier"}).content.decode()
    assert "No tier yet" in by_tier
    by_region = bob.get(LIST, {"group": "region"}).content.decode()
    assert "No region" in by_region
    assert bob.get(LIST, {"region": "none"}).content.decode().count("data-href") == 2


def test_groups_take_the_same_queries_for_any_number(grouped, mercy, bob):
    def asked():
        with CaptureQueriesContext(connection) as caught:
            bob.get(LIST, {"group": "region"})
        return len(caught)

    bob.get(LIST)
    before = asked()
    with tenant_scope(mercy.tenant):
        for number in range(30):
            make_partner(region=f"Region {number}")
    assert asked() == before


@pytest.mark.parametrize("query", [{"group": "nope"}, {"group": "rep", "tier": "high", "kind": "dealer"}])
def test_groups_of_nothing_and_by_nothing(grouped, bob, query):
    assert bob.get(LIST, query).status_code == 200
