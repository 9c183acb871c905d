"""The digest by API: one's own, one's choice, the organisation's default, and what became of the mails."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.api.callers import IsCaller, Needs, caller
from prm.api.filters import FilterBackend
from prm.api.views import ReadViewSet
from prm.core.errors import Refused
from prm.digest.choices import service
from prm.digest.choices.queries import arranged_for, choice_of, default
from prm.digest.pages.presentation import as_facts
from prm.digest.pages.serializers import (
    DigestChoiceSerializer,
    DigestDefaultSerializer,
    DigestMailSerializer,
    DigestSerializer,
)
from prm.digest.sending.models import DigestMail
from prm.digest.sending.queries import mails, present_digest


def _member(request: Request) -> Membership:
    member: Membership | None = caller(request).membership
    if member is None:
        raise Refused("A digest is a person's: a key has none.", code="no_person")
    return member


class DigestView(APIView):
    """What a digest would tell the caller now; nothing is sent, and nothing counts as told."""

    permission_classes = [IsCaller]

    @extend_schema(operation_id="digest", responses=DigestSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return it."""
        member = _member(request)
        return Response(DigestSerializer(as_facts(present_digest(member, arranged_for(member)))).data)


class ChoiceView(APIView):
    """How often, when and of what the caller is told."""

    permission_classes = [IsCaller]

    @extend_schema(operation_id="digest_choice", responses=DigestChoiceSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return the choice, and what holds with it."""
        return self._answer(_member(request))

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="digest_choice_set", request=DigestChoiceSerializer, responses=DigestChoiceSerializer
    )
    def patch(self, request: Request) -> Response:
        """Change what is named; null, or "" for how often and the time zone, is as the organisation has it."""
        member = _member(request)
        body = DigestChoiceSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        emptied = [name for name in ("weekday", "at") if name in said and said[name] is None]
        service.set_choice(member, **said, as_usual=emptied)
        return self._answer(member)

    def _answer(self, member: Membership) -> Response:
        timing = arranged_for(member).timing
        return Response(DigestChoiceSerializer(choice_of(member), context={"timing": timing}).data)


class DefaultView(APIView):
    """What holds for whoever has not chosen."""

    permission_classes = [Needs(Right.SETTINGS_EDIT)]

    @extend_schema(operation_id="digest_default", responses=DigestDefaultSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return it."""
        return Response(DigestDefaultSerializer(default()).data)

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="digest_default_set", request=DigestDefaultSerializer, responses=DigestDefaultSerializer
    )
    def patch(self, request: Request) -> Response:
        """Change what is named."""
        body = DigestDefaultSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        return Response(DigestDefaultSerializer(service.set_default(**body.validated_data)).data)


class MailViewSet(ReadViewSet[DigestMail]):
    """What became of the digests of each member and day, the latest first."""

    serializer_class = DigestMailSerializer
    permission_classes = [Needs(Right.SETTINGS_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ("member", "state", "day")
    makes_rows: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self) -> QuerySet[DigestMail]:
        """All that are kept."""
        return mails()
