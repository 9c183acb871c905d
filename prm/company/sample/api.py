"""Sample data by API."""

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.serializers import Strict
from prm.company.sample import service
from prm.company.sample.models import SampleData
from prm.company.sample.queries import sample_data
from prm.company.sample.states import SampleState
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Tenant


class SampleSerializer(Strict[SampleData]):
    """How far it has come or gone; `state` is empty where there is none."""

    state = serializers.ChoiceField(SampleState.choices, read_only=True, allow_blank=True)
    step = serializers.CharField(read_only=True)
    steps_done = serializers.IntegerField(read_only=True)
    steps = serializers.IntegerField(read_only=True)
    message = serializers.CharField(read_only=True)


class NoFields(Strict[Model]):
    """A body without fields."""


class SampleViewSet(viewsets.GenericViewSet[Model]):
    """Sample data to look around with."""

    serializer_class = NoFields
    permission_classes = [Needs(Right.SETTINGS_EDIT)]
    pagination_class = None
    queryset = Tenant.objects.none()

    def get_object(self) -> Model:
        """Return whose sample data it is."""
        return current_tenant()

    @extend_schema(operation_id="sample_data_read", responses=SampleSerializer)  # type: ignore[untyped-decorator]
    def retrieve(self, request: Request) -> Response:
        """Return how far it is."""
        return Response(_answer())

    @extend_schema(operation_id="sample_data_fill", request=NoFields, responses={202: SampleSerializer})  # type: ignore[untyped-decorator]
    def update(self, request: Request) -> Response:
        """Have the organisation filled."""
        NoFields(data=request.data).is_valid(raise_exception=True)
        service.ask_to_fill()
        return Response(_answer(), status=status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="sample_data_remove", responses={202: SampleSerializer})  # type: ignore[untyped-decorator]
    def destroy(self, request: Request) -> Response:
        """Have it removed, and nothing else."""
        service.ask_to_remove()
        return Response(_answer(), status=status.HTTP_202_ACCEPTED)


def _answer() -> object:
    return SampleSerializer(sample_data() or SampleData(state="")).data
