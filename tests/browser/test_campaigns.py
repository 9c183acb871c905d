"""A campaign from the list to its result, with a real redirect, seen where people look."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from activities.campaigns.counting.models import WebEvent
from activities.campaigns.counting.service import settle
from activities.campaigns.members.letters import address_of
from activities.campaigns.members.service import add_members
from activities.campaigns.planning.models import Campaign, Member
from partners.directory.models import Partner
from partners.standing.service import recompute_standings
from prm.tenancy.context import SYSTEM, tenant_scope
from prm.tenancy.models import Tenant
from tests.browser.conftest import DESK, PHONE

AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"
OWN_PAGE = """<!doctype html><title>Echo lab</title><h1>Echo lab</h1><script src="https://go.mercy.example/c/seen.js" async></script>"""


@pytest.mark.parametrize(
    ("screen", "dark"), [(DESK, False), (DESK, True), (PHONE, False)], ids=["desk", "dark", "phone"]
)
def test_the_pages_of_campaigns(visit, screen, dark):
    manager = visit(screen, "dark" if dark else "light")
    manager.sign_in("manager@mercy.example")
    name = f"{screen['width']}{'-dark' if dark else ''}"
    manager.go("/t/mercy/campaigns/")
    expect(manager.page.get_by_text("New lab opens")).to_be_visible()
    manager.check()
    manager.picture(f"campaigns-{name}")
    manager.page.get_by_role("link", name="New lab opens").first.click()
    manager.settle()
    manager.check()
    manager.picture(f"campaign-{name}")
    for tab in ("Members", "Links", "Settings"):
        manager.page.get_by_role("link", name=re.compile(f"^{tab}")).first.click()
        manager.settle()
        manager.check()
        manager.picture(f"campaign-{tab.lower()}-{name}")


def test_from_a_link_in_a_letter_to_the_timeline_and_the_score(visit, address):
    mercy = Tenant.objects.get(slug="mercy")
    manager = visit()
    manager.sign_in("manager@mercy.example")
    manager.go("/t/mercy/campaigns/add/")
    form = manager.page
    form.get_by_label("Name", exact=True).fill("Echo lab letter")
    form.get_by_role("checkbox", name="E-mail").check()
    form.get_by_label("From", exact=True).fill("2026-01-01")
    form.get_by_label("To", exact=True).fill("2027-12-31")
    form.get_by_label("Hold out").fill("0")
    form.get_by_role("button", name="Save campaign").click()
    manager.settle()
    with tenant_scope(mercy, actor=SYSTEM):
        made = Campaign.objects.get(name="Echo lab letter")
        partner = Partner.objects.active().exclude(rep=None).order_by("name").first()
        add_members(campaign=made, partners=[partner.pk])
    manager.go(f"/t/mercy/campaigns/{made.pk}/links/")
    form.get_by_label("Name, as people say it").fill("Echo lab page")
    form.get_by_label("Address").fill("https://www.mercy.example/echo")
    form.get_by_role("button", name="Add link").click()
    manager.settle()
    form.get_by_role("button", name="Start").click()
    manager.settle()
    with tenant_scope(mercy):
        member, link = Member.objects.get(campaign=made), made.links.get()
        letter = address_of(made, member, link.pk, is_picture=False, base=address)

    # A browser that says what people's say: a headless one is a robot by name. Pages that a redirect leads to cannot be put in its
    # way, so it is taken in two steps.
    reader = manager.page.context.browser.new_context(user_agent=AGENT, viewport=PHONE)
    page = reader.new_page()
    page.route(
        "https://www.mercy.example/**",
        lambda route: route.fulfill(body=OWN_PAGE, content_type="text/html"),
    )
    # The company's own name for links, which points here.
    page.route(
        "https://go.mercy.example/**",
        lambda route: route.fulfill(
            response=reader.request.get(route.request.url.replace("https://go.mercy.example", address))
        ),
    )
    led = reader.request.get(letter, max_redirects=0)
    assert led.status == 302
    with page.expect_response(re.compile(r"/c/.*\.gif$")):
        page.goto(led.headers["location"])
    expect(page.get_by_role("heading", name="Echo lab")).to_be_visible()
    assert page.url == "https://www.mercy.example/echo"
    assert reader.cookies() == []
    reader.close()
    with tenant_scope(mercy, actor=SYSTEM):
        assert set(WebEvent.objects.filter(member=member).values_list("act", flat=True)) == {"click", "seen"}
        settle(wait=timedelta(0))
        recompute_standings([partner.pk])
    manager.go(f"/t/mercy/timeline/?partner={partner.pk}")
    expect(form.get_by_text("Opened Echo lab page").first).to_be_visible()
    manager.go(f"/t/mercy/partners/{partner.pk}/")
    expect(form.get_by_text(re.compile("page visits? in 180 days")).first).to_be_attached()
    manager.go(f"/t/mercy/campaigns/{made.pk}/")
    manager.check()
