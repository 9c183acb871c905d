"""Page routes."""

from django.urls import path

from activities.market.board import views as board_views
from activities.market.budgets import views as budgets_views
from activities.market.cards import views as cards_views
from activities.market.competition import views as competition_views
from activities.market.forecast import views as forecast_views
from activities.market.names import views as names_views
from activities.overview import views as overview_views
from activities.plans import views as plans_views
from activities.plans.views import about_partner
from activities.quick_log import views as log_views
from activities.timeline import views as timeline_views
from activities.today import views as today_views
from activities.visits.pages import views as visits_views

app_name = "activities"
urlpatterns = [
    path("overview/", overview_views.overview, name="overview"),
    path("overview/moved/", overview_views.moved, name="moved"),
    path("today/", today_views.today, name="today"),
    path("promises/", today_views.promises, name="promises"),
    path("visits/", visits_views.VisitList.as_view(), name="visits"),
    path("visits/log/", about_partner("Log visit", "Whom did you meet?")(log_views.log), name="log"),
    path("visits/<uuid:pk>/", log_views.visit, name="visit"),
    path("visits/<uuid:pk>/effect/", log_views.effect, name="visit-effect"),
    path("visits/<uuid:pk>/restore/", log_views.visit_restore, name="visit-restore"),
    path("visits/<uuid:pk>/remove/", log_views.visit_remove, name="visit-remove"),
    path("visits/<uuid:pk>/step/", today_views.step, name="step"),
    path("timeline/", timeline_views.timeline, name="timeline"),
    path("panel/", plans_views.panel, name="panel"),
    path("panel/<uuid:pk>/plan/", plans_views.plan, name="plan"),
    path("panels/", plans_views.panels, name="panels"),
    path("opportunities/", budgets_views.OpportunityList.as_view(), name="opportunities"),
    path(
        "opportunities/add/",
        about_partner("Add opportunity", "Whose is it?")(budgets_views.opportunity_add),
        name="opportunity-add",
    ),
    path("opportunities/<uuid:pk>/", budgets_views.opportunity, name="opportunity"),
    path("opportunities/<uuid:pk>/close/", budgets_views.opportunity_close, name="opportunity-close"),
    path("opportunities/<uuid:pk>/orders/", budgets_views.opportunity_orders, name="opportunity-orders"),
    path("opportunities/<uuid:pk>/confirm/", budgets_views.budget_confirm, name="budget-confirm"),
    path("opportunities/forecast/", forecast_views.forecast, name="forecast"),
    path("opportunities/ask/", forecast_views.ask, name="budgets-ask"),
    path("budget-updates/<uuid:pk>/reverse/", budgets_views.budget_reverse, name="budget-reverse"),
    path("competition/", board_views.competition, name="competition"),
    path("competition/names/", names_views.names, name="names"),
    path("competition/names/<str:kind>/<uuid:pk>/", names_views.name, name="name"),
    path("competition/names/<str:kind>/<uuid:pk>/merge/", names_views.name_merge, name="name-merge"),
    path("competition/names/<str:kind>/<uuid:pk>/separate/", names_views.name_separate, name="name-separate"),
    path("competition/names/<str:kind>/<uuid:pk>/apart/", names_views.name_apart, name="name-apart"),
    path("competition/<uuid:pk>/", cards_views.battle_card, name="card"),
    path("competition/<uuid:pk>/line/", cards_views.card_line, name="card-line"),
    path("insights/", competition_views.InsightList.as_view(), name="insights"),
    path(
        "insights/add/",
        about_partner("Add insight", "Where did you hear it?")(competition_views.insight_add),
        name="insight-add",
    ),
    path("insights/<uuid:pk>/", competition_views.insight, name="insight"),
    path("insights/<uuid:pk>/restore/", competition_views.insight_restore, name="insight-restore"),
    path("insights/<uuid:pk>/remove/", competition_views.insight_remove, name="insight-remove"),
]
