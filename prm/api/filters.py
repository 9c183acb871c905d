"""The filters of lists by API: what a filter does not understand is refused, and never left out in silence."""

from collections.abc import Collection

from django.db import models
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django_filters import MultipleChoiceFilter
from django_filters import rest_framework as theirs
from rest_framework.request import Request
from rest_framework.views import APIView

from prm.core.errors import Refused
from prm.ui.filters import YesNoFilter


def said_once(query: QueryDict, *, but: Collection[str] = ()) -> QueryDict:
    """Return a query whose parameters say one thing each, but for those that take several.

    Raises Refused for one that is there twice: the last would be taken, and the others left out in silence.
    """
    for name, values in query.lists():
        if len(values) > 1 and name not in but:
            raise Refused("This is said more than once.", field=name, code="ambiguous")
    return query


class _FilterSet(theirs.FilterSet):
    # django-filter's own takes a word it does not know for a yes or no that was not sent.
    FILTER_DEFAULTS = {  # as the base class declares it
        **theirs.FilterSet.FILTER_DEFAULTS,
        models.BooleanField: {"filter_class": YesNoFilter},
    }


class FilterBackend(theirs.DjangoFilterBackend):  # noqa: TID251  # the one place
    """The filters that a view names in `filterset_fields` or by its `filterset_class`."""

    filterset_base = _FilterSet

    def get_filterset(
        self, request: Request, queryset: QuerySet[Model], view: APIView
    ) -> theirs.FilterSet | None:
        """Return what filters the list. Raises Refused for a parameter of the query that is there twice."""
        found: theirs.FilterSet | None = super().get_filterset(request, queryset, view)
        filters = {} if found is None else found.filters
        said_once(
            request.query_params,
            but=[name for name, one in filters.items() if isinstance(one, MultipleChoiceFilter)],
        )
        return found
