"""What people say of products: their family, and that one is another."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from orders.catalogue.models import Product
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_actor
from prm.tenancy.use_cases import requires


@requires(Right.ORDER_TIE)
@transaction.atomic
def set_family(product_ids: Sequence[UUID], family: str) -> int:
    """Say what family products are of, "" for none. Return how many there are."""
    return Product.objects.filter(pk__in=product_ids).update(family=" ".join(family.split())[:80])


@requires(Right.ORDER_TIE)
@transaction.atomic
def merge_product(product_id: UUID, *, into: UUID) -> Product:
    """Say that a product is another one; return that one. What was the first one is the other as well.

    Raises `Refused` for a product that is itself, or is the other already.
    """
    product, other = _locked(product_id), _locked(into)
    target = _locked(other.merged_into_id) if other.merged_into_id else other
    if target.pk == product.pk or product.merged_into_id:
        main = product.main
        raise Refused(
            f"{product.code} is {main.code} already. Take that back first.", field="into", code="merged"
        )
    was = {"merged_by": current_actor().label, "merged_at": now()}
    Product.objects.filter(merged_into=product, merged_via=None).update(
        merged_into=target, merged_via=product
    )
    Product.objects.filter(merged_into=product).update(merged_into=target)
    Product.objects.filter(pk=product.pk).update(merged_into=target, merged_via=None, **was)
    return target


@requires(Right.ORDER_TIE)
@transaction.atomic
def unmerge_product(product_id: UUID) -> Product:
    """Let a product be one of its own again, with all that was it before; return it."""
    product = _locked(product_id)
    if product.merged_into_id is None:
        raise Refused(f"{product.code} is a product of its own.", code="not_merged")
    target = product.merged_into_id
    Product.objects.filter(pk=product.pk).update(
        merged_into=None, merged_via=None, merged_by="", merged_at=None
    )
    came = [product.pk]
    Product.objects.filter(merged_into=target, merged_via=product).update(
        merged_into=product, merged_via=None
    )
    while came:
        came = list(
            Product.objects.filter(merged_into=product).exclude(pk__in=came).values_list("pk", flat=True)
        )
        further = Product.objects.filter(merged_into=target, merged_via__in=came)
        if not further.update(merged_into=product):
            break
    return _locked(product_id)


def _locked(product_id: UUID) -> Product:
    found = Product.objects.select_for_update(of=("self",)).filter(pk=product_id).first()
    if found is None:
        raise Refused("There is no such product.", field="into", code="not_found")
    return found
