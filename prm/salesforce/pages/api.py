"""How the sync fares, by API: what the page shows, as figures, and what rests."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.serializers import Strict
from prm.core.errors import Refused
from prm.salesforce.pages import queries
from prm.salesforce.runs import hours
from prm.salesforce.shapes.queries import Resting, rests


class SyncHourSerializer(Strict[object]):
    """One hour: the most that waited, what was exchanged, and median lags in seconds (null without any)."""

    hour = serializers.DateTimeField()
    runs = serializers.IntegerField()
    calls = serializers.IntegerField()
    sent = serializers.IntegerField()
    received = serializers.IntegerField()
    waiting = serializers.IntegerField()
    held = serializers.IntegerField()
    lag = serializers.FloatField(allow_null=True)
    lag_back = serializers.FloatField(allow_null=True)


class SyncObjectSerializer(Strict[object]):
    """One kind of record, in the last 24 hours."""

    here = serializers.CharField()
    there = serializers.CharField()
    direction = serializers.CharField()
    sent = serializers.IntegerField()
    received = serializers.IntegerField()
    waiting = serializers.IntegerField()
    held = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    at_rest = serializers.IntegerField(help_text="Records outside the scope: nothing of them is exchanged.")


class SyncProblemGroupSerializer(Strict[object]):
    """Records held for one reason, since when, and what to do by whom."""

    mapping = serializers.CharField()
    kind = serializers.CharField()
    code = serializers.CharField()
    title = serializers.CharField()
    quote = serializers.CharField()
    meaning = serializers.CharField()
    advice = serializers.CharField()
    who = serializers.CharField()
    count = serializers.IntegerField()
    since = serializers.DateTimeField(allow_null=True)


class SyncLagSerializer(Strict[object]):
    """Seconds in the last 24 hours: the median, and within how many 95 of 100 changes were there."""

    median = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class SyncStatusSerializer(Strict[object]):
    """The state of the sync. `hours` are the last five days; hours without a run are left out."""

    state = serializers.CharField()
    message = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True)
    lag = SyncLagSerializer()
    lag_back = SyncLagSerializer()
    waiting = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    held = serializers.IntegerField()
    calls = serializers.IntegerField()
    budget = serializers.IntegerField(allow_null=True)
    objects = SyncObjectSerializer(many=True)
    problems = SyncProblemGroupSerializer(many=True)
    hours = SyncHourSerializer(many=True)


def status_now() -> dict[str, object]:
    """Return the state of the sync as the API answers it. Raises `Refused` without a connection."""
    connection = queries.present_connection()
    if connection is None:
        raise Refused("Salesforce is not connected.", code="not_connected")
    health = queries.health(connection)
    past = [
        {
            **{
                name: getattr(hour, name)
                for name in ("hour", "runs", "calls", "sent", "received", "waiting", "held")
            },
            "lag": hours.percentile(hour.lags_out, 0.5),
            "lag_back": hours.percentile(hour.lags_back, 0.5),
        }
        for hour in health.days.hours
    ]
    found = {
        "state": health.status[0],
        "message": health.state.message or connection.state_note,
        "checked_at": health.state.pulled_at,
        "lag": health.lag,
        "lag_back": health.lag_back,
        "waiting": health.waiting,
        "oldest": health.oldest,
        "held": health.held,
        "calls": health.state.our_calls,
        "budget": health.budget,
        "objects": health.objects,
        "problems": health.problems,
        "hours": past,
    }
    return dict(SyncStatusSerializer(found).data)


class StatusView(APIView):
    """Whether Salesforce keeps up, and what holds it up. Refused with `not_connected` without a connection."""

    permission_classes = [Needs(Right.SYNC_VIEW)]

    @extend_schema(responses=SyncStatusSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return the state, the figures of 24 hours and the hours of five days."""
        return Response(status_now())


class RestingSerializer(serializers.Serializer[Resting]):
    """An object, or a field of it, that is not kept in step at present."""

    object = serializers.CharField(source="sobject", help_text="The object's name in Salesforce.")
    field = serializers.CharField(help_text="The field's name in Salesforce; empty for the whole object.")
    name = serializers.CharField(help_text="What people call it.")
    why = serializers.CharField(help_text="unseen, type, read_only or not_made.")
    reason = serializers.CharField(source="words", help_text="The same as a sentence.")
    advice = serializers.CharField(help_text="What an administrator clicks in Salesforce.")
    since = serializers.DateTimeField(help_text="Since when.")
    reads = serializers.BooleanField(source="writes_only", help_text="Whether changes from Salesforce go on.")


class RestingView(APIView):
    """What of Salesforce is not kept in step at present, and what cures it."""

    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]

    @extend_schema(operation_id="salesforce_resting", responses=RestingSerializer(many=True))  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Answer all of it, objects before fields, the longest first."""
        return Response([RestingSerializer(one).data for one in rests()])
