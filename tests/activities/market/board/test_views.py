"""The page of the board: every figure opens the rows it was counted from."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest

from activities.market.names.models import Competitor
from prm.core import calendar
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import url


@pytest.fixture
def cases(mercy, elena):
    with tenant_scope(mercy.tenant):
        day = calendar.today(mercy.tenant)
        for n in range(24):
            outcome = "won" if n % 3 == 0 else "lost"
            make.insight(
                elena, mercy.rep, outcome=outcome, amount=Decimal(1_000), differentiators=["Price"],
                happened_on=day - timedelta(days=n * 9),
            )  # fmt: skip
        make.insight(elena, mercy.rep, competitor="Summit", outcome="won", happened_on=day)
        make.insight(elena, mercy.rep, outcome="observed", happened_on=day)
        make.insight(elena, mercy.rep, outcome="lost", happened_on=day - timedelta(days=800))


def links(html, words):
    return [unescape(one) for one in re.findall(r'href="([^"]*insights/\?[^"]*)"', html) if words in one]


def test_the_board_says_who_leads_and_where_it_is_too_few_to_tell(rep, cases):
    page = rep.get(url("competition")).content.decode()
    assert "St. Brendan" in page and "1 case: cannot tell yet" in page
    assert "We win 36% of 25 decided cases" in page
    assert "$16,000" in page or "$16k" in page


def test_every_figure_opens_its_rows(rep, cases):
    page = rep.get(url("competition")).content.decode()
    counts = {"outcome=won": 8, "outcome=lost": 16, "decided=true": 24}
    with_rival = links(page, "competitor=")
    for words, count in counts.items():
        link = next(link for link in with_rival if words in link)
        listed = rep.get(link).content.decode()
        assert len(re.findall(r'data-href="[^"]*insights/', listed)) == count, link


def test_an_empty_board_says_what_to_do(rep, elena):
    page = rep.get(url("competition")).content.decode()
    assert "No case decided yet" in page and "Add insight" in page


def test_managers_are_told_of_names_that_may_be_one_and_decide(manager, rep, mercy, elena, cases):
    with tenant_scope(mercy.tenant):
        one = make.insight(elena, mercy.rep, competitor="St Brendan").competitor
        other = Competitor.objects.get(name="St. Brendan")
    assert "may be one" in manager.get(url("competition")).content.decode()
    assert "may be one" not in rep.get(url("competition")).content.decode()
    where = url("name-merge", kind="competitor", pk=one.pk)
    preview = manager.get(where, {"into": str(other.pk)}).content.decode()
    assert "1 insight" in preview and "St. Brendan" in preview
    manager.post(where, {"into": str(other.pk)})
    with tenant_scope(mercy.tenant):
        one.refresh_from_db()
        assert one.same_as_id == other.pk
    page = manager.get(url("name", kind="competitor", pk=other.pk)).content.decode()
    assert "St Brendan" in page and "Take apart" in page
    manager.post(url("name-separate", kind="competitor", pk=one.pk))
    with tenant_scope(mercy.tenant):
        one.refresh_from_db()
        assert one.same_as_id is None


def test_merging_into_itself_says_so_on_the_page(manager, mercy, cases):
    with tenant_scope(mercy.tenant):
        one = Competitor.objects.get(name="Summit")
    answer = manager.post(url("name-merge", kind="competitor", pk=one.pk), {"into": str(one.pk)})
    assert "cannot be merged into itself" in answer.content.decode()


def test_keeping_apart_ends_the_question(manager, mercy, elena, cases):
    with tenant_scope(mercy.tenant):
        one = make.insight(elena, mercy.rep, competitor="St Brendan").competitor
        other = Competitor.objects.get(name="St. Brendan")
    manager.post(url("name-apart", kind="competitor", pk=one.pk), {"other": str(other.pk)})
    assert "May be one" not in manager.get(url("names")).content.decode()


def test_reps_read_names_and_do_not_change_them(rep, mercy, cases):
    with tenant_scope(mercy.tenant):
        one = Competitor.objects.get(name="Summit")
    assert rep.get(url("names")).status_code == 200
    assert rep.get(url("name", kind="competitor", pk=one.pk)).status_code == 403
    assert rep.post(url("name-separate", kind="competitor", pk=one.pk)).status_code == 403


def test_an_unknown_kind_of_name_is_nobodys_page(manager, mercy, cases):
    with tenant_scope(mercy.tenant):
        one = Competitor.objects.get(name="Summit")
    assert manager.get(url("name", kind="weather", pk=one.pk)).status_code == 404
