"""The tier review board and its decisions."""

from datetime import date

import pytest

from partners.directory.models import Partner
from partners.reviews.models import TierReview
from partners.standing import service as standing_service
from tests.partners.factories import make_partner
from tests.partners.pages import HTMX, REASON, make_rising, page, queries_of, url


def seen(**more):
    return {"from_tier": "low", "proposed_tier": "high", **more}


def test_the_board_shows_proposals_with_their_evidence(house, scope, client_for):
    with scope():
        make_rising()
    html = page(client_for(house.manager), "tier-review/")
    for words in (
        "Raise",
        "Dr. Whitfield",
        "Above $10,000",
        "$12,900",
        "Accept: high",
        "Hold at low",
        "Override",
    ):
        assert words in html, words


def test_evidence_is_there_for_who_was_judged_only(house, scope, client_for):
    with scope():
        rising, never = make_rising(), make_partner("Never ordered")
        standing_service.recompute_standings([never.pk], as_of=date(2026, 3, 31))
    client = client_for(house.manager)
    for partner, status in ((rising, 200), (never, 404)):
        assert client.get(f"/t/mercy/tier-review/{partner.pk}/").status_code == status


def test_an_empty_board_says_so(house, client_for):
    for show in ("", "?show=decided", "?show=rules"):
        page(client_for(house.manager), f"tier-review/{show}")
    assert "Nothing to decide" in page(client_for(house.manager), "tier-review/")


def test_the_board_takes_the_same_queries_for_any_number_of_rows(house, scope, client_for):
    client = client_for(house.manager)
    with scope():
        make_rising("Ann")
    one = queries_of(client, "tier-review/")
    with scope():
        make_rising("Ben")
        make_rising("Cem")
    assert queries_of(client, "tier-review/") == one <= 39


def test_a_manager_accepts_and_undoes(house, scope, client_for):
    with scope():
        partner = make_rising()
    client = client_for(house.manager)
    client.post(url(f"tier-review/{partner.pk}/accept/"), seen())
    with scope():
        partner.refresh_from_db()
        assert partner.tier == "high"
        review = TierReview.objects.get(decision="accept")
    assert "Raised to high" in page(client, "tier-review/?show=decided")
    client.post(url(f"tier-review/undo/{review.pk}/"))
    with scope():
        partner.refresh_from_db()
        assert partner.tier == "low"


@pytest.mark.parametrize("decision", ["hold", "override"])
def test_a_short_reason_is_kept_and_counted(house, scope, client_for, decision):
    with scope():
        partner = make_rising()
    data = seen(reason="On leave until Jan", tier="medium")
    response = client_for(house.manager).post(
        url(f"tier-review/{partner.pk}/{decision}/"), data, headers=HTMX
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert "2 to go" in html
    assert "On leave until Jan" in html


def test_hold_and_override_are_signed_with_their_reason(house, scope, client_for):
    with scope():
        held, overridden = make_rising("Ann"), make_rising("Ben")
    client = client_for(house.manager)
    client.post(url(f"tier-review/{held.pk}/hold/"), seen(reason=REASON))
    client.post(url(f"tier-review/{overridden.pk}/override/"), seen(reason=REASON, tier="medium"))
    with scope():
        tiers = dict(Partner.objects.values_list("name", "tier"))
        assert tiers == {"Ann": "low", "Ben": "medium"}
        assert {r.reason for r in TierReview.objects.filter(signed_by=house.manager)} == {REASON}


def test_the_second_manager_is_told(house, scope, client_for):
    with scope():
        partner = make_rising()
    client_for(house.manager).post(url(f"tier-review/{partner.pk}/accept/"), seen())
    second = client_for(house.administrator)
    second.post(url(f"tier-review/{partner.pk}/accept/"), seen())
    assert "Bob has decided this meanwhile" in page(second, "tier-review/")


def test_all_of_a_group_are_accepted_as_seen(house, scope, client_for):
    with scope():
        partners = [make_rising("Ann"), make_rising("Ben")]
    tokens = [f"{partner.pk}:low:high" for partner in partners]
    client_for(house.manager).post(url("tier-review/decide/"), {"accept": [*tokens, "rubbish", "a:b"]})
    with scope():
        assert set(Partner.objects.values_list("tier", flat=True)) == {"high"}


@pytest.mark.parametrize("path", ["decide/", "undo/{pk}/", "{pk}/accept/", "{pk}/hold/"])
def test_a_rep_cannot_post_decisions(house, scope, client_for, path):
    with scope():
        partner = make_rising()
    response = client_for(house.rep).post(
        url(f"tier-review/{path.format(pk=partner.pk)}"), seen(reason=REASON)
    )
    assert response.status_code == 403
    with scope():
        partner.refresh_from_db()
        assert partner.tier == "low"
