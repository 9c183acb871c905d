"""The kinds of lists that the apps take: found when the apps are ready, a broken one stops the start."""

from prm.bringing import Kind
from prm.core import registry
from prm.core.errors import Refused
from prm.tenancy.context import current_actor

_kinds: dict[str, Kind] = {}


def discover_all() -> None:
    """Register the `KINDS` of every app's `bringing.py`."""
    for module in registry.discover("bringing", "KINDS"):
        registry.add(_kinds, registry.contributed(module, "KINDS", Kind), "kinds of lists")


def all_kinds() -> list[Kind]:
    """Return the kinds in the order in which they are offered."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.key))


def allowed_kinds() -> list[Kind]:
    """Return the kinds that who acts may bring."""
    actor = current_actor()
    return [kind for kind in all_kinds() if all(actor.may(right) for right in kind.rights)]


def find_kind(key: str) -> Kind:
    """Return a kind by its key. Raises `Refused` naming those that there are."""
    kind = _kinds.get(key)
    if kind is None:
        known = ", ".join(one.key for one in all_kinds())
        raise Refused(f"There is no list of {key!r}. There are: {known}.", field="kind", code="kind")
    return kind
