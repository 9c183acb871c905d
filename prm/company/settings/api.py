"""A company's settings by API: the same rights and services as the page."""

import base64
import binascii
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.serializers import Nothing
from prm.api.views import ReadViewSet
from prm.company.settings import service
from prm.company.settings.models import CompanyChange
from prm.company.settings.serializers import ChangeSerializer, CompanySerializer, LogoSerializer
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Tenant


class CompanyViewSet(viewsets.GenericViewSet[Tenant]):
    """What the company says of itself."""

    serializer_class = CompanySerializer
    permission_classes = [Needs(Right.SETTINGS_EDIT)]
    pagination_class = None
    queryset = Tenant.objects.none()

    @extend_schema(operation_id="company_read", responses=CompanySerializer)  # type: ignore[untyped-decorator]
    def retrieve(self, request: Request) -> Response:
        """Return the settings."""
        return Response(CompanySerializer(current_tenant()).data)

    @extend_schema(operation_id="company_change", responses=CompanySerializer)  # type: ignore[untyped-decorator]
    def partial_update(self, request: Request) -> Response:
        """Change settings. 202 where figures are worked out first; then all is as before until they are."""
        body = CompanySerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        change = service.change_company(by=caller(request).membership, **body.validated_data)
        waits = change is not None and change.done_at is None
        code = status.HTTP_202_ACCEPTED if waits else status.HTTP_200_OK
        return Response(CompanySerializer(current_tenant()).data, status=code)


class LogoViewSet(viewsets.GenericViewSet[Tenant]):
    """The logo; its picture is a page of the tenant."""

    serializer_class = LogoSerializer
    permission_classes = [Needs(Right.SETTINGS_EDIT)]
    pagination_class = None
    queryset = Tenant.objects.none()

    def get_object(self) -> Tenant:
        """Return whose logo it is."""
        return current_tenant()

    @extend_schema(operation_id="company_logo_set", responses=CompanySerializer)  # type: ignore[untyped-decorator]
    def update(self, request: Request) -> Response:
        """Take a PNG file, drawn anew."""
        body = LogoSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            content = base64.b64decode(body.validated_data["png"], validate=True)
        except binascii.Error as error:
            raise Refused("Send the file in base64.", field="png", code="base64") from error
        service.set_logo(content, by=caller(request).membership)
        return Response(CompanySerializer(current_tenant()).data)

    @extend_schema(operation_id="company_logo_remove", responses={200: CompanySerializer})  # type: ignore[untyped-decorator]
    def destroy(self, request: Request) -> Response:
        """Take the logo away."""
        service.remove_logo(by=caller(request).membership)
        return Response(CompanySerializer(current_tenant()).data)


class ChangeViewSet(ReadViewSet[CompanyChange]):
    """What was changed of the settings, the newest first."""

    serializer_class = ChangeSerializer
    permission_classes = [Needs(Right.SETTINGS_EDIT)]
    makes_rows: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self) -> QuerySet[CompanyChange]:
        """All of them, without the note that somebody looked."""
        return CompanyChange.objects.exclude(values={})

    @extend_schema(request=Nothing, responses=ChangeSerializer)  # type: ignore[untyped-decorator]
    def undo(self, request: Request, pk: UUID) -> Response:
        """Set back what it set, as a change of its own."""
        undone = service.undo_change(self.get_object().pk, by=caller(request).membership)
        return Response(self.get_serializer(undone).data)
