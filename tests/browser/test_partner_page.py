"""The partner page keeps itself up to date: no reload after a save, nor for what others do."""

import re

import pytest
from playwright.sync_api import expect

from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.browser.conftest import DESK

NAME = "Dr. Elena Marchetti"


@pytest.fixture
def open_page(visit):
    """The page of one partner as her rep sees it, marked so that a reload shows."""
    visitor = visit(DESK)
    visitor.sign_in("rep@mercy.example")
    visitor.go("/t/mercy/partners/")
    visitor.page.get_by_role("link", name=NAME).click()
    visitor.settle()
    visitor.page.evaluate("window.notReloaded = true")
    yield visitor
    assert visitor.page.evaluate("window.notReloaded"), "the page was loaded again"
    assert visitor.complaints == []


def dots(page):
    return page.locator(".prm-chart-desk :is(.prm-dots-on, .prm-dots-off)")


def test_a_visit_logged_on_the_page_moves_score_chart_and_timeline_and_can_be_undone(open_page):
    page = open_page.page
    before, drawn = page.locator("#standing").inner_text(), dots(page).count()
    assert drawn
    page.keyboard.press("l")
    sheet = page.locator("#sheet")
    sheet.locator("input[name=purpose]").first.check()
    sheet.get_by_label("What did you learn?").fill("Likes to be seen without a reload.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text(re.compile(r"Visit .*saved"))
    expect(page.locator("#sheet-dialog")).not_to_be_visible()
    expect(dots(page)).to_have_count(drawn + 1)
    expect(page.locator("#timeline")).to_contain_text("Likes to be seen without a reload.")
    expect(page.locator("#standing")).not_to_have_text(before)
    open_page.check()
    page.keyboard.press("u")
    expect(page.locator("#toasts")).to_contain_text("Visit taken back.")
    expect(dots(page)).to_have_count(drawn)


def test_what_happens_in_another_tab_arrives(open_page):
    from activities.visits.models import Visit
    from activities.visits.service import VisitInput, log_visit, remove_visit
    from partners.directory.models import Partner
    from prm.accounts.models import Membership
    from prm.core import clock

    page = open_page.page
    drawn = dots(page).count()
    page.get_by_text("Table", exact=False).first.click()
    expect(page.locator(".prm-chart-table[open]")).to_have_count(1)
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        partner = Partner.objects.get(name=NAME)
        rep = Membership.objects.get(user__email="rep@mercy.example")
        details = VisitInput(channel="phone", happened_at=clock.now(), purpose="relationship")
        logged = log_visit(partner=partner, rep=rep, details=details).visit
    expect(dots(page)).to_have_count(drawn + 1)
    # What the reader had opened stays open.
    expect(page.locator(".prm-chart-table[open]")).to_have_count(1)
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        remove_visit(visit=Visit.objects.get(pk=logged.pk), by=rep)


def test_the_list_one_came_from_is_walked_with_brackets(visit):
    visitor = visit(DESK)
    visitor.sign_in("rep@mercy.example")
    visitor.go("/t/mercy/partners/")
    page = visitor.page
    names = page.locator("tbody .prm-col-name a").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    visitor.settle()
    expect(page.locator(".prm-neighbours")).to_contain_text("Providers: 2 of ")
    page.keyboard.press("]")
    expect(page.locator("h1")).to_have_text(names[2])
    visitor.settle()
    page.keyboard.press("[")
    expect(page.locator("h1")).to_have_text(names[1])
    visitor.check()


def test_letters_reach_closed_menus_and_rest_in_fields(visit):
    visitor = visit(DESK)
    visitor.sign_in("rep@mercy.example")
    visitor.go("/t/mercy/partners/")
    page = visitor.page
    page.locator("main input[type=search]").fill("")
    page.locator("main input[type=search]").press("l")
    expect(page.locator("#sheet-dialog")).not_to_be_visible()
    page.locator("main input[type=search]").fill("")
    page.get_by_role("link", name=NAME).click()
    visitor.settle()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_contain_text("Add insight")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    expect(page.locator("#sheet-title")).to_have_text("Add insight")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet-dialog")).not_to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.locator("h1")).to_have_text("Today")
    assert visitor.complaints == []
