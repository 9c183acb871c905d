"""Application config of the search."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover


class SearchConfig(AppConfig):
    """Finds every app's `search.py`, the way Django finds `admin.py`."""

    name = "prm.search"
    label = "search"

    def ready(self) -> None:
        """Register every app's `search.SEARCHES` and `search.ACTIONS`; a broken one stops the start."""
        from prm.search import pages, registry  # noqa: PLC0415 - cycle of apps at start

        registry.register(pages.SEARCHES)
        for module in discover("search", "SEARCHES", "ACTIONS"):
            registry.register(
                contributed(module, "SEARCHES", registry.SearchSource),
                contributed(module, "ACTIONS", registry.HitAction),
            )
        registry.check()
