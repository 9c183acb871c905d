"""The timeline of a partner."""

from datetime import timedelta

from prm.core import calendar, clock
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import url
from tests.html import shows


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
