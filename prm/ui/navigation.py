"""Navigation: each app says in its `navigation.py` what it adds, and which right each entry needs.

A module exposes `ITEMS`, a list of NavItem; `UiConfig.ready` imports them all. This file knows no
app and no role. `navigation_for` gives the entries of one request, `landing_for` where its day begins.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import ResolverMatch

from prm.core import registry
from prm.core.urls import HasSlug, tenant_url


class _Member(Protocol):
    @property
    def pk(self) -> UUID: ...


class MemberRequest(Protocol):
    """A request as the navigation reads it; tenant and member are None outside a tenant."""

    @property
    def tenant(self) -> HasSlug | None: ...
    @property
    def membership(self) -> _Member | None: ...
    @property
    def rights(self) -> Collection[str]: ...
    @property
    def resolver_match(self) -> ResolverMatch | None: ...


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """One destination, shown to whom `right` opens its page.

    `label` may be a function, for the tenant's own nouns. `counter(member's id)` runs in the
    tenant's scope on every page: one cheap query, or None for no number. `decision` fills
    the counter: it waits for this person. `go` is the letter after G on the keyboard.
    `phone` puts it in the bottom bar, `primary` as its round button. A member's day begins at
    the entry with the lowest `landing`, or at one that says so itself by `begins`. `takes` names what its page is
    told of the row that has the cursor, when its key is pressed. An entry that is not `shown` still opens.
    """

    key: str
    label: str | Callable[[], str]
    icon: str
    url_name: str
    right: StrEnum
    section: str = ""
    order: int = 100
    landing: int = 100
    phone: bool = False
    phone_label: str = ""
    primary: bool = False
    takes: str = ""
    counter: Callable[[UUID], int | None] | None = None
    decision: bool = False
    go: str = ""
    shown: Callable[[], bool] | None = None
    begins: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        """Refuse rights and sections nobody knows: a misspelt one would hide the item silently."""
        right: object = self.right  # a text would do for the types, and hide the item from everybody
        if not isinstance(right, StrEnum):
            message = f"Navigation item {self.key!r}: {self.right!r} is no member of the table of rights."
            raise ImproperlyConfigured(message)
        if self.section not in settings.NAVIGATION_SECTIONS:
            message = f"Navigation item {self.key!r}: no section {self.section!r}."
            raise ImproperlyConfigured(message)

    @property
    def place(self) -> tuple[int, int, str]:
        """Return what sorts the menu."""
        return settings.NAVIGATION_SECTIONS.index(self.section), self.order, self.key


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
    takes: str
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


ITEMS: list[NavItem] = []  # of this kit itself: none

_registered: dict[str, NavItem] = {}


def register(items: Iterable[NavItem]) -> None:
    """Add an app's items; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, items, "entries of the menu")


def registered() -> Collection[NavItem]:
    """Return every item of every installed app."""
    return _registered.values()


def items_for(rights: Collection[str]) -> list[NavItem]:
    """Return the entries that these rights open, in the order of the menu."""
    return sorted((item for item in registered() if item.right in rights), key=lambda item: item.place)


def landing_for(rights: Collection[str]) -> NavItem | None:
    """Return the entry where the day of a member with these rights begins; None when nothing is open to them."""
    return min(items_for(rights), key=lambda item: (item.landing, item.place), default=None)


def beginning_for(rights: Collection[str]) -> NavItem | None:
    """Return the entry where the day of a member with these rights begins now, in the tenant's scope."""
    claimed = (item for item in items_for(rights) if item.begins is not None and item.begins())
    return next(claimed, None) or landing_for(rights)


def navigation_for(request: MemberRequest, *, nav_key: str = "") -> Navigation | None:
    """Return the navigation of the member who asks; None outside a tenant."""
    tenant, member = request.tenant, request.membership
    if tenant is None or member is None:
        return None
    items = items_for(request.rights)
    active = nav_key or _active_key(request.resolver_match, items)
    shown = [item for item in items if item.shown is None or item.shown()]
    links = [(item.section, _link(item, tenant, member.pk, active)) for item in shown]
    return Navigation(_sections(links), *_phone_bar(links))


def _link(item: NavItem, tenant: HasSlug, member_id: UUID, active: str) -> Link:
    label = item.label if isinstance(item.label, str) else item.label()
    return Link(
        key=item.key,
        label=label,
        phone_label=item.phone_label or label,
        icon=item.icon,
        url=tenant_url(tenant, item.url_name),
        active=item.key == active,
        count=item.counter(member_id) if item.counter else None,
        decision=item.decision,
        phone=item.phone,
        primary=item.primary,
        takes=item.takes,
        go=item.go,
    )


def _active_key(match: ResolverMatch | None, items: Sequence[NavItem]) -> str:
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
    """Fill the five places of the bar; when not all fit, the last is "More" with the rest."""
    on_bar = [link for _, link in links if link.phone or link.primary]
    left_over = [pair for pair in links if not (pair[1].phone or pair[1].primary)]
    if left_over:
        on_bar, pushed = on_bar[: PHONE_PLACES - 1], on_bar[PHONE_PLACES - 1 :]
        left_over = [pair for pair in links if pair[1] in pushed or pair in left_over]
    plain = [link for link in on_bar if not link.primary]
    primary = [link for link in on_bar if link.primary]
    middle = (len(plain) + 1) // 2 if primary else len(plain)
    return plain[:middle] + primary + plain[middle:], _sections(left_over)
