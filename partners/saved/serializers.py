"""Saved views by API."""

from partners.saved.models import SavedView
from prm.api.serializers import StrictModel


class SavedViewSerializer(StrictModel[SavedView]):
    """A name for what `GET partners/` shows with this query."""

    class Meta:
        model = SavedView
        fields = ("id", "name", "query", "is_shared", "owner", "created_at")
        read_only_fields = ("id", "owner", "created_at")
