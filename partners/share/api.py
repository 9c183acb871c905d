"""Estimates by API."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from partners.share import queries, service
from partners.share.models import EstimateRequest, ShareEstimate
from partners.share.serializers import EstimateRequestSerializer, EstimateSerializer
from partners.share.states import RequestState
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet
from prm.core.errors import Refused


class EstimateViewSet(ServiceViewSet[ShareEstimate]):
    """Estimates of partners' total orders."""

    serializer_class = EstimateSerializer
    permission_classes = [Needs(Right.STANDING_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner", "source"]

    def get_queryset(self) -> QuerySet[ShareEstimate]:
        """All estimates of the tenant."""
        return ShareEstimate.objects.all()

    def create(self, request: Request) -> Response:
        """Add an estimate, signed by the caller."""
        data = self.checked(request)
        partner = data.pop("partner")
        by = caller(request).membership
        return self.answer(service.add_estimate(partner.pk, by=by, **data), created=True)


class EstimateRequestViewSet(ServiceViewSet[EstimateRequest]):
    """Questions to reps for an estimate, the latest first. An estimate of the partner answers one by itself."""

    serializer_class = EstimateRequestSerializer
    permission_classes = [Needs(Right.STANDING_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner", "state"]

    def get_queryset(self) -> QuerySet[EstimateRequest]:
        """All of the tenant."""
        return EstimateRequest.objects.all()

    def create(self, request: Request) -> Response:
        """Ask the partner's rep; who was asked already stays asked (200). In nobody's panel, nobody can be (400)."""
        data = self.checked(request)
        partner = data["partner"]
        new = service.ask_reps([partner.pk], note=data.get("note", ""), by=caller(request).membership)
        asked = queries.open_request(partner.pk)
        if asked is None:
            raise Refused("Nobody has this partner in a panel.", field="partner", code="no_rep")
        return self.answer(asked, created=bool(new))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take an open question back; it stays in the list, as withdrawn."""
        asked = self.get_object()
        if asked.state != RequestState.OPEN:
            raise Refused("This question is closed already.", code="already_done")
        service.withdraw_requests([asked.partner_id])
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: UUID) -> Response:
        """Answer it by "cannot say"."""
        return self.answer(service.decline_request(self.get_object().pk))
