"""Which columns the list of partners has: the usual ones, others to choose, and those of other apps.

An app adds by a module `list_columns.py` with a list `COLUMNS`; it is found when the apps are ready.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, Subquery, TextField
from django.http import QueryDict
from django_filters import Filter

from partners.directory.models import PartnerQuerySet
from partners.tags.models import PartnerTag
from prm.accounts.rights import Right
from prm.core import registry
from prm.tenancy.context import said_of_orders
from prm.ui import tables as ui

PARAMETER: Final = "columns"
USUAL: Final = ("tier", "level", "score", "revenue", "months", "share", "headroom", "last_order", "rep")
# This app's own, by the words of the choice.
OWN: Final = {
    "tier": "Tier",
    "level": "Level",
    "score": "Score",
    "revenue": "Revenue, 12 months",
    "months": said_of_orders("{Orders}, 12 months"),
    "trend": "Trend, 3 months",
    "alarm": "Slipping or rising",
    "share": "Share",
    "headroom": "Headroom",
    "last_order": said_of_orders("Last {order}"),
    "rep": "Rep",
    "kind": "Kind",
    "organisation": "Organisation",
    "city": "City",
    "region": "Region",
    "country": "Country",
    "tier_since": "Tier since",
    "proposal": "Tier proposed",
    "tags": "Tags",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column of another app. `annotate` adds to the query what `make`'s column reads; asked only where it is shown.

    `filters` gives what the list can be filtered by besides, by name.
    """

    key: str
    label: str
    right: Right
    make: Callable[[], ui.Column]
    annotate: Callable[[PartnerQuerySet], PartnerQuerySet]
    filters: Callable[[], Mapping[str, Filter]] = dict


_registered: dict[str, ListColumn] = {}
Source = Callable[[], Iterable[ListColumn]]
# Columns that each tenant has of its own.
_sources: list[Source] = []


def register(columns: Iterable[ListColumn]) -> None:
    """Add an app's columns; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, columns, "columns of the list")


def filters() -> dict[str, Filter]:
    """Return the filters that come with columns of other apps."""
    return {name: one for column in _registered.values() for name, one in column.filters().items()}


def add_source(source: Source) -> None:
    """Add columns that depend on the tenant in scope."""
    if source not in _sources:
        _sources.append(source)


def _others() -> dict[str, ListColumn]:
    """Return the columns of other apps, then the tenant's own, by key."""
    return _registered | {column.key: column for source in _sources for column in source()}


def choices(rights: Collection[str]) -> list[tuple[str, str]]:
    """Return key and words of every column that these rights may choose."""
    others = [(one.key, one.label) for one in _registered.values() if one.right in rights]
    of_tenant = [(one.key, one.label) for source in _sources for one in source() if one.right in rights]
    return [*OWN.items(), *sorted(others), *of_tenant]


def chosen(query: QueryDict, rights: Collection[str]) -> list[str]:
    """Return the columns that an address asks for, in the order of the choice; the usual ones without any."""
    asked = {key for some in query.getlist(PARAMETER) for key in some.split(",")}
    found = [key for key, _ in choices(rights) if key in asked]
    return found or list(USUAL)


def of_others(keys: Iterable[str]) -> list[ListColumn]:
    """Return the columns of other apps among these."""
    known = _others()
    return [known[key] for key in keys if key in known]


def _tag_words() -> Subquery:
    """Return the tags of a partner in their order; only those of the rows of a page are read."""
    rows = PartnerTag.objects.filter(partner=OuterRef("pk")).order_by().values("partner")
    words = StringAgg("tag__name", ", ", ordering="tag__key")
    return Subquery(rows.annotate(words=words).values("words"), output_field=TextField())


def annotated(partners: PartnerQuerySet, keys: Sequence[str]) -> PartnerQuerySet:
    """Return partners with what the chosen columns read that are not the list's own."""
    if "tags" in keys:
        partners = partners.annotate(tag_words=_tag_words())
    for column in of_others(keys):
        partners = column.annotate(partners)
    return partners
