"""The list of partners in groups, by rep, tier, region or country: sums of each, and its first rows (2 queries)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Avg, Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict

from partners.directory.models import Partner, PartnerQuerySet
from partners.profiles import own
from partners.states import Tier
from prm.core.listing.ordering import ended, terms_of
from prm.core.words.countries import country_name
from prm.ownfields.rules import Stored

PARAMETER: Final = "group"
CHOICES: Final = {"rep": "Rep", "tier": "Tier", "region": "Region", "country": "Country", "tags": "Tag"}
# Rows that a group shows, and groups that a page shows.
ROWS: Final = 5
MOST: Final = 60
_COLUMNS: Final = {
    "rep": "rep_id",
    "tier": "tier",
    "region": "region",
    "country": "country",
    "tags": "group_tag",
}
_TIERS: Final = [*reversed(Tier.values), ""]


SumRow = dict[str, Any]
"""A row of sums by its columns, as the database answers it."""


@dataclass
class Group:
    """One group: its words, how many it has, its sums, and its first rows. `query` asks for all of it."""

    value: UUID | str | None
    label: str
    count: int
    revenue: Decimal | None
    room: Decimal | None
    score: float | None
    share: Decimal | None
    query: str
    rows: list[Partner] = field(default_factory=list)

    @property
    def more(self) -> int:
        """Return how many rows it does not show."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups that are shown, and how many there are."""

    groups: Sequence[Group]
    total: int

    @property
    def rows(self) -> list[Partner]:
        """Return the rows of all groups, one after the other."""
        return [row for group in self.groups for row in group.rows]


def choices() -> dict[str, str]:
    """Return by what a list can stand in groups, with words: the usual, and the tenant's own choices."""
    return {**CHOICES, **{key: field.name for key, field in own.group_fields().items()}}


def word(by: str) -> str:
    """Return by what a list is grouped, in the middle of a sentence; a name that the tenant gave stays as it is."""
    return CHOICES[by].lower() if by in CHOICES else choices()[by]


def asked(query: QueryDict) -> str:
    """Return by what an address groups, "" for not at all."""
    wanted = query.get(PARAMETER, "")
    return wanted if wanted in choices() else ""


def sums(partners: QuerySet[Partner], by: str) -> list[SumRow]:
    """Return value, words, count, sums and averages of each group, unsorted (1 query)."""
    names = ["rep__user__name", "rep__user__email"] if by == "rep" else []
    column = _COLUMNS.get(by, by)
    rows = (
        partners.order_by()
        .values(column, *names)
        .annotate(
            count=Count("pk"),
            revenue=Sum("standing__revenue_12m"),
            room=Sum("headroom_told", filter=Q(headroom_told__gt=0)),
            score=Avg("standing__score"),
            share=Avg("share_told"),
        )
    )
    return [{**row, "value": row[column], "label": _label(by, row)} for row in rows]


def grouped(partners: QuerySet[Partner], by: str, query: QueryDict, *, sort: str) -> Grouped:
    """Return the groups with their first rows in the list's own order; groups sort as the rows do."""
    if field := own.group_fields().get(by):
        partners = own.joined(cast("PartnerQuerySet", partners), field)
    if by == "tags":
        partners = partners.annotate(group_tag=F("tagged__tag__name"))
    found = [_group(row, by, query) for row in sums(partners, by)]
    _sort(found, by, sort)
    shown = found[:MOST]
    column = _COLUMNS.get(by, by)
    for row in _first_rows(partners, column, [group.value for group in shown]):
        group = next(one for one in shown if one.value == getattr(row, column))
        group.rows.append(row)
    return Grouped(shown, len(found))


def _first_rows(
    partners: QuerySet[Partner], column: str, values: Sequence[UUID | str | None]
) -> Sequence[Partner]:
    order = [term.order() for term in terms_of(ended(partners))]
    place = Window(RowNumber(), partition_by=[F(column)], order_by=order)
    some = Q(**{f"{column}__in": [value for value in values if value is not None]})
    if None in values:
        some |= Q(**{f"{column}__isnull": True})
    rows = partners.filter(some).annotate(group_place=place).filter(group_place__lte=ROWS)
    return list(rows.order_by("group_place"))


def _group(row: SumRow, by: str, query: QueryDict) -> Group:
    rest = query.copy()
    for name in (PARAMETER, "page", "view", by, f"{by}_words"):
        rest.pop(name, None)
    value = row["value"]
    rest[by] = ("nobody" if by == "rep" else "none") if value in (None, "") else str(value)
    return Group(
        value=value,
        label=row["label"],
        count=row["count"],
        revenue=row["revenue"],
        room=row["room"],
        score=row["score"],
        share=row["share"],
        query=f"?{rest.urlencode()}",
    )


def _label(by: str, row: SumRow) -> str:
    value = row[_COLUMNS.get(by, by)]
    if by == "rep":
        return str(row["rep__user__name"] or row["rep__user__email"]) if value else "Nobody"
    if by == "tier":
        return Tier(value).label if value else "No tier yet"
    if by == "tags":
        return str(value or "No tag")
    if by == "country":
        return country_name(str(value)) or "No country"
    if field := own.group_fields().get(by):
        return field.words(Stored(text=value)) if value else f"Without {field.name}"
    return str(value) or "No region"


def _sort(groups: list[Group], by: str, sort: str) -> None:
    """Sort as the rows are sorted, where their column has a sum; else tiers from the top, others by name."""
    name = sort.removeprefix("-")
    measure = {"revenue": "revenue", "headroom": "room", "score": "score", "share": "share"}.get(name)
    groups.sort(
        key=lambda group: (
            _TIERS.index(str(group.value)) if by == "tier" else (not group.value, group.label.lower())
        )
    )
    if measure and by != "tier":
        groups.sort(key=lambda group: Decimal(getattr(group, measure) or 0), reverse=sort.startswith("-"))
