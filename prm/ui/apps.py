"""Application config of the UI kit."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover


class UiConfig(AppConfig):
    """Finds every app's `navigation.py`, the way Django finds `admin.py`."""

    name = "prm.ui"
    label = "ui"
    verbose_name = "UI kit"

    def ready(self) -> None:
        """Register every app's `navigation.ITEMS`; a broken one stops the start."""
        from prm.ui import navigation  # noqa: PLC0415 - cycle of apps at start

        for module in discover("navigation", "ITEMS"):
            navigation.register(contributed(module, "ITEMS", navigation.NavItem))
