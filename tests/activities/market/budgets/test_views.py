"""The pages of opportunities."""

from activities.market.budgets.models import BudgetUpdate, Opportunity
from tests.activities.pages import HTMX, fill_panel, in_mercy, url


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
