"""The digest as the API has it."""

from typing import ClassVar

from rest_framework import serializers

from prm.api.fields import ClockField
from prm.api.serializers import Strict, StrictModel
from prm.digest.choices.models import DigestChoice, DigestDefault
from prm.digest.choices.states import Frequency
from prm.digest.sending.models import DigestMail


class DigestDefaultSerializer(StrictModel[DigestDefault]):
    """What holds for whoever has not chosen."""

    at = ClockField()

    class Meta:
        model = DigestDefault
        fields: ClassVar = ("frequency", "weekday", "at")


class DigestChoiceSerializer(StrictModel[DigestChoice]):
    """What the caller chose; empty is as the organisation has it. `timing` is what holds."""

    frequency = serializers.ChoiceField(choices=Frequency.choices, allow_blank=True)
    at = ClockField(allow_null=True)
    muted = serializers.ListField(child=serializers.CharField(max_length=40), max_length=60)
    timing = serializers.SerializerMethodField()

    class Meta:
        model = DigestChoice
        fields: ClassVar = ("frequency", "weekday", "at", "timezone", "muted", "timing")

    def get_timing(self, choice: DigestChoice) -> str:
        """Return when it goes, in words."""
        return str(self.context["timing"].words)


class DigestLineSerializer(Strict[object]):
    """One thing that needs the caller, or is new."""

    title = serializers.CharField()
    words = serializers.CharField()
    path = serializers.CharField(help_text="The page that it opens.")
    count = serializers.IntegerField()


class DigestSectionSerializer(Strict[object]):
    """A topic with its lines."""

    key = serializers.CharField()
    title = serializers.CharField()
    is_news = serializers.BooleanField(help_text="By itself no reason for a mail.")
    total = serializers.IntegerField()
    path = serializers.CharField()
    lines = DigestLineSerializer(many=True)


class DigestSerializer(Strict[object]):
    """What a digest would tell the caller now."""

    headline = serializers.CharField()
    is_empty = serializers.BooleanField(help_text="Nothing needs the caller: no mail would go.")
    since = serializers.DateTimeField()
    sections = DigestSectionSerializer(many=True)


class DigestMailSerializer(StrictModel[DigestMail]):
    """What became of one member's digest of a day."""

    email = serializers.CharField(source="member.user.email", read_only=True)

    class Meta:
        model = DigestMail
        fields: ClassVar = ("id", "member", "email", "day", "state", "at", "subject", "lines", "message")
        read_only_fields = fields
