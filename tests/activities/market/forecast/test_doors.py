"""The forecast by page, file, API and command, narrowed by rep, tier and product."""

import pytest
from django.core.management import CommandError, call_command

from activities.market.forecast.filters import asked_of
from activities.market.forecast.report import forecast
from orders.catalogue.models import Product
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import url

API = "/api/v1/mercy/forecast/"


@pytest.fixture
def three(mercy):
    """Three open budgets: of one rep, of a high tier, for one product."""
    with tenant_scope(mercy.tenant):
        echo = Product.objects.create(code="E", name="Echo")
        other = Product.objects.create(code="E2", name="Echo old", merged_into=echo)
        make.opportunity(make.partner("Own"), mercy.rep, name="Own", amount=100, days=62)
        high = make.partner("High")
        type(high).objects.filter(pk=high.pk).update(tier="high")
        make.opportunity(high, mercy.manager, name="High", amount=200, days=62)
        make.opportunity(make.partner("Echo"), name="Echo", amount=400, product=other, days=62)
    return echo


def sums(mercy, **query):
    with tenant_scope(mercy.tenant):
        return sum(part.budgets for part in forecast("rep", asked_of(query)).parts)


def test_one_rep_one_tier_one_product_or_everybody(mercy, three):
    assert sums(mercy) == 700
    assert sums(mercy, owner=str(mercy.rep.pk)) == 100
    assert sums(mercy, tier="high") == 200
    # A product that was merged into another one counts as that.
    assert sums(mercy, product=str(three.pk)) == 400
    assert sums(mercy, product=str(three.pk), tier="high") == 0


@pytest.mark.parametrize(
    "query", [{"owner": "x"}, {"owner": str(uuid7())}, {"tier": "gold"}, {"product": "nothing"}]
)
def test_what_is_not_there_is_said(mercy, three, client_for, query):
    with tenant_scope(mercy.tenant), pytest.raises(Refused):
        asked_of(query)
    client = client_for(mercy.manager)
    assert client.get(API, query).status_code == 400
    assert "The forecast is of everybody." in client.get(url("forecast"), query).content.decode()


def test_the_page_keeps_the_filters_and_gives_its_lists_as_files(mercy, three, client_for):
    client = client_for(mercy.manager)
    page = client.get(url("forecast"), {"by": "partner", "product": str(three.pk)}).content.decode()
    assert f"?by=tier&amp;product={three.pk}" in page
    asked = {"by": "partner", "product": str(three.pk), "export": "csv"}
    months = b"".join(client.get(url("forecast"), asked)).decode()
    assert len(months.splitlines()) == 13 and "Forecast, middle" in months
    parts = b"".join(client.get(url("forecast"), asked | {"list": "parts"})).decode()
    assert [line.split(",")[:3] for line in parts.splitlines()[1:]] == [["Echo", "1", "400.00"]]


def test_by_api_and_command(mercy, three, client_for, capsys):
    found = client_for(mercy.manager).get(API, {"tier": "high"}).json()
    assert [part["budgets"] for part in found["parts"]] == ["200.00"]
    call_command("forecast", "--tenant", "mercy", "--product", "e", "--json")
    assert "400.00" in capsys.readouterr().out
    for wrong in (["--rep", "nobody@mercy.example"], ["--product", "X"]):
        with pytest.raises(CommandError, match="There is no"):
            call_command("forecast", "--tenant", "mercy", *wrong)
