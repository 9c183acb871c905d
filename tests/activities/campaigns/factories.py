"""Campaigns and what visitors send, one maker per thing."""

from datetime import timedelta
from uuid import uuid4

from django.test import RequestFactory

from activities.campaigns.counting import door
from activities.campaigns.counting.service import settle
from activities.campaigns.members.service import add_members
from activities.campaigns.planning import tokens
from activities.campaigns.planning.models import Member
from activities.campaigns.planning.service import (
    CampaignInput,
    add_link,
    create_campaign,
    mark_sent,
    start_campaign,
)
from activities.campaigns.settings.service import save_settings
from orders.book.models import Order
from orders.sources.models import OrderSource
from prm.core import calendar, clock
from prm.tenancy.context import SYSTEM, acting_as, current_tenant
from tests.orders.factories import make_source

HOST = "www.mercy.example"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"


def campaign_input(**details):
    today = calendar.today(current_tenant())
    values = {
        "name": "Echo lab opens",
        "channels": ["email"],
        "starts_on": today,
        "ends_on": today + timedelta(days=80),
        "holdout_percent": 0,
    }
    return CampaignInput(**(values | details))


def counting(**details):
    values = {"hosts": [HOST], "consent": "We count.", "keep_months": 24}
    door.forget()
    with acting_as(SYSTEM):
        return save_settings(**(values | details))


def campaign(**details):
    with acting_as(SYSTEM):
        return create_campaign(details=campaign_input(**details))


def running(*partners, links=("Echo lab page",), sent=True, **details):
    """A campaign that runs, with these partners and pages; sent today."""
    counting()
    made = campaign(**details)
    with acting_as(SYSTEM):
        for label in links:
            add_link(campaign=made, label=label, url=f"https://{HOST}/{label.replace(' ', '-').lower()}")
        add_members(campaign=made, partners=[one.pk for one in partners])
        made = start_campaign(campaign=made)
        if sent:
            mark_sent(wave=made.waves.get(), on=calendar.today(current_tenant()))
    return made


def token(campaign, partner=None, link=0):
    """The token of a campaign's link (by place, `None` for its picture) for a partner."""
    member = Member.objects.get(campaign=campaign, partner=partner).pk if partner else None
    target = campaign.pk if link is None else list(campaign.links.all())[link].pk
    return tokens.token(tokens.Named(campaign.tenant_id, member, target, link is None))


def ask(token, method="get", suffix="", address="198.51.100.7", agent=PHONE, **headers):
    """One request as it arrives: what stands before the house is asked, no session, no URLs."""
    extra = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    request = getattr(RequestFactory(), method)(
        f"/c/{token}{suffix}", REMOTE_ADDR=address, HTTP_USER_AGENT=agent, **extra
    )
    return door.LinkMiddleware(lambda request: None)(request)


def order(partner, days_ago=0):
    """One order of a partner, as the import would have written it."""
    source = OrderSource.objects.first() or make_source()
    at = clock.now() - timedelta(days=days_ago)
    return Order.objects.create(
        source=source,
        number=uuid4().hex,
        partner=partner,
        placed_at=at,
        month=calendar.month_start(calendar.local_date(current_tenant(), at)),
        currency=current_tenant().currency,
        amount=10,
        units=1,
        state="completed",
        content_hash="",
    )


def settled():
    with acting_as(SYSTEM):
        return settle(wait=timedelta(0))
