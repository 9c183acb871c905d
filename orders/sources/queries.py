"""Reads of sources that other rooms ask for."""

from uuid import UUID

from orders.sources.models import OrderSource


def sources_of(scheme: str) -> list[UUID]:
    """Return the ids of the sources whose codes are of a scheme."""
    return list(OrderSource.objects.of_scheme(scheme).values_list("pk", flat=True))
