"""A campaign of the demo tenants that has run for eight weeks, with what was seen of it, made through the services.

Deterministic per tenant and relative to today, but for its coins. A tenant that has campaigns already is left alone.
"""

from datetime import timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from activities.campaigns.counting.models import Filtered, WebEvent
from activities.campaigns.counting.service import settle as settle_visits
from activities.campaigns.members.service import add_members, set_attended
from activities.campaigns.planning.models import Campaign, Link, Member
from activities.campaigns.planning.service import (
    CampaignInput,
    add_link,
    create_campaign,
    mark_sent,
    start_campaign,
)
from activities.campaigns.results.service import count_figures
from activities.campaigns.settings.service import save_settings
from activities.campaigns.states import Act, Why
from partners.directory.models import Partner
from prm.core import calendar, clock
from prm.tenancy.models import Tenant

WEEKS = 8
PAGES = (
    ("New lab page", "new-lab"),
    ("Open evening, RSVP", "evening"),
    ("Referral form", "form"),
    ("Directions", "directions"),
)
FILTERED = ((Why.SCANNER, 612), (Why.ROBOT, 208), (Why.AHEAD, 141), (Why.STAFF, 58), (Why.WISH, 28))


@transaction.atomic
def settle(tenant: Tenant) -> None:
    """Run a campaign, with web visits and those held out."""
    if Campaign.objects.exists():
        return
    host = f"www.{tenant.slug}.example"
    save_settings(
        hosts=[host], consent="We count which pages of ours you open from our letters.", keep_months=24
    )
    today = calendar.today(tenant)
    first = today - timedelta(weeks=WEEKS)
    campaign = create_campaign(
        details=CampaignInput(
            name="New lab opens",
            goal=f"{tenant.order_noun_plural.capitalize()} at the new lab",
            channels=["email", "event"],
            starts_on=first,
            ends_on=today + timedelta(weeks=4),
            budget=Decimal(8_000),
            spent=Decimal(6_150),
            weeks=WEEKS,
        )
    )
    for label, page in PAGES:
        add_link(campaign=campaign, label=label, url=f"https://{host}/{page}")
    partners = Partner.objects.active().order_by("name", "pk").values_list("pk", flat=True)
    add_members(campaign=campaign, partners=list(partners))
    campaign = start_campaign(campaign=campaign, at=calendar.day_start(tenant, first))
    mark_sent(wave=campaign.waves.get(), on=first)
    _visits(tenant, campaign)
    while settle_visits(wait=timedelta(0)):
        pass
    count_figures(campaign.pk)
    draft = CampaignInput(
        name="Symposium",
        channels=["event"],
        starts_on=today,
        ends_on=today + timedelta(weeks=6),
        budget=Decimal(12_000),
    )
    create_campaign(details=draft)


def _visits(tenant: Tenant, campaign: Campaign) -> None:
    """Write what was seen since: letters opened, pages visited, who came, and what was filtered."""
    chance = Random(tenant.slug)  # nosec B311 # sample data
    links, members = list(campaign.links.all()), list(Member.objects.sent().filter(campaign=campaign))
    events = []
    for member in members:
        looks = chance.choice((0, 0, 1, 2, 4))
        if looks or chance.random() < 0.4:
            events.append(_event(tenant, member, None, Act.OPEN, chance))
        events += [_event(tenant, member, chance.choice(links), Act.CLICK, chance) for _ in range(looks)]
    WebEvent.objects.bulk_create(events, ignore_conflicts=True)
    set_attended(campaign=campaign, members=[one.pk for one in chance.sample(members, len(members) // 5)])
    today = calendar.today(tenant)
    Filtered.objects.bulk_create(
        Filtered(campaign=campaign, day=today, why=why, slot=0, requests=requests)
        for why, requests in FILTERED
    )


def _event(tenant: Tenant, member: Member, link: Link | None, act: Act, chance: Random) -> WebEvent:
    """Return one act of a member at some moment since the letters went out."""
    at = clock.now() - timedelta(days=chance.randrange(1, WEEKS * 7 - 1), minutes=chance.randrange(600))
    return WebEvent(
        campaign_id=member.campaign_id,
        member=member,
        link=link,
        day=calendar.local_date(tenant, at),
        visitor=chance.randbytes(12),
        act=act,
        at=at,
    )
