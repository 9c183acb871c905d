"""System check: rows that come late for a merged partner are sent on."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from partners.merges import triggers


@register(Tags.database)
def late_rows_are_sent_on(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: object
) -> list[CheckMessage]:
    """Report tables whose rows would stay with a partner that was merged meanwhile."""
    return [
        Error(
            f"Rows of {table} that come while their partner is merged would be lost with it.",
            hint="Run migrate, which installs the triggers.",
            id="partners.E002",
        )
        for alias in databases or ()
        for table in triggers.lacking(connections[alias])
    ]
