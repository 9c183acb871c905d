"""An authenticated call, and the routes that say what answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from prm.sandbox.access.models import Person
from prm.sandbox.kit.messages import Request, Response


@dataclass(slots=True)
class Call:
    """Who asks for what, and what was written: `keys` and the `parts` of a composite are noted in the journal."""

    person: Person
    request: Request
    version: float
    records: int = 0
    keys: list[str] = field(default_factory=list)
    parts: list[Call] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The version's path, as record URLs carry it."""
        return f"/services/data/v{self.version:.1f}"


@dataclass(frozen=True, slots=True)
class Route:
    """What answers one method of one kind of path.

    In `pattern`, `{}` stands for one segment, which is decoded and given to the handler after the
    request or call. `name` is the endpoint in the journal; the method `*` fits any.
    """

    method: str
    pattern: str
    name: str
    handler: Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path leads; `handler` is None when it leads nowhere, or not by this method."""

    name: str
    handler: Callable[..., Response] | None = None
    parts: Sequence[str] = ()
    wrong_method: bool = False


class Router:
    """Routes in order: the first that fits answers."""

    def __init__(self) -> None:
        self._routes: list[tuple[re.Pattern[str], Route]] = []

    def add(self, routes: Iterable[Route]) -> None:
        """Append routes."""
        for route in routes:
            pattern = re.escape(route.pattern).replace(r"\{\}", "([^/]+)")
            self._routes.append((re.compile(pattern + r"/?\Z"), route))

    def find(self, method: str, path: str) -> Found:
        """Return where a percent-encoded path leads."""
        known, method = False, "GET" if method == "HEAD" else method
        for pattern, route in self._routes:
            found = pattern.match(path)
            if found and route.method in (method, "*"):
                return Found(route.name, route.handler, [unquote(part) for part in found.groups()])
            known = known or found is not None
        return Found("method not allowed" if known else "unknown", wrong_method=known)
