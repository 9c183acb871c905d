"""Navigation: each app says in its ``navigation.py`` what it adds, per role.

A module exposes ``ITEMS``, a list of NavItem; `UiConfig.ready` imports them all. This file knows
no app. The items of one request come from `navigation_for`.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse

ROLES = frozenset({"administrator", "manager", "rep", "partner"})
SECTIONS = ("", "Decide", "Revenue data", "Salesforce", "Organisation")


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """One destination.

    ``label`` may be a function of the tenant, for its own nouns. ``counter(membership)`` runs in
    the tenant's scope on every page: one cheap query, or None for no number. ``decision`` fills
    the counter: it waits for this person. ``go`` is the letter after G on the keyboard.
    ``phone`` puts it in the bottom bar, ``primary`` as its round button.
    """

    key: str
    label: str | Callable[[Any], str]
    icon: str
    url_name: str
    roles: frozenset[str]
    section: str = ""
    order: int = 100
    phone: bool = False
    phone_label: str = ""
    primary: bool = False
    counter: Callable[[Any], int | None] | None = None
    decision: bool = False
    go: str = ""

    def __post_init__(self) -> None:
        """Refuse roles and sections nobody knows: a misspelt one would hide the item silently."""
        if unknown := self.roles - ROLES:
            message = f"Navigation item {self.key!r}: no role {sorted(unknown)}."
            raise ImproperlyConfigured(message)
        if self.section not in SECTIONS:
            message = f"Navigation item {self.key!r}: no section {self.section!r}."
            raise ImproperlyConfigured(message)


@dataclass(frozen=True)
class Link:
    """A NavItem as one request sees it."""

    key: str
    label: str
    phone_label: str
    icon: str
    url: str
    active: bool
    count: int | None
    decision: bool
    phone: bool
    primary: bool
    go: str


@dataclass(frozen=True)
class Section:
    """A heading (may be empty) and its links."""

    title: str
    links: Sequence[Link]


@dataclass(frozen=True)
class Navigation:
    """What base.html draws: sections of the side nav, the phone bar, and what "More" holds."""

    sections: Sequence[Section]
    phone: Sequence[Link]
    more: Sequence[Section]


PHONE_PLACES = 5


def registered() -> Iterator[NavItem]:
    """Every item of every installed app."""
    for config in apps.get_app_configs():
        module = sys.modules.get(f"{config.name}.navigation")
        if module is not None and config.name != "prm.ui":
            yield from module.ITEMS


def navigation_for(request: HttpRequest, *, nav_key: str = "") -> Navigation | None:
    """The navigation of the member who asks; None outside a tenant."""
    tenant = getattr(request, "tenant", None)
    membership = getattr(request, "membership", None)
    if tenant is None or membership is None:
        return None
    role = str(membership.role)
    items = sorted(
        (item for item in registered() if role in item.roles),
        key=lambda item: (SECTIONS.index(item.section), item.order, item.key),
    )
    active = nav_key or _active_key(request, items)
    links = [(item.section, _link(item, tenant, membership, active)) for item in items]
    return Navigation(_sections(links), *_phone_bar(links))


def _link(item: NavItem, tenant: Any, membership: Any, active: str) -> Link:
    label = item.label if isinstance(item.label, str) else item.label(tenant)
    return Link(
        key=item.key,
        label=label,
        phone_label=item.phone_label or label,
        icon=item.icon,
        url=reverse(item.url_name, kwargs={"tenant": tenant.slug}),
        active=item.key == active,
        count=item.counter(membership) if item.counter else None,
        decision=item.decision,
        phone=item.phone,
        primary=item.primary,
        go=item.go,
    )


def _active_key(request: HttpRequest, items: Sequence[NavItem]) -> str:
    match = request.resolver_match
    if match is None:
        return ""
    for item in items:
        if item.url_name == match.view_name:
            return item.key
    namespace = [item for item in items if item.url_name.rpartition(":")[0] == match.namespace]
    return namespace[0].key if namespace and match.namespace else ""


def _sections(links: Sequence[tuple[str, Link]]) -> list[Section]:
    return [
        Section(title, [link for _, link in group if not link.primary])
        for title, group in groupby(links, key=lambda pair: pair[0])
    ]


def _phone_bar(links: Sequence[tuple[str, Link]]) -> tuple[list[Link], list[Section]]:
    """The bar holds five places; when not all fit, the last is "More" with the rest."""
    on_bar = [link for _, link in links if link.phone or link.primary]
    left_over = [pair for pair in links if not (pair[1].phone or pair[1].primary)]
    if left_over:
        on_bar, pushed = on_bar[: PHONE_PLACES - 1], on_bar[PHONE_PLACES - 1 :]
        left_over = [pair for pair in links if pair[1] in pushed or pair in left_over]
    plain = [link for link in on_bar if not link.primary]
    primary = [link for link in on_bar if link.primary]
    middle = (len(plain) + 1) // 2 if primary else len(plain)
    return plain[:middle] + primary + plain[middle:], _sections(left_over)
