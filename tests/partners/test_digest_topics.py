"""What partners tell in the digest: a rep hears of the own panel, a manager of all."""

from datetime import timedelta

import pytest

from partners.alarms.models import OrderWatch
from partners.directory.models import Partner
from partners.lookalikes.models import LookAlike
from partners.reviews.cycle.models import ReviewCycle
from partners.standing.models import LevelChange, Standing
from partners.standing.service import recompute_standings
from prm.core.clock import now
from prm.digest.lines.queries import digest_for
from prm.tenancy.context import tenant_scope
from tests.partners.factories import make_partner


def told(house, who, key):
    """The lines of a topic as one member has them."""
    with tenant_scope(house.tenant):
        found = digest_for(
            getattr(house, who), since=now() - timedelta(days=1), until=now() + timedelta(seconds=1)
        )
        return [line for section in found.sections if section.topic.key == key for line in section.lines]


@pytest.fixture
def partners(mercy):
    with tenant_scope(mercy.tenant):
        return make_partner("Ann", rep=mercy.rep), make_partner("Ben")


def changed(partner, was, level, **details):
    LevelChange.objects.create(partner=partner, was=was, level=level, on=now().date(), **details)


def fell(partner):
    OrderWatch.objects.update_or_create(
        partner=partner,
        defaults={
            "month": now().date().replace(day=1),
            "state": "watched",
            "direction": "fall",
            "was": 10,
            "now": 5,
            "since": now().date(),
            "raised_at": now(),
            "a_year": -100,
            "usually": 10,
        },
    )


def test_a_rep_hears_of_the_own_panel_and_a_manager_of_all(mercy, partners):
    with tenant_scope(mercy.tenant):
        for partner in partners:
            changed(partner, "repeat", "lapsed")
    assert [line.title for line in told(mercy, "rep", "slipping")] == ["Ann"]
    assert {line.title for line in told(mercy, "manager", "slipping")} == {"Ann", "Ben"}


def test_lapsed_needs_somebody_and_repeat_is_news(mercy, partners):
    with tenant_scope(mercy.tenant):
        changed(partners[0], "new", "repeat")
    assert told(mercy, "rep", "slipping") == []
    [line] = told(mercy, "rep", "rising")
    assert (line.title, "repeat" in line.words) == ("Ann", True)
    assert line.path.endswith(f"/partners/{partners[0].pk}/")


def test_an_alarm_is_told_in_its_words(mercy, partners):
    with tenant_scope(mercy.tenant):
        fell(partners[0])
    [line] = told(mercy, "rep", "slipping")
    assert line.words.startswith("Fell from about 10 to 5 a month since")


def test_events_of_before_are_not_told_again(mercy, partners):
    with tenant_scope(mercy.tenant):
        changed(partners[0], "repeat", "lapsed", noted_at=now() - timedelta(days=2))
    assert told(mercy, "rep", "slipping") == []


def propose(partner, tier, proposal):
    recompute_standings([partner.pk])
    Partner.objects.filter(pk=partner.pk).update(tier=tier)
    Standing.objects.filter(partner=partner).update(tier_proposal=proposal)


def test_proposals_wait_for_whoever_decides(mercy, partners):
    with tenant_scope(mercy.tenant):
        for partner in partners:
            propose(partner, "low", "high")
    assert {line.title for line in told(mercy, "manager", "tier-decisions")} == {
        "Ann: low → high",
        "Ben: low → high",
    }
    assert told(mercy, "rep", "tier-decisions") == []


def test_many_proposals_are_five_names_and_a_number(mercy):
    with tenant_scope(mercy.tenant):
        for number in range(8):
            propose(make_partner(f"P{number}"), "low", "high")
    lines = told(mercy, "manager", "tier-decisions")
    assert (len(lines), lines[-1].title, sum(line.count for line in lines)) == (6, "3 further proposals", 8)


def test_a_second_signature_is_asked_of_others_than_the_first_signer(mercy):
    with tenant_scope(mercy.tenant):
        ReviewCycle.objects.create(
            name="Q4 2026",
            state="once",
            figures_on=now().date(),
            effective_on=now().date(),
            signed_by=mercy.manager,
        )
    assert told(mercy, "manager", "tier-decisions") == []
    [line] = told(mercy, "administrator", "tier-decisions")
    assert line.title == "Q4 2026 waits for a second signature"


def test_pairs_that_may_be_one_are_counted(mercy, partners):
    with tenant_scope(mercy.tenant):
        first, second = sorted(partners, key=lambda partner: partner.pk)
        LookAlike.objects.create(first=first, second=second, score=1, reasons=["Same phone"])
    [line] = told(mercy, "manager", "look-alikes")
    assert line.title == "1 pair of providers may be one"
