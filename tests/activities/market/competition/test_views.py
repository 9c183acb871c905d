"""The pages of insights."""

from activities.market.competition.models import Insight
from tests.activities.pages import in_mercy, url


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
