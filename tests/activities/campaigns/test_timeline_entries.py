"""What a partner opened, and that they came: on the timeline, the partner's page and Today."""

from activities.campaigns.members.service import set_attended
from activities.campaigns.partner_page import figures
from activities.campaigns.planning.models import Member
from activities.timeline.queries import story
from prm.core import calendar
from prm.tenancy.context import current_tenant, tenant_scope
from tests.activities import factories as people
from tests.activities.campaigns import factories as make


def titles(partner):
    return [item.title for item in story(partner, lambda rep: True, start=0, length=20).items]


def test_pages_and_events_are_told(elena):
    made = make.running(elena)
    make.ask(make.token(made, elena))
    make.ask(make.token(made, elena), address="198.51.100.20")
    make.settled()
    set_attended(campaign=made, members=[Member.objects.get().pk])
    told = titles(elena)
    assert "Opened Echo lab page 2 times" in told
    assert "Came to Echo lab opens" in told


def test_the_partner_s_page_says_how_often_and_nothing_when_never(elena):
    made = make.running(elena)
    today = calendar.today(current_tenant())
    assert figures(elena, today) == []
    make.ask(make.token(made, elena))
    make.settled()
    (figure,) = figures(elena, today)
    assert (figure.label, figure.value, figure.note) == ("Web visits, 30 days", "1", "at least")


def test_today_says_what_was_opened_this_week(mercy, client_for):
    with tenant_scope(mercy.tenant):
        elena = people.partner(rep=mercy.rep)
        made = make.running(elena)
        for n in (1, 2):
            make.ask(make.token(made, elena), address=f"198.51.100.{n}")
        make.settled()
    page = client_for(mercy.rep).get("/t/mercy/today/").content.decode()
    assert "Opened Echo lab page twice this week" in page
