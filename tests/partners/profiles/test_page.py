"""One partner's page."""

import re
from datetime import UTC, date, datetime

from partners.directory import service as directory_service
from partners.reviews.models import TierReview
from partners.standing import service as standing_service
from tests.html import shows
from tests.partners.factories import make_estimate, make_partner
from tests.partners.pages import HTMX, page, queries_of, stand, url


def test_the_partner_page_answers_why(house, scope, client_for):
    with scope():
        partner = make_partner("Dr. Chow", kind="physician", codes=[("NPI", "1234567893"), "MH-1"])
        make_estimate(partner, 11_000, 20_000, 40_000)
        stand(partner, (1000,) * 24)
    html = page(client_for(house.rep), f"partners/{partner.pk}/")
    for words in (
        "Why ",
        "as in October",
        "$12,000 in 12 months, $2,000 above the start of high",
        "of their estimated orders come to us",
        "NPI 1234567893",
        "and 1 more code",
        "Orders per month",
        "First tier high",
        "Claims data</b>",
        "$20,000, $11,000 to $40,000",
        "Jan 2026, 10 months old",
    ):
        assert words in html, words


def test_a_prospects_page_shows_the_first_step_instead_of_a_chart(house, scope, client_for):
    with scope():
        partner = make_partner()
        standing_service.recompute_standings([partner.pk])
    html = page(client_for(house.rep), f"partners/{partner.pk}/")
    assert "Nothing sent yet" in html
    assert "cannot tell yet" in html


def test_a_page_without_a_standing_says_that_it_comes(house, scope, client_for):
    with scope():
        partner = make_partner()
    assert "being computed" in page(client_for(house.rep), f"partners/{partner.pk}/")


def test_names_are_escaped(house, scope, client_for):
    with scope():
        partner = stand(make_partner("<script>alert(1)</script>"))
    for path in ("partners/", f"partners/{partner.pk}/"):
        assert "<script>alert" not in page(client_for(house.rep), path)


def make_storied(number):
    partner = make_partner(codes=[f"c{number}-{each}" for each in range(number)])
    for each in range(number):
        make_estimate(partner, 9_000, 10_000, 12_000, source=f"Source {each}")
    return stand(partner, (100,) * (number * 8))


def test_the_partner_page_takes_the_same_queries_for_any_history(house, scope, client_for):
    client = client_for(house.rep)
    with scope():
        short, long = make_storied(1), make_storied(3)
    one, three = (queries_of(client, f"partners/{partner.pk}/") for partner in (short, long))
    assert one == three <= 38


def test_the_chart_carries_visits_news_and_tier_changes(house, scope, client_for):
    from activities.market.competition.models import Insight
    from activities.market.names.models import Competitor
    from tests.activities import factories as make

    with scope():
        partner = stand(make_partner(rep=house.rep), (100,) * 12)
        make.visit(partner, house.rep, happened_at=datetime(2026, 10, 5, 15, tzinfo=UTC))
        # 31 October in New York, where the tenant counts its days, though November in UTC.
        make.visit(partner, house.rep, happened_at=datetime(2026, 11, 1, 3, tzinfo=UTC), channel="phone")
        rival = Competitor.objects.create(name="St. Brendan")
        Insight.objects.create(
            partner=partner,
            competitor=rival,
            outcome="observed",
            note="Opens a chest-pain clinic.",
            happened_on=date(2026, 3, 2),
        )
        TierReview.objects.create(
            partner=partner,
            from_tier="medium",
            decided_tier="high",
            decision="accept",
            effective_on=date(2026, 6, 1),
            policy_version=1,
        )
    html = page(client_for(house.rep), f"partners/{partner.pk}/")
    assert "Visits: 2 in these months." in html
    assert shows(html, '<th scope="row">Oct 2026</th><td class="prm-num">2</td><td class="prm-num">2</td>')
    assert "31 Oct: Phone" in html
    assert "St. Brendan: Opens a chest-pain clinic" in html
    assert "Tier high" in html
    assert "prm-dots-on" in html
    assert "prm-dots-off" in html
    assert "Visits this" in html


def test_a_first_tier_and_a_held_one_are_no_changes(house, scope, client_for):
    with scope():
        partner = stand(make_partner(), (100,) * 12)
        for before, decision in (("", "initial"), ("low", "hold")):
            TierReview.objects.create(
                partner=partner,
                from_tier=before,
                decided_tier="low",
                decision=decision,
                effective_on=date(2026, 6, 1),
                policy_version=1,
            )
    assert "Tier low" not in page(client_for(house.rep), f"partners/{partner.pk}/")


LIVE = {"HX-Request": "true", "HX-Target": "live"}


def test_an_open_page_asks_for_its_parts_only_when_something_changed(house, scope, client_for):
    client = client_for(house.rep)
    with scope():
        partner = stand(make_partner(), (100,) * 12)
    path = f"partners/{partner.pk}/"
    html = page(client, path)
    (seen,) = re.findall(r'hx-get="[^"]*\?seen=([^"]+)"', html)
    page(client, f"{path}?seen={seen}", status=204, headers=LIVE)
    with scope():
        directory_service.update_partner(partner.pk, phone="555-0199")
    parts = page(client, f"{path}?seen={seen}", headers=LIVE)
    assert "555-0199" in parts
    assert all(f'id="{name}"' in parts for name in ("partner-heading", "standing", "partner-main", "live"))
    # The shell is not sent again: its toasts would be lost.
    assert "<html" not in parts
    assert 'id="toasts"' not in parts


def test_a_save_on_an_open_page_leaves_it_where_it_is(house, scope, client_for):
    client = client_for(house.rep)
    with scope():
        partner = stand(make_partner())
    here = url(f"partners/{partner.pk}/")
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{here}", "PRM-Live": "yes"}
    form = {"code": "4711", "scheme": ""}
    response = client.post(f"{here}codes/add/", form, headers=headers)
    assert (response.status_code, response["HX-Trigger"]) == (200, "prm:close-sheet")
    assert "4711" in response.content.decode()
    elsewhere = {**headers, "HX-Current-URL": f"http://testserver{url('partners/')}"}
    response = client.post(f"{here}codes/add/", {"code": "4712", "scheme": ""}, headers=elsewhere)
    assert response["HX-Redirect"] == here
