"""Application config of the UI kit."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class UiConfig(AppConfig):
    """Finds every app's ``navigation.py``, the way Django finds ``admin.py``."""

    name = "prm.ui"
    label = "ui"
    verbose_name = "UI kit"

    def ready(self) -> None:
        """Import the navigation modules; a broken one raises here, at start."""
        autodiscover_modules("navigation")
