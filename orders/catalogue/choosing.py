"""Products, chosen by typing."""

from django.db.models import QuerySet

from orders.catalogue.models import Product, ProductQuerySet
from prm.accounts.rights import Right
from prm.ui.pickers.pickers import Picker


def _matching(rows: ProductQuerySet, words: str) -> QuerySet[Product]:
    return rows.matching(words)


def _note(product: Product) -> str:
    """Return the code beside a name, and the family: what tells namesakes apart."""
    return ", ".join(filter(None, (product.code if product.name else "", product.family)))


PRODUCTS = Picker(
    key="products",
    right=Right.ORDER_VIEW,
    rows=lambda: Product.objects.own().order_by("name", "code"),
    matching=_matching,
    nouns=("product", "products"),
    note=_note,
)
PICKERS = [PRODUCTS]
