"""What was decided about whose orders they are, by API: the list of what is settled, and taking back."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from orders.attribution import service
from orders.attribution.models import Answer
from orders.attribution.serializers import SettledSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ReadViewSet


class AnswerViewSet(ReadViewSet[Answer]):
    """Decisions about codes and single orders, latest first. Each can be taken back, however old it is."""

    serializer_class = SettledSerializer
    permission_classes = [Needs(Right.ORDER_TIE, Right.ORDER_TIE)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["kind", "code", "partner"]

    def get_queryset(self) -> QuerySet[Answer]:
        """Return the answers of the tenant with their partners."""
        return Answer.objects.with_names()

    @extend_schema(request=None, responses=SettledSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def undo(self, request: Request, pk: UUID) -> Response:
        """Take a decision back: its orders are where they were. Refused with `undone` or `changed`, in words."""
        self.get_object()
        service.undo_answer(pk)
        return Response(self.get_serializer(self.get_object()).data)
