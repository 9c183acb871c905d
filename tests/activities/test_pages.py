"""What each role may see and do on every page of activities, and what an empty one says."""

from decimal import Decimal

import pytest

from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import url


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
