"""A new company, taken in the browser alone from its invitation to a signed first review; pages and clicks are counted."""

import re
from dataclasses import dataclass, field
from datetime import date

from playwright.sync_api import Locator, expect

from partners.reviews.models import TierReview
from partners.standing.service import recompute_requested
from partners.states import Kind
from prm.accounts.invitations.links import link_to
from prm.accounts.invitations.service import hand_over, invite
from prm.core.calendar import add_months, today
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.service import create_tenant
from tests.browser.conftest import DESK, Visitor
from tests.conftest import ROOT

DEALERS = 12
HEADING = "ORDER_NO;ORDER_DATE;DEALER_NO;DEALER_NAME;ITEM;QTY;NET"


def row(number: int, dealer: int, day: date, amount: int) -> str:
    return f"H-{number};{day:%d.%m.%Y};D{dealer:03};Dealer {dealer:02};SAW;1;{amount},50"


def first_file(last: date) -> bytes:
    """A year of orders of a dozen dealers, the later ones larger, as a European system writes them."""
    months = [add_months(last, -step) for step in range(1, 13)]
    rows = [
        row(100 * step + dealer, dealer, month.replace(day=14 + dealer), 400 * dealer * dealer)
        for step, month in enumerate(months)
        for dealer in range(1, DEALERS + 1)
    ]
    return "\r\n".join([HEADING, *rows]).encode()


def second_file(last: date) -> bytes:
    """What came later: the smallest dealer has ordered as much as the largest."""
    rows = [row(9_000 + n, 1, add_months(last, -1).replace(day=n), 60_000) for n in range(2, 13)]
    return "\r\n".join([HEADING, *rows]).encode()


@dataclass
class Walk:
    """The way that is gone: pages that were opened, and what was clicked."""

    visitor: Visitor
    pages: list[str] = field(default_factory=list)
    clicks: int = 0

    def click(self, what: Locator, *, leads: bool = True) -> None:
        """Click, and let the next page arrive."""
        self.clicks += 1
        what.click()
        if leads:
            self.visitor.settle()
            self.pages.append(re.sub(r"[0-9a-f-]{36}", "…", self.visitor.page.url.partition("/t/halden")[2]))

    def button(self, name: str, *, leads: bool = True) -> None:
        page = self.visitor.page
        self.click(page.get_by_role("button", name=re.compile(name)).first, leads=leads)

    def link(self, name: str) -> None:
        page = self.visitor.page
        self.click(page.get_by_role("link", name=re.compile(name)).first)

    def set_up(self, picture: str) -> None:
        """Back to the steps, by the menu."""
        self.link("^Set-up")
        self.visitor.picture(f"new-{len(self.pages):02}-{picture}")

    def upload(self, name: str, content: bytes) -> None:
        files = {"name": name, "mimeType": "text/csv", "buffer": content}
        self.visitor.page.locator("input[type=file]").first.set_input_files(files)


def invited() -> str:
    """What an operator does for a new company: make it, and hand over one link."""
    tenant = create_tenant(slug="halden", name="Halden Tools", timezone="America/New_York")
    with tenant_scope(tenant):
        invitation = invite(email="nils@halden.example", role="administrator", by=None)
        secret = hand_over(invitation, by=None, forced=True)
        return link_to(tenant, invitation.pk, secret).partition("/invitation/")[2]


def worked_off() -> None:
    """What a worker does meanwhile: standings follow what came in."""
    with tenant_scope(Tenant.objects.get(slug="halden")):
        recompute_requested()


def bring_orders(walk: Walk, name: str, content: bytes) -> None:
    page = walk.visitor.page
    walk.upload(name, content)
    walk.button("^Read it")
    expect(page.get_by_role("heading", name=f"New from {name}")).to_be_visible()
    walk.click(page.get_by_text("What no cell says"), leads=False)
    page.locator("[name=create_partners]").check()
    page.get_by_label("Which is then a").select_option(Kind.DEALER.value)
    walk.button("^Use these readings")
    walk.button(r"^Import \d+ rows")
    expect(page.locator("main")).to_contain_text("144 rows read")


def test_a_new_company_gets_from_its_invitation_to_a_signed_first_review(visit):
    visitor = visit(DESK)
    page, walk = visitor.page, Walk(visitor)
    visitor.go(f"/invitation/{invited()}")
    page.get_by_label("Your name").fill("Nils Kessler")
    page.get_by_role("textbox", name="Password").fill("saws-and-drills-2026")
    walk.button("^Accept")
    expect(page.get_by_role("heading", name="Set-up")).to_be_visible()
    visitor.check()

    walk.link("Look at them")
    page.get_by_label("One partner").fill("dealer")
    page.locator("[name=partner_noun_plural]").fill("dealers")
    walk.button("^Save words")
    visitor.check()
    walk.set_up("company")
    expect(page.locator("main")).to_contain_text("Partners are called “dealers”")

    walk.link(r"^Invite\s*: Invite managers")
    page.get_by_label("E-mail").fill("mia@halden.example")
    page.get_by_role("radio", name="Manager").check()
    walk.button("^Invite")
    walk.set_up("people")

    walk.link(r"^Choose file")
    bring_orders(walk, "dealer_orders.csv", first_file(today(Tenant.objects.get(slug="halden"))))
    worked_off()
    walk.set_up("orders")

    walk.link("^Look at the proposal")
    page.get_by_label("Minimum stay, months").fill("0")
    walk.button("^Propose version")
    walk.button("^Put version")
    worked_off()
    walk.set_up("bands")

    walk.link(r"^Log visit\s*: ")
    page.locator("#main [name=q]").fill("Dealer 12")
    walk.click(page.locator("#main").get_by_role("button", name="Search"))
    walk.click(page.get_by_role("link", name="Dealer 12", exact=True).first)
    page.locator("input[name=purpose]").first.check()
    walk.button("^Save visit")
    walk.set_up("visit")
    expect(page.locator("main")).to_contain_text("6 of 7 done")
    visitor.check()

    later(walk)
    walk.link("^Tier review")
    expect(page.locator("main")).to_contain_text("Dealer 01")
    visitor.picture("new-review")
    walk.button("^Accept")
    with tenant_scope(Tenant.objects.get(slug="halden")):
        signed = TierReview.objects.get(decision="accept")
        assert (signed.partner.name, str(signed.signed_by.user)) == ("Dealer 01", "Nils Kessler")
    visitor.picture("new-signed")
    told = f"{walk.clicks} clicks, which open {len(walk.pages)} pages"
    assert told in (ROOT / "docs" / "administrators.md").read_text(encoding="utf-8"), " ".join(walk.pages)
    assert visitor.complaints == []


def later(walk: Walk) -> None:
    """The next file comes, and somebody's revenue is another one."""
    page = walk.visitor.page
    walk.link(r"^Import more\s*:")
    walk.upload("later.csv", second_file(today(Tenant.objects.get(slug="halden"))))
    page.locator("select[name=source]").select_option(
        index=0 if page.locator("select[name=source] option").count() == 1 else 1
    )
    walk.button("^(Look|Preview|Read)")
    walk.button(r"^Import \d+ rows")
    worked_off()
