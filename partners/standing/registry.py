"""The registry of score components and their sources, and what a component is given and gives back.

An app adds to the score by a module `score_components.py`, found when the apps are ready. Its list
`COMPONENTS` says what is measured, its list `SOURCES` which of the app's own tables that is measured
from, so that the database can note whose standing a change moves. A component measures many partners at once and returns, for each, a fraction
between 0 and 1 (None: it cannot tell yet) and the facts behind it. The facts are stored with the
standing, and `explain` turns them into a sentence when somebody looks: so put dates into facts, not
ages ("last order on 3 March", not "5 days ago"), otherwise every standing changes every night.

A component may answer with a plain dict of Measure by partner. `Measures` is the same answer in
columns: 50,000 partners of seven components would be 350,000 dicts, written as JSON one by one.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self
from uuid import UUID

import numpy as np
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model

from partners.policy.rules import Rules
from partners.standing.arrays import Coded, Days, Floats, Longs, Texts, as_json
from partners.standing.inputs import Wanted
from partners.standing.rules import Shares
from prm.core import registry
from prm.tenancy.models import Tenant

Facts = dict[str, Any]


class Measure(NamedTuple):
    """What one component found for one partner; `facts` must be JSON."""

    fraction: float | None
    facts: Facts


class Measures(Mapping[UUID, Measure]):
    """What one component found for all partners asked for, in columns.

    `fraction` has one number per partner, NaN where the component cannot tell; `facts` one JSON
    object per partner. As a mapping it gives the Measure of a partner.
    """

    def __init__(self, partner_ids: Sequence[UUID], fraction: Floats, facts: Texts) -> None:
        self.partner_ids = partner_ids
        self.fraction = fraction
        self.facts = facts

    @classmethod
    def of(cls, partner_ids: Sequence[UUID], found: Mapping[UUID, Measure]) -> Self:
        """Put single measures into columns; who is missing cannot be told."""
        if isinstance(found, cls):
            return found
        place = {partner_id: at for at, partner_id in enumerate(partner_ids)} if found else {}
        which = np.zeros(len(partner_ids), dtype=np.int64)
        kinds = [_NOTHING]
        for partner_id, measure in found.items():
            if partner_id in place:
                which[place[partner_id]] = len(kinds)
                kinds.append(measure)
        return cls.by_kind(partner_ids, kinds, which)

    @classmethod
    def by_kind(cls, partner_ids: Sequence[UUID], kinds: Sequence[Measure], which: Longs) -> Self:
        """Put measures that many partners share into columns: `which` is each partner's place in `kinds`."""
        fractions = np.array([np.nan if m.fraction is None else m.fraction for m in kinds], dtype=np.float64)
        facts = Coded([as_json(measure.facts) for measure in kinds], which)
        return cls(partner_ids, fractions[which], facts)

    def __getitem__(self, partner_id: UUID) -> Measure:
        try:
            at = self.partner_ids.index(partner_id)
        except ValueError:
            raise KeyError(partner_id) from None
        fraction = float(self.fraction[at])
        return Measure(
            None if np.isnan(fraction) else fraction, json.loads(self.facts.texts(np.array([at]))[0])
        )

    def __iter__(self) -> Iterator[UUID]:
        return iter(self.partner_ids)

    def __len__(self) -> int:
        return len(self.partner_ids)


_NOTHING = Measure(None, {})


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """What a component may look at: some partners of one tenant on one day.

    `wanted` names the partners to queries and reads columns about them.
    `orders` and `revenue` have one row per partner (in the order of `wanted`) and one column per
    month of `months` (first days, oldest first, the month of `as_of` last). Revenue is in
    ten-thousandths of the currency unit, exact. Amounts of the last twelve months are in
    `revenue_12m`, same unit. First and last days with an order are NaT without any. `tiers` are
    those in force on the day, "" for none. `shares` says what is known from
    estimates.
    """

    tenant: Tenant
    wanted: Wanted
    as_of: date
    rules: Rules
    months: Sequence[date]
    orders: Longs
    revenue: Longs
    revenue_12m: Longs
    first_order_on: Days
    last_order_on: Days
    tiers: Sequence[str]
    shares: Shares | None = None

    @property
    def partner_ids(self) -> Sequence[UUID]:
        """Return the partners asked about, in order."""
        return self.wanted.ids


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the score.

    key: stable, stored with every standing. label: column heading, sentence case. default_weight:
    points of 100 unless the tenant's policy says otherwise. order: place in the list.
    measure: partners missing from its answer count as "cannot tell". explain: facts and tenant in,
    one plain sentence without a full stop out; must accept the facts of any earlier version.
    """

    key: str
    label: str
    default_weight: int
    order: int
    measure: Callable[[ScoringContext], Mapping[UUID, Measure]]
    explain: Callable[[Facts, Tenant], str]


EVERYBODY = "SELECT NULL::uuid"
"""For `ScoreSource.partners`: a row moves the standing of all partners of its tenant."""


@dataclass(frozen=True, slots=True)
class ScoreSource:
    """A table that standings are computed from.

    A row `r` that is added, removed, or differs in one of `columns` moves the standing of the partners
    that `partners` selects: SQL about `r` that names tables of the source's own app only. What it asks
    of `r` needs not be listed in `columns`.
    """

    model: type[Model]
    columns: tuple[str, ...]
    partners: str = "SELECT r.partner_id"

    @property
    def table(self) -> str:
        """Return the table's name in the database."""
        return self.model._meta.db_table


_registry: dict[str, Component] = {}
_sources: dict[str, ScoreSource] = {}


def register(components: Sequence[Component], sources: Sequence[ScoreSource] = ()) -> None:
    """Add components and sources; the same key or table twice is a mistake in the code and raises ValueError."""
    registry.add(_registry, components, "score components")
    for source in sources:
        unknown = set(source.columns) - {field.column for field in source.model._meta.concrete_fields}
        if unknown:
            raise ImproperlyConfigured(f"A score source names {source.table}.{min(unknown)}: no such column.")
        if _sources.setdefault(source.table, source) is not source:
            raise ImproperlyConfigured(f"Two score sources are {source.table}.")


def sources() -> list[ScoreSource]:
    """List all tables that standings are computed from, by name."""
    return sorted(_sources.values(), key=lambda source: source.table)


def components() -> list[Component]:
    """List all components in the order in which they are shown."""
    return sorted(_registry.values(), key=lambda component: (component.order, component.key))


def component(key: str) -> Component | None:
    """Find a component by key; None for one that no app brings any more."""
    return _registry.get(key)
