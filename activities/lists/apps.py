"""App configuration of the app that brings lists."""

from django.apps import AppConfig


class BringingConfig(AppConfig):
    """Collects what lists the apps take, once all models are loaded."""

    name = "activities.lists"
    label = "bringing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register every app's `bringing.KINDS`; a broken one stops the start."""
        from activities.lists import kinds  # noqa: PLC0415 - cycle of apps at start

        kinds.discover_all()
