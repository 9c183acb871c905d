"""Contacts in the API."""

from partners.contacts.models import Contact
from partners.directory.serializers import Fields, bound_to_tenant
from prm.api.serializers import StrictModel


class ContactSerializer(StrictModel[Contact]):
    """A person at a partner."""

    class Meta:
        model = Contact
        fields = ("id", "partner", "name", "role", "phone", "email", "is_preferred", "created_at")
        read_only_fields = ("id", "created_at")

    def get_fields(self) -> Fields:
        """Bind the choice of partners to the tenant in scope."""
        return bound_to_tenant(super().get_fields())
