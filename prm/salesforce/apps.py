"""Application config: discovers the mappings and keeps the change capture installed."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from prm.tenancy.signals import sample_filling


class SalesforceConfig(AppConfig):
    """Loads every app's `salesforce.py`; a broken one stops the start."""

    name = "prm.salesforce"
    label = "salesforce"
    verbose_name = "Salesforce"

    def ready(self) -> None:
        """Check the declarations, and have the triggers follow the schema."""
        from prm.salesforce.mapping import checks, registry  # noqa: PLC0415 - cycle of apps at start

        assert checks
        registry.declared()
        sample_filling.connect(_refuse_when_connected, dispatch_uid="salesforce.sample")
        post_migrate.connect(install_capture, sender=self)


def _refuse_when_connected(**_: object) -> None:
    from prm.core.errors import Refused  # noqa: PLC0415 - cycle of apps at start
    from prm.salesforce.engine.models import Connection  # noqa: PLC0415 - cycle of apps at start

    if Connection.objects.exclude(state=Connection.State.DISCONNECTED).exists():
        raise Refused(
            "Salesforce is connected: sample data would go there as if it were real. Disconnect it first.",
            code="connected",
        )


def install_capture(using: str, **options: object) -> None:
    """Install the triggers after `migrate`, in the owner's role; raises when it cannot."""
    from django.db import connections  # noqa: PLC0415 - cycle of apps at start

    from prm.salesforce.mapping import capture, registry  # noqa: PLC0415 - cycle of apps at start

    capture.install(connections[using], registry.declared().values())
