"""What other apps put on the page of settings, as each says it in its `settings_parts.py`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from prm.core import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPart:
    """One section: its heading, what it is about, the template that draws it and what that needs."""

    key: str
    title: str
    about: str
    template: str
    context: Callable[[], Mapping[str, object]]
    order: int = 100


_registered: dict[str, SettingsPart] = {}


def register(parts: Iterable[SettingsPart]) -> None:
    """Add an app's sections; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, parts, "sections of the settings")


def sections() -> Sequence[SettingsPart]:
    """Return them in their order."""
    return sorted(_registered.values(), key=lambda part: (part.order, part.key))
