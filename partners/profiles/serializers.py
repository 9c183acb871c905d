"""Partners in the API."""

from typing import Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.alarms.serializers import WatchSerializer
from partners.directory.models import Partner
from partners.directory.serializers import Fields, bound_to_tenant
from partners.standing.serializers import StandingSerializer, tier_field
from partners.tags.serializers import TagsField
from prm.api.serializers import Strict, StrictModel
from prm.core.fields import LONGEST_TEXT
from prm.ownfields.serializers import OwnValuesField

# Each takes a look at all waiting orders; more are sent to their own address.
MOST_CODES: Final = 50


class NestedCodeSerializer(Strict[dict[str, str]]):
    """A code as part of a partner."""

    scheme = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    code = serializers.CharField(max_length=120)


class PartnerSerializer(StrictModel[Partner]):
    """A partner with codes and standing. Send `version` with a change to be told of a clash."""

    tier = tier_field("The tier in force; empty until the first is set.")
    codes = NestedCodeSerializer(  # type: ignore[call-arg]  # of the list, by many
        many=True, required=False, max_length=MOST_CODES
    )
    another_than = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=50,
        write_only=True,
        help_text="With a new partner: ids of those that look like it and are not it.",
    )
    country = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        help_text="Its code (ISO 3166-1 alpha-2); what is sent may be its name as well.",
    )
    standing = serializers.SerializerMethodField()
    watch = serializers.SerializerMethodField()
    version = serializers.IntegerField(required=False)
    own = OwnValuesField("partner")
    tags = TagsField()

    class Meta:
        model = Partner
        fields = (
            "id", "name", "kind", "specialty", "organisation", "rep", "city", "region", "country", "email", "phone",
            "website", "notes", "is_active", "tier", "tier_since", "codes", "another_than", "own", "tags", "standing", "watch", "version",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("id", "tier", "tier_since", "created_at", "updated_at")
        extra_kwargs = {"notes": {"max_length": LONGEST_TEXT}}

    def get_fields(self) -> Fields:
        """Bind the choices of organisation and rep to the tenant in scope."""
        return bound_to_tenant(super().get_fields())

    @extend_schema_field(StandingSerializer(allow_null=True))  # type: ignore[untyped-decorator]
    def get_standing(self, partner: Partner) -> dict[str, object] | None:
        """Null until it is computed, and for callers who may not see standings."""
        standing = getattr(partner, "standing", None)
        if standing is None or not self.context.get("with_standing"):
            return None
        return dict(StandingSerializer(standing).data)

    @extend_schema_field(WatchSerializer(allow_null=True))  # type: ignore[untyped-decorator]
    def get_watch(self, partner: Partner) -> dict[str, object] | None:
        """Null until the orders are judged, and for callers who may not see standings."""
        watch = getattr(partner, "watch", None)
        if watch is None or not self.context.get("with_standing"):
            return None
        return dict(WatchSerializer(watch).data)
