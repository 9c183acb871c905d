"""Writes of campaigns: the campaign itself, its links, how it goes on and ends."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from activities.campaigns.addresses import checked_url
from activities.campaigns.planning.models import Campaign, Link, Wave
from activities.campaigns.planning.revising import REVISED, Revision, revise
from activities.campaigns.planning.rules import MOST_LINKS
from activities.campaigns.planning.sql import REMOVE_MEMBERS
from activities.campaigns.settings.queries import hosts_of_tenant
from activities.campaigns.states import CampaignState, Channel
from activities.checks import check_day, checked_amount, id_taken, text
from orders.catalogue.models import Product
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.context import current_tenant, orders_heading
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

MOST_WEEKS = 52
MOST_HELD = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignInput:
    """A campaign as people describe it; amounts in the tenant's currency."""

    name: str
    channels: Sequence[str]
    starts_on: date
    ends_on: date
    goal: str = ""
    budget: Decimal | None = None
    spent: Decimal | None = None
    currency: str = ""
    product: Product | None = None
    weeks: int = 8
    holdout_percent: int = 33


def _checked(details: CampaignInput) -> dict[str, object]:
    currency = current_tenant().currency
    if details.currency and details.currency != currency:
        raise Refused(
            f"Campaigns are paid in {currency}; convert {details.currency} first.",
            field="currency",
            code="currency",
        )
    name = text(details.name, "name", 80)
    if not name:
        raise Refused("Give the campaign a name.", field="name", code="required")
    channels = list(dict.fromkeys(details.channels))
    if not channels or not set(channels) <= set(Channel.values):
        raise Refused(f"Choose from: {', '.join(Channel.values)}.", field="channels", code="invalid_choice")
    check_day(details.starts_on, "starts_on")
    check_day(details.ends_on, "ends_on")
    if details.ends_on < details.starts_on:
        raise Refused("It ends before it starts. Check the days.", field="ends_on", code="order")
    if not 1 <= details.weeks <= MOST_WEEKS:
        raise Refused(
            f"{orders_heading()} are counted for 1 to {MOST_WEEKS} weeks.", field="weeks", code="out_of_range"
        )
    if not 0 <= details.holdout_percent <= MOST_HELD:
        raise Refused(f"Hold out 0 to {MOST_HELD} per cent.", field="holdout_percent", code="out_of_range")
    return {
        "name": name,
        "goal": text(details.goal, "goal", 200),
        "channels": channels,
        "starts_on": details.starts_on,
        "ends_on": details.ends_on,
        "budget": None if details.budget is None else checked_amount(details.budget, "budget"),
        "spent": None if details.spent is None else checked_amount(details.spent, "spent"),
        "currency": currency,
        "product": details.product,
        "weeks": details.weeks,
        "holdout_percent": details.holdout_percent,
    }


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def create_campaign(
    *, details: CampaignInput, owner: Membership | None = None, campaign_id: UUID | None = None
) -> Campaign:
    """Make a draft with its first wave, whose seed is drawn now. The same id again gives the first result. Raises `Refused`."""
    fields = _checked(details)
    if campaign_id and (earlier := Campaign.objects.filter(pk=campaign_id).first()):
        return earlier
    try:
        with transaction.atomic():
            campaign: Campaign = Campaign.objects.create(id=campaign_id or uuid7(), owner=owner, **fields)
    except IntegrityError:
        raise id_taken() from None
    _new_wave(campaign, 1)
    return campaign


def _new_wave(campaign: Campaign, number: int) -> Wave:
    made: Wave = Wave.objects.create(
        campaign=campaign,
        number=number,
        seed=secrets.token_hex(16),
        holdout_percent=campaign.holdout_percent,
    )
    return made


def _locked(campaign: Campaign) -> Campaign:
    found: Campaign | None = Campaign.objects.select_for_update(of=("self",)).filter(pk=campaign.pk).first()
    if found is None:
        raise Refused("There is no such campaign here.", field="campaign", code="does_not_exist")
    return found


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def change_campaign(*, campaign: Campaign, details: CampaignInput) -> Campaign:
    """Change what people say of a campaign; after the coins, neither what is counted nor who is held out. Raises `Refused`."""
    found = _locked(campaign)
    fields = _checked(details)
    fixed = ("product", "weeks", "holdout_percent")
    if not found.is_draft and any(fields[name] != getattr(found, name) for name in fixed):
        raise Refused(
            "The coins are tossed: what is counted, for how long and how many are held out stay as they were said "
            "before. Make a new campaign for another question.",
            code="tossed",
        )
    if fields["holdout_percent"] != found.holdout_percent and found.members.exists():
        raise Refused(
            "The members have their coins already. Remove them first to hold out another part.",
            field="holdout_percent",
            code="tossed",
        )
    for name, value in fields.items():
        setattr(found, name, value)
    found.save(update_fields=list(fields))
    found.waves.filter(drawn_at=None).update(holdout_percent=found.holdout_percent)
    return found


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def revise_campaigns(revisions: Mapping[UUID, Revision]) -> list[Campaign]:
    """Change what is said of many campaigns, all or none (2 queries). Raises `Refused`."""
    rows = Campaign.objects.select_for_update(of=("self",)).filter(pk__in=revisions).order_by("pk")
    campaigns = list(rows)
    if len(campaigns) < len(revisions):
        raise Refused("There is no such campaign here.", field="campaign", code="does_not_exist")
    for campaign in campaigns:
        revise(campaign, revisions[campaign.pk])
    Campaign.objects.bulk_update(campaigns, REVISED)
    return campaigns


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_campaign(*, campaign: Campaign) -> None:
    """Remove a draft with its members. Raises `Refused` once it has started."""
    found = _locked(campaign)
    if not found.is_draft:
        raise Refused("It has started; end it instead, so that its result stays.", code="started")
    with connection.cursor() as cursor:
        cursor.execute(REMOVE_MEMBERS, {"tenant": found.tenant_id, "campaign": found.pk})
    found.delete()


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def start_campaign(*, campaign: Campaign, at: datetime | None = None) -> Campaign:
    """Close the list of its open wave, show its coins, and let its links count. Raises `Refused` without members.

    Each coin was tossed and stored as its member was added, from a seed drawn when the wave was made. `at` (default now) serves to take
    over a history.
    """
    found = _locked(campaign)
    if found.state == CampaignState.ENDED:
        raise Refused("It has ended. Make a new campaign.", code="ended")
    wave = found.waves.order_by("-number").select_for_update(of=("self",)).first()
    if wave is None or not wave.is_open:
        raise Refused(
            "The coins are tossed already. Whoever joins later goes into a second wave.", code="tossed"
        )
    if wave.is_filling:
        raise Refused("Members are still being added. Start when all are in.", code="filling")
    if not wave.members.exists():
        raise Refused(
            "Nobody is a member yet. Add members from a list, a filter or a file.", code="no_members"
        )
    wave.drawn_at = at or clock.now()
    wave.save(update_fields=["drawn_at"])
    if found.is_draft:
        found.state, found.started_at = CampaignState.RUNNING, wave.drawn_at
        found.save(update_fields=["state", "started_at"])
    ask_for_figures(campaign_id=found.pk)
    send_task("campaigns.tell_members", campaign_id=str(found.pk))
    return found


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def unstart_campaign(*, campaign: Campaign) -> Campaign:
    """Take a start back while nothing was sent or seen. The coins stay as they fell. Raises `Refused`."""
    found = _locked(campaign)
    if not found.is_running or found.waves.exclude(sent_on=None).exists():
        raise Refused("It was sent, or has ended, and cannot be taken back.", code="too_late")
    if found.waves.count() > 1 or found.members.exclude(last_on=None).exists():
        raise Refused("Members have seen it already.", code="too_late")
    found.waves.update(drawn_at=None)
    found.state, found.started_at = CampaignState.DRAFT, None
    found.save(update_fields=["state", "started_at"])
    send_task("campaigns.tell_members", campaign_id=str(found.pk))
    return found


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def begin_wave(*, campaign: Campaign) -> Wave:
    """Open a second (third …) wave of a running campaign, with a seed of its own. Raises `Refused`."""
    found = _locked(campaign)
    if not found.is_running:
        raise Refused("Only a running campaign takes another wave.", code="not_running")
    last = found.waves.order_by("-number").first()
    if last is not None and last.is_open:
        raise Refused(f"{last} is open still; add members to it.", code="open")
    return _new_wave(found, (last.number if last else 0) + 1)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def mark_sent(*, wave: Wave, on: date) -> Wave:
    """Say on which day a wave was sent; orders count from it. Raises `Refused` before the coins, or after the campaign."""
    campaign = _locked(wave.campaign)
    found: Wave = Wave.objects.select_for_update(of=("self",)).get(pk=wave.pk)
    if found.is_open or not campaign.is_running:
        raise Refused(
            "Start the campaign first: the coins are tossed before anything is sent.", code="not_running"
        )
    drawn = calendar.local_date(current_tenant(), found.drawn_at) if found.drawn_at else on
    if on < drawn:
        raise Refused(
            "That is before the coins were tossed. Whoever got it before is no member.",
            field="on",
            code="too_early",
        )
    check_day(on, "on", past_only=True)
    if found.sent_on not in (None, on):
        raise Refused(f"It was sent on {found.sent_on:%-d %B %Y} already.", field="on", code="sent")
    found.sent_on = on
    found.save(update_fields=["sent_on"])
    ask_for_figures(campaign_id=campaign.pk)
    return found


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def mark_sent_again(*, campaign: Campaign, on: date, again: bool = True) -> Campaign:
    """Note the day on which those who had done nothing were sent it again, or take the note back; repeating changes nothing.

    Orders count from the first day as before: whoever was sent it counts as sent, however often. Raises `Refused` for a day
    before anything was sent.
    """
    found = _locked(campaign)
    waves = found.waves.select_for_update(of=("self",)).filter(sent_on__isnull=False, sent_on__lt=on)
    rows = list(waves.order_by("number"))
    if not found.is_running or not rows:
        raise Refused(
            "Mail it a first time, and note the day; again comes after that.", field="on", code="not_sent"
        )
    check_day(on, "on", past_only=True)
    for wave in rows:
        wave.again_on = sorted({*wave.again_on, on} if again else set(wave.again_on) - {on})
    Wave.objects.bulk_update(rows, ["again_on"])
    return found


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def end_campaign(*, campaign: Campaign) -> Campaign:
    """End it: its links say so and count no more. Repeating changes nothing. Raises `Refused` for a draft."""
    found = _locked(campaign)
    if found.is_draft:
        raise Refused("It has not started. Remove it instead.", code="not_running")
    if found.is_running:
        found.state, found.ended_at = CampaignState.ENDED, clock.now()
        found.save(update_fields=["state", "ended_at"])
        ask_for_figures(campaign_id=found.pk)
    return found


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def reopen_campaign(*, campaign: Campaign) -> Campaign:
    """Take an end back. Raises `Refused` when it did not end."""
    found = _locked(campaign)
    if found.state != CampaignState.ENDED:
        raise Refused("It has not ended.", code="not_ended")
    found.state, found.ended_at = CampaignState.RUNNING, None
    found.save(update_fields=["state", "ended_at"])
    return found


@needs_no_right("asks for counting, which changes nothing that people say")
def ask_for_figures(*, campaign_id: UUID) -> None:
    """Have a campaign's figures counted by a worker."""
    send_task("campaigns.count_figures", campaign_id=str(campaign_id))


# --- links --------------------------------------------------------------------------------------


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_link(*, campaign: Campaign, label: str, url: str) -> Link:
    """Put an address on a campaign's list. Raises `Refused` for what is no page of the company's hosts."""
    found = _locked(campaign)
    if found.state == CampaignState.ENDED:
        raise Refused("It has ended; its links count no more.", code="ended")
    words = text(label, "label", 80)
    if not words:
        raise Refused(
            "Give the link a name, as people say it: Echo lab page.", field="label", code="required"
        )
    address = checked_url(url, hosts_of_tenant())
    last = found.links.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_LINKS:
        raise Refused(f"A campaign has at most {MOST_LINKS} links.", code="too_many")
    made: Link = Link.objects.create(campaign=found, number=last + 1, label=words, url=address)
    return made


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def change_link(*, link: Link, label: str, url: str) -> Link:
    """Rename a link, or lead it elsewhere; letters that were sent lead there too. Raises `Refused`."""
    link.label = text(label, "label", 80) or link.label
    link.url = checked_url(url, hosts_of_tenant())
    link.save(update_fields=["label", "url"])
    return link


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_link(*, link: Link) -> None:
    """Take an address off the list. Raises `Refused` once the campaign has started, since letters may name it."""
    if not _locked(link.campaign).is_draft:
        raise Refused("Letters may lead there. Change where it leads instead.", code="started")
    link.delete()
