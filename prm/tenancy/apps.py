"""Application config of the tenancy core."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Registers system checks and makes our Celery app the current one."""

    name = "prm.tenancy"
    label = "tenancy"
    verbose_name = "Tenancy"

    def ready(self) -> None:
        """Import for the effect: the checks register themselves."""
        from prm import celery  # noqa: PLC0415 - cycle of apps at start
        from prm.tenancy import checks  # noqa: PLC0415 - cycle of apps at start

        assert celery.app and checks
