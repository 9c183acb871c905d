"""Reads of what opportunities are about."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from activities.market.budgets.models import Opportunity
from activities.market.budgets.products.models import OpportunityProduct
from orders.catalogue.models import Product


class Part(NamedTuple):
    """What part of an amount is for a product."""

    product: Product
    amount: Decimal


def parts_of(ids: Collection[UUID]) -> Mapping[UUID, list[Part]]:
    """Return the parts of opportunities, the largest first (1 query); products that have become one are one part."""
    rows = OpportunityProduct.objects.filter(opportunity__in=ids).select_related("product__merged_into")
    sums: dict[UUID, dict[UUID, Part]] = {}
    for row in rows.order_by("pk"):
        main, of = row.product.main, sums.setdefault(row.opportunity_id, {})
        before = of[main.pk].amount if main.pk in of else Decimal(0)
        of[main.pk] = Part(main, before + row.amount)
    return {pk: sorted(of.values(), key=lambda part: -part.amount) for pk, of in sums.items()}


def products_of(opportunity: Opportunity) -> list[Part]:
    """Return what an opportunity is about: its parts, or its one product with the whole amount (1 query)."""
    if parts := parts_of([opportunity.pk]).get(opportunity.pk):
        return parts
    return [Part(opportunity.product.main, opportunity.amount)] if opportunity.product else []
