"""What the API views of every app have in common: read a body, write through a service, answer with the row.

A view set says its `queryset`, serializer and rights, and calls a service of its room; nothing is
saved by a serializer.
"""

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from prm.core.errors import Refused

M = TypeVar("M", bound=Model)

Body = dict[str, Any]
"""A validated body: what a serializer made of the JSON, by the names of its fields."""


class ReadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[M]):
    """A list and its rows; ids are UUIDs."""

    lookup_value_converter = "uuid"


class ServiceViewSet(ReadViewSet[M]):
    """The same with the pieces of which a subclass makes its writes.

    `stays` names fields that are said when a row is made and stay so; `with_new` those that are sent with a
    new row only. See `refuse_what_stays`. `makes_rows` names the actions that answer 201 with a new row and 200
    with one that was there.
    """

    makes_rows: ClassVar[tuple[str, ...]] = ("create", "update")

    stays: ClassVar[tuple[str, ...]] = ()
    with_new: ClassVar[tuple[str, ...]] = ()

    def checked(
        self, request: Request, instance: M | None = None, *, partial: bool = False, **given: object
    ) -> Body:
        """Return the validated body; `given` (from the address) stands above it. Raises ValidationError."""
        body = request.data
        if isinstance(body, dict):
            for name, value in given.items():
                if str(body.get(name, value)) != str(value):
                    raise Refused("The address says another.", field=name, code="ambiguous")
            body = {**body, **given}
        serializer = self.get_serializer(instance, data=body, partial=partial)
        serializer.is_valid(raise_exception=True)
        data: Body = serializer.validated_data
        return data

    def refuse_what_stays(self, kept: M, data: Body) -> None:
        """Raise Refused for a change that would not be made: never is 200 answered and nothing done."""
        for name in self.stays:
            if name in data and data[name] != getattr(kept, name):
                raise Refused(
                    "This stays as it was made. Send a new entry under a new id.", field=name, code="id_taken"
                )
        for name in self.with_new:
            if name in data:
                raise Refused("This goes with a new entry only.", field=name, code="only_new")

    def answer(self, row: M, *, created: bool = False) -> Response:
        """Return a row as it now is, with 201 for a new one."""
        fresh = self.get_queryset().get(pk=row.pk)
        return Response(
            self.get_serializer(fresh).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK
        )

    def existing(self, pk: UUID) -> M | None:
        """Return the row of an id that the caller may have minted, or None."""
        return self.get_queryset().filter(pk=pk).first()
