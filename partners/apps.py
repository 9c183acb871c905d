"""App configuration of the partners app."""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


class PartnersConfig(AppConfig):
    """Collects what other apps add to scores and to the partner page, once all models are loaded."""

    name = "partners"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register every app's `score_components.COMPONENTS` and `partner_page.PARTS`; a broken one raises."""
        from partners.directory import page_parts
        from partners.standing import registry

        for module in _modules("score_components"):
            registry.register(module.COMPONENTS)
        for module in _modules("partner_page"):
            page_parts.register(module.PARTS)


def _modules(name: str) -> Iterator[ModuleType]:
    """Import every app's module of that name."""
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, name):
            yield import_module(f"{config.name}.{name}")
