"""Application config of the UI kit."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover


class UiConfig(AppConfig):
    """Finds every app's `navigation.py` and `choosing.py`, the way Django finds `admin.py`."""

    name = "prm.ui"
    label = "ui"
    verbose_name = "UI kit"

    def ready(self) -> None:
        """Register every app's `navigation.ITEMS` and `choosing.PICKERS`; a broken one stops the start."""
        from prm.ui import navigation  # noqa: PLC0415 - cycle of apps at start
        from prm.ui.pickers import pickers  # noqa: PLC0415 - cycle of apps at start

        for module in discover("navigation", "ITEMS"):
            navigation.register(contributed(module, "ITEMS", navigation.NavItem))
        for module in discover("choosing", "PICKERS"):
            pickers.register(contributed(module, "PICKERS", pickers.Picker))
