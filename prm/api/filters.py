"""The filters of lists by API: what a filter does not understand is refused, and never left out in silence."""

from django.db import models
from django_filters import rest_framework as theirs

from prm.ui.filters import YesNoFilter


class _FilterSet(theirs.FilterSet):
    # django-filter's own takes a word it does not know for a yes or no that was not sent.
    FILTER_DEFAULTS = {  # as the base class declares it
        **theirs.FilterSet.FILTER_DEFAULTS,
        models.BooleanField: {"filter_class": YesNoFilter},
    }


class FilterBackend(theirs.DjangoFilterBackend):  # noqa: TID251  # the one place
    """The filters that a view names in `filterset_fields` or by its `filterset_class`."""

    filterset_base = _FilterSet
