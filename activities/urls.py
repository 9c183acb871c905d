"""Page routes."""

from django.urls import path

from activities.views import market, panel, timeline, today, visits

app_name = "activities"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("promises/", today.promises, name="promises"),
    path("visits/log/", visits.log, name="log"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/effect/", visits.effect, name="visit_effect"),
    path("visits/<uuid:pk>/remove/", visits.visit_remove, name="visit_remove"),
    path("visits/<uuid:pk>/step/", today.step, name="step"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("panel/", panel.panel, name="panel"),
    path("panel/<uuid:pk>/plan/", panel.plan, name="plan"),
    path("panels/", panel.panels, name="panels"),
    path("opportunities/", market.OpportunityList.as_view(), name="opportunities"),
    path("opportunities/add/", market.opportunity_add, name="opportunity_add"),
    path("opportunities/<uuid:pk>/", market.opportunity, name="opportunity"),
    path("opportunities/<uuid:pk>/close/", market.opportunity_close, name="opportunity_close"),
    path("budget-updates/<uuid:pk>/reverse/", market.budget_reverse, name="budget_reverse"),
    path("insights/", market.InsightList.as_view(), name="insights"),
    path("insights/add/", market.insight_add, name="insight_add"),
    path("insights/<uuid:pk>/", market.insight, name="insight"),
    path("insights/<uuid:pk>/remove/", market.insight_remove, name="insight_remove"),
]
