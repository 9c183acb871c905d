"""Mass changes by API: the list, approving, refusing, and the thresholds."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet
from prm.salesforce.breakers import queries, service
from prm.salesforce.breakers.serializers import GuardRulesSerializer, MassChangeSerializer
from prm.salesforce.guards.models import MassChange, rules_of_tenant


class MassChangeViewSet(ServiceViewSet[MassChange]):
    """Mass changes of the sync, those that wait first."""

    serializer_class = MassChangeSerializer
    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]

    def get_queryset(self) -> QuerySet[MassChange]:
        """All of the tenant that wait or were decided."""
        return queries.shown()

    @extend_schema(request=None, responses=MassChangeSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: UUID) -> Response:
        """Let it go to the other side with the next run."""
        return self.answer(service.approve(self.get_object().pk))

    @extend_schema(request=None, responses=MassChangeSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: UUID) -> Response:
        """Take it back where it was made."""
        return self.answer(service.refuse(self.get_object().pk))


class GuardRulesView(APIView):
    """The thresholds of the tenant: from how many records on a change waits for a person."""

    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]

    @extend_schema(responses=GuardRulesSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return the thresholds in force."""
        return Response(GuardRulesSerializer(rules_of_tenant()).data)

    @extend_schema(request=GuardRulesSerializer, responses=GuardRulesSerializer)  # type: ignore[untyped-decorator]
    def patch(self, request: Request) -> Response:
        """Change those that are named."""
        body = GuardRulesSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        return Response(GuardRulesSerializer(service.set_rules(body.validated_data)).data)
