"""Application config of own fields."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover


class OwnFieldsConfig(AppConfig):
    """Finds every app's `own_fields.py`, the way Django finds `admin.py`."""

    name = "prm.ownfields"
    label = "ownfields"
    verbose_name = "Own fields"

    def ready(self) -> None:
        """Register the records of all apps; a broken one stops the start."""
        from prm.ownfields import registry  # noqa: PLC0415 - cycle of apps at start

        for module in discover("own_fields", "OWN_RECORDS"):
            registry.register(contributed(module, "OWN_RECORDS", registry.OwnRecord))
