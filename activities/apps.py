"""Application config of activities."""

import sys

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules


class ActivitiesConfig(AppConfig):
    """Visits, call plans, insights and budgets; collects what apps tell on a partner's timeline."""

    name = "activities"
    label = "activities"
    verbose_name = "Activities"

    def ready(self) -> None:
        """Register every app's `timeline_entries.ENTRIES`; a broken one raises."""
        from activities.timeline import queries

        autodiscover_modules("timeline_entries")
        for config in apps.get_app_configs():
            if module := sys.modules.get(f"{config.name}.timeline_entries"):
                queries.register(module.ENTRIES)
