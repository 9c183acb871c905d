"""App configuration of the partners app."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules, module_has_submodule


class PartnersConfig(AppConfig):
    """Collects every app's score components once all models are loaded."""

    name = "partners"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the `COMPONENTS` of every app's scoring.py; a broken one raises."""
        from partners import scoring
        from partners.components import COMPONENTS

        scoring.register(COMPONENTS)
        autodiscover_modules("scoring")
        for config in apps.get_app_configs():
            if config.module is not None and module_has_submodule(config.module, "scoring"):
                module = import_module(f"{config.name}.scoring")
                scoring.register(getattr(module, "COMPONENTS", ()))
