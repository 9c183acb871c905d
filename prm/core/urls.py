"""Addresses of a tenant's pages."""

from typing import Protocol

from django.urls import reverse


class HasSlug(Protocol):
    """A tenant, as far as its addresses go."""

    @property
    def slug(self) -> str: ...


def tenant_url(tenant: HasSlug, name: str, **arguments: object) -> str:
    """Return the path of a page of `tenant`; raises NoReverseMatch for a name or arguments that no page has."""
    return reverse(name, kwargs={"tenant": tenant.slug, **arguments})
