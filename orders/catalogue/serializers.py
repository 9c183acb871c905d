"""Products in the API."""

from rest_framework import serializers

from orders.catalogue.models import Product
from prm.api.serializers import Strict, StrictModel


class ProductSerializer(StrictModel[Product]):
    """A product by its code; `merged_into` is the one that it is, `aliases` are codes that mean the same."""

    aliases: "serializers.SlugRelatedField[Product]" = serializers.SlugRelatedField(
        slug_field="code", many=True, read_only=True
    )

    class Meta:
        model = Product
        fields = ("id", "code", "name", "family", "merged_into", "merged_by", "merged_at", "aliases")
        read_only_fields = ("id", "code", "name", "merged_into", "merged_by", "merged_at", "aliases")


class IntoSerializer(Strict[object]):
    """The product that one is."""

    into = serializers.UUIDField()
