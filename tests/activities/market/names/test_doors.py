"""Names, the board and the forecast by API and command: the same rules as the pages."""

import json

import pytest
from django.core.management import CommandError, call_command

from activities.market.competition.models import Insight
from activities.market.names.models import Competitor
from orders.catalogue.models import Product
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.test_api import Api, errors


@pytest.fixture
def two(mercy, elena):
    with tenant_scope(mercy.tenant):
        make.insight(elena, mercy.rep, competitor="Harbor Line")
        make.insight(elena, mercy.rep, competitor="Harborline", outcome="won")
        return [Competitor.objects.get(name=name) for name in ("Harbor Line", "Harborline")]


@pytest.fixture
def manager_api(mercy, client_for):
    return Api(client_for(mercy.manager))


@pytest.fixture
def rep_api(mercy, client_for):
    return Api(client_for(mercy.rep))


def test_merge_by_api_says_first_what_would_move_and_comes_back(manager_api, rep_api, two):
    one, other = two
    (alike,) = manager_api.call("get", "competitors/look-alikes/").json()
    assert {alike["id"], alike["into"]} == {str(one.pk), str(other.pk)}
    path = f"competitors/{one.pk}/"
    told = manager_api.call("post", f"{path}merge/", {"into": str(other.pk), "preview": True}).json()
    assert (told["merged"], told["insights"]) == (False, 1)
    assert manager_api.call("get", path).json()["same_as"] is None
    assert manager_api.call("post", f"{path}merge/", {"into": str(other.pk)}).json()["merged"] is True
    assert manager_api.call("get", path).json()["same_as"] == str(other.pk)
    assert manager_api.call("post", f"{path}separate/").json()["same_as"] is None
    refused = manager_api.call("post", f"{path}merge/", {"into": str(one.pk)})
    assert errors(refused)["into"] == "A competitor cannot be merged into itself. Choose another one."
    assert rep_api.call("post", f"{path}merge/", {"into": str(other.pk)}).status_code == 403


def test_board_and_forecast_by_api(rep_api, two):
    board = rep_api.call("get", "competition/", {"by": "rep"}).json()
    assert (board["total"]["won"], board["total"]["lost"], board["total"]["too_few"]) == (1, 1, True)
    assert {one["name"] for one in board["competitors"]} == {"Harbor Line", "Harborline"}
    assert rep_api.call("get", "competition/", {"by": "weather"}).status_code == 400
    assert rep_api.call("get", "competition/", {"period": "weather"}).status_code == 400
    assert rep_api.call("get", "competition/", {"product": "x"}).status_code == 400
    assert rep_api.call("get", "forecast/").json()["too_few"] is True
    assert rep_api.call("get", "forecast/", {"by": "weather"}).status_code == 400


def test_an_insight_by_api_says_all_of_it(mercy, elena, rep_api):
    with tenant_scope(mercy.tenant):
        echo = Product.objects.create(code="E", name="Echo")
    data = {
        "partner": str(elena.pk), "competitor_name": "Summit", "outcome": "lost", "claim": "Seen today",
        "amount": "500", "currency": "CHF", "product": str(echo.pk), "source": "partner", "confidence": "sure",
    }  # fmt: skip
    made = rep_api.call("post", "insights/", data)
    assert made.status_code == 201
    assert {key: made.json()[key] for key in ("claim", "currency", "product", "source", "confidence")} == {
        key: data[key] for key in ("claim", "currency", "product", "source", "confidence")
    }
    changed = rep_api.call("patch", f"insights/{made.json()['id']}/", {"claim": "Seen at once"}).json()
    assert (changed["claim"], changed["currency"], changed["product"]) == (
        "Seen at once",
        "CHF",
        str(echo.pk),
    )
    wrong = rep_api.call("post", "insights/", data | {"currency": "XQZ"})
    assert "is no currency" in errors(wrong)["currency"]
    with tenant_scope(mercy.tenant):
        assert Insight.objects.count() == 1


def test_commands(mercy, two, capsys):
    call_command("competition", tenant="mercy", json=True, by="rep")
    assert json.loads(capsys.readouterr().out)["total"]["won"] == 1
    call_command("competition", tenant="mercy", merge="harbor line", into="Harborline", dry_run=True)
    assert "1 insights would move from Harbor Line to Harborline." in capsys.readouterr().out
    call_command("competition", tenant="mercy", merge="harbor line", into="Harborline")
    with tenant_scope(mercy.tenant):
        assert Competitor.objects.own().count() == 1
    call_command("competition", tenant="mercy", separate="Harbor Line")
    call_command("competition", tenant="mercy", look_alikes=True)
    assert "the same letters" in capsys.readouterr().out
    with pytest.raises(CommandError, match="itself"):
        call_command("competition", tenant="mercy", merge="Harborline", into="Harborline")
    with pytest.raises(CommandError, match="No competitor is called"):
        call_command("competition", tenant="mercy", separate="Nobody")
    call_command("forecast", tenant="mercy")
    assert "No forecast yet: 0 of 15 closed budgets." in capsys.readouterr().out
