"""The connection by API: which organisation it is, starting and stopping it, and the dry run before."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.serializers import Strict
from prm.core.errors import Refused
from prm.salesforce.engine.models import Connection
from prm.salesforce.pages import queries
from prm.salesforce.setup import errands, service
from prm.salesforce.setup.models import Errand


class RefusalSerializer(Strict[object]):
    """Why Salesforce refuses the sign-in, and the page of its set-up that cures it; texts may be empty."""

    meaning = serializers.CharField()
    clicks = serializers.CharField()
    place = serializers.CharField()
    page = serializers.CharField(help_text="The address of that page.")
    found = serializers.CharField(help_text="Another organisation that the sign-in led to.")
    refreshed = serializers.BooleanField(help_text="Whether that is most likely the same sandbox, refreshed.")


class ConnectionSerializer(Strict[object]):
    """The organisation, and how far the connection is: resting, connected (exchanging), paused or signed_out."""

    state = serializers.CharField(help_text="resting, connected, paused or signed_out.")
    note = serializers.CharField(source="state_note", help_text="Why it is signed out; empty otherwise.")
    signs_in_by = serializers.SerializerMethodField(
        help_text="secret (client credentials), key (JWT bearer) or person (Connect Salesforce)."
    )
    refusal = serializers.SerializerMethodField(help_text="null unless it is signed out for a known cause.")
    login_url = serializers.CharField()
    organization_id = serializers.CharField()
    organization_name = serializers.CharField()
    is_sandbox = serializers.BooleanField()
    edition = serializers.CharField(help_text="Empty where Salesforce does not tell.")
    currency = serializers.CharField(help_text="Empty with several, or where Salesforce does not tell.")
    many_currencies = serializers.BooleanField()
    connected_at = serializers.DateTimeField()
    set_up_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)

    def get_signs_in_by(self, bound: Connection) -> str:
        """Return how it signs in."""
        return queries.signs_in_by()

    @extend_schema_field(RefusalSerializer(allow_null=True))  # type: ignore[untyped-decorator]
    def get_refusal(self, bound: Connection) -> dict[str, object] | None:
        """Return what cures the sign-in."""
        trouble = queries.sign_in_trouble(bound)
        return None if trouble is None else dict(RefusalSerializer(trouble).data)


class ConnectionView(APIView):
    """Which organisation the tenant is connected to. Refused with `not_connected` without one."""

    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]

    @extend_schema(operation_id="salesforce_connection", responses=ConnectionSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return it."""
        return _answer()


def _answer() -> Response:
    bound = queries.present_connection()
    if bound is None:
        raise Refused("Salesforce is not connected.", code="not_connected")
    return Response(ConnectionSerializer(bound).data)


class PauseView(APIView):
    """Stops the exchange for a while; changes are kept."""

    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]

    @extend_schema(operation_id="salesforce_pause", request=None, responses=ConnectionSerializer)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Pause. Refused with `not_started` before the start."""
        service.pause()
        return _answer()


class ResumeView(APIView):
    """Goes on after a pause."""

    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]

    @extend_schema(operation_id="salesforce_resume", request=None, responses=ConnectionSerializer)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Resume. Refused with `not_started` before the start."""
        service.resume()
        return _answer()


class ErrandSerializer(Strict[object]):
    """How far it is: open, done, failed or stopped; `result` once it is done, `message` why it failed."""

    state = serializers.CharField()
    step = serializers.CharField()
    message = serializers.CharField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.DictField(
        help_text="Of a dry run: objects with counts, refusals, examples, missing."
    )


class ErrandView(APIView):
    """Something a worker does, since Salesforce may take minutes: POST asks for it, GET says how far it is."""

    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]
    kind: Errand.Kind
    answers: ClassVar = ErrandSerializer
    asked: ClassVar = {202: ErrandSerializer}

    def found(self) -> Response:
        """Return the last one."""
        found = errands.latest(self.kind)
        if found is None:
            raise Refused("Nobody has asked for it yet.", code="not_asked")
        return Response(ErrandSerializer(found).data)

    def ask(self) -> Response:
        """Have a worker do it."""
        if queries.present_connection() is None:
            raise Refused("Salesforce is not connected.", code="not_connected")
        return Response(ErrandSerializer(errands.ask(self.kind)).data, status=202)


class DryRunView(ErrandView):
    """What starting would do; reads Salesforce and writes nothing."""

    kind = Errand.Kind.TRY

    @extend_schema(operation_id="salesforce_dry_run", responses=ErrandSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return the last one. Refused with `not_asked` before there was one."""
        return self.found()

    @extend_schema(operation_id="salesforce_try", request=None, responses=ErrandView.asked)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Ask for one."""
        return self.ask()


class StartView(ErrandView):
    """Starts the exchange: from then on records are written in Salesforce."""

    kind = Errand.Kind.START

    @extend_schema(operation_id="salesforce_starting", responses=ErrandSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return how far it is. Refused with `not_asked` before anybody asked."""
        return self.found()

    @extend_schema(operation_id="salesforce_start", request=None, responses=ErrandView.asked)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Start."""
        return self.ask()
