"""Answers in the API."""

from rest_framework import serializers

from orders.attribution.models import Answer
from orders.attribution.words import answer_words
from prm.api.serializers import StrictModel


class SettledSerializer(StrictModel[Answer]):
    """One decision: what about, whose the orders became and were, how many moved and what counts of them.

    `words` says it as people read it. `undone_at` and `undone_by` are empty while it stands.
    """

    words = serializers.SerializerMethodField(help_text="The decision as a sentence without its full stop.")

    class Meta:
        model = Answer
        fields = (
            "id", "kind", "words", "code", "scheme", "partner", "previous", "is_certain", "orders", "amount", "by", "at",
            "undone_at", "undone_by",
        )  # fmt: skip
        read_only_fields = fields

    def get_words(self, answer: Answer) -> str:
        """Return what was decided."""
        return answer_words(answer)
