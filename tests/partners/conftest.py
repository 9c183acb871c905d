"""A tenant at the moment that the tests of pages know."""

import pytest

from prm.tenancy.context import tenant_scope
from tests.partners.pages import NOW


@pytest.fixture
def house(mercy, clock_at):
    clock_at(NOW)
    return mercy


@pytest.fixture
def scope(house):
    """Open mercy's scope for a moment: `with scope(): …`."""
    return lambda: tenant_scope(house.tenant)
