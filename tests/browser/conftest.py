"""A running product with the demo tenants, and a real browser to walk it.

The pages are served from this process with real commits; the database is emptied afterwards. All
browser tests run in one worker (``xdist_group``), since they share that database.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests import axe
from tests.conftest import demo_served, open_chromium

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
# Milliseconds: what is waited for comes in a moment, but a busy machine may take its time.
PATIENCE = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with open_chromium("pages were not walked in a browser") as engine:
        # Playwright runs a loop in this thread; Django then refuses plain queries unless told.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        expect.set_options(timeout=PATIENCE)
        yield engine
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def address(browser: Browser, django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """The address of the product, filled with small demo tenants."""
    with demo_served(django_db_blocker, size=14) as found:
        yield found


# The cookies of who has signed in, by address of the product and e-mail.
_sessions: dict[tuple[str, str], list] = {}


@dataclass
class Visitor:
    """A person at a screen, with everything the browser complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page, which must answer 200, and let its fragments arrive."""
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        self.settle()

    def settle(self) -> None:
        """Wait until every fragment has come ("networkidle" would add half a second to each page)."""
        self.page.wait_for_load_state("load")
        busy = "[data-prm-fragment][hx-trigger=load], .htmx-request, .htmx-swapping, .htmx-settling"
        expect(self.page.locator(busy)).to_have_count(0)

    def sign_in(self, email: str, password: str = "demo") -> None:
        """Sign in by the page, the first time; later screens of the same person go on with that session."""
        known = _sessions.get((self.address, email))
        if known:
            self.page.context.add_cookies(known)
            self.go("/")
            if "/t/" in self.page.url:
                return
        self.page.goto(self.address + "/account/login/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_role("textbox", name="Password").fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(re.compile(r"/t/"))
        self.settle()
        _sessions[self.address, email] = self.page.context.cookies()  # type: ignore[assignment]

    def links(self) -> list[str]:
        """Where the navigation leads this person."""
        found = self.page.eval_on_selector_all(
            "nav a[href^='/t/']", "links => links.map(a => a.getAttribute('href'))"
        )
        return list(dict.fromkeys(found))

    def check(self) -> None:
        """No axe violation, no sideways scrolling, no complaint in the console."""
        wrong = self.wrong()
        assert wrong == [], "\n".join(wrong)

    def wrong(self, only: Sequence[str] | None = None) -> list[str]:
        """What is wrong with the page that is open, in sentences; of axe's rules all, or `only` these."""
        where = self.page.url
        found = [f"{where} {rule}: {words}" for rule, words in axe.violations(self.page, only)]
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        found += [f"{where} scrolls sideways by {wide} px"] if wide > 0 else []
        found += [f"{where}: {said}" for said in self.complaints]
        self.complaints.clear()
        return found

    def picture(self, name: str) -> None:
        """Keep a picture when SCREENSHOTS names a folder (for people to look at)."""
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def is_complaint(message: ConsoleMessage) -> bool:
    """Whether the console says that something is wrong.

    A request that makes way for another (`hx-sync`, a page that is left) is logged as aborted, and as ended. One that
    fails is logged as sendError or responseError besides.
    """
    return message.type in {"error", "warning"} and not message.text.startswith(
        ("htmx:sendAbort", "htmx:afterRequest")
    )


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator:
    """``visit(size=DESK, scheme="light")``: a fresh person at a fresh screen."""
    contexts: list[BrowserContext] = []

    def make(size: dict[str, int] = DESK, scheme: str = "light") -> Visitor:
        phone = size["width"] < 768
        context = browser.new_context(
            viewport=size, color_scheme=scheme, reduced_motion="reduce", has_touch=phone, is_mobile=phone
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        visitor = Visitor(context.new_page(), address)
        visitor.page.on("console", lambda m: visitor.complaints.append(m.text) if is_complaint(m) else None)
        visitor.page.on("pageerror", lambda e: visitor.complaints.append(str(e)))
        return visitor

    yield make
    for context in contexts:
        context.close()
