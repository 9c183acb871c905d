"""API of activities: the same services and permissions as the pages.

``PUT`` to an id of the caller's own making creates once and replaces afterwards, so that sending again is
harmless; ``POST`` with an ``id`` answers 201 the first time and 200 with the first result afterwards.
"""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from activities import filters, services
from activities import serializers as s
from activities.models import BudgetUpdate, CallPlan, Competitor, Differentiator, Insight, Opportunity, Visit
from activities.permissions import manages, require_change, require_opportunity
from prm.tenancy.drf import Needs
from prm.tenancy.errors import Refused
from prm.tenancy.http import TenantRequest
from prm.tenancy.models import Membership
from prm.tenancy.permissions import Right


def caller(request: Request) -> TenantRequest:
    """Return the request with what the middleware found out about the caller."""
    return cast("TenantRequest", request._request)


class ActivityViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Reading for everybody with the right to view, writing for those with the right to write."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)]
    lookup_value_converter = "uuid"

    def checked(
        self, request: Request, instance: Any = None, *, partial: bool = False, **given: Any
    ) -> dict[str, Any]:
        """Return the validated body; ``given`` (from the address) stands above it."""
        body = {**request.data, **given} if isinstance(request.data, dict) else request.data
        serializer = self.get_serializer(instance, data=body, partial=partial)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        return data

    def answer(self, row: Any, *, created: bool = False) -> Response:
        """Return a row as it now is."""
        fresh = self.get_queryset().get(pk=row.pk)
        return Response(
            self.get_serializer(fresh).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK
        )

    def found(self, pk: UUID) -> Any:
        """Return the row of an id the caller may have minted, or None."""
        return self.get_queryset().filter(pk=pk).first()


def acting_member(request: Request, wanted: Membership | None) -> Membership:
    """Return who an activity is logged for: the caller, or whom a manager names. Raises Refused."""
    member: Membership | None = caller(request).membership
    if wanted is None or wanted == member:
        if member is None:
            raise Refused("Say whose activity this is.", field="rep", code="required")
        return member
    if not manages(caller(request)):
        raise Refused("Only a manager logs for somebody else.", field="rep", code="not_allowed")
    return wanted


class VisitViewSet(ActivityViewSet):
    """Visits. Reps change their own, managers all."""

    serializer_class = s.VisitSerializer
    filterset_class = filters.VisitFilter

    def get_queryset(self) -> QuerySet[Visit]:
        """Newest first."""
        return Visit.objects.with_people()

    def create(self, request: Request) -> Response:
        """Log a visit with what came out of it, all or nothing."""
        return self._log(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Log the visit under this id, or replace it; sending it again changes nothing."""
        kept = self.found(pk)
        data = self.checked(request, id=str(pk))
        if kept is None:
            return self._log(request, data)
        if kept.partner_id != data["partner"].pk:
            raise Refused(
                "A visit stays with its partner. Send it under a new id.", field="partner", code="id_taken"
            )
        return self._change(request, kept, s.VisitSerializer.details(data))

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Correct some fields."""
        kept = self.get_object()
        data = self.checked(request, kept, partial=True)
        return self._change(request, kept, s.VisitSerializer.details(data, kept))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take the visit back with its insight and budget update."""
        kept = self.get_object()
        require_change(caller(request), kept.rep_id)
        services.remove_visit(visit=kept, by=caller(request).membership)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"], url_path="step", serializer_class=None)
    def step(self, request: Request, pk: UUID) -> Response:
        """Tick the promise off; with ``{"done": false}`` take the tick back."""
        kept = self.get_object()
        require_change(caller(request), kept.rep_id)
        if isinstance(request.data, dict) and request.data.get("done") is False:
            services.reopen_step(visit=kept)
        else:
            services.complete_step(visit=kept)
        return Response({"id": str(kept.pk), "next_step_done_at": kept.next_step_done_at})

    def _log(self, request: Request, data: dict[str, Any]) -> Response:
        rep = acting_member(request, data.get("rep"))
        logged = services.log_visit(
            partner=data["partner"],
            rep=rep,
            details=s.VisitSerializer.details(data),
            insight=s.insight_input(data["insight"]) if data.get("insight") else None,
            budget=s.BudgetFields().budget(data["budget"]) if data.get("budget") else None,
            visit_id=data.get("id"),
        )
        return self.answer(logged.visit, created=logged.created)

    def _change(self, request: Request, kept: Visit, details: services.VisitInput) -> Response:
        require_change(caller(request), kept.rep_id)
        return self.answer(services.change_visit(visit=kept, details=details))


class InsightViewSet(ActivityViewSet):
    """Insights about the competition."""

    serializer_class = s.InsightSerializer
    filterset_class = filters.InsightFilter

    def get_queryset(self) -> QuerySet[Insight]:
        """Newest first."""
        return Insight.objects.with_details()

    def create(self, request: Request) -> Response:
        """Add an insight."""
        return self._add(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Add the insight under this id, or replace it."""
        kept = self.found(pk)
        data = self.checked(request, id=str(pk))
        if kept is None:
            return self._add(request, data)
        if kept.partner_id != data["partner"].pk:
            raise Refused("An insight stays with its partner.", field="partner", code="id_taken")
        return self._change(request, kept, s.insight_input(data))

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Correct some fields."""
        kept = self.get_object()
        data = self.checked(request, kept, partial=True)
        return self._change(request, kept, s.insight_input(data, kept))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take the insight back."""
        kept = self.get_object()
        require_change(caller(request), kept.rep_id)
        services.remove_insight(insight=kept)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _add(self, request: Request, data: dict[str, Any]) -> Response:
        was_there = "id" in data and self.found(data["id"]) is not None
        made = services.add_insight(
            partner=data["partner"],
            rep=acting_member(request, None),
            insight=s.insight_input(data),
            insight_id=data.get("id"),
        )
        return self.answer(made, created=not was_there)

    def _change(self, request: Request, kept: Insight, details: services.InsightInput) -> Response:
        require_change(caller(request), kept.rep_id)
        return self.answer(services.change_insight(insight=kept, details=details))


class OpportunityViewSet(ActivityViewSet):
    """Opportunities; their budgets change by budget updates."""

    serializer_class = s.OpportunitySerializer
    filterset_class = filters.OpportunityFilter

    def get_queryset(self) -> QuerySet[Opportunity]:
        """By the day they are expected."""
        return Opportunity.objects.select_related("partner").order_by("close_date", "pk")

    def create(self, request: Request) -> Response:
        """Open an opportunity."""
        return self._open(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Open the opportunity under this id, or change it."""
        kept = self.found(pk)
        data = self.checked(request, id=str(pk))
        if kept is None:
            return self._open(request, data)
        if kept.partner_id != data["partner"].pk:
            raise Refused("An opportunity stays with its partner.", field="partner", code="id_taken")
        return self._change(request, kept, data)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change some fields; amount and day leave a budget update."""
        kept = self.get_object()
        return self._change(request, kept, self.checked(request, kept, partial=True))

    @action(detail=True, methods=["post"], serializer_class=s.CloseSerializer)
    def close(self, request: Request, pk: UUID) -> Response:
        """Mark the opportunity won or lost."""
        kept = self._changeable(request)
        data = self.checked(request)
        services.close_opportunity(opportunity=kept, state=data["state"])
        return self._shown(kept)

    @action(detail=True, methods=["post"], serializer_class=None)
    def reopen(self, request: Request, pk: UUID) -> Response:
        """Take won or lost back."""
        return self._shown(services.reopen_opportunity(opportunity=self._changeable(request)))

    def _changeable(self, request: Request) -> Opportunity:
        kept: Opportunity = self.get_object()
        require_opportunity(caller(request), kept)
        return kept

    def _shown(self, kept: Opportunity) -> Response:
        return Response(s.OpportunitySerializer(self.get_queryset().get(pk=kept.pk)).data)

    def _open(self, request: Request, data: dict[str, Any]) -> Response:
        was_there = "id" in data and self.found(data["id"]) is not None
        made = services.create_opportunity(
            partner=data["partner"],
            owner=data.get("owner", caller(request).membership),
            details=s.OpportunitySerializer.details(data),
            opportunity_id=data.get("id"),
        )
        return self.answer(made, created=not was_there)

    def _change(self, request: Request, kept: Opportunity, data: dict[str, Any]) -> Response:
        require_opportunity(caller(request), kept)
        if "amount" in data or "close_date" in data:
            services.update_budget(
                opportunity=kept,
                by=caller(request).membership,
                amount=data.get("amount"),
                close_date=data.get("close_date"),
                note=data.get("note", ""),
            )
        name, stage = data.get("name", kept.name), data.get("stage", kept.stage)
        return self.answer(services.change_opportunity(opportunity=kept, name=name, stage=stage))


class BudgetUpdateViewSet(ActivityViewSet):
    """The history of budgets: rows are added, never changed."""

    serializer_class = s.BudgetUpdateSerializer
    filterset_class = filters.BudgetUpdateFilter

    def get_queryset(self) -> QuerySet[BudgetUpdate]:
        """Newest first."""
        return BudgetUpdate.objects.select_related("opportunity__partner").order_by("-at", "-id")

    def create(self, request: Request) -> Response:
        """Change amount or day of an open opportunity; 200 without a new row when nothing would change."""
        return self._update(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """The same under an id of the caller's making; once there it stays as it is."""
        return self._update(request, self.checked(request, id=str(pk)))

    @action(detail=True, methods=["post"], serializer_class=None)
    def reverse(self, request: Request, pk: UUID) -> Response:
        """Take the last update back by a reverse row."""
        update: BudgetUpdate = self.get_object()
        require_opportunity(caller(request), update.opportunity)
        row = services.reverse_budget(update=update, by=caller(request).membership)
        return Response(s.BudgetUpdateSerializer(row).data, status=status.HTTP_201_CREATED)

    def _update(self, request: Request, data: dict[str, Any]) -> Response:
        opportunity: Opportunity = data["opportunity"]
        require_opportunity(caller(request), opportunity)
        was_there = "id" in data and self.found(data["id"]) is not None
        update = services.update_budget(
            opportunity=opportunity,
            by=caller(request).membership,
            amount=data.get("amount"),
            close_date=data.get("close_date"),
            note=data.get("note", ""),
            update_id=data.get("id"),
        )
        if update is None:
            last = self.get_queryset().filter(opportunity=opportunity).first()
            return Response(self.get_serializer(last).data)
        return self.answer(update, created=not was_there)


class CallPlanViewSet(ActivityViewSet):
    """Call plans, with those that held before."""

    serializer_class = s.CallPlanSerializer
    filterset_class = filters.CallPlanFilter

    def get_queryset(self) -> QuerySet[CallPlan]:
        """Newest first."""
        return CallPlan.objects.order_by("-valid_from", "pk")

    def create(self, request: Request) -> Response:
        """Set the plan of a partner in one's panel (managers: of any)."""
        data = self.checked(request)
        require_change(caller(request), data["partner"].rep_id)
        return self.answer(services.set_call_plan(**data), created=True)


class NamedViewSet(ActivityViewSet):
    """Competitors or differentiators. Everybody adds names, managers change them."""

    serializer_class = s.NamedSerializer

    def create(self, request: Request) -> Response:
        """Add a name; one that is there (upper and lower case alike) is found."""
        return Response(
            self.get_serializer(self.named(self.checked(request)["name"])).data,
            status=status.HTTP_201_CREATED,
        )

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Rename."""
        row = self.get_object()
        require_change(caller(request), None)
        services.rename(row=row, name=self.checked(request)["name"])
        return self.answer(row)

    def named(self, name: str) -> Competitor | Differentiator:
        """Return the row of that name, made if it is new."""
        raise NotImplementedError


class CompetitorViewSet(NamedViewSet):
    """Who else gets the business."""

    def get_queryset(self) -> QuerySet[Competitor]:
        """By name."""
        return Competitor.objects.all()

    def named(self, name: str) -> Competitor:
        """Return the competitor of that name, made if it is new."""
        return services.competitor_named(name=name)


class DifferentiatorViewSet(NamedViewSet):
    """What decides."""

    def get_queryset(self) -> QuerySet[Differentiator]:
        """By name."""
        return Differentiator.objects.all()

    def named(self, name: str) -> Differentiator:
        """Return the differentiator of that name, made if it is new."""
        return services.differentiator_named(name=name)


router = SimpleRouter(use_regex_path=False)
for prefix, viewset in (
    ("visits", VisitViewSet),
    ("insights", InsightViewSet),
    ("opportunities", OpportunityViewSet),
    ("budget-updates", BudgetUpdateViewSet),
    ("call-plans", CallPlanViewSet),
    ("competitors", CompetitorViewSet),
    ("differentiators", DifferentiatorViewSet),
):
    router.register(prefix, viewset, basename=f"api-{prefix}")
urlpatterns = router.urls
