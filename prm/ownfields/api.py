"""Own fields by API."""

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet
from prm.core.errors import Refused
from prm.ownfields import service
from prm.ownfields.models import OwnField
from prm.ownfields.serializers import OwnFieldSerializer


class OwnFieldViewSet(ServiceViewSet[OwnField]):
    """The fields that the tenant has added, by record and in their order, archived ones too."""

    serializer_class = OwnFieldSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.SETTINGS_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ("of", "is_archived")
    stays = ("of", "key", "type")

    def get_queryset(self) -> QuerySet[OwnField]:
        """All of them."""
        return OwnField.objects.all()

    def create(self, request: Request) -> Response:
        """Add a field behind the others of its record. Choices are sent by their words."""
        data = self.checked(request)
        archived = data.pop("is_archived", False)
        words = [choice["word"] for choice in data.pop("choices", [])]
        field = service.add_field(**data, choices=words)
        if archived:
            field = service.change_field(field.pk, is_archived=True)
        return self.answer(field, created=True)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Rename a field, archive it or bring it back, say its choices anew."""
        field = self.get_object()
        data = self.checked(request, field, partial=True)
        self.refuse_what_stays(field, data)
        words = data.get("choices")
        said = None if words is None else [(choice.get("key", ""), choice["word"]) for choice in words]
        changed = service.change_field(
            field.pk, name=data.get("name"), is_archived=data.get("is_archived"), words=said
        )
        return self.answer(changed)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Remove a field of which nothing has a value; 409 for another, which can be archived."""
        if request.data:
            raise Refused("This takes no body.", code="not_taken")
        service.remove_field(self.get_object().pk)
        return Response(status=204)


router = SimpleRouter(use_regex_path=False)
router.register("own-fields", OwnFieldViewSet, basename="api-own-field")
urlpatterns = router.urls
