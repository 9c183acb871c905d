"""A session that ends while somebody types: nothing is lost, and nobody else sees it."""

from playwright.sync_api import expect

TYPED = "Wants echo slots within 48 hours"


def test_session_that_ended_costs_nothing_of_what_was_typed(visit):
    visitor = visit()
    page = visitor.page
    visitor.sign_in("rep@mercy.example")
    visitor.go("/t/mercy/partners/?q=Marchetti")
    page.locator("tbody a").first.click()
    visitor.settle()
    here = page.url
    page.get_by_role("link", name="Log visit").first.click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("What did you learn?").fill(TYPED)
    sheet.locator("input[name=purpose]").first.check()
    page.context.clear_cookies(name="prm_session")
    sheet.get_by_role("button", name="Save visit").click()
    page.wait_for_url("**/account/login/**")
    page.get_by_label("E-mail").fill("rep@mercy.example")
    page.get_by_role("textbox", name="Password").fill("demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(here)
    expect(sheet).to_contain_text("What you typed was kept.")
    expect(sheet.get_by_label("What did you learn?")).to_have_value(TYPED)
    visitor.picture("draft-kept")

    page.context.clear_cookies(name="prm_session")
    visitor.sign_in("manager@mercy.example")
    visitor.go(here)
    page.get_by_role("link", name="Log visit").first.click()
    expect(sheet.get_by_label("What did you learn?")).to_have_value("")
    assert visitor.complaints == []
