"""Writes of the products of opportunities: said by people, and following a new amount."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from activities.checks import checked_amount, own
from activities.market.budgets.models import Opportunity
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.budgets.products.queries import Part
from activities.market.budgets.products.rules import scaled
from activities.rights import require_opportunity
from orders.catalogue.models import Product
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.core.numbers import plain
from prm.tenancy.use_cases import needs_no_right, requires
from prm.ui.formatting import money

MOST_PRODUCTS: Final = 20


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def split_opportunity(*, opportunity: Opportunity, parts: Sequence[Part]) -> Opportunity:
    """Say what an opportunity is about: several products with an amount each, one, or none.

    Raises Refused where they do not add up to its amount, and for a product that stands there twice.
    """
    require_opportunity(opportunity)
    locked = Opportunity.objects.select_for_update(of=("self",)).get(pk=opportunity.pk)
    amounts = _checked(locked, parts)
    only = parts[0].product.main if len(amounts) == 1 else None
    locked.product = opportunity.product = only
    locked.save(update_fields=["product"])
    _keep(locked.pk, amounts if len(amounts) > 1 else {})
    return locked


def _checked(opportunity: Opportunity, parts: Sequence[Part]) -> dict[UUID, Decimal]:
    if len(parts) > MOST_PRODUCTS:
        raise Refused(f"Name at most {MOST_PRODUCTS} products.", field="products", code="too_many")
    amounts: dict[UUID, Decimal] = {}
    for product, amount in parts:
        own(product, "products")
        if product.main.pk in amounts:
            raise Refused(f"{product.main} stands there twice. Add both up.", field="products", code="twice")
        amounts[product.main.pk] = checked_amount(amount, "products")
    total = sum(amounts.values(), Decimal(0))
    if amounts and total != opportunity.amount:
        said, whole = (money(one, opportunity.currency, places=2) for one in (total, opportunity.amount))
        raise Refused(
            f"The products add up to {said}, and {whole} is expected. Make them the same.",
            field="products",
            code="sum",
        )
    return amounts


def _keep(opportunity_id: UUID, amounts: Mapping[UUID, Decimal]) -> None:
    """Make the parts of an opportunity these, touching only what changes."""
    kept = {row.product_id: row for row in OpportunityProduct.objects.filter(opportunity=opportunity_id)}
    gone = [row.pk for pk, row in kept.items() if pk not in amounts]
    if gone:
        OpportunityProduct.objects.filter(pk__in=gone).delete()
    changed = [row for pk, row in kept.items() if pk in amounts and row.amount != amounts[pk]]
    for row in changed:
        row.amount = amounts[row.product_id]
    OpportunityProduct.objects.bulk_update(changed, ["amount"])
    OpportunityProduct.objects.bulk_create(
        OpportunityProduct(opportunity_id=opportunity_id, product_id=pk, amount=amount)
        for pk, amount in amounts.items()
        if pk not in kept
    )


@needs_no_right("follows a change of amounts, whose own right was checked")
def follow_amounts(amounts: Mapping[UUID, Decimal]) -> dict[UUID, dict[str, str]]:
    """Make the parts of opportunities add up to new amounts, in proportion; return what they were, by product (1 query, or 2).

    Inside the caller's transaction, which has locked the opportunities.
    """
    rows = OpportunityProduct.objects.filter(opportunity__in=amounts).order_by("pk")
    by: dict[UUID, list[OpportunityProduct]] = {}
    for row in rows:
        by.setdefault(row.opportunity_id, []).append(row)
    before, changed = {}, []
    for pk, parts in by.items():
        before[pk] = {str(row.product_id): plain(row.amount) for row in parts}
        new = scaled({row.pk: row.amount for row in parts}, amounts[pk])
        changed += [row for row in parts if row.amount != new[row.pk]]
        for row in parts:
            row.amount = new[row.pk]
    if changed:
        OpportunityProduct.objects.bulk_update(changed, ["amount"])
    return before


@needs_no_right("takes a change of amounts back, whose own right was checked")
def put_back(opportunity: Opportunity, before: Mapping[str, str]) -> None:
    """Make the parts what they were before a change of the amount that is taken back. Inside the caller's transaction."""
    amounts = {UUID(pk): Decimal(amount) for pk, amount in before.items()}
    here = set(Product.objects.filter(pk__in=amounts).values_list("pk", flat=True))
    if here == set(amounts) and sum(amounts.values()) == opportunity.amount:
        _keep(opportunity.pk, amounts)
