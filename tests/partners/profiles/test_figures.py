"""Who may not see a figure does not learn it from what a list is narrowed or sorted by."""

import pytest
from django.test import Client

from partners.profiles.api import PartnerViewSet
from partners.profiles.filters import PartnerFilter
from prm.accounts.keys import create_key
from prm.tenancy.context import tenant_scope
from tests.partners.factories import make_partner

# Each filter with a value; a new one is told apart here before it goes in.
OPEN = {"q": "ann", "pasted": "01a21fa2-a44d-7698-9750-77ae3ba8b523", "tier": "high", "kind": "agent", "rep": "nobody", "is_active": "true", "region": "North", "country": "DE",
        "tags": "none", "tags_all": "none"}  # fmt: skip
FIGURES = {"level": "new", "proposal": "true", "revenue": "5", "headroom": "5", "score": "5", "alarm": "slipping", "estimate": "none"}  # fmt: skip


@pytest.fixture
def asked(mercy):
    def ask(scope, **query):
        with tenant_scope(mercy.tenant):
            make_partner()
            _, secret = create_key(name="Feed", scopes=[scope], created_by=None)
        client = Client(headers={"Authorization": f"Api-Key {secret}"})
        return client.get("/api/v1/mercy/partners/", query).status_code

    return ask


def test_every_filter_is_one_or_the_other():
    assert set(PartnerFilter.base_filters) == set(OPEN) | set(FIGURES)


@pytest.mark.parametrize("name", [*OPEN, *FIGURES])
def test_a_key_that_writes_partners_filters_by_what_it_sees_only(asked, name):
    value = (OPEN | FIGURES)[name]
    assert asked("partners:write", **{name: value}) == (200 if name in OPEN else 403)
    assert asked("partners:read", **{name: value}) == 200


@pytest.mark.parametrize("name", PartnerViewSet.ordering_fields)
def test_a_key_that_writes_partners_sorts_by_what_it_sees_only(asked, name):
    allowed = 403 if name.startswith("standing") else 200
    for term in (name, f"-{name}", f"name,{name}"):
        assert asked("partners:write", ordering=term) == allowed
        assert asked("partners:read", ordering=term) == 200
