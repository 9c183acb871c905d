"""Call plans by API."""

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from activities.plans import filters, service
from activities.plans import serializers as s
from activities.plans.models import CallPlan
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet


class CallPlanViewSet(ServiceViewSet[CallPlan]):
    """Call plans, with those that held before."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)]
    serializer_class = s.CallPlanSerializer
    filterset_class = filters.CallPlanFilter

    def get_queryset(self) -> QuerySet[CallPlan]:
        """Newest first."""
        return CallPlan.objects.order_by("-valid_from", "pk")

    def create(self, request: Request) -> Response:
        """Set the plan of a partner in one's panel (managers: of any)."""
        data = self.checked(request)
        return self.answer(service.set_call_plan(**data), created=True)
