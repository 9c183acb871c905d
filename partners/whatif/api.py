"""Policies by API: versions, the draft, what it would do."""

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from partners.policy import service as policies
from partners.policy.models import StandingPolicy
from partners.policy.queries import draft, policy_in_force
from partners.policy.rules import Value
from partners.whatif import service
from partners.whatif.queries import outcome
from partners.whatif.serializers import ConfirmSerializer, DraftSerializer, FiguresSerializer
from partners.whatif.trying import tried
from partners.whatif.words import outcome_facts, policy_facts
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.serializers import Strict

_OBJECT = {200: OpenApiTypes.OBJECT}


class PolicyViewSet(viewsets.ViewSet):
    """The rules of level, tier and score: versions, a draft, and what figures would do."""

    permission_classes = [Needs(Right.POLICY_EDIT)]
    pagination_class = None
    serializer_class: ClassVar[type[Strict[dict[str, object]]]] = DraftSerializer

    @extend_schema(responses=_OBJECT)  # type: ignore[untyped-decorator]
    def list(self, request: Request) -> Response:
        """Return the policy in force, the draft, and all versions."""
        drafted = draft()
        versions = StandingPolicy.objects.select_related("signed_by__user")
        return Response(
            {
                "policy": policy_facts(policy_in_force()),
                "draft": policy_facts(drafted) if drafted else None,
                "versions": [policy_facts(version) for version in versions],
            }
        )

    @extend_schema(request=DraftSerializer, responses={201: OpenApiTypes.OBJECT})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Keep figures as the draft of the next version; it changes nothing."""
        made = service.draft(by=caller(request).membership, **_read(DraftSerializer(data=request.data)))
        return Response(policy_facts(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: OpenApiTypes.OBJECT})  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"])
    def propose(self, request: Request) -> Response:
        """Draft bands proposed from the tenant's own distribution."""
        made = service.propose(by=caller(request).membership)
        return Response(policy_facts(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=ConfirmSerializer, responses=_OBJECT)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"], serializer_class=ConfirmSerializer)
    def confirm(self, request: Request) -> Response:
        """Put the draft in force, signed by the caller."""
        said = _read(ConfirmSerializer(data=request.data))
        return Response(policy_facts(policies.confirm_draft(by=caller(request).membership, **said)))

    @extend_schema(request=None, responses={204: None})  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"])
    def discard(self, request: Request) -> Response:
        """Throw the draft away."""
        policies.discard_draft()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=FiguresSerializer, responses=_OBJECT)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"], url_path="what-if", serializer_class=FiguresSerializer)
    def what_if(self, request: Request) -> Response:
        """Say who would move by these figures, how many visits and what money that means; nothing is kept."""
        figures = _read(FiguresSerializer(data=request.data))
        return Response(outcome_facts(outcome(tried(figures), policy_in_force())))


def _read(serializer: BaseSerializer[Value]) -> Mapping[str, Value]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
