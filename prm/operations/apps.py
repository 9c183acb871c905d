"""Application config of operations."""

from celery.signals import beat_init, celeryd_after_setup
from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Registers the checks of production, and lets no worker or beat start where that is dangerous."""

    name = "prm.operations"
    label = "operations"
    verbose_name = "Operations"

    def ready(self) -> None:
        """Import for the effect: the checks register themselves."""
        from prm.operations import checks, start  # noqa: PLC0415 - cycle of apps at start

        assert checks
        celeryd_after_setup.connect(start.refuse_background, weak=False)
        beat_init.connect(start.refuse_background, weak=False)
