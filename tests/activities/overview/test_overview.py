"""The overview: as many days compared, movements with their reasons, figures that lead to their rows."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from activities.overview import queries
from activities.overview.rules import PERIODS, compared
from activities.overview.words import sentences, why
from partners.directory.models import Partner
from partners.standing.models import StandingMonth
from partners.standing.service import recompute_standings
from prm.core.calendar import add_months, month_start, today
from prm.tenancy.context import tenant_scope
from tests.activities.factories import visit
from tests.partners.factories import make_estimate, make_partner
from tests.partners.pages import NOW, stand

PAGE, API = "/t/mercy/overview/", "/api/v1/mercy/overview/"


# --- days ------------------------------------------------------------------------------------------


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)), st.sampled_from([*PERIODS, "nonsense"]))
def test_as_many_days_are_compared_and_they_never_overlap(day, key):
    days = compared(key, day)
    assert days.now.days == days.before.days >= 1
    assert days.before.last < days.now.first
    assert days.now.first.day == days.before.first.day == 1
    assert days.now.last <= day


@pytest.mark.parametrize(
    ("key", "day", "now", "before"),
    [
        ("quarter", date(2026, 11, 22), (date(2026, 10, 1), 53), date(2026, 7, 1)),
        ("month", date(2026, 3, 31), (date(2026, 3, 1), 28), date(2026, 2, 1)),
        ("year", date(2024, 12, 31), (date(2024, 1, 1), 365), date(2023, 1, 1)),
        ("nonsense", date(2026, 1, 1), (date(2026, 1, 1), 1), date(2025, 10, 1)),
    ],
)
def test_days_of_examples(key, day, now, before):
    days = compared(key, day)
    assert (days.now.first, days.now.days, days.before.first) == (*now, before)


# --- figures ---------------------------------------------------------------------------------------


@pytest.fixture
def world(mercy, clock_at):
    """Ann rose, Ben fell silent, Cem is as before, Dan is new here; all seen at the end of the quarter before."""
    clock_at(NOW)
    with tenant_scope(mercy.tenant):
        ann, ben, cem = (
            stand(make_partner(name, rep=mercy.rep), (1_000,) * 12) for name in ("Ann", "Ben", "Cem")
        )
        make_estimate(ann, 20_000, 40_000, 60_000)
        recompute_standings([ann.pk])
        visit(ann, mercy.rep)
        since = compared("quarter", today(mercy.tenant)).month_before
        now = {one.pk: (one.standing.level, one.tier) for one in Partner.objects.select_related("standing")}
        StandingMonth.objects.filter(month=since).delete()
        for partner, level, tier in (
            (ann, now[ann.pk][0], "low"),
            (ben, "prospect", ""),
            (cem, *now[cem.pk]),
        ):
            StandingMonth.objects.create(
                partner=partner, month=since, level=level, tier=tier, policy_version=1
            )
        stand(make_partner("Dan"), (10,) * 12)
    return ann


def test_movements_count_in_and_out_once(world, mercy):
    with tenant_scope(mercy.tenant):
        since = compared("quarter", today(mercy.tenant)).month_before
        found = queries.matrix(since)
        assert found.total == 4
        assert (found.raised, found.lowered, found.first) == (1, 0, 1)
        assert (
            sum(cell.came for cell in found.cells.values())
            == sum(cell.left for cell in found.cells.values())
            == 2
        )
        assert {row.name for row in queries.moved(since)} == {"Ann", "Ben"}


def test_where_nothing_is_known_of_before_nothing_is_said_to_have_moved(mercy):
    with tenant_scope(mercy.tenant):
        found = queries.matrix(date(1999, 1, 1))
        assert not found.has_before
        told = sentences(
            compared("month", today(mercy.tenant)), queries.Revenue(Decimal(0), Decimal(0)), found,
            queries.trends(today(mercy.tenant)), queries.headroom(), mercy.tenant,
        )  # fmt: skip
    assert len(told) == 1
    assert "nothing to compare with" in told[0]


def test_headroom_speaks_by_its_low_end(world, mercy):
    with tenant_scope(mercy.tenant):
        room = queries.headroom()
        ann = Partner.objects.select_related("standing").get(name="Ann")
        assert (room.low, room.known) == (ann.standing.headroom_low, 1)
        assert [one.name for one in room.first] == ["Ann"]
        assert room.unknown == 3


def test_the_page_shows_all_and_leads_to_rows(world, mercy, client_for):
    bob = client_for(mercy.manager)
    html = " ".join(bob.get(PAGE).content.decode().split())
    for words in (
        "Level and tier",
        "Who moved, and why",
        "Headroom",
        "Slipping",
        "Rising",
        "Visits",
        "Waits",
    ):
        assert words in html, words
    since = bob.get(f"{PAGE}moved/").content.decode()
    assert "Ann" in since
    assert "Cem" not in since
    assert "Ben" not in bob.get(f"{PAGE}moved/", {"was_tier": "low"}).content.decode()
    assert (
        "Nobody moved there" in bob.get(f"{PAGE}moved/", {"level": "lapsed", "tier": "high"}).content.decode()
    )
    assert bob.get(f"{PAGE}moved/", {"export": "csv"}).status_code == 200
    for key in (*PERIODS, "nonsense"):
        assert bob.get(PAGE, {"period": key}).status_code == 200


def test_for_whom_it_is(mercy, client_for):
    assert client_for(mercy.rep).get(PAGE).status_code == 403
    assert client_for(mercy.rep).get(API).status_code == 403
    assert client_for(mercy.administrator).get(PAGE).status_code == 200


def test_an_empty_tenant_has_an_overview(mercy, client_for):
    html = client_for(mercy.manager).get(PAGE).content.decode()
    assert "Nobody has estimated a total" in html
    assert "Nothing waits" in html


def test_it_takes_the_same_queries_for_any_number(world, mercy, client_for):
    bob = client_for(mercy.manager)

    def asked():
        with CaptureQueriesContext(connection) as caught:
            bob.get(PAGE)
        return len(caught)

    bob.get(PAGE)
    before = asked()
    with tenant_scope(mercy.tenant):
        for number in range(8):
            stand(make_partner(f"More {number}", rep=mercy.manager), (500,) * 12)
    assert asked() == before


def test_by_api_and_command(world, mercy, client_for, capsys):
    answer = client_for(mercy.manager).get(API).json()
    assert answer["days"] >= 1
    assert sum(cell["partners"] for cell in answer["matrix"]) == 4
    assert client_for(mercy.manager).get(API, {"period": "week"}).status_code == 400
    call_command("overview", tenant="mercy", json=True)
    assert json.loads(capsys.readouterr().out)["headroom"]["known"] == 1
    call_command("overview", tenant="mercy", period="month")
    assert "Revenue is" in capsys.readouterr().out


def test_another_tenants_partners_are_in_no_sum(world, mercy, anchor):
    with tenant_scope(anchor.tenant):
        assert queries.matrix(month_start(today(anchor.tenant))).total == 0
        assert queries.headroom().known == 0
        assert queries.revenue(compared("year", today(anchor.tenant)))["all"].now == 0


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (("repeat", "low", "repeat", "high", "accepted"), "accepted"),
        (("repeat", "low", "lapsed", "low", ""), "Silent for longer than the window."),
        (("repeat", "", "repeat", "low", ""), "First tier by the rules."),
        (("prospect", "", "new", "", ""), "Sent a first order."),
    ],
)
def test_why_somebody_moved(moved, words):
    assert why(*moved) == words


def test_months_end_with_the_running_one(world, mercy):
    with tenant_scope(mercy.tenant):
        on = today(mercy.tenant)
        shown, sums = queries.months_by_tier(on)
        assert shown[-1] == month_start(on)
        assert shown[0] == add_months(month_start(on), -11)
        assert sum(map(sum, sums.values())) > 0
