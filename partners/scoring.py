"""The registry of score components, and the three that orders alone can tell.

An app adds to the score by a module `scoring.py` with a list `COMPONENTS`; it is found when the
apps are ready. A component measures many partners at once and returns, for each, a fraction
between 0 and 1 (None: it cannot tell yet) and the facts behind it. The facts are stored with the
standing, and `explain` turns them into a sentence when somebody looks: so put dates into facts, not
ages ("last order on 3 March", not "5 days ago"), otherwise every standing changes every night.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

from partners.standing import Rules, Share

Facts = dict[str, Any]


class Measure(NamedTuple):
    """What one component found for one partner; `facts` must be JSON."""

    fraction: float | None
    facts: Facts


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """What a component may look at: some partners of one tenant on one day.

    `orders` and `revenue` have one row per partner (in the order of `partner_ids`) and one column per
    month of `months` (first days, oldest first, the month of `as_of` last). Revenue is in
    ten-thousandths of the currency unit, exact. Amounts of the last twelve months are in
    `revenue_12m`, same unit. `shares` holds a Share for partners with estimates only.
    """

    tenant: Any
    partner_ids: Sequence[UUID]
    as_of: date
    rules: Rules
    months: Sequence[date]
    orders: npt.NDArray[np.int64]
    revenue: npt.NDArray[np.int64]
    revenue_12m: npt.NDArray[np.int64]
    first_order_on: Sequence[date | None]
    last_order_on: Sequence[date | None]
    shares: Mapping[UUID, Share] = field(default_factory=dict)


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
    explain: Callable[[Facts, Any], str]


_registry: dict[str, Component] = {}


def register(components: Sequence[Component]) -> None:
    """Add components; the same key twice is a mistake in the code and raises ValueError."""
    for component in components:
        known = _registry.get(component.key)
        if known is not None and known is not component:
            raise ValueError(f"Two score components are called {component.key!r}.")
        _registry[component.key] = component


def components() -> list[Component]:
    """List all components in the order in which they are shown."""
    return sorted(_registry.values(), key=lambda component: (component.order, component.key))


def component(key: str) -> Component | None:
    """Find a component by key; None for one that no app brings any more."""
    return _registry.get(key)
