"""Reads of the catalogue: what a product stands for, and which products look like one."""

from typing import Final
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q
from django.db.models.functions import Upper

from orders.catalogue.models import Product

#: Groups of look-alikes that are shown at once.
MOST_ALIKE: Final = 20


def alike(product_id: UUID) -> list[UUID]:
    """Return a product and all that are the same one: lines of each of them are lines of it."""
    main = Product.objects.filter(pk=product_id).values_list("merged_into", flat=True).first() or product_id
    return list(Product.objects.filter(Q(pk=main) | Q(merged_into=main)).values_list("pk", flat=True))


def families() -> list[str]:
    """Return the names of families, in their order."""
    named = Product.objects.exclude(family="").order_by("family").values_list("family", flat=True)
    return list(named.distinct())


def lookalikes(most: int = MOST_ALIKE) -> list[list[Product]]:
    """Return products whose codes differ in capitals only, those that are written in capitals first; two queries."""
    groups = (
        Product.objects.own()
        .order_by()
        .annotate(letters=Upper("code"))
        .values("letters")
        .annotate(count=Count("pk"), ids=ArrayAgg("pk"))
        .filter(count__gt=1)
        .order_by("letters")[:most]
    )
    ids = [group["ids"] for group in groups]
    found = Product.objects.in_bulk([pk for group in ids for pk in group])
    return [
        sorted((found[pk] for pk in group), key=lambda one: (one.code != one.code.upper(), one.code))
        for group in ids
    ]
