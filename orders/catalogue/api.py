"""The catalogue by API: the list, a product's family, and that one is another."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from orders.catalogue import service
from orders.catalogue.filters import ProductFilter
from orders.catalogue.models import Product
from orders.catalogue.serializers import IntoSerializer, ProductSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet


class ProductViewSet(ServiceViewSet[Product]):
    """Products that orders name. They come with orders; `PATCH` says their family."""

    serializer_class = ProductSerializer
    permission_classes = [Needs(Right.ORDER_VIEW, Right.ORDER_TIE)]
    filter_backends = [FilterBackend]
    filterset_class = ProductFilter

    def get_queryset(self) -> QuerySet[Product]:
        """Return the products with what they stand for."""
        return Product.objects.prefetch_related("aliases").order_by("-id")

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Say what family a product is of."""
        product = self.get_object()
        said = self.checked(request, product, partial=True)
        if "family" in said:
            service.set_family([product.pk], said["family"])
        return self.answer(product)

    @extend_schema(request=IntoSerializer, responses=ProductSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def merge(self, request: Request, pk: UUID) -> Response:
        """Say that a product is another one; answers with that one."""
        self.get_object()
        body = IntoSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer(service.merge_product(pk, into=body.validated_data["into"]))

    @extend_schema(request=None, responses=ProductSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def unmerge(self, request: Request, pk: UUID) -> Response:
        """Let a product be one of its own again."""
        self.get_object()
        return self.answer(service.unmerge_product(pk))
