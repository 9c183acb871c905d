"""Referral codes in the API, and relations bound to the tenant."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from partners.directory.models import Partner, PartnerAlias, ReferralCode
from prm.accounts.models import Membership
from prm.api.serializers import StrictModel

Fields = dict[str, serializers.Field[Any, Any, Any, Any]]
"""The fields of a serializer by name; the four types of each are its own business."""


class CodeSerializer(StrictModel[ReferralCode]):
    """A referral code; `normal` is the form in which codes are compared."""

    class Meta:
        model = ReferralCode
        fields = ("id", "partner", "scheme", "code", "normal", "created_at")
        read_only_fields = ("id", "normal", "created_at")

    def get_fields(self) -> Fields:
        """Bind the choice of partners to the tenant in scope."""
        return bound_to_tenant(super().get_fields())


class AliasSerializer(StrictModel[PartnerAlias]):
    """Another name by which a partner is found."""

    class Meta:
        model = PartnerAlias
        fields = ("id", "partner", "name", "created_at")
        read_only_fields = ("id", "created_at")

    def get_fields(self) -> Fields:
        """Bind the choice of partners to the tenant in scope."""
        return bound_to_tenant(super().get_fields())


def bound_to_tenant(fields: Fields) -> Fields:
    """Give relations the querysets of the tenant in scope: another tenant's row does not exist."""
    querysets: dict[str, Callable[[], QuerySet[Partner] | QuerySet[Membership]]] = {
        "partner": Partner.objects.all,
        "organisation": Partner.objects.all,
        "rep": Membership.objects.staff,
    }
    for name, queryset in querysets.items():
        field = fields.get(name)
        if isinstance(field, serializers.PrimaryKeyRelatedField) and not field.read_only:
            setattr(field, "queryset", queryset())  # noqa: B010  (the stubs take it for a descriptor)
    return fields
