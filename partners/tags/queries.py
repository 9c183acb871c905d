"""Which tags there are, and who has which."""

from collections.abc import Collection, Sequence
from typing import cast
from uuid import UUID

from django.db.models import Count, QuerySet

from partners.tags.models import PartnerTag, Tag
from partners.tags.rules import key_of


def counted() -> QuerySet[Tag]:
    """Return all tags with how many partners have each (`partners`), by name."""
    return cast("QuerySet[Tag]", Tag.objects.annotate(partners=Count("tagged")).order_by("key"))


def names_of(ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return the tags of partners, by id (1 query)."""
    found: dict[UUID, list[str]] = {pk: [] for pk in ids}
    rows = PartnerTag.objects.filter(partner__in=list(ids)).order_by("tag__key")
    for partner_id, name in rows.values_list("partner_id", "tag__name"):
        found[partner_id].append(name)
    return found


def having_any(names: Sequence[str]) -> QuerySet[PartnerTag]:
    """Return the rows of those who have one of these tags."""
    found: QuerySet[PartnerTag] = PartnerTag.objects.filter(tag__key__in=[key_of(name) for name in names])
    return found
