"""The filters of the catalogue, for page and API."""

import django_filters
from django.db.models import QuerySet

from orders.catalogue.models import Product, ProductQuerySet
from prm.ui.filters import YesNoFilter


class ProductFilter(django_filters.FilterSet):
    """Products by code or name, their family, and whether they are another one."""

    q = django_filters.CharFilter(label="Code or name", method="search")
    family = django_filters.CharFilter(label="Family", lookup_expr="iexact")
    merged = YesNoFilter(label="Is another", field_name="merged_into", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    def search(self, queryset: ProductQuerySet, name: str, value: str) -> QuerySet[Product]:
        """Keep products whose code or name, or that of one they stand for, contains the text."""
        return queryset.matching(value.strip())
