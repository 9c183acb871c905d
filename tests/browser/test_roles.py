"""Each role walks every page its navigation offers, at a desk and on a phone, in light and dark."""

import pytest

from tests.browser.conftest import DESK, PHONE

SCREENS = {"desk": (DESK, "light"), "dark": (DESK, "dark"), "phone": (PHONE, "light")}
ZOOMED = {"width": 640, "height": 400}  # a desk of 1280 px at 200 %
# Every role and screen in one tenant; in the other the templates are the same, the words are not.
WALKS = [("mercy", role, screen) for role in ("rep", "manager", "admin", "partner") for screen in SCREENS]
WALKS += [("anchor", role, screen) for role in ("rep", "manager", "partner") for screen in ("desk", "phone")]


@pytest.mark.parametrize("tenant, role, name", WALKS)
def test_role_walks_its_pages(visit, tenant, role, name):
    screen, scheme = SCREENS[name]
    visitor = visit(screen, scheme)
    visitor.sign_in(f"{role}@{tenant}.example")
    links = visitor.links()
    assert links, "no navigation"
    for number, link in enumerate(links):
        visitor.go(link)
        visitor.picture(f"{tenant}-{role}-{name}-{number:02}")
        visitor.check()


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_nothing_is_lost_at_200_percent(visit, role):
    visitor = visit(ZOOMED)
    visitor.sign_in(f"{role}@mercy.example")
    for number, link in enumerate(visitor.links()):
        visitor.go(link)
        visitor.picture(f"zoomed-{role}-{number:02}")
        visitor.check()


def test_done_and_missing_differ_in_forced_colours(visit):
    visitor = visit(DESK)
    visitor.page.emulate_media(forced_colors="active")
    visitor.sign_in("rep@mercy.example")
    # Drawn here: whether a page of the demo has a visit done and one missing depends on the day.
    fills = visitor.page.evaluate(
        """names => names.map(name => {
            const mark = document.createElementNS("http://www.w3.org/2000/svg", "circle");
            mark.setAttribute("class", name);
            document.querySelector("main svg, svg").append(mark);
            return getComputedStyle(mark).fill;
        })""",
        ["prm-dot-on", "prm-dot-off", "prm-bars-on", "prm-bars-off"],
    )
    assert fills[0] != fills[1]
    assert fills[2] != fills[3]
    visitor.picture("forced-colours")


def test_sign_in_page_refuses_a_wrong_password_in_words(visit):
    visitor = visit()
    visitor.page.goto(visitor.address + "/account/login/")
    visitor.page.get_by_label("E-mail").fill("rep@mercy.example")
    visitor.page.get_by_role("textbox", name="Password").fill("wrong")
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    visitor.settle()
    assert visitor.page.get_by_role("alert").is_visible()
    visitor.check()
    visitor.picture("sign-in-refused")
