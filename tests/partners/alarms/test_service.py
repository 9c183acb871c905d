"""What is watched is stored per partner, and where it is shown."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.alarms.models import OrderWatch
from partners.alarms.queries import alarms, events_since, seen
from partners.alarms.service import watch_orders
from partners.alarms.states import Direction, Watching
from partners.alarms.words import alarm_words, false_words, watch_words
from partners.directory.models import Partner
from partners.standing.models import LevelChange, PartnerMonth
from partners.standing.service import recompute_requested, recompute_standings, request_everybody
from prm.core.calendar import add_months
from prm.core.clock import now
from prm.tenancy.context import tenant_scope
from tests.partners.factories import make_estimate, make_partner
from tests.partners.pages import NOW

LAST = date(2026, 10, 1)


def ordered(partner, counts, price=100):
    """Orders of the months that end with October 2026, the oldest first."""
    first = add_months(LAST, 1 - len(counts))
    PartnerMonth.objects.bulk_create(
        PartnerMonth(
            partner=partner, month=(month := add_months(first, at)), orders=count, units=count,
            revenue=count * price, first_on=month, last_on=month,
        )
        for at, count in enumerate(counts)
        if count
    )  # fmt: skip
    return partner


@pytest.fixture
def world(mercy, clock_at):
    """Steady partners, one that fell in July, one that rose, one too rare, one too new, one that sends nothing."""
    clock_at(NOW)
    with tenant_scope(mercy.tenant):
        for place in range(12):
            ordered(make_partner(f"Steady {place}", rep=mercy.rep), [10, 11, 9, 10] * 10)
        ordered(make_partner("Ann", rep=mercy.rep), [10] * 36 + [2] * 4)
        ordered(make_partner("Ben", rep=mercy.rep), [10] * 36 + [24] * 4)
        ordered(make_partner("Cem"), [1, 0] * 20)
        ordered(make_partner("Dan"), [9] * 10)
        make_partner("Eve")
        recompute_standings()
        watch_orders()
    return mercy


def of(name):
    return OrderWatch.objects.select_related("partner").get(partner__name=name)


def test_each_partner_is_watched_or_it_is_said_why_not(world):
    with tenant_scope(world.tenant):
        ann = of("Ann")
        assert (ann.direction, ann.since, ann.state) == (Direction.FALL, date(2026, 7, 1), Watching.WATCHED)
        assert alarm_words(ann) == "Fell from about 10 to 2 a month since Jul."
        assert watch_words(ann, world.tenant).endswith("; 1 in 20 steady providers shows this in a year.")
        assert ann.a_year == pytest.approx(-9_500, abs=600)
        assert of("Ben").direction == Direction.RISE
        assert of("Ben").a_year > 0
        states = {name: of(name).state for name in ("Steady 1", "Cem", "Dan", "Eve")}
        assert list(states.values()) == [Watching.WATCHED, Watching.RARE, Watching.YOUNG, Watching.SILENT]
        assert "a halving cannot be seen within a year" in watch_words(of("Cem"), world.tenant)
        assert "18 months" in watch_words(of("Dan"), world.tenant)
        assert watch_words(of("Eve"), world.tenant) == watch_words(of("Steady 1"), world.tenant) == ""
        assert [one.partner.name for one in alarms(Direction.FALL)] == ["Ann"]
        assert (seen().watched, seen().rare) == (15, 1)


def test_judging_again_writes_nothing_and_keeps_when_it_was_first_known(world, clock_at):
    with tenant_scope(world.tenant):
        before = of("Ann").raised_at
        versions = lambda: dict(OrderWatch.objects.extra(select={"x": "xmin::text"}).values_list("pk", "x"))  # noqa: E731
        written = versions()
        clock_at(NOW + timedelta(days=2))
        watch_orders()
        assert versions() == written
        assert of("Ann").raised_at == before


def test_an_alarm_goes_when_orders_come_back(world, clock_at):
    with tenant_scope(world.tenant):
        PartnerMonth.objects.filter(partner__name="Ann", month__gte=date(2026, 7, 1)).update(orders=10)
        watch_orders()
        assert of("Ann").direction == ""
        assert of("Ann").raised_at is None


def test_who_is_inactive_is_on_no_list(world):
    with tenant_scope(world.tenant):
        Partner.objects.filter(name="Ann").update(is_active=False)
        assert not alarms(Direction.FALL).exists()


def test_entering_lapsed_or_repeat_and_alarms_are_events(world, clock_at):
    with tenant_scope(world.tenant):
        start = now()
        eve = Partner.objects.get(name="Eve")
        ordered(eve, [1] * 6)
        PartnerMonth.objects.filter(partner__name="Dan").delete()
        ordered(Partner.objects.get(name="Dan"), [1] + [0] * 20)
        clock_at(NOW + timedelta(hours=1))
        recompute_standings()
        found = {event.partner.name: event.kind for event in events_since(start + timedelta(minutes=1))}
        assert found == {"Eve": "repeat", "Dan": "lapsed"}
        everything = {event.partner.name for event in events_since(start - timedelta(days=1))}
        assert everything == {"Eve", "Dan", "Ann", "Ben"}
        assert not events_since(start - timedelta(days=1), until=start - timedelta(hours=1))
        assert [one.kind for one in events_since(start - timedelta(days=1), partner_ids=[eve.pk])] == [
            "repeat"
        ]
        recompute_standings()
        assert LevelChange.objects.count() == 2


def test_a_judgement_of_the_past_is_no_event(in_mercy, clock_at):
    clock_at(NOW)
    ordered(make_partner("Fay"), [1] * 12)
    recompute_standings()
    recompute_standings(as_of=date(2024, 1, 31))
    assert not LevelChange.objects.exists()


def test_it_takes_the_same_queries_for_any_number(world):
    def count():
        with CaptureQueriesContext(connection) as queries:
            watch_orders()
        return len(queries)

    with tenant_scope(world.tenant):
        few = count()
        for place in range(30):
            ordered(make_partner(f"More {place}"), [5] * 30)
        assert count() == few


def test_a_tenant_without_any_partner_is_judged(anchor):
    with tenant_scope(anchor.tenant):
        assert watch_orders() == 0
        assert seen().watched == 0
        assert false_words(0) == "nobody is watched yet"


def test_only_cancellations_and_orders_to_come_are_nothing(in_mercy, clock_at):
    clock_at(NOW)
    partner = make_partner("Gus")
    PartnerMonth.objects.create(partner=partner, month=LAST, orders=0, units=-1, revenue=-100)
    PartnerMonth.objects.create(partner=partner, month=date(2027, 5, 1), orders=900, units=900, revenue=900)
    assert watch_orders() == 0
    assert of("Gus").state == Watching.SILENT


def test_everybody_computed_is_followed_by_watching(in_mercy, monkeypatch):
    sent = []
    monkeypatch.setattr("partners.standing.service.send_task", sent.append)
    make_partner("Hal")
    request_everybody()
    recompute_requested()
    assert sent == ["partners.watch_orders"]


@pytest.mark.parametrize(
    ("watched", "words"),
    [
        (254, "About 1 false alarm a month, 254 watched"),
        (2_000, "About 8 false alarms a month, 2,000 watched"),
        (60, "About 1 false alarm in 4 months, 60 watched"),
        (5, "Less than 1 false alarm in a year, 5 watched"),
    ],
)
def test_a_list_says_how_many_are_false(watched, words):
    assert false_words(watched) == words


# --- where it is shown --------------------------------------------------------------------------


def test_the_list_finds_who_slips_with_words_and_false_alarms(world, client_for):
    bob = client_for(world.manager)
    html = bob.get("/t/mercy/partners/", {"alarm": "slipping", "columns": "alarm"}).content.decode()
    assert "Fell from about 10 to 2 a month since Jul." in html
    assert "About 1 false alarm in 16 months, 15 watched" in html
    assert "Steady 1" not in html
    names = [one["name"] for one in bob.get("/api/v1/mercy/partners/?alarm=rising").json()["results"]]
    assert names == ["Ben"]
    assert "Cem" in bob.get("/t/mercy/partners/", {"alarm": "rare"}).content.decode()


def test_the_page_of_a_partner_says_it(world, client_for):
    with tenant_scope(world.tenant):
        ann, cem = (Partner.objects.get(name=name).pk for name in ("Ann", "Cem"))
    bob = client_for(world.manager)
    assert (
        "Fell from about 10 to 2 a month since Jul; 1 in 20 steady"
        in bob.get(f"/t/mercy/partners/{ann}/").content.decode()
    )
    assert "cannot be seen within a year" in bob.get(f"/t/mercy/partners/{cem}/").content.decode()
    watch = bob.get(f"/api/v1/mercy/partners/{ann}/").json()["watch"]
    assert (watch["direction"], watch["since"], watch["was"]) == ("fall", "2026-07-01", "10.0")


def test_today_and_the_overview_show_it(world, client_for):
    mary = client_for(world.rep)
    html = mary.get("/t/mercy/today/").content.decode()
    assert "Fell from about 10 to 2 a month since Jul." in html
    assert "1 false alarm" in html
    html = client_for(world.manager).get("/t/mercy/overview/").content.decode()
    assert "Fell from about 10 to 2 a month since Jul." in html
    assert "Below three" in html
    assert "?alarm=slipping" in html


def test_the_command_judges_as_well(world, capsys):
    with tenant_scope(world.tenant):
        OrderWatch.objects.all().delete()
    call_command("standings", "--tenant", "mercy", "--recompute")
    with tenant_scope(world.tenant):
        assert of("Ann").direction == Direction.FALL


def test_the_list_finds_estimates_worth_asking_for_and_those_that_cannot_be(world, client_for):
    with tenant_scope(world.tenant):
        Partner.objects.filter(name__in=["Ann", "Ben"]).update(tier="high")
        make_estimate(Partner.objects.get(name="Ben"), 10, 12, 15)
        recompute_standings()
    bob = client_for(world.manager)

    def names(asked):
        return [one["name"] for one in bob.get(f"/api/v1/mercy/partners/?estimate={asked}").json()["results"]]

    assert names("below") == ["Ben"]
    assert "Ann" in names("none")
    assert "Ben" not in names("none")
