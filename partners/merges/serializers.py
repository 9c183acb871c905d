"""Merges in the API."""

from uuid import UUID

from django.db.models import Model
from rest_framework import serializers

from partners.directory.models import Partner
from partners.directory.serializers import Fields
from partners.merges import rules
from partners.merges.models import MergeTask, PartnerMerge
from partners.merges.queries import Preview, Row, survivor_of
from prm.api.fields import RowField
from prm.api.serializers import Strict, StrictModel


class PartnerField(RowField):
    """A partner by its id; who was merged meanwhile is read as the one it is now, so that nothing sent late is lost."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(queryset=Partner.with_merged, **kwargs)

    def to_internal_value(self, data: Model) -> Partner:
        """Return the partner. Raises ValidationError for one that is not here."""
        found = super().to_internal_value(data)
        assert isinstance(found, Partner)
        return survivor_of(found)


class MergeSerializer(StrictModel[PartnerMerge]):
    """A merge: whom it merged into whom, what moved, and whether it was taken back."""

    survivor_name = serializers.CharField(source="survivor.name", read_only=True)
    merged_name = serializers.CharField(source="merged.name", read_only=True)
    take = serializers.ListField(
        child=serializers.ChoiceField(choices=rules.DETAILS),
        required=False,
        max_length=len(rules.DETAILS),
        write_only=True,
        help_text="Details that the survivor takes over; left out, those that it lacks.",
    )

    class Meta:
        model = PartnerMerge
        fields = (
            "id", "survivor", "survivor_name", "merged", "merged_name", "take", "reason", "taken", "counts", "by", "at",
            "undone_at", "undone_by", "left",
        )  # fmt: skip
        read_only_fields = ("id", "taken", "counts", "by", "at", "undone_at", "undone_by", "left")

    def get_fields(self) -> Fields:
        """Bind both partners to the tenant in scope; who was merged before is refused by the service, in words."""
        fields = super().get_fields()
        for name in ("survivor", "merged"):
            setattr(fields[name], "queryset", Partner.with_merged.all())  # noqa: B010  (the stubs take it for a descriptor)
        return fields


class MergeTaskSerializer(StrictModel[MergeTask]):
    """A merge, or its undo (`undoes`), in the background: rows moved so far, and at the end what came of it or why nothing did."""

    class Meta:
        model = MergeTask
        fields = (
            "id", "survivor", "merged", "undoes", "merge", "step", "rows_done", "rows_total", "asked_at", "started_at", "ended_at", "message",
        )  # fmt: skip
        read_only_fields = fields


class PairSerializer(Strict[dict[str, UUID]]):
    """Two partners of which one would be merged into the other."""

    survivor = serializers.UUIDField()
    merged = serializers.UUIDField()


class RowSerializer(Strict[Row]):
    """What one kind of row comes to: the survivor has so many, and gets so many."""

    words = serializers.CharField()
    has = serializers.IntegerField()
    gets = serializers.IntegerField()


class PreviewSerializer(Strict[Preview]):
    """What a merge would do; money is revenue of twelve months."""

    survivor = serializers.UUIDField(source="survivor.pk")
    merged = serializers.UUIDField(source="merged.pk")
    rows = RowSerializer(many=True)
    revenue = serializers.DecimalField(max_digits=18, decimal_places=4)
    gained = serializers.DecimalField(max_digits=18, decimal_places=4)
    together = serializers.DecimalField(max_digits=18, decimal_places=4)
    accesses = serializers.IntegerField()
