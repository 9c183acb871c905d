"""Lists in a real browser: back to a filtered list."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK


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
