"""The owners by API: look, say who stands for a member, and who owns the rest."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.serializers import Strict
from prm.salesforce.owners import looking, service
from prm.salesforce.people.rules import How

_MAY = Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)


class OwnerRowSerializer(Strict[object]):
    """A member, and the Salesforce user to whom the member's records belong; `user_id` is "" for the fallback owner."""

    member_id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()
    is_active = serializers.BooleanField()
    how = serializers.ChoiceField(choices=How.choices)
    user_id = serializers.CharField()
    user = serializers.CharField(help_text="The name of whom records belong to, the fallback owner's too.")
    why = serializers.CharField()


class StrangerSerializer(Strict[object]):
    """A user there who owns records that are here too, and is nobody here."""

    user_id = serializers.CharField()
    name = serializers.CharField()
    records = serializers.IntegerField()


class OwnersSerializer(Strict[object]):
    """How everybody stands; `warning` says why the fallback owner in force is not the one who was chosen."""

    fallback = serializers.CharField()
    warning = serializers.CharField()
    read_at = serializers.DateTimeField(source="rules.read_at", default=None, allow_null=True)
    message = serializers.CharField(source="rules.message", default="")
    rows = OwnerRowSerializer(many=True)
    strangers = StrangerSerializer(many=True)


class OwnerChoiceSerializer(Strict[object]):
    """The Salesforce user by id: "" for the fallback owner, null for the one with the same e-mail address."""

    user = serializers.CharField(allow_blank=True, allow_null=True, max_length=18)


class FallbackSerializer(Strict[object]):
    """The Salesforce user by id; "" for the user as whom PRM works."""

    user = serializers.CharField(allow_blank=True, max_length=18)


def _answer() -> Response:
    return Response(OwnersSerializer(looking.look()).data)


class OwnersView(APIView):
    """Who owns there what a member has here."""

    permission_classes = [_MAY]

    @extend_schema(operation_id="salesforce_owners", responses=OwnersSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return who was found, who was not, and who owns the rest."""
        return _answer()

    @extend_schema(
        operation_id="salesforce_owners_fallback", request=FallbackSerializer, responses=OwnersSerializer
    )  # type: ignore[untyped-decorator]
    def put(self, request: Request) -> Response:
        """Say who owns the rest. Refused with `not_read`, `not_found`, `inactive`."""
        body = FallbackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        service.choose_fallback(user=body.validated_data["user"])
        return _answer()


class OwnerView(APIView):
    """Who stands for one member there."""

    permission_classes = [_MAY]

    @extend_schema(
        operation_id="salesforce_owner_choose", request=OwnerChoiceSerializer, responses=OwnersSerializer
    )  # type: ignore[untyped-decorator]
    def put(self, request: Request, pk: UUID) -> Response:
        """Say it. Refused with `not_found`, `inactive`."""
        body = OwnerChoiceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = body.validated_data["user"]
        if user is None:
            service.by_email(member_id=pk)
        else:
            service.choose(member_id=pk, user=user)
        return _answer()
