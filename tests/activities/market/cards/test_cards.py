"""The battle card: filled from what was logged, its line written by managers in versions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from activities.market.cards.models import BattleLine
from activities.market.cards.queries import card, card_links, most_met, rivals_at
from activities.market.cards.service import write_line
from activities.market.names import service as names
from activities.market.names.models import Competitor
from partners.standing.service import recompute_standings
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import url

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _now(clock_at):
    clock_at(NOW)


@pytest.fixture
def rival(mercy, elena):
    with tenant_scope(mercy.tenant):
        for n in range(24):
            make.insight(
                elena, mercy.rep, outcome="won" if n % 3 == 0 else "lost", differentiators=["Price"],
                happened_on=TODAY - timedelta(days=n), claim="Seen within a week" if n < 3 else "",
            )  # fmt: skip
        make.insight(elena, mercy.rep, outcome="observed", claim="SEEN within a week ", happened_on=TODAY)
        make.insight(elena, mercy.rep, outcome="lost", happened_on=TODAY - timedelta(days=900))
        return Competitor.objects.get()


def test_a_card_holds_what_was_logged(mercy, rival):
    with tenant_scope(mercy.tenant):
        found = card(rival)
    assert (found.ratio.won, found.ratio.decided, found.decided, found.heard_of) == (8, 24, 25, 1)
    assert [(one.times, one.last) for one in found.claims] == [(4, TODAY)]
    assert [(one.name, one.cases.decided) for one in found.reasons] == [("Price", 24)]
    assert [one.happened_on for one in found.cases] == [TODAY - timedelta(days=n) for n in range(10)]


def test_a_line_has_versions_and_the_same_words_make_none(mercy, rival):
    with tenant_scope(mercy.tenant):
        first = write_line(competitor=rival, line="Offer the echo line.", by=mercy.manager, seen=0)
        assert write_line(competitor=rival, line=" Offer  the echo line. ", by=mercy.manager, seen=0) == first
        write_line(competitor=rival, line="Leave the figures.", by=mercy.manager, seen=1)
        found = card(rival)
        assert (found.line.text, found.version) == ("Leave the figures.", 2)
        write_line(competitor=rival, line="", by=mercy.manager, seen=2)
        assert card(rival).line is None
        assert [one.text for one in BattleLine.objects.all()] == [
            "",
            "Leave the figures.",
            "Offer the echo line.",
        ]


def test_nobody_overwrites_a_line_they_have_not_read(mercy, rival):
    with tenant_scope(mercy.tenant):
        write_line(competitor=rival, line="One.", by=mercy.manager, seen=0)
        with pytest.raises(Refused) as error:
            write_line(competitor=rival, line="Two.", by=mercy.manager, seen=0)
        assert (error.value.field, error.value.code) == ("line", "changed_since")


def test_the_page_says_range_line_claims_and_cases(mercy, rival, rep, manager):
    manager.post(url("card-line", pk=rival.pk), {"line": "Offer the echo line.", "seen": "0"})
    page = rep.get(url("card", pk=rival.pk)).content.decode()
    for words in ("18% to 53%", "8 of 24", "Offer the echo line.", "version 1", "4 times", "Last ten cases"):
        assert words in page, words
    assert "Change line" not in page
    assert "Change line" in manager.get(url("card", pk=rival.pk)).content.decode()
    assert rep.get(url("card-line", pk=rival.pk)).status_code == 403


def test_the_last_cases_stand_in_a_row_newest_last(mercy, rival, rep):
    page = rep.get(url("card", pk=rival.pk)).content.decode()
    assert f'aria-label="Oldest first: {", ".join(["won", "lost", "lost"] * 3)}, won"' in page
    assert page.count('class="prm-card-mark-lost" transform') == 6


def test_an_old_name_leads_to_the_card_of_the_one_it_is(mercy, rival, rep, elena):
    with tenant_scope(mercy.tenant):
        old = names.add_other_name(row=rival, name="Saint Brendan")
    answer = rep.get(url("card", pk=old.pk))
    assert answer.status_code == 302 and answer.url.endswith(f"/{rival.pk}/")


def test_a_card_of_few_cases_gives_no_range(mercy, elena, rep):
    with tenant_scope(mercy.tenant):
        rival = make.insight(elena, mercy.rep).competitor
    page = rep.get(url("card", pk=rival.pk)).content.decode()
    assert "1 case: cannot tell yet." in page and "of decided cases go to us" not in page


def test_a_card_of_another_tenant_is_not_there(mercy, anchor, rep):
    with tenant_scope(anchor.tenant):
        theirs = make.insight(make.partner("Agency"), None).competitor
    assert rep.get(url("card", pk=theirs.pk)).status_code == 404


def test_whom_one_meets_at_a_partner_stands_on_its_page_and_the_visit_form(mercy, rival, elena, client_for):
    client = client_for(mercy.rep)
    card_url = url("card", pk=rival.pk)
    with tenant_scope(mercy.tenant):
        recompute_standings([elena.pk])
        page = elena.get_absolute_url()
        other = make.partner("Dr. Nobody").get_absolute_url()
    shown = client.get(page).content.decode()
    assert f'<a href="{card_url}">{rival.name}</a>' in shown
    assert card_url not in client.get(other).content.decode()
    assert card_url in client.get(url("log"), {"partner": str(elena.pk)}).content.decode()


def test_the_rival_of_an_open_opportunity_counts_as_met(mercy, elena):
    with tenant_scope(mercy.tenant):
        one = Competitor.objects.create(name="Harbor Line")
        old = Competitor.objects.create(name="Harborline", same_as=one)
        make.opportunity(elena, competitor=old)
        assert rivals_at(elena) == [one]
        ((address, name),) = card_links(elena)
        assert (str(one.pk) in address, name) == (True, one.name)
        assert most_met() == []


def test_what_a_phone_keeps(mercy, rival, client_for):
    client = client_for(mercy.rep)
    page = client.get(url("cards")).content.decode()
    assert url("card", pk=rival.pk) in page and 'data-prm-scope="/t/mercy/competition/"' in page
    file = b"".join(client.get(url("cards"), {"export": "csv"})).decode()
    assert file.splitlines()[1] == f"{rival.name},25,{TODAY.isoformat()}"
    answer = client.get(url("cards-worker"))
    assert answer["Content-Type"].startswith("text/javascript")
    with tenant_scope(mercy.tenant):
        assert [(one.competitor, one.times, one.last) for one in most_met()] == [(rival, 25, TODAY)]
