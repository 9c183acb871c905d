"""Who may open which page of partners."""

import pytest

from prm.tenancy.context import tenant_scope
from tests.partners.factories import make_partner
from tests.partners.pages import MANAGER_PAGES, STAFF_PAGES, page, stand


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_staff_may_open_partner_pages(house, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
    for member in (house.rep, house.manager, house.administrator):
        page(client_for(member), path.format(pk=partner.pk))


@pytest.mark.parametrize("path", MANAGER_PAGES)
def test_reps_do_not_decide_tiers(house, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
    page(client_for(house.manager), path.format(pk=partner.pk))
    page(client_for(house.rep), path.format(pk=partner.pk), status=403)


@pytest.mark.parametrize("path", STAFF_PAGES + MANAGER_PAGES)
def test_a_stranger_finds_nothing(house, anchor, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
    page(client_for(anchor.administrator), path.format(pk=partner.pk), status=404)


@pytest.mark.parametrize("path", [path for path in STAFF_PAGES + MANAGER_PAGES if "{pk}" in path])
def test_another_tenants_partner_does_not_exist(house, anchor, client_for, path):
    with tenant_scope(anchor.tenant):
        theirs = stand(make_partner())
    page(client_for(house.administrator), path.format(pk=theirs.pk), status=404)
