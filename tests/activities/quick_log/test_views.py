"""The quick log: one submit, nothing typed is lost, and what a visit did to the score."""

from uuid import uuid4

import pytest

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.competition.models import Insight
from activities.visits.models import Visit
from partners.standing.service import recompute_standings
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import HTMX, in_mercy, url, visit_data


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


def test_own_visit_is_corrected_and_taken_back(mercy, elena, rep):
    visit = in_mercy(mercy, lambda: make.visit(elena, mercy.rep))
    assert rep.get(url("visit", pk=visit.pk)).status_code == 200
    rep.post(url("visit", pk=visit.pk), visit_data(elena, channel="phone"))
    assert in_mercy(mercy, lambda: Visit.objects.get().channel) == "phone"
    rep.post(url("visit-remove", pk=visit.pk))
    assert in_mercy(mercy, Visit.objects.exists) is False
    assert rep.post(url("visit-remove", pk=visit.pk)).status_code == 404


def test_a_visit_taken_back_comes_back_from_toast_and_timeline(mercy, elena, rep, manager, outsider):
    with tenant_scope(mercy.tenant):
        visit = make.visit(elena, mercy.rep, insight=make.insight_input())
    restore = f"/t/mercy/visits/{visit.pk}/restore/"
    story = f"/t/mercy/timeline/?partner={elena.pk}"
    assert restore in rep.post(url("visit-remove", pk=visit.pk), follow=True).text
    for who, sees in ((rep, True), (manager, True), (outsider, False)):
        page = who.get(story).text
        assert ("taken back" in page, restore in page) == (sees, sees)
    assert "Insight of" not in rep.get(story).text
    assert outsider.post(restore).status_code == 403
    answer = rep.post(restore, follow=True)
    assert "The visit is back." in answer.text
    assert "taken back" not in rep.get(story).text
    assert "The visit is back." in rep.post(restore, follow=True).text
    with tenant_scope(mercy.tenant):
        assert (Visit.objects.get(), Insight.objects.count()) == (visit, 1)


def test_an_insight_taken_back_comes_back(mercy, elena, rep, outsider):
    with tenant_scope(mercy.tenant):
        insight = make.insight(elena, mercy.rep)
    restore = f"/t/mercy/insights/{insight.pk}/restore/"
    assert restore in rep.post(f"/t/mercy/insights/{insight.pk}/remove/", follow=True).text
    assert restore in rep.get(f"/t/mercy/timeline/?partner={elena.pk}").text
    assert outsider.post(restore).status_code == 403
    assert "The insight is back." in rep.post(restore, follow=True).text
    with tenant_scope(mercy.tenant):
        assert Insight.objects.get() == insight


def test_what_never_was_does_not_come_back(rep):
    assert rep.post(f"/t/mercy/visits/{uuid4()}/restore/").status_code == 404
    assert rep.post(f"/t/mercy/insights/{uuid4()}/restore/").status_code == 404
