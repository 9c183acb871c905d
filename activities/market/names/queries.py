"""Reads of names: what they stand for, what would move, which look like one."""

from datetime import date
from typing import Final, NamedTuple, TypeVar, cast
from uuid import UUID

from django.db.models import Count, Max, Min

from activities.market.names.alike import Pair, pairs
from activities.market.names.models import Competitor, Differentiator

Named = TypeVar("Named", bound=Competitor | Differentiator)

MOST_COMPARED: Final = 500
"""Look-alikes are looked for among so many names, those that were used most."""

MOST_ALIKE: Final = 20
_DEEPEST = 50


def root_of(row: Named) -> Named:
    """Return what a name stands for: itself, mostly (one query for each step)."""
    found: Competitor | Differentiator = row
    for _ in range(_DEEPEST):
        if found.same_as is None:
            return cast("Named", found)
        found = found.same_as
    raise RuntimeError(f"{row.pk} stands for itself by a detour.")


def family(row: Competitor | Differentiator) -> list[UUID]:
    """Return a name and all that are it, directly or by others (one query for each step)."""
    found = [row.pk]
    step = [row.pk]
    while step:
        others = type(row).objects.filter(same_as__in=step).exclude(pk__in=found)
        step = list(others.order_by().values_list("pk", flat=True))
        found += step
    return found


class Moving(NamedTuple):
    """What a merge would move: insights with the days of the first and the last, and other names."""

    insights: int
    first: date | None
    last: date | None
    other_names: tuple[str, ...]


def moving(row: Competitor | Differentiator) -> Moving:
    """Return what would move with a name (3 queries at least, see `family`)."""
    path = "" if isinstance(row, Competitor) else "insight__"
    found = row.insights.aggregate(
        count=Count(f"{path}id" if path else "pk", distinct=True),
        first=Min(f"{path}happened_on"),
        last=Max(f"{path}happened_on"),
    )
    names = type(row).objects.filter(pk__in=family(row)).exclude(pk=row.pk).values_list("name", flat=True)
    return Moving(found["count"], found["first"], found["last"], tuple(names))


class Alike(NamedTuple):
    """Two names that may be one; `row` is the one with fewer insights."""

    row: Competitor | Differentiator
    into: Competitor | Differentiator
    reason: str
    insights: int


def used(model: type[Competitor] | type[Differentiator]) -> dict[UUID, int]:
    """Return how many rows name each of the names that are used most (one query)."""
    rows = model.objects.own().annotate(times=Count("insights")).order_by("-times", "name")
    return dict(rows.values_list("pk", "times")[:MOST_COMPARED])


def look_alikes(model: type[Competitor] | type[Differentiator], most: int = MOST_ALIKE) -> list[Alike]:
    """Return names that may be one and were not said to be two, the likeliest first (2 queries)."""
    times = used(model)
    rows: dict[UUID, Competitor | Differentiator] = {
        row.pk: row for row in model.objects.filter(pk__in=times)
    }
    found = pairs([(pk, rows[pk].name) for pk in times])
    return [_alike(pair, rows, times) for pair in found if not _is_apart(pair, rows)][:most]


def _is_apart(pair: Pair[UUID], rows: dict[UUID, Competitor | Differentiator]) -> bool:
    return pair.other in rows[pair.one].kept_apart or pair.one in rows[pair.other].kept_apart


def _alike(pair: Pair[UUID], rows: dict[UUID, Competitor | Differentiator], times: dict[UUID, int]) -> Alike:
    into, row = sorted((pair.one, pair.other), key=lambda pk: (-times[pk], rows[pk].created_at, pk))
    return Alike(rows[row], rows[into], pair.reason, times[row])
