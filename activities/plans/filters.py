"""Filters of call plans."""

import django_filters

from activities.plans.models import CallPlan


class CallPlanFilter(django_filters.FilterSet):
    """Call plans by partner."""

    partner = django_filters.UUIDFilter(field_name="partner_id")

    class Meta:
        model = CallPlan
        fields: tuple[str, ...] = ()
