"""The filters of counted days and control totals, for the API."""

import django_filters

from orders.reconciliation.models import ControlTotal, ReconciledDay
from orders.reconciliation.states import DayState


class DayFilter(django_filters.FilterSet):
    """Counted days by source, span, currency and state."""

    source = django_filters.CharFilter(label="Source", field_name="source__name")
    currency = django_filters.CharFilter(label="Currency")
    day = django_filters.DateFilter(label="Day")
    day_from = django_filters.DateFilter(label="From", field_name="day", lookup_expr="gte")
    day_to = django_filters.DateFilter(label="To", field_name="day", lookup_expr="lte")
    state = django_filters.ChoiceFilter(label="State", choices=DayState.choices)

    class Meta:
        model = ReconciledDay
        fields: tuple[str, ...] = ()


class ControlTotalFilter(django_filters.FilterSet):
    """Control totals by source, span and currency."""

    source = django_filters.CharFilter(label="Source", field_name="source__name")
    currency = django_filters.CharFilter(label="Currency")
    day = django_filters.DateFilter(label="Day")
    day_from = django_filters.DateFilter(label="From", field_name="day", lookup_expr="gte")
    day_to = django_filters.DateFilter(label="To", field_name="day", lookup_expr="lte")

    class Meta:
        model = ControlTotal
        fields: tuple[str, ...] = ()
