"""Saved views by API: own ones and those shared."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from partners.saved import service
from partners.saved.models import SavedView
from partners.saved.serializers import SavedViewSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.filters import FilterBackend
from prm.api.ordering import Ordering
from prm.api.views import ServiceViewSet


class SavedViewViewSet(ServiceViewSet[SavedView]):
    """Views of the list of partners: the caller's own and those shared with everybody."""

    serializer_class = SavedViewSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW)]
    filter_backends = [FilterBackend, Ordering]
    ordering_fields: ClassVar[list[str]] = ["name", "created_at"]
    ordering: ClassVar[list[str]] = ["name", "id"]

    def get_queryset(self) -> QuerySet[SavedView]:
        """Return the views that the caller sees."""
        member = getattr(caller(self.request), "membership", None) if self.request else None
        views: QuerySet[SavedView] = SavedView.objects.seen_by(member.pk if member else None)
        return views

    def create(self, request: Request) -> Response:
        """Save a view."""
        made = service.save_view(**{"query": "", **self.checked(request)}, by=caller(request).membership)
        return self.answer(made, created=True)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change a view's name, query or who sees it."""
        view = self.get_object()
        return self.answer(service.change_view(view.pk, **self.checked(request, view, partial=True)))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Remove a view."""
        service.remove_view(self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
