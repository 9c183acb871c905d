"""Lists in a real browser: back to a filtered list, and a filter that is typed."""

import pytest
from playwright.sync_api import expect

from partners.directory.models import Partner
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.browser.conftest import DESK, PHONE


@pytest.mark.parametrize("away", ["today/", "orders/"])
def test_back_to_a_filtered_list_is_the_whole_page(visit, away):
    """Chromium here keeps no page of a driven browser alive: Back asks the cache, then the server."""
    visitor = visit(DESK)
    visitor.sign_in("rep@mercy.example")
    visitor.go("/t/mercy/partners/")
    page = visitor.page
    page.locator("[data-prm-menu] summary[data-key=F]").click()
    page.get_by_label("Tier", exact=True).select_option("none")
    expect(page.locator(".prm-filter-chip")).to_have_count(1)
    page.wait_for_url("**/partners/?*tier=none*")
    visitor.go(f"/t/mercy/{away}")
    page.go_back()
    visitor.settle()
    assert page.evaluate("document.styleSheets.length") > 5
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".prm-filter-chip")).to_have_count(1)
    visitor.check()


@pytest.fixture
def many(address, django_db_blocker):
    """More partners than an ordinary select offers."""
    with django_db_blocker.unblock():
        tenant = Tenant.objects.get(slug="mercy")
        with tenant_scope(tenant):
            rows = [Partner(name=f"Zz Filler {n}", kind="physician") for n in range(40)]
            Partner.objects.bulk_create(rows)
        yield rows
        with tenant_scope(tenant):
            Partner.objects.filter(pk__in=[one.pk for one in rows]).delete()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_filter_is_typed_and_chosen_by_keyboard_or_thumb(visit, many, size):
    visitor = visit(size)
    visitor.sign_in("rep@mercy.example")
    visitor.go("/t/mercy/opportunities/?show=all")
    page = visitor.page
    page.locator("[data-prm-menu] summary[data-key=F]").click()
    field = page.get_by_role("combobox", name="Partner")
    field.click()
    field.press_sequentially("zz filler 3")
    options = page.locator(".prm-combobox").get_by_role("option")
    expect(options.first).to_have_text("Zz Filler 3 Physician")
    visitor.check()
    if size is PHONE:
        options.nth(1).tap()
    else:
        field.press("ArrowDown")
        field.press("Enter")
    expect(page.locator(".prm-filter-chip")).to_contain_text("Zz Filler 30")
    page.wait_for_url("**/opportunities/?*partner=*")
    assert "partner_words" not in page.url
    field.fill("")
    field.blur()
    expect(page.locator(".prm-filter-chip")).to_have_count(0)
    field.press_sequentially("zz")
    expect(options.first).to_be_visible()
    field.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_be_visible()
    visitor.check()
