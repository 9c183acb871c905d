"""What the search answers by API."""

from rest_framework import serializers

from prm.search.registry import Found, Hit


class HitSerializer(serializers.Serializer[Hit]):
    """One thing found; `url` is its page, `id` its id in the API of its kind ("" for a page)."""

    id = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    aside = serializers.CharField()
    url = serializers.CharField()


class GroupSerializer(serializers.Serializer[Found]):
    """What was found of one kind; with `is_capped` there may be more than `count`."""

    key = serializers.CharField()
    heading = serializers.CharField()
    count = serializers.IntegerField()
    is_capped = serializers.BooleanField()
    hits = HitSerializer(many=True)


class AnswerSerializer(serializers.Serializer[object]):
    """What was looked for, and what was found, by kind."""

    text = serializers.CharField()
    groups = GroupSerializer(many=True)
