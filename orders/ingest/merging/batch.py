"""What a merge is about: the source whose staged lines are merged, and how."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from orders.ingest.statement import Values
from orders.sources.models import OrderSource
from orders.sources.spec import Spec
from prm.core.money import currency_decimals
from prm.tenancy.context import current_tenant


def _unheard(_step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The staged lines of one source in the tenant in scope.

    append: they are added to orders that are held, instead of replacing them. values: parameters of
    the statements. scheme: the key of the scheme of the source's codes; systems: those of all sources. on_step: told the name of each step as it begins; may raise to end the merge.
    """

    spec: Spec
    append: bool
    values: Values
    scheme: str
    systems: tuple[str, ...]
    on_step: Callable[[str], None] = field(default=_unheard)

    @property
    def adds(self) -> bool:
        """Whether the lines are a part of their orders, as the source says; corrections are added in a way of their own."""
        return self.spec.adds and not self.append

    @classmethod
    def of(
        cls,
        source: OrderSource,
        *,
        run_id: UUID | None = None,
        append: bool = False,
        on_step: Callable[[str], None] = _unheard,
    ) -> Self:
        """Return the batch of a source; `run_id` is the run that orders and rejected lines are noted with."""
        tenant = current_tenant()
        schemes = dict(OrderSource.objects.order_by().values_list("pk", "scheme_key"))
        values = {
            "tenant": tenant.pk,
            "source": source.pk,
            "run": run_id,
            "zone": tenant.timezone,
            "currency": tenant.currency,
            "places": currency_decimals(tenant.currency),
            "append": append,
            "scheme": schemes[source.pk],
        }
        return cls(
            source.rules, append, values, schemes[source.pk], tuple(sorted(set(schemes.values()))), on_step
        )
