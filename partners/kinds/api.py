"""Kinds of partner by API."""

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from partners.kinds import service
from partners.kinds.models import PartnerKind
from partners.kinds.serializers import KindSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet


class KindViewSet(ServiceViewSet[PartnerKind]):
    """The kinds of partner that the tenant has, in their order."""

    serializer_class = KindSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.SETTINGS_EDIT)]
    stays = ("key",)

    def get_queryset(self) -> QuerySet[PartnerKind]:
        """All of them, those put away too."""
        return PartnerKind.objects.all()

    def create(self, request: Request) -> Response:
        """Add a kind at the end of the list."""
        data = self.checked(request)
        offered = data.pop("is_offered", True)
        kind = service.add_kind(**data)
        if not offered:
            kind = service.change_kind(kind.key, is_offered=False)
        return self.answer(kind, created=True)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change words, whether it is regulated, an organisation or on offer."""
        kind = self.get_object()
        data = self.checked(request, kind, partial=True)
        self.refuse_what_stays(kind, data)
        data.pop("key", None)
        return self.answer(service.change_kind(kind.key, **data))
