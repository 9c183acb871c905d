"""Partners and their codes by API: same rights and services as the pages."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import mixins, viewsets
from rest_framework.filters import OrderingFilter

from partners.directory import service
from partners.directory.filters import PartnerFilter
from partners.directory.models import Partner, ReferralCode
from partners.directory.serializers import CodeSerializer, PartnerSerializer
from prm.accounts.rights import Right, allows
from prm.api.callers import Needs, caller


class PartnerViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet[Partner],
):
    """Partners with codes and standing. Filters are those of the list page."""

    serializer_class = PartnerSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_class = PartnerFilter
    ordering_fields = ["name", "standing__revenue_12m", "standing__score", "updated_at"]
    ordering = ["name", "id"]
    http_method_names = ["get", "head", "options", "post", "patch"]

    def get_queryset(self) -> QuerySet[Partner]:
        """All partners of the tenant, active or not."""
        return Partner.objects.with_standing().prefetch_related("codes")

    def get_serializer_context(self) -> dict[str, Any]:
        """Say whether this caller may see standings."""
        shown = allows(caller(self.request), Right.STANDING_VIEW) if self.request else False
        return {**super().get_serializer_context(), "with_standing": shown}

    def perform_create(self, serializer: Any) -> None:
        """Create through the service, codes included."""
        data = dict(serializer.validated_data)
        data.pop("version", None)
        codes = [(code["scheme"], code["code"]) for code in data.pop("codes", [])]
        serializer.instance = service.create_partner(codes=codes, **data)

    def perform_update(self, serializer: Any) -> None:
        """Change through the service; with `version` a clash is refused. Codes have an address of their own."""
        data = dict(serializer.validated_data)
        data.pop("codes", None)
        version = data.pop("version", None)
        service.update_partner(serializer.instance.pk, expected_version=version, **data)
        serializer.instance = self.get_queryset().get(pk=serializer.instance.pk)


class CodeViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[ReferralCode],
):
    """Referral codes."""

    serializer_class = CodeSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["partner", "scheme", "normal"]

    def get_queryset(self) -> QuerySet[ReferralCode]:
        """All codes of the tenant."""
        return ReferralCode.objects.all()

    def perform_create(self, serializer: Any) -> None:
        """Add through the service; the same code again is answered with what is there."""
        data = serializer.validated_data
        serializer.instance = service.add_code(
            data["partner"].pk, scheme=data.get("scheme", ""), code=data["code"]
        )

    def perform_destroy(self, instance: ReferralCode) -> None:
        """Remove through the service."""
        service.remove_code(instance.pk)
