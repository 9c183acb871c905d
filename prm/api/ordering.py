"""The order of a list by API, by what its caller may see."""

from collections.abc import Mapping, Sequence

from django.db.models import Model, QuerySet
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.tenancy.use_cases import require


class Ordering(OrderingFilter):
    """`?ordering=`; a view's `ordering_rights` names the right of each field that not all callers see.

    The order of rows tells what stands in them as well as the rows do. Raises PermissionDenied.
    """

    def get_ordering(
        self, request: Request, queryset: QuerySet[Model], view: APIView
    ) -> Sequence[str] | None:
        """Return the order asked for, or the view's own."""
        found: Sequence[str] | None = super().get_ordering(request, queryset, view)
        rights: Mapping[str, Right] = getattr(view, "ordering_rights", {})
        for term in found or ():
            if right := rights.get(term.lstrip("-")):
                require(right)
        return found
