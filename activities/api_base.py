"""What the API views of this app have in common."""

from typing import Any
from uuid import UUID

from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from activities.rights import manages
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.core.errors import Refused


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
