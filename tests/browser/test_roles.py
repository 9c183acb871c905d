"""Each role walks every page its navigation offers, at a desk and on a phone, in light and dark.

A page is opened once at a desk and looked at there in light, in dark and in every width of `test_widths.py`
(640 px is a desk of 1280 px at 200 %), and once on a phone. In the other tenant the templates are the same and the words are not: its
portal is walked so, and what its staff sees is opened in every width by `test_widths.py`.
"""

import pytest

from tests import axe
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_widths import look

WALKS = [("mercy", role) for role in ("rep", "manager", "admin", "partner")] + [("anchor", "partner")]


@pytest.mark.parametrize("tenant, role", WALKS)
def test_role_walks_its_pages(visit, tenant, role):
    desk, phone = visit(DESK), visit(PHONE)
    for visitor in (desk, phone):
        visitor.sign_in(f"{role}@{tenant}.example")
    # What stands in one menu only is opened on both screens.
    links = list(dict.fromkeys(desk.links() + phone.links()))
    assert links, "no navigation"
    if role == "admin":
        # What a manager's menu has as well is walked as the manager.
        walked = links_of(visit, f"manager@{tenant}.example")
        links = [link for link in links if link not in walked]
        assert links, "the administrator's menu has nothing of its own"
    wrong = []
    for number, link in enumerate(links):
        wrong += at_a_desk(desk, link, f"{tenant}-{role}-{{}}-{number:02}")
        phone.go(link)
        phone.picture(f"{tenant}-{role}-phone-{number:02}")
        wrong += phone.wrong()
    assert wrong == [], "\n".join(map(str, wrong))


def links_of(visit, email):
    """The addresses of somebody's menu."""
    visitor = visit(DESK)
    visitor.sign_in(email)
    return visitor.links()


def at_a_desk(visitor, link, name):
    """What is wrong with a page that is opened once: in light, in dark, at 200 %, in every width."""
    visitor.go(link)
    visitor.picture(name.format("desk"))
    wrong = visitor.wrong()
    visitor.page.emulate_media(color_scheme="dark")
    visitor.picture(name.format("dark"))
    wrong += visitor.wrong(axe.COLOURS)
    visitor.page.emulate_media(color_scheme="light")
    return wrong + look(visitor)


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
