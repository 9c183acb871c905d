"""Application config of activities."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Visits, call plans, insights and budgets."""

    name = "activities"
    label = "activities"
    verbose_name = "Activities"
