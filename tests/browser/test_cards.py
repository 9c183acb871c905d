"""Battle cards on a phone, with signal and without, and nothing of them after signing out."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE

KEPT = """async () => {
  for (const name of await caches.keys()) {
    const paths = (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname);
    if (name.startsWith("prm-kept ")) return paths.filter((one) => one.startsWith("/t/"));
  }
  return [];
}"""


def test_cards_open_without_signal_until_one_signs_out(visit):
    rep = visit(PHONE)
    rep.sign_in("rep@mercy.example")
    rep.go("/t/mercy/competition/cards/")
    rep.check()
    rep.picture("cards-360")
    first = rep.page.locator(".prm-rows a").first
    name, href = first.inner_text(), first.get_attribute("href")
    rep.page.wait_for_function(f"async () => (await ({KEPT})()).includes('{href}')")
    rep.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    rep.page.reload()
    rep.settle()
    rep.page.context.set_offline(True)
    rep.page.get_by_role("link", name=name).click()
    expect(rep.page.get_by_role("heading", name="What they say")).to_be_visible()
    expect(rep.page.get_by_text("No signal.")).to_be_visible()
    # Its style sheet came with it, though only the list had been shown.
    expect(rep.page.locator(".prm-card-lost").first).to_have_css("text-align", "right")
    rep.picture("card-offline-360")
    # What was not kept is not there.
    rep.page.context.set_offline(False)
    rep.page.goto(rep.address + href)
    expect(rep.page.get_by_text("No signal.")).to_be_hidden()
    rep.page.context.clear_cookies()
    rep.page.goto(rep.address + "/account/login/")
    rep.page.wait_for_function(f"async () => (await ({KEPT})()).length === 0")
