"""Contacts by API: same rights and services as the pages."""

from uuid import UUID

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from partners.contacts import service
from partners.contacts.models import Contact
from partners.contacts.serializers import ContactSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet


class ContactViewSet(ServiceViewSet[Contact]):
    """People at partners."""

    serializer_class = ContactSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner", "email"]
    stays = ("partner",)
    makes_rows = ("create",)

    def get_queryset(self) -> QuerySet[Contact]:
        """All contacts of the tenant."""
        return Contact.objects.all()

    def create(self, request: Request) -> Response:
        """Add a person at a partner."""
        data = self.checked(request)
        partner = data.pop("partner")
        return self.answer(service.add_contact(partner.pk, **data), created=True)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change what is known of a person."""
        kept = self.get_object()
        data = self.checked(request, kept, partial=True)
        self.refuse_what_stays(kept, data)
        data.pop("partner", None)
        return self.answer(service.change_contact(kept.pk, **data))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take a person away; visits with them stay."""
        service.remove_contact(self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
