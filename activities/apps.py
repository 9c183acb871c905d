"""Application config of activities."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover


class ActivitiesConfig(AppConfig):
    """Visits, call plans, insights and budgets; collects what apps tell on a partner's timeline."""

    name = "activities"
    label = "activities"
    verbose_name = "Activities"

    def ready(self) -> None:
        """Register every app's `timeline_entries.ENTRIES`; a broken one stops the start."""
        from activities.timeline import queries  # noqa: PLC0415 - cycle of apps at start
        from partners.directory.timeline import TimelineSource  # noqa: PLC0415 - cycle of apps at start

        for module in discover("timeline_entries", "ENTRIES"):
            queries.register(contributed(module, "ENTRIES", TimelineSource))
        _hear_of_the_company()
        _hear_of_orders()


def _hear_of_orders() -> None:
    """Say which orders must not leave."""
    from activities.market.budgets import queries  # noqa: PLC0415 - cycle of apps at start
    from orders.runs.undo import orders_leaving  # noqa: PLC0415 - cycle of apps at start

    orders_leaving.connect(queries.fulfilled_by, dispatch_uid="activities.fulfilled")


def _hear_of_the_company() -> None:
    """Connect what follows from another currency of the company."""
    from activities.market import money  # noqa: PLC0415 - cycle of apps at start
    from prm.company.settings.moves import follows  # noqa: PLC0415 - cycle of apps at start

    follows("activities.money", effects=money.effects, follow=money.follow)
