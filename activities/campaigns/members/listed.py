"""What the list of partners shows for a query, for whoever is to become a member."""

from django.db.models import QuerySet
from django.http import QueryDict

from partners.directory.models import Partner
from partners.profiles.filters import PartnerFilter
from prm.core.errors import Refused


def partners_of(query: str) -> "QuerySet[Partner]":
    """Return the partners that the list shows for a query. Raises `Refused` for a filter that cannot be read."""
    data = QueryDict(query)
    everybody = Partner.objects.with_standing()
    rows = PartnerFilter(data=data, queryset=everybody if data.get("is_active") else everybody.active())
    if not rows.is_valid():
        name, messages = next(iter(rows.errors.items()))
        raise Refused(str(messages[0]), field=name, code="invalid")
    found: QuerySet[Partner] = rows.qs
    return found
