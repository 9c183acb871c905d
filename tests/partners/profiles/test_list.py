"""The partner list, its filters and its export."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.directory.models import Partner
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
    assert queries_of(client, "partners/") == one <= 25


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
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Provider"] for row in rows] == [f"'{partner.name}"]
    assert rows[0]["Codes"] == "'+1"
    assert rows[0]["Revenue, 12 m (USD)"] == "-606.00"
    assert Decimal(rows[0]["Orders, 12 months"]) == 24


def test_the_export_of_everybody_is_everybody(house, scope, client_for):
    """A filter set without a filter is unbound, and that is no filter that cannot be read."""
    with scope():
        make_partner("Ann")
        make_partner("Ben")
        make_partner("Gone", is_active=False)
    content = b"".join(client_for(house.rep).get(url("partners/export/")).streaming_content)
    assert content[:3] == b"\xef\xbb\xbf"
    assert [line.split(",")[0] for line in content.decode("utf-8-sig").splitlines()] == [
        "Provider",
        "Ann",
        "Ben",
    ]


def test_the_export_takes_the_same_queries_for_any_number_of_rows(house, scope, client_for):
    client = client_for(house.rep)

    def asked():
        with CaptureQueriesContext(connection) as seen:
            assert len(b"".join(client.get(url("partners/export/")).streaming_content).splitlines()) > 1
        return len(seen)

    with scope():
        make_partner("Ann", codes=["c0"])
    asked()  # the first request of a session writes it
    one = asked()
    with scope():
        stand(make_partner("Ben", rep=house.manager, codes=["c1"]))
        stand(make_partner("Cem", rep=house.rep, codes=["c2"]))
    assert asked() == one


def test_an_export_of_an_unreadable_filter_is_refused(house, client_for):
    answer = client_for(house.rep).get(url("partners/?revenue=lots&export=csv"))
    assert (answer.status_code, answer.content.decode()) == (400, "A filter cannot be read: revenue.")


def test_the_list_stays_light_with_thousands_of_partners(house, scope, client_for):
    """Nothing on a page of fifty rows grows with the tenant: no filter has an option for each row."""
    with scope():
        Partner.objects.bulk_create(
            [
                Partner(name=f"Dr. Number {n} of Many", kind="physician", specialty="Cardiology")
                for n in range(1_000)
            ]
            + [Partner(name=f"Practice {n}", kind="practice") for n in range(500)]
        )
    client = client_for(house.manager)
    for path in ("partners/", "opportunities/", "insights/", "orders/"):
        plain = page(client, path)
        assert plain.count("<option") < 100, path
        sent = client.get(url(path), headers={"Accept-Encoding": "gzip"})
        assert len(sent.content) < 60_000, (path, len(sent.content))
