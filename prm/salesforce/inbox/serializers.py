"""Conflicts and problems in the API, and the bodies of what is done about them."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from prm.api.serializers import Strict, StrictModel
from prm.salesforce.engine.models import Conflict, Outbox, SyncProblem
from prm.salesforce.inbox import queries, tables
from prm.salesforce.inbox.service import SIDES
from prm.salesforce.mapping import registry
from prm.salesforce.wire import codes


@extend_schema_field({"type": ["string", "boolean", "null"]})
class ValueField(serializers.JSONField):
    """A value as both sides are compared by: text, true or false, null for nothing; money with its decimals."""


class ConflictSerializer(StrictModel[Conflict]):
    """One field that both sides changed. `state` is open, settled (by its rule), chosen (by a person) or equal.

    `field` is what people call it, `there` its name in Salesforce. `value` is what a person chose.
    """

    field = serializers.SerializerMethodField(help_text="What people call the field.")
    outcome = serializers.SerializerMethodField(help_text="What became of it, in a few words.")
    agreed = ValueField(read_only=True)
    ours = ValueField(read_only=True)
    theirs = ValueField(read_only=True)
    value = ValueField(read_only=True)

    class Meta:
        model = Conflict
        fields = (
            "id", "mapping", "record_id", "title", "field", "there", "agreed", "agreed_at", "ours", "ours_by", "ours_at",
            "theirs", "theirs_by", "theirs_at", "state", "winner", "value", "outcome", "at", "chosen_by", "chosen_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_field(self, conflict: Conflict) -> str:
        """Return what people call the field."""
        one = registry.mappings().get(conflict.mapping)
        return one.words_of(conflict.there) if one else conflict.there

    def get_outcome(self, conflict: Conflict) -> str:
        """Return what became of it."""
        return queries.outcome(conflict)


class ChooseSerializer(Strict[object]):
    """A decision: `side` is here, salesforce or other; `value` is what is typed for other, as on the page."""

    side = serializers.ChoiceField(choices=SIDES)
    value = serializers.CharField(required=False, default="", allow_blank=True, max_length=32_000)


class ChooseManySerializer(Strict[object]):
    """The same side for many conflicts."""

    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)
    side = serializers.ChoiceField(choices=SIDES[:2])


class RefusedSerializer(Strict[object]):
    """A conflict that was not decided, and why."""

    id = serializers.UUIDField()
    message = serializers.CharField()


class ChosenSerializer(Strict[object]):
    """What became of many."""

    decided = serializers.IntegerField()
    refused = RefusedSerializer(many=True)


class SyncProblemSerializer(StrictModel[SyncProblem]):
    """Why a record, or one field of it, is held. `meaning`, `advice` and `who` say what Salesforce's code stands for."""

    fields_words = serializers.SerializerMethodField(help_text="What people call the fields that are named.")
    meaning = serializers.SerializerMethodField(
        help_text="What the code means; empty for one that nobody knows."
    )
    advice = serializers.SerializerMethodField(help_text="What to do about it.")
    who = serializers.SerializerMethodField(help_text="Who does it.")

    class Meta:
        model = SyncProblem
        fields = (
            "id", "mapping", "record_id", "title", "kind", "code", "message", "field", "fields_words", "meaning",
            "advice", "who", "tries", "since", "last_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_fields_words(self, problem: SyncProblem) -> str:
        """Return the fields in words."""
        return tables.fields_of(problem)

    def get_meaning(self, problem: SyncProblem) -> str:
        """Return the code's meaning."""
        known = codes.known(problem.code)
        return known.meaning if known else ""

    def get_advice(self, problem: SyncProblem) -> str:
        """Return what to do."""
        known = codes.known(problem.code)
        return known.advice if known else ""

    def get_who(self, problem: SyncProblem) -> str:
        """Return who cures it."""
        known = codes.known(problem.code)
        return known.who.words if known else ""


class TryAgainSerializer(Strict[object]):
    """Which problems to try again: all, those of a kind of record, those with a code, or those of one record or of some."""

    mapping = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)
    code = serializers.CharField(required=False, allow_blank=True, max_length=80)
    record_id = serializers.UUIDField(required=False)
    record_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)


class CreateAgainSerializer(Strict[object]):
    """Which records that were deleted in Salesforce are created there again: of one kind, all or these."""

    mapping = serializers.CharField(max_length=64)
    record_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)


class WaitsForSerializer(StrictModel[Outbox]):
    """A record that cannot go before another one is in Salesforce, and which one."""

    title = serializers.SerializerMethodField(help_text="Its name.")
    waits_title = serializers.SerializerMethodField(help_text="The name of the record it waits for.")

    class Meta:
        model = Outbox
        fields = ("id", "mapping", "record_id", "title", "waits_mapping", "waits_id", "waits_title", "since")
        read_only_fields = fields

    def get_title(self, row: Outbox) -> str:
        """Return the record's name; "" when it is gone."""
        return self._titles.get((row.mapping, row.record_id), "")

    def get_waits_title(self, row: Outbox) -> str:
        """Return the other one's name; "" when it is gone."""
        return self._titles.get((row.waits_mapping, row.waits_id), "") if row.waits_id else ""

    @cached_property
    def _titles(self) -> dict[tuple[str, UUID], str]:
        """Read the names of all that is answered at once."""
        listed = (
            self.parent.instance if isinstance(self.parent, serializers.ListSerializer) else [self.instance]
        )
        rows = [one for one in listed or () if isinstance(one, Outbox)]
        keys = [(one.mapping, one.record_id) for one in rows]
        return queries.titles_here(
            [*keys, *((one.waits_mapping, one.waits_id) for one in rows if one.waits_id)]
        )


class TriedSerializer(Strict[object]):
    """How many records are tried again."""

    records = serializers.IntegerField()


class ReasonSerializer(Strict[object]):
    """Why a record, or a field of it, is not the same on both sides; `then` is what happens next, `who` whose move it is."""

    field = serializers.CharField()
    words = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    then = serializers.CharField()
    who = serializers.CharField()
    quote = serializers.CharField()
    ours = serializers.CharField()
    theirs = serializers.CharField()


class RecordSerializer(Strict[object]):
    """How a record stands: `state` is agrees, waits, differs, held, decide, outside (the scope) or off (nothing is exchanged)."""

    mapping = serializers.CharField(source="mapping.key")
    id = serializers.UUIDField(source="record_id")
    state = serializers.CharField()
    words = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    sf_id = serializers.CharField()
    sf_url = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True)
    reasons = ReasonSerializer(many=True)
