"""Tags by API."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from partners.tags import service
from partners.tags.models import Tag
from partners.tags.queries import counted
from partners.tags.serializers import MergeTagSerializer, TagSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet
from prm.core.errors import Refused


class TagViewSet(ServiceViewSet[Tag]):
    """The tags of the tenant. They are put on partners (`tags` of a partner, or `bulk-changes/`), and gone with their last one."""

    serializer_class = TagSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.ACTIVITY_MANAGE)]

    def get_queryset(self) -> QuerySet[Tag]:
        """All of them, by name."""
        return counted()

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Write a tag otherwise, on everybody who has it."""
        tag = self.get_object()
        data = self.checked(request, tag, partial=True)
        if "name" in data:
            service.rename_tag(tag.pk, name=data["name"])
        return self.answer(tag)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take a tag off everybody."""
        if request.data:
            raise Refused("This takes no body.", code="not_taken")
        service.remove_tag(self.get_object().pk)
        return Response(status=204)

    @extend_schema(request=MergeTagSerializer, responses=TagSerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=True,
        methods=["post"],
        pagination_class=None,
        filter_backends=[],
        serializer_class=MergeTagSerializer,
    )
    def merge(self, request: Request, pk: UUID) -> Response:
        """Give everybody who has it another tag instead; answers the other one."""
        body = MergeTagSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        other = service.merge_tags(self.get_object().pk, into=body.validated_data["into"])
        return Response(TagSerializer(counted().get(pk=other.pk)).data)
