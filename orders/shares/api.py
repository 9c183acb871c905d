"""Shared credit by API: the parts of an order, and the rules."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from orders.book.models import Order, ShareRule
from orders.shares import service
from orders.shares.serializers import PartsSerializer, ShareRuleSerializer
from orders.shares.service import Part
from orders.states import ShareCase
from partners.directory.models import Partner
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet
from prm.core.errors import Refused


class OrderShareViewSet(viewsets.GenericViewSet[Order]):
    """The parts of the credit of one order, under the order's id."""

    permission_classes = [Needs(Right.ORDER_VIEW, Right.ORDER_TIE)]
    serializer_class = PartsSerializer  # type: ignore[assignment]  # parts of an order, not the order
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Order]:
        """Return all orders of the tenant."""
        return Order.objects.all()

    @extend_schema(responses=PartsSerializer)  # type: ignore[untyped-decorator]
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return the parts; none where the order counts for its partner alone."""
        return self._answer(get_object_or_404(self.get_queryset(), pk=pk))

    @extend_schema(request=PartsSerializer, responses=PartsSerializer)  # type: ignore[untyped-decorator]
    def update(self, request: Request, pk: UUID) -> Response:
        """Share the order by hand; without parts take that back."""
        order = get_object_or_404(self.get_queryset(), pk=pk)
        body = PartsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        parts = [Part(part["partner"], part["percent"]) for part in body.validated_data["parts"]]
        if parts:
            service.share_order(order.pk, parts)
        else:
            service.unshare_order(order.pk)
        return self._answer(order)

    def _answer(self, order: Order) -> Response:
        shares = order.shares.all()
        parts = [{"partner": share.partner_id, "percent": share.percent} for share in shares]
        return Response(PartsSerializer({"parts": parts}).data)


class ShareRuleViewSet(ServiceViewSet[ShareRule]):
    """Rules by which the credit of orders is shared."""

    serializer_class = ShareRuleSerializer
    permission_classes = [Needs(Right.ORDER_TIE, Right.ORDER_TIE)]

    def get_queryset(self) -> QuerySet[ShareRule]:
        """Return the rules of the tenant."""
        return ShareRule.objects.order_by("-id")

    @extend_schema(request=ShareRuleSerializer, responses={201: ShareRuleSerializer})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Make a rule, or change the one that is there for these orders; past orders follow in the background."""
        said = self.checked(request)
        known = ShareRule.objects.values_list("pk", flat=True)
        before = set(known)
        rule = service.save_rule(
            case=ShareCase(said["case"]),
            percent=said["percent"],
            subject=_partner(said.get("subject_id"), "subject"),
            region=said.get("region", ""),
            to=_partner(said.get("to_id"), "to"),
            since=said.get("since"),
        )
        return self.answer(rule, created=rule.pk not in before)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Remove a rule; its orders follow in the background."""
        self.get_object()
        service.remove_rule(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _partner(partner_id: UUID | None, field: str) -> Partner | None:
    if partner_id is None:
        return None
    found = Partner.objects.filter(pk=partner_id).first()
    if found is None:
        raise Refused("There is no such partner.", field=field, code="not_found")
    return found
