"""Tags in the API."""

from rest_framework import serializers

from partners.tags.models import Tag
from partners.tags.rules import LONGEST, MOST_OF_ONE
from prm.api.serializers import Strict, StrictModel


class TagSerializer(StrictModel[Tag]):
    """A tag, and how many partners have it."""

    name = serializers.CharField(max_length=LONGEST)
    partners = serializers.IntegerField(read_only=True)

    class Meta:
        model = Tag
        fields = ("id", "name", "partners")


class MergeTagSerializer(Strict[object]):
    """Which tag stands in its place."""

    into = serializers.UUIDField()


class TagsField(serializers.ListField):
    """The tags of a partner; sent, it has these and no others. The view loads them (`prefetch_related("tagged__tag")`)."""

    child = serializers.CharField(max_length=LONGEST)

    def __init__(self) -> None:
        super().__init__(required=False, max_length=MOST_OF_ONE, source="tagged")

    def to_representation(self, data: object) -> list[str]:
        """Return the words in their order."""
        return sorted((row.tag.name for row in data.all()), key=str.casefold)  # type: ignore[attr-defined]
