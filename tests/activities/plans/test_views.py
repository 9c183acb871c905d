"""Panels and their call plans."""

from activities.plans.models import CallPlan
from tests.activities import factories as make
from tests.activities.pages import in_mercy, url


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
