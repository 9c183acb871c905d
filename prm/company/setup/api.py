"""How far a company has come, by API."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.serializers import Strict
from prm.company.setup import service
from prm.company.setup.queries import ShownStep, is_shown, progress
from prm.tenancy.models import Tenant


class SetupStepSerializer(Strict[ShownStep]):
    """One step: `words` say by which facts its state is known, `waits_for` why it cannot be begun yet."""

    key = serializers.CharField(source="step.key", read_only=True)
    number = serializers.IntegerField(read_only=True)
    title = serializers.CharField(source="step.heading", read_only=True)
    why = serializers.CharField(source="step.reason", read_only=True)
    is_done = serializers.BooleanField(source="state.is_done", read_only=True)
    is_optional = serializers.BooleanField(source="step.is_optional", read_only=True)
    is_next = serializers.BooleanField(read_only=True)
    words = serializers.CharField(source="state.words", read_only=True)
    waits_for = serializers.CharField(read_only=True)
    page = serializers.CharField(source="url", read_only=True)


class SetupSerializer(Strict[Tenant]):
    """The set-up: whether it stands in the menu, and its steps."""

    is_shown = serializers.BooleanField(required=False)
    steps = SetupStepSerializer(many=True, read_only=True)


class SetupViewSet(viewsets.GenericViewSet[Tenant]):
    """The steps by which a new company gets going."""

    serializer_class = SetupSerializer
    permission_classes = [Needs(Right.SETTINGS_EDIT)]
    pagination_class = None
    queryset = Tenant.objects.none()

    @extend_schema(operation_id="setup_read", responses=SetupSerializer)  # type: ignore[untyped-decorator]
    def retrieve(self, request: Request) -> Response:
        """Return the steps with their states."""
        return Response(_answer())

    @extend_schema(operation_id="setup_change", responses=SetupSerializer)  # type: ignore[untyped-decorator]
    def partial_update(self, request: Request) -> Response:
        """Put the set-up aside, or take it up again."""
        body = SetupSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data.get("is_shown")
        if wanted is not None:
            (service.take_up if wanted else service.put_aside)()
        return Response(_answer())


def _answer() -> object:
    return {"is_shown": is_shown(), "steps": [SetupStepSerializer(step).data for step in progress()]}
