"""System checks: the installed triggers are those that the score sources ask for."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from partners.standing import registry, triggers


@register(Tags.database)
def requests_are_noted(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: object
) -> list[CheckMessage]:
    """Report tables whose changes would silently move no score."""
    declared = triggers.bodies(registry.sources())
    return [
        Error(
            f"Changes of {table} do not ask for a new score.",
            hint="Run migrate, which installs the triggers.",
            id="partners.E001",
        )
        for alias in databases or ()
        for table in triggers.TRIGGERS.outdated(connections[alias], declared)
    ]
