"""Tests of the pages: what each role may see and do, and that nothing typed is lost."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.competition.models import Insight
from activities.plans.models import CallPlan
from activities.visits.models import Visit
from partners.standing.service import recompute_standings
from prm.core import calendar, clock
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.html import shows

HTMX = {"HX-Request": "true", "HX-Target": "sheet"}


def url(name, tenant="mercy", query="", **kwargs):
    return reverse(f"activities:{name}", kwargs={"tenant": tenant, **kwargs}) + query


@pytest.fixture
def elena(mercy):
    with tenant_scope(mercy.tenant):
        return make.partner(rep=mercy.rep, specialty="Cardiology")


@pytest.fixture
def rep(mercy, client_for):
    return client_for(mercy.rep)


@pytest.fixture
def manager(mercy, client_for):
    return client_for(mercy.manager)


@pytest.fixture
def outsider(mercy, client_for):
    """A second rep, whose panel is empty."""
    from prm.accounts.service import add_member

    with tenant_scope(mercy.tenant):
        return client_for(add_member(email="otto@mercy.example", role="rep", name="Otto"))


@pytest.fixture
def partner_member(mercy, elena, client_for):
    from partners.portal.service import grant_access
    from prm.accounts.service import add_member

    with tenant_scope(mercy.tenant):
        member = add_member(email="elena@mercy.example", role="partner", name="Elena")
        grant_access(member, partner=elena)
    return client_for(member)


def in_mercy(mercy, call):
    with tenant_scope(mercy.tenant):
        return call()


def visit_data(partner, **changes):
    data = {
        "visit_id": str(uuid4()),
        "partner": str(partner.pk),
        "channel": "in_person",
        "purpose": "new_capability",
        "happened_at": "2026-01-15T09:40",
        "learned": "Wants MRI within two days.",
        "insight-competitor": "",
        "budget-opportunity": "new",
    }
    return data | changes


# --- the log


def test_log_saves_the_visit_with_insight_and_budget_in_one_submit(mercy, elena, rep):
    data = visit_data(
        elena,
        next_step="Confirm slots",
        next_step_due="2026-01-20",
        **{
            "insight-competitor_new": "Summit Surgical",
            "insight-outcome": "lost",
            "insight-differentiators_new": "Earlier appointment, Location",
            "budget-amount": "$60,000",
            "budget-name": "Joint replacement, Q1",
            "budget-close_date": "2027-03-31",
        },
    )
    response = rep.post(url("log"), data)
    assert response.status_code == 302
    with tenant_scope(mercy.tenant):
        visit = Visit.objects.get()
        assert str(visit.pk) == data["visit_id"]
        assert visit.rep == mercy.rep
        assert visit.happened_at.isoformat() == "2026-01-15T14:40:00+00:00"
        assert Insight.objects.get().competitor.name == "Summit Surgical"
        assert Opportunity.objects.get().amount == 60_000


def test_log_sent_again_says_so_and_keeps_one_visit(mercy, elena, rep):
    data = visit_data(elena)
    rep.post(url("log"), data)
    again = rep.post(url("log"), data | {"learned": "changed"}, follow=True)
    assert "saved before" in again.content.decode()
    assert in_mercy(mercy, lambda: Visit.objects.get().learned) == "Wants MRI within two days."


def test_log_offers_the_open_opportunities_and_updates_one(mercy, elena, rep):
    echo = in_mercy(mercy, lambda: make.opportunity(elena, mercy.rep))
    page = rep.get(url("log", query=f"?partner={elena.pk}")).content.decode()
    assert "Echo lab, Q1 · $90,000" in page
    rep.post(url("log"), visit_data(elena, **{"budget-opportunity": str(echo.pk), "budget-amount": "120000"}))
    with tenant_scope(mercy.tenant):
        echo.refresh_from_db()
        assert (echo.amount, BudgetUpdate.objects.count()) == (120_000, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"next_step": "Call", "next_step_due": "2026-11-31"},
            "November has 30 days. Did you mean 1 December?",
        ),
        ({"next_step_due": "2026-11-30"}, "Say what is to be done by then"),
        ({"happened_at": "2026-03-08T02:30"}, "2:30 did not happen on 8 March"),
        ({"happened_at": "2099-01-01T09:00"}, "This lies in the future."),
        ({"happened_at": ""}, "This field is required."),
        ({"channel": "fax"}, "Select a valid choice."),
        ({"purpose": ""}, "Choose one of these."),
        ({"minutes": "many"}, "Enter a whole number."),
        ({"learned": "x" * 10_001}, "at most 10000 characters"),
        ({"insight-outcome": "lost"}, "Choose who it was, or write a new name."),
        ({"insight-competitor_new": "Summit"}, "Choose one of these."),
        ({"insight-competitor": str(uuid4()), "insight-outcome": "won"}, "There is no such entry here."),
        ({"insight-differentiators": str(uuid4()), "insight-outcome": "won"}, "There is no such entry here."),
        ({"budget-amount": "abc", "budget-name": "X"}, "Write the amount in digits, as in 60000."),
        ({"budget-amount": "-5", "budget-name": "X"}, "An amount cannot be negative."),
        ({"budget-amount": "5", "budget-name": "X"}, "Say by when it is expected."),
        ({"budget-amount": "5", "budget-opportunity": str(uuid4())}, "There is no such opportunity here."),
    ],
)
def test_log_says_what_is_wrong_beside_the_field_and_loses_nothing(mercy, elena, rep, change, words):
    response = rep.post(url("log"), visit_data(elena, learned="Keep <b>this</b>") | change, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert 'role="alert"' in page
    assert "learned" in change or "Keep &lt;b&gt;this&lt;/b&gt;" in page
    assert in_mercy(mercy, Visit.objects.exists) is False


def test_log_refuses_the_partner_of_another_tenant(mercy, anchor, elena, rep):
    with tenant_scope(anchor.tenant):
        theirs = make.partner("Agent Smith")
    assert rep.get(url("log", query=f"?partner={theirs.pk}")).status_code == 404
    page = rep.post(url("log"), visit_data(theirs)).content.decode()
    assert "There is no such provider here." in page
    assert "Agent Smith" not in page


def test_log_refuses_rows_of_another_tenant_in_every_field(mercy, anchor, elena, rep):
    with tenant_scope(anchor.tenant):
        theirs = make.partner("Agent Smith")
        insight = make.insight(theirs, anchor.rep, differentiators=["Price"])
        opportunity = make.opportunity(theirs)
        reason = insight.differentiators.get().differentiator_id
    for change in (
        {"insight-competitor": str(insight.competitor_id), "insight-outcome": "won"},
        {"insight-differentiators": str(reason), "insight-outcome": "won", "insight-competitor_new": "X"},
        {"budget-opportunity": str(opportunity.pk), "budget-amount": "5"},
    ):
        response = rep.post(url("log"), visit_data(elena, **change), headers=HTMX)
        assert (response.status_code, "There is no such" in response.content.decode()) == (422, True)
    assert in_mercy(mercy, Visit.objects.exists) is False


def test_log_with_a_broken_partner_id_is_not_found(rep, elena):
    assert rep.get(url("log", query="?partner=1")).status_code == 404


def test_log_without_partner_offers_the_panel_and_searches(mercy, elena, rep, outsider):
    assert "Dr. Elena Marchetti" in rep.get(url("log")).content.decode()
    assert "Dr. Elena Marchetti" not in outsider.get(url("log")).content.decode()
    assert "Dr. Elena Marchetti" in outsider.get(url("log", query="?q=march")).content.decode()
    assert "Nobody found" in rep.get(url("log", query="?q=zzz")).content.decode()


def test_notes_are_escaped_wherever_they_are_shown(mercy, elena, rep):
    evil = "<script>alert(1)</script>"
    in_mercy(mercy, lambda: make.visit(elena, mercy.rep, learned=evil, next_step=evil))
    in_mercy(
        mercy, lambda: make.insight(elena, mercy.rep, note=evil, competitor=evil, differentiators=[evil])
    )
    in_mercy(mercy, lambda: make.opportunity(elena, mercy.rep, name=evil))
    for page in (
        url("today"),
        url("promises"),
        url("insights"),
        url("opportunities"),
        url("timeline", query=f"?partner={elena.pk}"),
        url("log", query=f"?partner={elena.pk}"),
    ):
        text = rep.get(page).content.decode()
        assert evil not in text, page
        assert "&lt;script&gt;" in text, page


# --- the effect on the score


def test_effect_follows_and_then_tells_the_change(mercy, elena, rep):
    in_mercy(mercy, lambda: make.visit(elena, mercy.rep, days_ago=400))
    in_mercy(mercy, lambda: recompute_standings([elena.pk]))
    visit = in_mercy(mercy, lambda: make.visit(elena, mercy.rep))
    page = rep.get(url("visit-effect", pk=visit.pk, query="?poll=1")).content.decode()
    assert "Score follows" in page
    assert "poll=2" in page
    in_mercy(mercy, lambda: recompute_standings([elena.pk]))
    page = rep.get(url("visit-effect", pk=visit.pk, query="?poll=2")).content.decode()
    assert "<strong>0 → " in page
    assert "1 of 1 visits this quarter" in page
    assert "hx-get" not in page


def test_effect_of_a_visit_undone_meanwhile_is_nothing(mercy, elena, rep):
    with tenant_scope(mercy.tenant):
        visit = make.visit(elena, mercy.rep)
    rep.post(url("visit-remove", pk=visit.pk))
    answer = rep.get(url("visit-effect", pk=visit.pk, query="?poll=1"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert rep.get(url("visit-effect", pk=visit.pk)).status_code == 404


@pytest.mark.parametrize("poll", ["5", "99", "-1", "x", "", "9" * 5000])
def test_effect_stops_asking_after_five_polls(mercy, elena, rep, poll):
    visit = in_mercy(mercy, lambda: make.visit(elena, mercy.rep))
    page = rep.get(url("visit-effect", pk=visit.pk, query=f"?poll={poll}")).content.decode()
    assert "hx-get" not in page


def test_a_save_on_today_swaps_its_parts(mercy, elena, rep):
    headers = {
        "HX-Request": "true",
        "HX-Target": "sheet",
        "HX-Current-URL": f"http://testserver{url('today')}",
    }
    response = rep.post(url("log"), visit_data(elena, happened_at=""), headers=headers)
    assert response.status_code == 422
    response = rep.post(url("log"), visit_data(elena), headers=headers)
    page = response.content.decode()
    assert response.headers["HX-Trigger"] == "prm:close-sheet"
    for part in ("today-figures", "today-due", "today-promises", "toasts"):
        assert f'id="{part}"' in page
    assert "Visit with Dr. Elena Marchetti saved." in page


# --- corrections


def test_own_visit_is_corrected_and_taken_back(mercy, elena, rep):
    visit = in_mercy(mercy, lambda: make.visit(elena, mercy.rep))
    assert rep.get(url("visit", pk=visit.pk)).status_code == 200
    rep.post(url("visit", pk=visit.pk), visit_data(elena, channel="phone"))
    assert in_mercy(mercy, lambda: Visit.objects.get().channel) == "phone"
    rep.post(url("visit-remove", pk=visit.pk))
    assert in_mercy(mercy, Visit.objects.exists) is False
    assert rep.post(url("visit-remove", pk=visit.pk)).status_code == 404


def test_others_activities_are_theirs_and_the_managers(mercy, elena, outsider, manager):
    with tenant_scope(mercy.tenant):
        visit = make.visit(elena, mercy.rep, next_step="Call")
        insight = make.insight(elena, mercy.rep)
        echo = make.opportunity(elena, mercy.rep)
        from activities.market.budgets.service import update_budget

        update = update_budget(opportunity=echo, by=mercy.rep, amount=Decimal(1))
    denied = [
        ("visit", visit.pk, {}),
        ("visit-remove", visit.pk, {}),
        ("step", visit.pk, {}),
        ("insight", insight.pk, {}),
        ("insight-remove", insight.pk, {}),
        ("opportunity", echo.pk, {}),
        ("opportunity-close", echo.pk, {"state": "won"}),
        ("budget-reverse", update.pk, {}),
        ("plan", elena.pk, {"visits": 1, "months": 1}),
    ]
    for name, pk, data in denied:
        assert outsider.post(url(name, pk=pk), data).status_code == 403, name
    assert outsider.get(url("insight", pk=insight.pk)).status_code == 200
    assert outsider.get(url("opportunity", pk=echo.pk)).status_code == 200
    for name, pk, data in [*denied[2:3], *denied[6:8], denied[8], denied[4], denied[1]]:
        assert manager.post(url(name, pk=pk), data).status_code == 302, name


PAGES = (
    "today",
    "promises",
    "log",
    "panel",
    "panels",
    "opportunities",
    "opportunity-add",
    "insights",
    "insight-add",
)


@pytest.mark.parametrize("name", PAGES)
def test_partners_see_nothing_of_activities(partner_member, name):
    assert partner_member.get(url(name)).status_code == 403


def test_partners_see_no_rows_of_activities(mercy, elena, partner_member):
    with tenant_scope(mercy.tenant):
        visit, insight = make.visit(elena, mercy.rep), make.insight(elena, mercy.rep)
    assert partner_member.get(url("timeline", query=f"?partner={elena.pk}")).status_code == 403
    assert partner_member.get(url("visit", pk=visit.pk)).status_code == 403
    assert partner_member.get(url("insight", pk=insight.pk)).status_code == 403


def test_rows_of_another_tenant_are_not_found(mercy, anchor, elena, client_for):
    with tenant_scope(mercy.tenant):
        visit, insight, echo = (
            make.visit(elena, mercy.rep),
            make.insight(elena, None),
            make.opportunity(elena),
        )
        update = echo.budget_updates.get()
    charlie = client_for(anchor.administrator)
    for name, pk in (
        ("visit", visit.pk),
        ("visit-effect", visit.pk),
        ("insight", insight.pk),
        ("opportunity", echo.pk),
    ):
        assert charlie.get(url(name, "anchor", pk=pk)).status_code == 404, name
        assert charlie.get(url(name, pk=pk)).status_code == 404, name
    for name, pk in (
        ("visit-remove", visit.pk),
        ("step", visit.pk),
        ("insight-remove", insight.pk),
        ("plan", elena.pk),
        ("opportunity-close", echo.pk),
        ("budget-reverse", update.pk),
    ):
        assert charlie.post(url(name, "anchor", pk=pk)).status_code == 404, name
    assert charlie.get(url("timeline", "anchor", query=f"?partner={elena.pk}")).status_code == 404


@pytest.mark.parametrize("name", PAGES[:4] + PAGES[5:])
def test_pages_say_what_to_do_first_when_there_is_nothing(mercy, rep, name):
    response = rep.get(url(name))
    assert response.status_code == 200
    assert "prm-state" in response.content.decode() or "Nothing promised" in response.content.decode()


# --- today


def fill_panel(mercy, count):
    with tenant_scope(mercy.tenant):
        for n in range(count):
            one = make.partner(f"Dr. {n}", rep=mercy.rep)
            make.visit(one, mercy.rep, days_ago=95, next_step="Call", insight=make.insight_input())
            make.opportunity(one, mercy.rep)
        recompute_standings(None)


def test_today_shows_due_promised_and_figures(mercy, rep):
    fill_panel(mercy, 2)
    page = rep.get(url("today")).content.decode()
    assert "Quarterly call, last seen" in page
    assert "Dr. 0" in page
    assert "All promises" in page
    assert "Visits this month" in page


def test_today_costs_the_same_for_one_partner_and_for_nine(mercy, rep, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    fill_panel(mercy, 1)
    rep.get(url("today"))
    with CaptureQueriesContext(connection) as few:
        rep.get(url("today"))
    fill_panel(mercy, 8)
    with CaptureQueriesContext(connection) as many:
        rep.get(url("today"))
    assert len(many) == len(few) < 40


def test_slipping_partners_come_with_reason_and_money(mercy, elena, rep):
    from partners.standing.models import PartnerMonth

    with tenant_scope(mercy.tenant):
        today = calendar.today(mercy.tenant)
        for back in range(1, 16):
            orders = 2 if back <= 3 else 7
            PartnerMonth.objects.create(
                partner=elena, month=calendar.add_months(today, -back), orders=orders, revenue=orders * 1000
            )
        make.insight(elena, mercy.rep)
        make.insight(elena, mercy.rep, outcome="observed")
    page = rep.get(url("today")).content.decode()
    assert "2 orders, usually 7" in page
    assert "−$60,000 a year" in page
    assert "St. Brendan named in 2 insights in the last 90 days." in page


def test_a_promise_is_ticked_off_with_undo(mercy, elena, rep):
    visit = in_mercy(mercy, lambda: make.visit(elena, mercy.rep, next_step="Send contacts"))
    page = rep.post(url("step", pk=visit.pk), follow=True).content.decode()
    assert "Done." in page
    assert in_mercy(mercy, lambda: Visit.objects.get().has_open_step) is False
    rep.post(url("step", pk=visit.pk), {"done": "0"})
    assert in_mercy(mercy, lambda: Visit.objects.get().has_open_step) is True


# --- panel


def test_panel_sets_a_call_plan_in_its_row(mercy, elena, rep):
    assert "1 visit a quarter" in rep.get(url("panel")).content.decode()
    response = rep.post(url("plan", pk=elena.pk), {"visits": 4, "months": 1}, headers={"HX-Request": "true"})
    assert f'id="panel-{elena.pk}"' in response.content.decode()
    assert in_mercy(mercy, lambda: CallPlan.objects.get().plan.words) == "4 visits a month"
    refused = rep.post(url("plan", pk=elena.pk), {"visits": 99, "months": 1}, headers={"HX-Request": "true"})
    assert (refused.status_code, "less than or equal to 31" in refused.content.decode()) == (422, True)
    plain = rep.post(url("plan", pk=elena.pk), {"visits": "x", "months": 5}, follow=True)
    assert "The plan was not saved." in plain.content.decode()


def test_managers_see_every_panel(mercy, elena, rep, manager):
    in_mercy(mercy, lambda: make.visit(elena, mercy.rep))
    page = manager.get(url("panels")).content.decode()
    assert "Mary" in page
    assert "Dr. Elena Marchetti" in manager.get(url("panel", query=f"?rep={mercy.rep.pk}")).content.decode()
    assert rep.get(url("panels")).status_code == 403
    assert manager.get(url("panel", query="?rep=1")).status_code == 404


# --- opportunities, insights, timeline


def test_opportunity_is_added_changed_and_closed(mercy, elena, rep):
    data = {
        "partner": elena.pk,
        "name": "Echo lab",
        "amount": "90 000",
        "close_date": "2027-03-31",
        "stage": "proposal",
    }
    rep.post(url("opportunity-add", query=f"?partner={elena.pk}"), data)
    echo = in_mercy(mercy, Opportunity.objects.get)
    page = rep.post(
        url("opportunity", pk=echo.pk), data | {"amount": "120,000", "note": "Two more"}, follow=True
    )
    assert "Budget raised." in page.content.decode()
    assert "$90,000 → $120,000" in page.content.decode()
    update = in_mercy(mercy, lambda: BudgetUpdate.objects.exclude(old_amount=None).get())
    rep.post(url("budget-reverse", pk=update.pk))
    assert in_mercy(mercy, lambda: Opportunity.objects.get().amount) == 90_000
    rep.post(url("opportunity-close", pk=echo.pk), {"state": "won"})
    assert "Echo lab" in rep.get(url("opportunities", query="?show=won")).content.decode()
    assert "Echo lab" not in rep.get(url("opportunities")).content.decode()
    assert "Open again" in rep.get(url("opportunity", pk=echo.pk)).content.decode()


def test_opportunity_add_keeps_what_was_typed(mercy, elena, rep):
    data = {
        "partner": elena.pk,
        "name": "Echo lab",
        "amount": "lots",
        "close_date": "2027-02-30",
        "stage": "proposal",
    }
    response = rep.post(url("opportunity-add", query=f"?partner={elena.pk}"), data, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Write the amount in digits" in page
    assert "February 2027 has 28 days. Did you mean 2 March?" in page
    assert 'value="Echo lab"' in page


def test_lists_filter_and_cost_the_same_for_more_rows(mercy, elena, rep, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(name):
        rep.get(url(name))
        with CaptureQueriesContext(connection) as queries:
            assert rep.get(url(name)).status_code == 200
        return len(queries)

    fill_panel(mercy, 1)
    few = [cost(name) for name in ("opportunities", "insights", "panel")]
    fill_panel(mercy, 4)
    assert [cost(name) for name in ("opportunities", "insights", "panel")] == few
    assert "Echo lab" in rep.get(url("opportunities", query="?q=echo")).content.decode()
    assert "No opportunities match" in rep.get(url("opportunities", query="?q=zzz")).content.decode()
    assert "No insights match" in rep.get(url("insights", query="?outcome=won")).content.decode()


def test_insight_is_added_corrected_and_taken_back(mercy, elena, rep):
    data = {
        "partner": elena.pk,
        "competitor_new": "Summit",
        "outcome": "won",
        "happened_on": "2026-02-03",
        "note": "x",
    }
    rep.post(url("insight-add", query=f"?partner={elena.pk}"), data)
    insight = in_mercy(mercy, Insight.objects.get)
    form = rep.get(url("insight", pk=insight.pk)).content.decode()
    assert 'value="2026-02-03"' in form
    rep.post(url("insight", pk=insight.pk), data | {"outcome": "lost"})
    assert in_mercy(mercy, lambda: Insight.objects.get().outcome) == "lost"
    rep.post(url("insight-remove", pk=insight.pk))
    assert in_mercy(mercy, Insight.objects.exists) is False


def test_timeline_tells_everything_newest_first(mercy, elena, rep):
    with tenant_scope(mercy.tenant):
        day = calendar.today(mercy.tenant)
        make.opportunity(elena, mercy.rep, at=clock.now() - timedelta(days=30))
        make.insight(elena, mercy.rep, happened_on=day - timedelta(days=20), differentiators=["Price"])
        late = day - timedelta(days=3)
        make.visit(
            elena, mercy.rep, days_ago=10, learned="Wants echo slots", next_step="Send", next_step_due=late
        )
        make.visit(elena, mercy.rep, channel="phone", days_ago=1)
    query = f"?partner={elena.pk}"
    fragment = rep.get(url("timeline", query=query), headers={"HX-Request": "true"}).content.decode()
    order = [
        fragment.index(words)
        for words in ("Phone call", "Wants echo slots", "Insight: lost to St. Brendan", "Opportunity opened")
    ]
    assert order == sorted(order)
    assert "Promised: Send (3 days late)" in fragment
    assert "Because of Price." in fragment
    assert "All 4" in fragment
    page = rep.get(url("timeline", query=query)).content.decode()
    assert shows(page, "1–4 of 4")
    assert rep.get(url("timeline", query=f"{query}&page={'9' * 5000}")).status_code == 200
    assert rep.get(url("timeline")).status_code == 404
