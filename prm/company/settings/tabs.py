"""Tabs of the settings, as each app says them in its `settings_tabs.py` (`TABS`)."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from prm.accounts.rights import Right
from prm.core import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsTab:
    """One tab: its words, the name of its page, the right that opens it, and how many stand on it (None for no number)."""

    key: str
    label: str
    url_name: str
    right: Right = Right.SETTINGS_EDIT
    count: Callable[[], int | None] | None = None
    order: int = 100


_registered: dict[str, SettingsTab] = {}


def register(tabs: Iterable[SettingsTab]) -> None:
    """Add an app's tabs; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, tabs, "tabs of the settings")


def tabs_for(rights: Collection[str]) -> Sequence[SettingsTab]:
    """Return the tabs open to these rights, in their order."""
    found = (tab for tab in _registered.values() if tab.right in rights)
    return sorted(found, key=lambda tab: (tab.order, tab.key))
