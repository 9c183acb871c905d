"""The doors of this installation: found when the apps are ready, wrong ones stop the start."""

from importlib import import_module
from pkgutil import iter_modules

from django.core.exceptions import ImproperlyConfigured

import orders.doors
from orders.doors.base import Door
from orders.doors.forms import DoorForm
from orders.sources import kinds
from prm.core import registry

# The door at the plain address of the page of imports.
UPLOADED = "file"

_doors: dict[str, Door] = {}


def discover() -> None:
    """Register the door of every package in `orders.doors`.

    Raises `ImproperlyConfigured` with the package's name when it declares none, or cannot be imported.
    """
    for module in iter_modules(orders.doors.__path__, f"{orders.doors.__name__}."):
        if module.ispkg:
            door = load(module.name)
            registry.add(_doors, [door], "doors")
            kinds.register(door.key, door.label, door.needs)


def load(package: str) -> Door:
    """Return the door that a package declares."""
    try:
        declared = getattr(import_module(f"{package}.door"), "DOOR", None)
    except ImportError as error:
        raise ImproperlyConfigured(f"The door {package} cannot be imported: {error}") from error
    if not isinstance(declared, Door):
        raise ImproperlyConfigured(f"{package}.door declares no DOOR of the class Door.")
    if not declared.key.isidentifier() or len(declared.key) > kinds.LONGEST:
        raise ImproperlyConfigured(f"The key of {package} is a word of at most {kinds.LONGEST} letters.")
    return declared


def get(key: str) -> Door:
    """Return a door by its key. Raises `KeyError`."""
    return _doors[key]


def with_forms() -> list[Door]:
    """Return the doors that people use, that of uploaded files first."""
    doors = [door for door in _doors.values() if door.form is not None]
    return sorted(doors, key=lambda door: (door.key != UPLOADED, door.label))


def for_people(key: str | None) -> tuple[str, type[DoorForm]]:
    """Return key and form of a door that people use; without a key, or for another, those of uploaded files."""
    forms = {door.key: door.form for door in _doors.values() if door.form is not None}
    chosen = key if key in forms else UPLOADED
    return chosen, forms[chosen]
