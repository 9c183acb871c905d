"""Reads of the catalogue: what a product stands for, and which products look like one."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q
from django.db.models.functions import Lower, Upper

from orders.catalogue.models import Product
from prm.bringing import Found

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


def products_meant(words: Collection[str]) -> Mapping[str, Found]:
    """Return the products that codes or names in a list mean, each as the product that it is (one query)."""
    asked = {word.strip().casefold() for word in words}
    rows = Product.objects.annotate(small_code=Lower("code"), small_name=Lower("name"))
    by = defaultdict[str, dict[UUID, Product]](dict)
    for row in rows.filter(Q(small_code__in=asked) | Q(small_name__in=asked)).select_related("merged_into"):
        for said in {row.code.casefold(), row.name.casefold()}:
            by[said][row.main.pk] = row.main
    return {word: _one_product(word, list(by.get(word.strip().casefold(), {}).values())) for word in words}


def _one_product(word: str, found: list[Product]) -> Found:
    if len(found) == 1:
        return Found(str(found[0].pk), str(found[0]))
    why = "Several products are" if found else "No product here is"
    return Found(problem=f"{why} called {word}. Write its code as the order system does.")
