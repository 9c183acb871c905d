"""The field mapping at every width: a problem in its row, cured by hand, put in force, and the way back."""

import re

import pytest
from playwright.sync_api import expect

from prm.mapping import Kind
from prm.salesforce.fieldmap import service
from prm.salesforce.mapping import describing
from prm.salesforce.mapping.choices import FieldChoice, Shape
from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.browser.conftest import DESK, PHONE
from tests.salesforce.conftest import There

PARTNER = "partners.partner"
TABLET = {"width": 820, "height": 1180}
LISTED = [{"value": one, "active": True} for one in ("Cardiology", "Orthopedics", "Neurology", "Other")]
OWN = [
    {
        "name": "Specialty__c", "label": "Specialty", "type": "picklist", "restrictedPicklist": True,
        "picklistValues": LISTED, "length": 255,
    },
    {
        "name": "Segment__c", "label": "Market segment", "type": "picklist", "nillable": False, "createable": True,
        "picklistValues": [{"value": "Provider", "active": True}, {"value": "Payer", "active": True}],
    },
]  # fmt: skip


@pytest.fixture
def draft(address, django_db_blocker):
    """An organisation with fields of its own, and a draft that sends the specialty to one of them."""
    org = SandboxOrg()
    with (
        django_db_blocker.unblock(),
        SandboxServer(org) as server,
        tenant_scope(Tenant.objects.get(slug="mercy")),
    ):
        for sobject in ("Account", "Opportunity", "Event", "Task"):
            described = There(server).call("GET", f"sobjects/{sobject}/describe")
            described["fields"] += OWN if sobject == "Account" else []
            describing.remember(sobject, described)
        shape = Shape(kind=Kind.PICKLIST)
        service.choose_field(
            key=PARTNER,
            here="specialty",
            choice=FieldChoice(there="Specialty__c", shape=shape, direction="push"),
        )
    org.close()
    yield
    with django_db_blocker.unblock(), tenant_scope(Tenant.objects.get(slug="mercy")):
        service.discard()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"])
def test_the_page_is_sound_at_every_width(visit, draft, size, scheme):
    visitor = visit(size, scheme)
    visitor.sign_in("admin@mercy.example")
    visitor.go("/t/mercy/salesforce/mapping/")
    page = visitor.page
    expect(page.locator("#main")).to_contain_text("is required there, and nothing here fills it")
    expect(page.locator(".prm-map-values").first).to_be_visible()
    visitor.picture(f"mapping-{scheme}-{size['width']}")
    visitor.check()


def test_a_problem_is_cured_in_its_row_and_the_version_put_in_force(visit, draft):
    visitor = visit(DESK)
    visitor.sign_in("admin@mercy.example")
    visitor.go("/t/mercy/salesforce/mapping/")
    page = visitor.page
    expect(page.get_by_role("button", name="Put in force")).to_be_disabled()
    page.get_by_role("link", name="Change Phone").click()
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("Field in Salesforce")
    visitor.picture("mapping-field-sheet")
    sheet.get_by_label("On the way").select_option("digits")
    sheet.get_by_role("button", name=re.compile("Save in the draft")).click()
    expect(page.locator("#main")).to_contain_text("digits only")
    page.get_by_role("link", name="Fill Market segment").click()
    sheet.get_by_label("Always").select_option("Provider")
    visitor.picture("mapping-constant-sheet")
    sheet.get_by_role("button", name=re.compile("Save in the draft")).click()
    expect(page.locator("#main")).to_contain_text("always “Provider”")
    while page.get_by_role("button", name="Send empty").count():
        page.get_by_role("button", name="Send empty").first.click()
        visitor.settle()
    page.get_by_role("button", name="Put in force").click()
    expect(page.locator("body")).to_contain_text(re.compile(r"Version \d+ is in force"))
    visitor.picture("mapping-in-force")
    page.get_by_role("button", name="Back to this").last.click()
    expect(page.locator("body")).to_contain_text("Draft as version 1.")
    page.get_by_role("button", name="Discard the draft").click()
    expect(page.locator("body")).to_contain_text("Draft discarded.")
    assert visitor.complaints == []
