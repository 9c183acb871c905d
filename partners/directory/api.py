"""Referral codes and other names by API: same rights and services as the pages."""

from uuid import UUID

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from partners.directory import service
from partners.directory.models import PartnerAlias, ReferralCode
from partners.directory.serializers import AliasSerializer, CodeSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet


class CodeViewSet(ServiceViewSet[ReferralCode]):
    """Referral codes."""

    serializer_class = CodeSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner", "scheme", "normal"]

    def get_queryset(self) -> QuerySet[ReferralCode]:
        """All codes of the tenant."""
        return ReferralCode.objects.all()

    def create(self, request: Request) -> Response:
        """Add a code; the same code again is answered with what is there."""
        data = self.checked(request)
        added = service.add_code(data["partner"].pk, scheme=data.get("scheme", ""), code=data["code"])
        return self.answer(added, created=True)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take the code away; orders tied by it stay tied."""
        service.remove_code(self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AliasViewSet(ServiceViewSet[PartnerAlias]):
    """Other names of partners."""

    serializer_class = AliasSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner"]

    def get_queryset(self) -> QuerySet[PartnerAlias]:
        """All other names of the tenant."""
        return PartnerAlias.objects.all()

    def create(self, request: Request) -> Response:
        """Add another name; the same again is answered with what is there."""
        data = self.checked(request)
        return self.answer(service.add_alias(data["partner"].pk, name=data["name"]), created=True)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take the name away."""
        service.remove_alias(self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
