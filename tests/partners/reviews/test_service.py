from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from partners.directory.models import Partner
from partners.reviews import service as reviews_service
from partners.reviews.models import TierReview
from partners.reviews.service import Asked
from partners.standing import service as standing_service
from prm.core.errors import Refused
from tests.partners.factories import make_months, make_partner

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
TODAY = date(2026, 11, 23)
REASON = "On leave until January, back afterwards."


@pytest.fixture
def house(in_mercy, clock_at):
    clock_at(NOW)
    return in_mercy


@pytest.fixture
def rising(house):
    """Low in force since March, high proposed."""
    return make_rising()


def make_rising(name="Dr. Whitfield"):
    partner = make_partner(name)
    make_months(partner, date(2026, 3, 1), [300] * 3)
    standing_service.recompute_standings([partner.pk], as_of=date(2026, 3, 31))
    make_months(partner, date(2026, 11, 1), [2000] * 6)
    standing_service.recompute_standings([partner.pk])
    partner.refresh_from_db()
    return partner


def decide(partner, decision="accept", *, by=None, from_tier="low", proposed="high", **more):
    return reviews_service.decide_tier(
        partner.pk, decision=decision, by=by, from_tier=from_tier, proposed_tier=proposed, **more
    )


def waiting():
    return list(Partner.objects.awaiting_decision(TODAY))


def test_accepting_puts_the_proposal_in_force(house, rising):
    review = decide(rising, by=house.manager)
    rising.refresh_from_db()
    assert (rising.tier, rising.tier_since) == ("high", TODAY)
    assert (review.decision, review.from_tier, review.decided_tier) == ("accept", "low", "high")
    assert review.signed_by == house.manager
    assert Decimal(review.evidence["revenue_12m"]) == 12_900
    assert waiting() == []


def test_holding_keeps_the_tier_and_quiets_the_proposal_until_the_next_review(house, rising):
    decide(rising, "hold", by=house.manager, reason=REASON)
    rising.refresh_from_db()
    assert (rising.tier, rising.tier_since) == ("low", date(2026, 3, 31))
    assert (rising.tier_held, rising.tier_held_until) == ("high", date(2027, 4, 1))
    assert waiting() == []
    assert list(Partner.objects.awaiting_decision(date(2027, 4, 1))) == [rising]


def test_overriding_sets_a_third_tier(house, rising):
    decide(rising, "override", by=house.manager, tier="medium", reason=REASON)
    rising.refresh_from_db()
    assert (rising.tier, rising.tier_held) == ("medium", "high")
    assert waiting() == []


@pytest.mark.parametrize("decision", ["hold", "override"])
def test_a_short_reason_says_how_much_is_missing(house, rising, decision):
    with pytest.raises(Refused, match="2 to go") as refused:
        decide(rising, decision, tier="medium", reason="  On leave until Jan ")
    assert refused.value.field == "reason"
    assert not TierReview.objects.exclude(decision="initial").exists()


@pytest.mark.parametrize(("tier", "code"), [("", "required"), ("gold", "required"), ("high", "proposed")])
def test_an_override_needs_another_tier(house, rising, tier, code):
    with pytest.raises(Refused) as refused:
        decide(rising, "override", tier=tier, reason=REASON)
    assert (refused.value.field, refused.value.code) == ("tier", code)


def test_the_second_of_two_managers_hears_who_was_first(house, rising):
    decide(rising, by=house.manager)
    with pytest.raises(Refused, match=r"Bob has decided this meanwhile: Dr\. Whitfield is high"):
        decide(rising, "hold", by=house.administrator, reason=REASON)
    assert TierReview.objects.exclude(decision="initial").count() == 1


def test_a_held_proposal_cannot_be_accepted_from_an_old_page(house, rising):
    decide(rising, "hold", by=house.manager, reason=REASON)
    with pytest.raises(Refused) as refused:
        decide(rising, by=house.administrator)
    assert refused.value.code == "stale"


def test_a_proposal_that_has_changed_is_not_accepted(house, rising):
    make_months(rising, date(2026, 5, 1), [-11_000, 0])
    standing_service.recompute_standings([rising.pk])
    with pytest.raises(Refused, match="the rules now propose low"):
        decide(rising, by=house.manager)


def test_a_decision_without_a_proposal_is_refused(house):
    partner = make_partner()
    standing_service.recompute_standings([partner.pk])
    with pytest.raises(Refused):
        decide(partner, from_tier="", proposed="")


def test_undo_restores_what_was_in_force(house, rising):
    review = decide(rising, "override", by=house.manager, tier="medium", reason=REASON)
    reviews_service.undo_review(review.pk, by=house.manager)
    rising.refresh_from_db()
    assert (rising.tier, rising.tier_since) == ("low", date(2026, 3, 31))
    assert (rising.tier_held, rising.tier_held_until) == ("", None)
    assert waiting() == [rising]
    assert [r.decision for r in TierReview.objects.all()] == ["undo", "override", "initial"]


def test_undo_twice_is_refused(house, rising):
    review = decide(rising, by=house.manager)
    reviews_service.undo_review(review.pk, by=house.manager)
    with pytest.raises(Refused, match="decided again since"):
        reviews_service.undo_review(review.pk, by=house.manager)


def test_undo_by_another_or_too_late_is_refused(house, rising, clock_at):
    review = decide(rising, by=house.manager)
    with pytest.raises(Refused, match="Only the signer"):
        reviews_service.undo_review(review.pk, by=house.administrator)
    clock_at(NOW + timedelta(minutes=16))
    with pytest.raises(Refused, match="Only the signer"):
        reviews_service.undo_review(review.pk, by=house.manager)


def test_bulk_acceptance_goes_on_past_one_that_changed(house):
    first, second = make_rising("Ann"), make_rising("Ben")
    decide(second, by=house.administrator)
    done = reviews_service.decide_many(
        [Asked(first.pk, "low", "high"), Asked(second.pk, "low", "high")], decision="accept", by=house.manager
    )
    assert [review.partner_id for review in done.reviews] == [first.pk]
    assert len(done.refused) == 1


@pytest.mark.parametrize(
    ("day", "on"),
    [
        (date(2026, 11, 23), date(2027, 4, 1)),
        (date(2026, 10, 1), date(2027, 1, 1)),
        (date(2026, 10, 2), date(2027, 4, 1)),
        (date(2026, 12, 31), date(2027, 4, 1)),
    ],
)
def test_next_review_is_the_start_of_a_quarter_three_months_off(day, on):
    assert reviews_service.next_review_on(day) == on
