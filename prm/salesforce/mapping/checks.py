"""System checks: the installed triggers are those that the mappings ask for."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from prm.salesforce.mapping import capture, registry


@register(Tags.database)
def capture_is_installed(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: object
) -> list[CheckMessage]:
    """Without its triggers a table's changes would silently never reach Salesforce."""
    declared = capture.bodies(registry.declared().values())
    return [
        Error(
            f"Changes of {table} are not captured for Salesforce.",
            hint="Run migrate, which installs the triggers.",
            id="salesforce.E002",
        )
        for alias in databases or ()
        for table in capture.TRIGGERS.outdated(connections[alias], declared)
    ]
