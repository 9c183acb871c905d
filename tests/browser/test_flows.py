"""The main things each role does, done with the mouse, the thumb and the keyboard."""

import re

from playwright.sync_api import expect

from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.browser.conftest import DESK, PHONE


def test_rep_logs_a_visit_with_insight_on_a_phone_and_sees_the_new_score(visit):
    from activities.market.competition.models import Insight
    from activities.visits.models import Visit

    with tenant_scope(Tenant.objects.get(slug="mercy")):
        before = Visit.objects.count(), Insight.objects.count()
    visitor = visit(PHONE)
    page = visitor.page
    visitor.sign_in("rep@mercy.example")
    page.locator(".prm-bar-primary").click()
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("Whom did you meet?")
    sheet.get_by_role("link", name=re.compile(r"^\s*(\S+ )?Dr\. Elena Marchetti")).first.click()
    expect(sheet).to_contain_text("What did you learn?")
    visitor.picture("flow-log-phone")
    sheet.get_by_role("radio", name="Video").check()
    sheet.locator("input[name=purpose]").first.check()
    sheet.get_by_label("What did you learn?").fill("Wants echo slots within 48 hours. <b>Not bold</b>")
    sheet.get_by_text("Add competition insight").click()
    sheet.locator("input[name='insight-competitor']").first.check()
    sheet.locator("input[name='insight-outcome'][value=lost]").check()
    sheet.get_by_role("button", name=re.compile("Save visit")).click()
    expect(page.locator("#toasts")).to_contain_text(re.compile(r"Visit .*saved"))
    expect(page.locator("#toasts")).to_contain_text(re.compile(r"Score \d+"))
    visitor.picture("flow-log-phone-saved")
    assert visitor.complaints == []
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        assert (Visit.objects.count(), Insight.objects.count()) == (before[0] + 1, before[1] + 1)


def test_partner_page_explains_the_score_and_escapes_what_people_wrote(visit):
    visitor = visit(DESK)
    visitor.sign_in("rep@mercy.example")
    visitor.go("/t/mercy/partners/")
    page = visitor.page
    page.get_by_role("link", name="Dr. Elena Marchetti").click()
    visitor.settle()
    expect(page.get_by_role("heading", name=re.compile(r"Why \d+"))).to_be_visible()
    for component in (
        "Revenue",
        "Orders trend",
        "Frequency and recency",
        "Market share",
        "Visits",
        "Win ratio",
    ):
        expect(page.locator("#main")).to_contain_text(component)
    assert page.locator("#main b", has_text="Not bold").count() == 0
    visitor.check()
    visitor.picture("flow-partner-desk")


def test_filters_live_in_the_address_and_survive_a_reload(visit):
    visitor = visit(DESK)
    visitor.sign_in("manager@mercy.example")
    visitor.go("/t/mercy/partners/?q=Marchetti")
    page = visitor.page
    expect(page.locator("tbody tr")).to_have_count(1)
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    visitor.go("/t/mercy/partners/?q=nobody-is-called-so")
    expect(page.locator("#main")).to_contain_text(re.compile("match", re.IGNORECASE))
    visitor.check()


def test_manager_accepts_a_tier_proposal_with_the_keyboard(visit):
    from partners.reviews.models import TierReview

    with tenant_scope(Tenant.objects.get(slug="mercy")):
        before = TierReview.objects.count()
    visitor = visit(DESK)
    visitor.sign_in("manager@mercy.example")
    visitor.go("/t/mercy/tier-review/")
    visitor.picture("flow-review")
    visitor.page.get_by_role("button", name=re.compile("^Accept")).first.wait_for()
    visitor.page.keyboard.press("a")
    expect(visitor.page.locator("#toasts")).to_contain_text(re.compile(r"\w"))
    visitor.settle()
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        assert TierReview.objects.count() == before + 1
    assert visitor.complaints == []


def test_manager_ties_a_code_and_the_past_follows(visit):
    from orders.book.models import Order

    visitor = visit(DESK)
    visitor.sign_in("manager@mercy.example")
    visitor.go("/t/mercy/orders/unattributed/")
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        before = Order.objects.filter(partner=None).count()
    visitor.page.locator(".prm-queue-item", has_text="Certain:").first.get_by_role("link").click()
    button = visitor.page.get_by_role("button", name=re.compile(r"^Tie \d+ orders? to ")).first
    count = int(re.search(r"Tie (\d+)", button.inner_text())[1])
    button.click()
    expect(visitor.page.locator("#toasts")).to_contain_text(re.compile(r"tied|count", re.IGNORECASE))
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        assert Order.objects.filter(partner=None).count() == before - count
    assert visitor.complaints == []


def test_regulated_partner_sees_counts_and_states_and_nothing_else(visit):
    visitor = visit(DESK)
    visitor.sign_in("partner@mercy.example")
    for link in visitor.links():
        visitor.go(link)
        words = visitor.page.locator("body").inner_text().lower()
        markup = visitor.page.content().lower()
        for forbidden in ("$", "revenue", "score", "headroom", "market share"):
            assert forbidden not in words, (link, forbidden)
        assert "prm-bars" not in markup
        assert "siddiqui" not in words
    for other in (
        "partners/",
        "today/",
        "tier-review/",
        "orders/",
        "orders/unattributed/",
        "salesforce/",
        "members/",
        "opportunities/",
    ):
        answer = visitor.page.goto(f"{visitor.address}/t/mercy/{other}")
        assert answer.status in {403, 404}, other


def test_administrators_set_up_pages_are_sound(visit):
    visitor = visit(DESK)
    visitor.sign_in("admin@mercy.example")
    for page in (
        "orders/sources/",
        "orders/imports/",
        "orders/imports/add/",
        "salesforce/",
        "salesforce/connect/",
        "keys/",
    ):
        visitor.go(f"/t/mercy/{page}")
        visitor.check()


def test_api_documents_open_without_anything_from_elsewhere(visit):
    visitor = visit(DESK)
    elsewhere = []
    visitor.page.on(
        "request",
        lambda r: (
            elsewhere.append(r.url) if "localhost" not in r.url and not r.url.startswith("data:") else None
        ),
    )
    visitor.sign_in("admin@mercy.example")
    visitor.page.goto(visitor.address + "/api/v1/mercy/docs/")
    expect(visitor.page.locator(".swagger-ui .opblock").first).to_be_visible()
    assert elsewhere == []


def test_a_post_that_does_not_arrive_says_so_and_keeps_what_was_typed(visit):
    visitor = visit(DESK)
    visitor.sign_in("rep@mercy.example")
    page = visitor.page
    # Not from Today: who is due there depends on the day.
    visitor.go("/t/mercy/partners/")
    page.get_by_role("link", name="Dr. Elena Marchetti").click()
    visitor.settle()
    page.get_by_role("link", name=re.compile("Log visit")).first.click()
    sheet = page.locator("#sheet")
    sheet.locator("input[name=purpose]").first.check()
    sheet.get_by_label("What did you learn?").fill("Kept.")
    page.route("**/visits/log/**", lambda route: route.fulfill(status=500, body="broken"))
    sheet.get_by_role("button", name=re.compile("Save visit")).click()
    expect(sheet.get_by_role("alert")).to_contain_text("Not saved. The server failed (500)")
    expect(sheet.get_by_label("What did you learn?")).to_have_value("Kept.")
    page.unroute("**/visits/log/**")
    sheet.get_by_role("button", name=re.compile("Save visit")).click()
    expect(page.locator("#toasts")).to_contain_text(re.compile(r"Visit .*saved"))


def test_conflicts_are_decided_by_1_and_2(visit):
    from partners.directory.models import Partner
    from prm.salesforce.engine.models import Conflict

    with tenant_scope(Tenant.objects.get(slug="mercy")):
        first, second = Partner.objects.order_by("name")[:2]
        for partner in (first, second):
            Conflict.objects.create(
                mapping="partners.partner",
                record_id=partner.pk,
                title=partner.name,
                there="Phone",
                agreed="1",
                ours=partner.phone,
                theirs="3",
                state="open",
            )
    visitor = visit(PHONE)
    visitor.sign_in("admin@mercy.example")
    visitor.go("/t/mercy/salesforce/conflicts/")
    visitor.check()
    visitor.picture("flow-conflicts-phone")
    # The inbox opens with the newest; 1 and 2 choose for its field, Ctrl+Enter saves and opens the next.
    for key, value, state in (("1", "here", "here"), ("2", "salesforce", "salesforce")):
        visitor.go("/t/mercy/salesforce/conflicts/")
        visitor.page.locator(".prm-cases a").first.click()
        visitor.settle()
        name = visitor.page.locator(".prm-detail-head h2").inner_text()
        visitor.page.keyboard.press(key)
        expect(visitor.page.locator(f"input[value={value}]").first).to_be_checked()
        visitor.page.keyboard.press("Control+Enter")
        expect(visitor.page.locator("#toasts")).to_contain_text(f"{name}: 1 field decided.")
        with tenant_scope(Tenant.objects.get(slug="mercy")):
            assert Conflict.objects.filter(title=name, state="chosen", winner=state).exists()
    visitor.picture("flow-conflicts-decided-phone")
