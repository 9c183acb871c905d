import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.directory import service as directory_service
from partners.directory.models import Partner, ReferralCode
from partners.portal import service as portal_service
from partners.reviews.models import TierReview
from partners.standing import service as standing_service
from prm.accounts.models import Membership
from prm.accounts.service import add_member
from prm.tenancy.context import tenant_scope
from tests.html import shows
from tests.partners.factories import make_estimate, make_months, make_partner

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
NOV = date(2026, 11, 1)
REASON = "One strong month is not a trend yet."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def house(mercy, clock_at):
    clock_at(NOW)
    return mercy


@pytest.fixture
def scope(house):
    """Open mercy's scope for a moment: `with scope(): …`."""
    return lambda: tenant_scope(house.tenant)


def stand(partner, revenues=(700,) * 12):
    make_months(partner, NOV, revenues, orders=2)
    standing_service.recompute_standings([partner.pk])
    partner.refresh_from_db()
    return partner


def url(path=""):
    return f"/t/mercy/{path}"


def page(client, path, status=200, **kwargs):
    response = client.get(url(path), **kwargs)
    assert response.status_code == status, response.content[:500]
    return response.content.decode()


# --- rights


STAFF_PAGES = ["partners/", "partners/add/", "partners/export/", "partners/{pk}/", "partners/{pk}/edit/"]
MANAGER_PAGES = ["tier-review/", "tier-review/{pk}/hold/", "tier-review/{pk}/override/"]


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_staff_may_open_partner_pages(house, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
    for member in (house.rep, house.manager, house.administrator):
        page(client_for(member), path.format(pk=partner.pk))


@pytest.mark.parametrize("path", MANAGER_PAGES)
def test_reps_do_not_decide_tiers(house, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
    page(client_for(house.manager), path.format(pk=partner.pk))
    page(client_for(house.rep), path.format(pk=partner.pk), status=403)


@pytest.mark.parametrize("path", STAFF_PAGES + MANAGER_PAGES)
def test_a_stranger_finds_nothing(house, anchor, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
    page(client_for(anchor.administrator), path.format(pk=partner.pk), status=404)


@pytest.mark.parametrize("path", [path for path in STAFF_PAGES + MANAGER_PAGES if "{pk}" in path])
def test_another_tenants_partner_does_not_exist(house, anchor, client_for, path):
    with tenant_scope(anchor.tenant):
        theirs = stand(make_partner())
    page(client_for(house.administrator), path.format(pk=theirs.pk), status=404)


# --- list


def test_the_list_shows_standing_side_by_side(house, scope, client_for):
    with scope():
        stand(make_partner("Dr. Chow", specialty="Neurology"), (1000,) * 12)
    html = page(client_for(house.manager), "partners/")
    for words in ("Dr. Chow", "Neurology", "High", "Repeat", "$12,000", "Provider", "revenue $12k"):
        assert words in html


def queries_of(client, path):
    """How many queries a page takes; the first call warms what is kept per session."""
    page(client, path)
    with CaptureQueriesContext(connection) as queries:
        page(client, path)
    return len(queries)


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


# --- partner page


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
        "Claims data, Jan 2026",
    ):
        assert words in html, words


def test_a_prospects_page_shows_the_first_step_instead_of_a_chart(house, scope, client_for):
    with scope():
        partner = make_partner()
        standing_service.recompute_standings([partner.pk])
    html = page(client_for(house.rep), f"partners/{partner.pk}/")
    assert "No orders yet" in html
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
    assert one == three <= 26


# --- forms


def test_a_rep_adds_a_partner(house, scope, client_for):
    data = {"name": "Ann", "kind": "agent", "code": "17850.0", "scheme": "customer number"}
    response = client_for(house.rep).post(url("partners/add/"), data)
    with scope():
        partner = Partner.objects.get()
        assert response["Location"] == partner.get_absolute_url()
        assert [code.normal for code in partner.codes.all()] == ["17850"]


def test_a_taken_code_is_said_at_its_field_and_the_input_kept(house, scope, client_for):
    with scope():
        make_partner("Ben", codes=["17850"])
    data = {"name": "Ann Kept", "kind": "agent", "code": "17850"}
    response = client_for(house.rep).post(url("partners/add/"), data, headers=HTMX)
    assert response.status_code == 422
    assert "already a code of Ben" in response.content.decode()
    assert "Ann Kept" in response.content.decode()


def test_an_organisation_is_found_by_name(house, scope, client_for):
    with scope():
        make_partner("Lakeside", kind="practice")
        make_partner("Person", kind="agent")
    client = client_for(house.rep)
    data = {"name": "Ann", "kind": "physician"}
    assert (
        "Nothing in the list"
        in client.post(url("partners/add/"), {**data, "organisation": "Person"}).content.decode()
    )
    client.post(url("partners/add/"), {**data, "organisation": " lakeside "})
    with scope():
        assert Partner.objects.get(name="Ann").organisation.name == "Lakeside"


def edit_form(partner, **changes):
    return {"name": partner.name, "kind": partner.kind, "version": "1", "is_active": "on", **changes}


def test_a_clash_keeps_the_input_and_shows_what_is_stored(house, scope, client_for):
    with scope():
        partner = make_partner("Ann")
        directory_service.update_partner(partner.pk, city="Albany")
    client = client_for(house.rep)
    response = client.post(url(f"partners/{partner.pk}/edit/"), edit_form(partner, city="Troy"), headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 422
    assert "changed by somebody else" in html
    assert 'value="Troy"' in html
    assert "Albany" in html
    assert 'name="version" value="2"' in html
    # Having seen it, saving again overwrites.
    client.post(url(f"partners/{partner.pk}/edit/"), edit_form(partner, city="Troy", version="2"))
    with scope():
        assert Partner.objects.get().city == "Troy"


def test_codes_and_estimates_are_added_and_removed(house, scope, client_for):
    with scope():
        partner = make_partner()
    client = client_for(house.rep)
    client.post(url(f"partners/{partner.pk}/codes/add/"), {"code": "AB-1"})
    estimate = {"low": "1000", "middle": "2000", "high": "3000", "source": "Survey", "as_of": "2026-10-01"}
    client.post(url(f"partners/{partner.pk}/estimates/add/"), estimate)
    with scope():
        code = ReferralCode.objects.get()
        assert partner.estimates.get().middle == 2000
        assert partner.estimates.get().by == house.rep
    client.post(url(f"codes/{code.pk}/remove/"))
    with scope():
        assert not ReferralCode.objects.exists()


def test_a_bad_estimate_says_what_is_wrong(house, scope, client_for):
    with scope():
        partner = make_partner()
    estimate = {"low": "3000", "middle": "2000", "high": "1000", "source": "Survey", "as_of": "2026-10-01"}
    response = client_for(house.rep).post(url(f"partners/{partner.pk}/estimates/add/"), estimate)
    assert "must lie between" in response.content.decode()


# --- tier review


def make_rising(name="Dr. Whitfield"):
    partner = make_partner(name)
    make_months(partner, date(2026, 3, 1), [300] * 3)
    standing_service.recompute_standings([partner.pk], as_of=date(2026, 3, 31))
    return stand(partner, (2000,) * 6)


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
    assert queries_of(client, "tier-review/") == one <= 30


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
    client_for(house.manager).post(url("tier-review/accept/"), {"accept": [*tokens, "rubbish", "a:b"]})
    with scope():
        assert set(Partner.objects.values_list("tier", flat=True)) == {"high"}


@pytest.mark.parametrize("path", ["accept/", "undo/{pk}/", "{pk}/accept/", "{pk}/hold/"])
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


# --- portal


def sign_in_of(partner, email="own@mercy.example"):
    member = add_member(email=email, name="Own", role="partner", password="secret-pass")
    portal_service.grant_access(member, partner=partner)
    return member


def test_an_unregulated_partner_sees_the_way_to_the_next_tier(house, scope, client_for):
    with scope():
        partner = stand(make_partner("Castellano Agency", kind="agency"), (500,) * 12)
        member = sign_in_of(partner)
    html = page(client_for(member), "home/")
    assert "Your tier" in html
    assert "High starts at $10,000" in html


@pytest.mark.parametrize("kind", ["physician", "practice"])
def test_a_regulated_partner_sees_no_tier_revenue_or_score(house, scope, client_for, kind):
    with scope():
        partner = stand(make_partner("Dr. Chow", kind=kind, rep=house.rep), (1234,) * 12)
        member = sign_in_of(partner)
    html = page(client_for(member), "home/").lower()
    assert "dr. chow" in html
    for word in ("tier", "revenue", "score", "$", "14,808", "medium", "high"):
        assert word not in html, word


@pytest.mark.parametrize("path", [*STAFF_PAGES, *MANAGER_PAGES])
def test_a_partner_sees_no_staff_page(house, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
        member = sign_in_of(partner)
    page(client_for(member), path.format(pk=partner.pk), status=403)


def test_a_partner_sign_in_without_a_partner_sees_nothing(house, scope, client_for):
    with scope():
        make_partner("Somebody")
        member = add_member(email="own@mercy.example", name="Own", role="partner", password="secret-pass")
    assert "Somebody" not in page(client_for(member), "home/", status=403)


def test_staff_have_no_portal(house, client_for):
    page(client_for(house.manager), "home/", status=403)


def test_an_administrator_lets_a_partner_in_who_then_sees_their_own_page(house, scope, client_for):
    with scope():
        partner = make_partner("Castellano Agency", kind="agency")
        other = make_partner("Grant Park Advisors", kind="agency")
    client = client_for(house.administrator)
    sent = {"email": "rosa@agency.example", "name": "Rosa", "password": "secret-pass"}
    answer = client.post(url(f"partners/{partner.pk}/access/"), sent)
    assert answer.status_code == 302
    with scope():
        member = Membership.objects.select_related("user").get(user__email="rosa@agency.example")
        assert member.role == "partner"
    html = page(client_for(member), "home/")
    assert "Castellano Agency" in html
    assert other.name not in html
    again = client.post(url(f"partners/{other.pk}/access/"), sent)
    assert "member already" in again.text


def test_only_an_administrator_gives_access(house, scope, client_for):
    with scope():
        partner = make_partner("Castellano Agency", kind="agency")
    assert client_for(house.manager).get(url(f"partners/{partner.pk}/access/")).status_code == 403


# --- what other apps add, and keeping itself up to date


def test_the_chart_carries_visits_news_and_tier_changes(house, scope, client_for):
    from activities.market.competition.models import Competitor, Insight
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
