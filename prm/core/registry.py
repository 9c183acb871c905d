"""What other apps add to this one: each app says it in a module found by name, as Django finds `admin.py`.

A contribution that is misspelt, incomplete or cannot be imported stops the start with its name; it
never merely fails to appear.
"""

import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

_ROOT = Path(__file__).resolve().parents[2]


class Keyed(Protocol):
    """Anything with a key that is its own."""

    @property
    def key(self) -> str: ...


T = TypeVar("T")
K = TypeVar("K", bound=Keyed)


def add(registry: dict[str, K], things: Iterable[K], what: str) -> None:
    """Add things; the same key for two is a mistake in the code and raises ValueError, naming `what` they are."""
    for thing in things:
        known = registry.get(thing.key)
        if known is not None and known is not thing:
            raise ValueError(f"Two {what} are called {thing.key!r}.")
        registry[thing.key] = thing


def our_apps() -> list[AppConfig]:
    """Return the installed apps that are part of this code base, and not of a package it uses."""
    # The environment may lie inside the project's folder.
    folders = {config: Path(config.path) for config in apps.get_app_configs()}
    return [c for c, f in folders.items() if _ROOT in f.parents and "site-packages" not in f.parts]


def discover(name: str, *attributes: str) -> list[ModuleType]:
    """Import the module `name` of every app and of every room that has one.

    Each must have all the `attributes`. Raises ImproperlyConfigured, naming the module, for one that
    cannot be imported, lacks an attribute, or has another public constant that looks like one misspelt.
    """
    modules = [
        _imported(f"{package.__name__}.{name}")
        for package in _packages()
        if module_has_submodule(package, name)
    ]
    for module in modules:
        _check_attributes(module, attributes)
    return modules


def contributed(module: ModuleType, attribute: str, kind: type[T]) -> list[T]:
    """Return the list of contributions that a module holds; raises ImproperlyConfigured for other things."""
    things = getattr(module, attribute)
    if not isinstance(things, Sequence) or not all(isinstance(thing, kind) for thing in things):
        raise ImproperlyConfigured(f"{module.__name__}.{attribute} must be a list of {kind.__name__}.")
    return list(things)


def _packages() -> Iterator[ModuleType]:
    """Give every app's package, each of ours followed by its rooms."""
    ours = our_apps()
    installed = {config.name for config in apps.get_app_configs()}
    for config in apps.get_app_configs():
        assert config.module is not None
        yield config.module
        if config in ours:
            for info in pkgutil.iter_modules([config.path], f"{config.name}."):
                if info.ispkg and info.name not in installed:
                    yield import_module(info.name)


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:
        raise ImproperlyConfigured(f"{name} cannot be imported: {error}") from error


def _check_attributes(module: ModuleType, attributes: Sequence[str]) -> None:
    for attribute in attributes:
        if not hasattr(module, attribute):
            raise ImproperlyConfigured(f"{module.__name__} has no {attribute}.")
    for name in vars(module):
        meant = get_close_matches(name, attributes, n=1, cutoff=0.75)
        if name.isupper() and not name.startswith("_") and meant and name not in attributes:
            raise ImproperlyConfigured(f"{module.__name__} has {name}: did you mean {meant[0]}?")
