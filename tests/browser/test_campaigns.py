"""A campaign from the list to its result, with a real redirect, seen where people look."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from playwright.sync_api import expect

from activities.campaigns.counting.models import WebEvent
from activities.campaigns.counting.service import settle
from activities.campaigns.members.letters import address_of
from activities.campaigns.members.service import add_members, tell_members
from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.results.service import count_figures
from partners.directory.models import Partner
from partners.standing.service import recompute_standings
from prm.core import calendar
from prm.salesforce.runs import run
from prm.salesforce.setup import service as setup_service
from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer
from prm.tenancy.context import SYSTEM, acting_as, bound_tenant, tenant_scope
from prm.tenancy.models import Tenant
from tests.browser.conftest import DESK, PHONE
from tests.salesforce.conftest import There

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


class Undo(Exception):
    """Ends a transaction without a trace."""


def seen_in_the_organisation(campaign, member):
    """Sync with an organisation of its own, and return what it says of campaign and member; here nothing of it is left."""
    org, told = SandboxOrg(), {}
    with SandboxServer(org) as server, bound_tenant(campaign.tenant), suppress(Undo), transaction.atomic():
        with acting_as(SYSTEM):
            while tell_members(campaign.pk):
                pass
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
        assert setup_service.set_up().complete
        setup_service.start()
        run.sync(run.Wish(patient=False), pause=lambda seconds: None)
        there = There(server)
        told["campaign"] = there.one("Campaign", campaign.pk, "Name", "Status", "IsActive")
        told["member"] = there.one("CampaignMember", member.pk, "CampaignId", "Status", "HasResponded")
        told["score"] = there.one("Account", member.partner_id, "PRM_Score__c")
        raise Undo
    org.close()
    return told


def test_a_campaign_from_the_list_to_its_result_with_a_real_link(visit, address):
    mercy = Tenant.objects.get(slug="mercy")
    manager = visit()
    manager.sign_in("manager@mercy.example")
    manager.go("/t/mercy/campaigns/")
    form = manager.page
    form.get_by_role("link", name=re.compile("^New campaign")).click()
    manager.settle()
    form.get_by_label("Name", exact=True).fill("Echo lab letter")
    form.get_by_role("checkbox", name="E-mail").check()
    today = calendar.today(mercy)
    form.get_by_label("From", exact=True).fill(today.isoformat())
    form.get_by_label("To", exact=True).fill((today + timedelta(days=90)).isoformat())
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
    form.get_by_role("button", name="Note that wave 1 was sent").click()
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
        count_figures(made.pk)
    manager.go(f"/t/mercy/timeline/?partner={partner.pk}")
    expect(form.get_by_text("Opened Echo lab page").first).to_be_visible()
    manager.go(f"/t/mercy/partners/{partner.pk}/")
    expect(form.get_by_text(re.compile("page visits? in 180 days")).first).to_be_attached()
    manager.go(f"/t/mercy/campaigns/{made.pk}/")
    expect(form.get_by_role("row", name=re.compile("^Came"))).to_contain_text("1 100%")
    manager.check()
    form.get_by_role("link", name="Mail again").click()
    manager.settle()
    expect(form.get_by_text("nobody", exact=True)).to_have_count(2)
    manager.check()
    with tenant_scope(mercy):
        made.refresh_from_db()
    told = seen_in_the_organisation(made, member)
    assert (told["campaign"]["Name"], told["campaign"]["Status"]) == ("Echo lab letter", "In Progress")
    assert told["member"]["CampaignId"] == told["campaign"]["Id"]
    assert (told["member"]["Status"], told["member"]["HasResponded"]) == ("Responded", True)
    assert told["score"]["PRM_Score__c"] is not None
