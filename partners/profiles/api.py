"""Partners by API, with how they stand: same rights and services as the pages."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from partners.directory import service
from partners.directory.models import Partner
from partners.merges.queries import survivor_of
from partners.profiles.filters import PartnerFilter
from partners.profiles.serializers import PartnerSerializer
from partners.tags import service as tags_service
from prm.accounts.rights import Right, allows
from prm.api.callers import Needs, caller
from prm.api.filters import FilterBackend
from prm.api.ordering import Ordering
from prm.api.views import ServiceViewSet
from prm.core.errors import CONTENT_TYPE, Refused, problem


class PartnerViewSet(ServiceViewSet[Partner]):
    """Partners with codes and standing. Filters are those of the list page."""

    serializer_class = PartnerSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend, Ordering]
    filterset_class = PartnerFilter
    ordering_fields = ["name", "standing__revenue_12m", "standing__score", "updated_at"]
    ordering_rights = {
        "standing__revenue_12m": Right.STANDING_VIEW,
        "standing__score": Right.STANDING_VIEW,
    }
    ordering = ["name", "id"]
    with_new = ("codes", "another_than")

    def get_queryset(self) -> QuerySet[Partner]:
        """All partners of the tenant, active or not."""
        partners = Partner.objects.with_standing().select_related("watch")
        return partners.prefetch_related("codes", "own_values", "tagged__tag")

    def get_serializer_context(self) -> dict[str, object]:
        """Say whether this caller may see standings."""
        shown = allows(caller(self.request), Right.STANDING_VIEW) if self.request else False
        return {**super().get_serializer_context(), "with_standing": shown}

    def get_object(self) -> Partner:
        """Return the partner. Raises `Refused`, naming the survivor, for one that was merged."""
        merged = Partner.with_merged.exclude(merged_into=None).filter(pk=self.kwargs["pk"]).first()
        if merged is not None:
            survivor = survivor_of(merged)
            raise Refused(f"{merged.name} was merged into {survivor.name}, {survivor.pk}.", code="merged")
        found: Partner = super().get_object()
        return found

    def create(self, request: Request) -> Response:
        """Add a partner, codes included. 409 where somebody is here who may be the same: see `another_than`."""
        data = self.checked(request)
        if "version" in data:
            raise Refused("A new partner has no version yet.", field="version", code="not_taken")
        codes = [(code["scheme"], code["code"]) for code in data.pop("codes", [])]
        others = data.pop("another_than", [])
        tags = data.pop("tagged", [])
        try:
            made = service.create_partner(codes=codes, another_than=others, **data)
        except service.LooksLike as question:
            transaction.set_rollback(True)
            return Response(_question(question), status=409, content_type=CONTENT_TYPE)
        if tags:
            tags_service.set_tags(made.pk, tags)
        return self.answer(made, created=True)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change some fields; with `version` a clash is refused. Codes have an address of their own."""
        partner = self.get_object()
        data = self.checked(request, partner, partial=True)
        self.refuse_what_stays(partner, data)
        tags = data.pop("tagged", None)
        service.update_partner(partner.pk, expected_version=data.pop("version", None), **data)
        if tags is not None:
            tags_service.set_tags(partner.pk, tags)
        return self.answer(partner)


def _question(question: service.LooksLike) -> dict[str, object]:
    """Return who may be the same, and how to say that it is another."""
    detail = f"{question.message} If it is another, send it again with the ids below as another_than."
    candidates = [
        {"id": str(pk), "name": name, "city": city, "reasons": list(reasons)}
        for name, city, pk, reasons in question.candidates
    ]
    return {**problem(409, detail, code=question.code), "candidates": candidates}
