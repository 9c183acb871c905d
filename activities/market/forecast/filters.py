"""Whose budgets a forecast is asked about, for page, API and command alike."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q

from activities.market.forecast.report import Asked
from orders.catalogue.models import Product
from partners.states import Tier
from prm.accounts.models import Membership
from prm.core.errors import Refused

M = TypeVar("M", bound=Model)


def owner_of(text: str) -> Membership | None:
    """Return the member of an id, `None` for "". Raises `Refused` for nobody."""
    return _row(Membership, text, "owner", "There is no such member here.")


def product_of(text: str) -> Product | None:
    """Return the product of an id, as it is now; `None` for "". Raises `Refused` for none."""
    found = _row(Product, text, "product", "There is no such product here.")
    return found.main if found else None


def _row(model: type[M], text: str, field: str, words: str) -> M | None:
    if not text:
        return None
    try:
        found = model._default_manager.filter(pk=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise Refused(words, field=field, code="does_not_exist")
    return found


def same_products(product: Product) -> frozenset[UUID]:
    """Return a product with those that are the same one (1 query)."""
    return frozenset(
        Product.objects.filter(Q(pk=product.pk) | Q(merged_into=product)).values_list("pk", flat=True)
    )


def asked_of(query: Mapping[str, str]) -> Asked:
    """Return whose budgets `owner`, `tier` and `product` of an address ask about. Raises `Refused`."""
    owner, product, tier = (
        owner_of(query.get("owner", "")),
        product_of(query.get("product", "")),
        query.get("tier", ""),
    )
    if tier and tier not in Tier.values:
        raise Refused(f"There are {', '.join(Tier.values)}.", field="tier", code="invalid_choice")
    return Asked(
        owner=owner.pk if owner else None,
        tier=tier,
        products=same_products(product) if product else frozenset(),
    )
