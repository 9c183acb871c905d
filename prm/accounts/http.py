"""The request as views below `/t/<slug>/` and `/api/v1/<slug>/` get it."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from prm.accounts.models import ApiKey, Membership, User
from prm.accounts.rights import Right
from prm.tenancy.models import Tenant


class ArrivingRequest(HttpRequest):
    """A request as the middleware fills it in: of a stranger, or to a page above any tenant, much is None."""

    tenant: Tenant | None
    membership: Membership | None
    api_key: ApiKey | None
    rights: frozenset[Right]
    user: User | AnonymousUser


class TenantRequest(HttpRequest):
    """Types of what the middleware adds. Never made: an ordinary request has these attributes.

    On a page `membership` is the caller's; on the API it may be `None`, then `api_key` is set.
    """

    tenant: Tenant
    membership: Membership
    api_key: ApiKey | None
    rights: frozenset[Right]
    user: User
    htmx: HtmxDetails
