"""The partner list, its filters and its export."""

import csv
import io
from decimal import Decimal

import pytest

from partners.standing import service as standing_service
from tests.partners.factories import make_estimate, make_partner
from tests.partners.pages import (
    page,
    queries_of,
    stand,
    url,
)


def test_the_list_shows_standing_side_by_side(house, scope, client_for):
    with scope():
        stand(make_partner("Dr. Chow", specialty="Neurology"), (1000,) * 12)
    html = page(client_for(house.manager), "partners/")
    for words in ("Dr. Chow", "Neurology", "High", "Repeat", "$12,000", "Provider", "revenue $12k"):
        assert words in html


def test_the_list_takes_the_same_queries_for_any_number_of_rows(house, scope, client_for):
    client = client_for(house.rep)
    with scope():
        organisation = make_partner("Practice", kind="practice", is_active=False)
        stand(make_partner(rep=house.rep, organisation=organisation, codes=["c0"]))
    one = queries_of(client, "partners/")
    with scope():
        stand(make_partner(rep=house.manager, organisation=organisation, codes=["c1"]))
        stand(make_partner(rep=house.rep, organisation=organisation, codes=["c2"]))
    assert queries_of(client, "partners/") == one <= 24


def test_partners_without_a_standing_are_listed_too(house, scope, client_for):
    with scope():
        make_partner("Nobody computed me")
    assert "Nobody computed me" in page(client_for(house.rep), "partners/")


@pytest.mark.parametrize(
    "order",
    ["name", "-name", "tier", "level", "-score", "revenue", "-share", "headroom", "last_order", "rep"],
)
def test_every_column_sorts(house, scope, client_for, order):
    with scope():
        first, second = stand(make_partner("Ann"), (100,) * 12), stand(make_partner("Ben"), (900,) * 12)
        make_estimate(second, 11_000, 20_000, 40_000)
        standing_service.recompute_standings([first.pk, second.pk])
        make_partner("Cem")
    html = page(client_for(house.rep), f"partners/?sort={order}")
    assert html.count('data-href="/t/mercy/partners/') == 3
    if order in ("-score", "-share"):
        # Who has no value stands last, whatever the direction.
        assert html.index("Ben") < html.index("Cem")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=chow", {"Dr. Chow"}),
        ("q=17850.0", {"Dr. Chow"}),
        ("q=zzz", set()),
        ("tier=high", {"Dr. Chow"}),
        ("tier=none", {"Dr. Demir"}),
        ("level=prospect", {"Dr. Demir"}),
        ("level=repeat&q=Demir", set()),
        ("revenue=12000", {"Dr. Chow"}),
        ("revenue=12001", set()),
        ("rep=nobody", {"Dr. Chow", "Dr. Demir"}),
        ("proposal=true", set()),
        ("proposal=false", {"Dr. Chow", "Dr. Demir"}),
        ("is_active=false", {"Dr. Gone"}),
        ("kind=agent", {"Dr. Chow", "Dr. Demir"}),
    ],
)
def test_filters(house, scope, client_for, query, found):
    with scope():
        stand(make_partner("Dr. Chow", codes=["17850"]), (1000,) * 12)
        standing_service.recompute_standings([make_partner("Dr. Demir").pk])
        make_partner("Dr. Gone", is_active=False)
    html = page(client_for(house.rep), f"partners/?{query}")
    assert {name for name in ("Dr. Chow", "Dr. Demir", "Dr. Gone") if f">{name}</a>" in html} == found


def test_an_unreadable_filter_says_so(house, client_for):
    assert "cannot be read" in page(client_for(house.rep), "partners/?revenue=lots")


def test_an_empty_list_says_what_to_do(house, client_for):
    html = page(client_for(house.rep), "partners/")
    assert "No providers yet" in html
    assert "Add provider" in html


def test_the_export_follows_the_filter_and_disarms_formulas(house, scope, client_for):
    with scope():
        partner = stand(make_partner('=HYPERLINK("http://x")', codes=["+1"]), ("-50.5",) * 12)
        make_partner("Left out")
    response = client_for(house.rep).get(url("partners/export/?q=HYPER"))
    assert response["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [row["Name"] for row in rows] == [f"'{partner.name}"]
    assert rows[0]["Codes"] == "'+1"
    assert Decimal(rows[0]["Revenue, 12 months"]) == Decimal(-606)
