"""The people who use the pages of orders, and the scope of their tenant."""

import pytest

from prm.tenancy.context import tenant_scope


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


@pytest.fixture
def bob(mercy, client_for):
    return client_for(mercy.manager)


@pytest.fixture
def scope(mercy):
    def enter():
        return tenant_scope(mercy.tenant)

    return enter
