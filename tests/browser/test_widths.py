"""Every page of every role's menu at the widths people have: nothing scrolls sideways, and no word is broken.

In `make test` the walks of `test_roles.py` look at each page so while it is open, and here the staff of the other
tenant, with its own words and currency. `make crawl` (PRM_CRAWL=1) opens everybody's pages here, and what they link
to, and asks axe in every width, light and dark.
"""

import os
import re

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import DESK

WIDTHS = (320, 360, 640, 768, 820, 1024, 1280, 1920)
WHOLE = bool(os.environ.get("PRM_CRAWL"))
# A word of so many characters has to break somewhere: an address, a file's name.
LONGEST = 21

BROKEN = """longest => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, box = node.parentElement;
    if (!box.checkVisibility({visibilityProperty: true}) || box.closest(".visually-hidden, svg, pre, code")) continue;
    for (const word of node.data.matchAll(/[^\\s\\-–—/.,@_]+/g)) {
      if (word[0].length > longest || word[0].length < 2) continue;
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const tops = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top)));
      if (tops.size > 1) found.push(word[0]);
    }
  }
  return found;
}"""
WIDE = """() => [
  ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ["page"] : []),
  ...[...document.querySelectorAll("main table")]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
      || getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1)
    .map(e => e.className || e.tagName),
]"""


def look(visitor, schemes=("light",)):
    """What is wrong with the page that is open, in any width."""
    wrong = []
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 800})
        wide, broken = visitor.page.evaluate(WIDE), visitor.page.evaluate(BROKEN, LONGEST)
        wrong += [(visitor.page.url, width, "sideways", wide)] if wide else []
        wrong += [(visitor.page.url, width, "broken", broken[:5])] if broken else []
        for scheme in schemes if WHOLE else ():
            visitor.page.emulate_media(color_scheme=scheme)
            # Told at the end with what other pages have: the walk goes on.
            wrong += [(width, scheme, said) for said in visitor.wrong()]
    visitor.page.set_viewport_size(DESK)
    return wrong


# Whose pages the walks of `test_roles.py` do not open.
PEOPLE = ["rep@anchor", "manager@anchor"]
WALKED = ["rep@mercy", "manager@mercy", "admin@mercy", "partner@mercy", "partner@anchor"]


def kind_of(path):
    """The same page for another row is not another page."""
    return re.sub(r"[0-9a-f-]{36}", "*", path.split("?")[0])


def further(visitor):
    """Where the page leads, within the tenant and without changing anything."""
    found = visitor.page.eval_on_selector_all(
        "main a[href^='/t/']:not([download])", "links => links.map(a => a.getAttribute('href'))"
    )
    return [link for link in found if "export" not in link and not link.endswith(".csv")]


@pytest.mark.timeout(3_000 if WHOLE else 400)
@pytest.mark.parametrize("email", PEOPLE + WALKED if WHOLE else PEOPLE)
def test_pages_fit_every_width(visit, record_property, email):
    visitor = visit(DESK)
    visitor.sign_in(f"{email}.example")
    waiting, seen, wrong = visitor.links(), set(), []
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        try:
            visitor.go(path)
        except (AssertionError, Error) as error:
            wrong.append((path, str(error).splitlines()[0]))
            continue
        if WHOLE:
            waiting += further(visitor)
        wrong += look(visitor, ("light", "dark")) + visitor.complaints
        visitor.complaints.clear()
    record_property("pages", len(seen))
    record_property("looks at pages", len(seen) * len(WIDTHS) * (2 if WHOLE else 1))
    assert wrong == [], "\n".join(map(str, wrong))
    assert len(seen) >= 2
