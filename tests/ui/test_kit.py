"""The kit in a browser: accessible, within its content security policy, usable by keyboard."""

import re
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests import axe
from tests.conftest import ROOT

PAGES = [
    "/?role=manager",
    "/?toast=1",
    "/partner/",
    "/charts/",
    "/form/?bad=1",
    "/today/",
    "/list/?role=manager&tier=high",
    "/list/?tier=low&room=9999999999",
    "/list/?none=1",
    "/progress/",
    "/chooser/",
    "/chooser/?none=1",
]
# The pieces page asks for a fragment that fails, to show the error in its place.
# A refused form is a 422.
EXPECTED = re.compile(r"Response Status Error Code 500|Failed to load resource.*(500|422)")

pytestmark = pytest.mark.browser


# Fragments that are still to come (one that failed offers a button), or that htmx is about to put in their place.
BUSY = "[data-prm-fragment][hx-trigger=load]:not(:has(button)), .htmx-request, .htmx-swapping, .htmx-settling"


@pytest.fixture(scope="module")
def contexts(browser):
    """One context for pages with scripts and one for those without, so that styles and scripts come once."""
    made = {
        script: browser.new_context(reduced_motion="reduce", java_script_enabled=script)
        for script in (True, False)
    }
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def opened(contexts, kit):
    """``opened(path, width, clock)``: a page of the kit, as somebody sees it who was never here.

    The browser may not complain about it. With `clock` the page's time can be wound on (`page.clock`). What is `held`
    is asked for and never answered.
    """
    pages, complaints = [], []

    def make(path, width=1280, clock=False, script=True, held=""):
        page = contexts[script].new_page()
        pages.append((page, script))
        page.set_viewport_size({"width": width, "height": 740})
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if clock:
            page.clock.install()
        if held:
            page.route(held, lambda _route: None)
        answer = page.goto(kit + path)
        assert answer.status == 200
        if script:
            expect(page.locator(BUSY)).to_have_count(0)
        return page

    yield make
    for page, script in pages:
        if script:
            page.evaluate("localStorage.clear()")
        page.close()
    for context in contexts.values():
        context.clear_cookies()
    assert [one for one in complaints if not EXPECTED.search(one)] == []


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.skipif(not axe.FILE.is_file(), reason="axe-core is not installed: npm ci")
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_and_fit(opened, path):
    """Opened once, and looked at in light, in dark and on a narrow screen; nothing in it is inline."""
    # A piece that is over by its first answer has the whole page loaded anew, beneath what looks at it.
    page = opened(path, held="**/progress/?part=progress")
    if "toast" in path:
        toasts = page.locator("[data-prm-toast]")
        expect(toasts).to_have_count(3)
        toasts.evaluate_all(
            "all => all.forEach(toast => toast.dispatchEvent(new Event('mouseenter')))"
        )  # they stay
    assert page.locator("[style], script:not([src]), style").count() == 0
    assert (axe.violations(page), fits(page)) == ([], True)
    page.emulate_media(color_scheme="dark")
    assert (axe.violations(page, axe.COLOURS), fits(page)) == ([], True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 740})
    assert (axe.violations(page), fits(page)) == ([], True)


def test_axe_would_find_a_violation(opened):
    page = opened("/form/")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [rule for rule, _ in axe.violations(page)] == ["image-alt"]


def test_axe_would_find_words_that_dark_makes_unreadable(opened):
    page = opened("/form/")
    page.evaluate("document.querySelector('h1').style.color = 'light-dark(#000, #222)'")
    assert axe.violations(page, axe.COLOURS) == []
    page.emulate_media(color_scheme="dark")
    assert [rule for rule, _ in axe.violations(page, axe.COLOURS)] == ["color-contrast"]


def test_dark_changes_colours_alone():
    """Else the rules about colours would not be enough in dark."""
    styles = list((ROOT / "prm/static/prm").glob("*.css"))
    assert styles
    assert [file.name for file in styles if "prefers-color-scheme" in file.read_text(encoding="utf-8")] == []


def test_policy_is_strict(kit):
    """That it is kept is seen wherever a page is opened: the browser complains of what it refuses."""
    with urlopen(f"{kit}/partner/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_page_works_without_script(opened):
    page = opened("/list/?tier=high", script=False)
    page.get_by_role("link", name="Score").click()
    assert "sort=score" in page.url
    assert "tier=high" in page.url
    page = opened("/today/", script=False)
    page.get_by_role("link", name="Log visit").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log visit")


def test_sheet_traps_focus_and_gives_it_back(opened):
    page = opened("/?role=rep")
    link = page.get_by_role("link", name="Log visit", exact=True).first
    link.click()
    sheet = page.get_by_role("dialog", name="Log visit")
    expect(sheet).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(link).to_be_focused()


def test_refused_form_stays_in_the_sheet_and_a_saved_one_updates_the_page(opened):
    page = opened("/")
    page.keyboard.press("l")
    sheet = page.get_by_role("dialog", name="Log visit")
    sheet.get_by_label("Due").fill("31 November")
    page.keyboard.press("Control+Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("valid date")
    expect(sheet.get_by_label("Due")).to_be_focused()
    sheet.get_by_label("Due").fill("2026-12-01")
    page.keyboard.press("Control+Enter")
    expect(sheet).to_be_hidden()
    expect(page.locator("#row")).to_have_text("Logged 9:41")
    expect(page.locator("#toasts")).to_contain_text("Visit saved. Score 61 → 64")


def test_draft_survives_closing_and_goes_when_saved(opened):
    page = opened("/", clock=True)
    page.keyboard.press("l")
    page.get_by_label("What did you learn?").fill("Wants MRI within two days")
    page.clock.run_for(600)
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("l")
    expect(page.get_by_label("What did you learn?")).to_have_value("Wants MRI within two days")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Log visit")).to_be_hidden()
    page.keyboard.press("l")
    expect(page.get_by_label("What did you learn?")).to_have_value("")


def kept(page):
    """What this browser keeps of forms: names of fields and their values."""
    return page.evaluate(
        "Object.entries(localStorage).map(([name, text]) => [name, JSON.parse(text).values])"
    )


def test_draft_of_a_page_keeps_what_was_changed_and_no_secret(opened):
    page = opened("/form/")
    page.get_by_label("Next step").fill("Call on Monday")
    page.get_by_role("radio", name="Phone").check(force=True)
    page.get_by_text("Update an opportunity budget").click()
    page.get_by_role("textbox", name="Code word").fill("sesame")
    page.get_by_role("button", name="Show the password").click()
    page.get_by_role("textbox", name="Code word").fill("sesame!")
    expect(page.locator("[data-prm-draft-note]").first).to_have_text("Draft saved")
    assert kept(page) == [
        ["prm-draft:dana:/t/mercy/kit/form/", {"step": ["Call on Monday"], "channel": ["phone"]}]
    ]


def test_kept_draft_says_so_and_can_be_discarded(opened):
    page = opened("/form/")
    page.get_by_text("Add competition insight").click()
    page.get_by_label("Competitor").select_option("St. Brendan")
    page.reload()
    notice = page.locator(".prm-notice", has_text="What you typed was kept.")
    expect(notice).to_be_visible()
    expect(page.get_by_label("Competitor")).to_have_value("a")
    notice.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Competitor")).to_have_value("")
    expect(notice).to_have_count(0)
    assert kept(page) == []


def test_draft_is_its_persons_alone(opened):
    page = opened("/form/")
    page.get_by_label("Next step").fill("Call on Monday")
    here = page.url.partition("/t/")[0]
    page.context.add_cookies([{"name": "person", "value": "mallory", "url": here}])
    page.reload()
    expect(page.get_by_label("Next step")).to_have_value("")
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_label("Next step")).to_have_value("Call on Monday")


def test_cancelling_and_signing_out_leave_nothing_behind(opened):
    page = opened("/form/")
    page.get_by_label("Next step").fill("Call on Monday")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/kit/")
    assert kept(page) == []
    page.goto(page.url + "form/")
    page.get_by_label("Next step").fill("Call on Monday")
    page.reload()
    assert len(kept(page)) == 1
    page.get_by_label("Next step").fill("Call on Tuesday")
    page.evaluate("window.addEventListener('submit', (event) => event.preventDefault())")
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.reload()
    assert kept(page) == []


def test_draft_that_was_refused_is_not_lost_with_the_page(opened):
    page = opened("/form/")
    page.get_by_label("Due").fill("31 November")
    page.get_by_label("Next step").fill("Call on Monday")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("valid date")
    page.get_by_label("Due").fill("30 Nov")
    expect(page.locator("[data-prm-draft-note]").first).to_have_text("Draft saved")
    page.goto(page.url)
    expect(page.get_by_label("Due")).to_have_value("30 Nov")
    expect(page.get_by_label("Next step")).to_have_value("Call on Monday")


def test_keys_move_open_and_jump(opened):
    page = opened("/list/?role=manager")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    here = page.locator("tr[data-cursor=here]")
    expect(here).to_have_count(1)
    href = here.get_attribute("data-href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{href}")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/list/")


def test_a_letter_acts_on_the_row_with_the_cursor(opened):
    page = opened("/list/?role=rep")
    sheet = page.locator("#sheet-dialog")
    page.keyboard.press("l")
    expect(sheet).to_be_visible()
    assert sheet.get_attribute("data-url").endswith("/form/")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    row = page.locator("tr[data-cursor=here]")
    page.keyboard.press("l")
    expect(sheet).to_be_visible()
    assert sheet.get_attribute("data-url").endswith(f"/form/?{row.get_attribute('data-prm-about')}")
    page.keyboard.press("Escape")
    expect(row.get_by_role("link").first).to_be_focused()


def test_letters_are_typed_in_fields_and_can_be_switched_off(opened):
    page = opened("/list/?role=manager")
    page.get_by_role("searchbox").press_sequentially("jl?")
    expect(page.get_by_role("searchbox")).to_have_value("jl?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page = opened("/?keys=off")
    page.keyboard.press("l")
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_key_sheet_lists_what_the_page_has(opened):
    page = opened("/today/")
    page.keyboard.press("?")
    words = page.get_by_role("dialog", name="Keyboard").inner_text()
    assert "Log visit" in words
    assert "Providers" in words
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_filters_swap_the_list_keep_focus_and_live_in_the_url(opened):
    page = opened("/list/?role=manager")
    box = page.get_by_role("searchbox")
    box.press_sequentially("karen", delay=20)
    expect(page.locator(".prm-pager")).to_contain_text("1–4 of 4")
    expect(box).to_be_focused()
    assert page.url.endswith("?q=karen")
    box.fill("")
    page.keyboard.press("Escape")
    page.locator(".prm-filters summary").click()
    page.get_by_label("Tier").select_option("high")
    chip = page.get_by_role("link", name="Remove filter Tier is high")
    expect(chip).to_be_visible()
    assert "tier=high" in page.url
    assert "room=" not in page.url
    page.keyboard.press("Escape")
    chip.click()
    expect(chip).to_have_count(0)
    expect(page.locator(".prm-pager")).to_contain_text("of 20")
    assert page.locator("#filter-fields select").first.input_value() == ""
    page.go_back()
    expect(page.get_by_role("link", name="Remove filter Tier is high")).to_be_visible()


def test_toasts_go_by_themselves_but_wait_for_the_mouse(opened):
    page = opened("/?toast=1", clock=True)
    toasts = page.locator("[data-prm-toast]")
    page.clock.run_for(200)
    expect(toasts).to_have_count(3)
    toasts.first.hover()
    page.clock.run_for(7_000)
    expect(toasts).to_have_count(1)
    toasts.first.get_by_role("button", name="Close").click()
    expect(toasts).to_have_count(0)


def test_progress_polls_until_it_is_done(opened):
    page, asked = opened("/progress/", clock=True), []
    done = page.get_by_text("18,211 of 18,211 rows")
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/progress/?part=progress"):
        page.clock.run_for(2_100)
    # The page of what is over is loaded whole, and nothing of it into the piece.
    expect(done).to_be_visible()
    expect(page.locator("h1")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    count = len(asked)
    page.clock.run_for(10_000)
    # What was asked for meanwhile would be on its way before this is answered.
    page.evaluate("fetch(location.href).then(answer => answer.text())")
    assert len(asked) == count + 1


def test_failed_fragment_says_so_and_offers_a_retry(opened):
    page = opened("/")
    piece = page.locator("[data-prm-fragment]")
    expect(piece).to_contain_text("This part did not load")
    with page.expect_response("**/broken/"):
        piece.get_by_role("button", name="Try again").click()


def test_row_opens_but_not_from_its_own_controls(opened):
    page = opened("/today/")
    page.locator(".prm-row-text").first.click()
    page.wait_for_url("**/partner/")


def test_theme_is_seen_at_once(opened):
    page = opened("/?theme=dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
    page = opened("/?theme=light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_targets_are_large_enough_for_a_thumb(opened):
    page = opened("/list/?role=manager&tier=high", 360)
    small = page.evaluate(
        """[...document.querySelectorAll('.prm-btn, .prm-bar > *, .prm-filter-chip a, .prm-head summary')]
        .filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect()).filter(r => r.height < 38 || r.width < 38).length"""
    )
    assert small == 0


@pytest.mark.parametrize("width", [360, 767, 768, 820, 1024])
def test_a_name_keeps_its_place_beside_many_actions(opened, width):
    """What is done is said in long buttons; the name goes above them before a word of it breaks."""
    page = opened("/form/", width=width)
    page.evaluate(
        """() => {
          document.querySelector(".prm-heading").innerHTML = '<a class="prm-crumb">Lists from files</a><h1>agents.csv</h1>';
          document.querySelector(".prm-actions").innerHTML =
            ["Throw it away", "Change columns", "Import 1,204 rows, leave 311"].map(words => `<a class="prm-btn">${words}</a>`).join("");
        }"""
    )
    lines = page.locator("h1").evaluate(
        "h1 => { const all = document.createRange(); all.selectNodeContents(h1); return all.getClientRects().length }"
    )
    assert (lines, fits(page)) == (1, True)
