"""Counting what a campaign brought; a worker does it, and pages show what was counted last."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet

from activities.campaigns.planning.models import Campaign, Member, Wave
from activities.campaigns.results.models import Figures
from activities.campaigns.states import Group
from activities.plans.queries import start_of
from orders.book.models import Order
from orders.book.queries import orders_between
from prm.core import clock
from prm.tenancy.use_cases import requires

#: An ended campaign is counted until its orders can no longer come, and so long after, since orders come late.
LATE = timedelta(days=14)


@requires()
@transaction.atomic
def count_figures(campaign_id: UUID) -> Figures | None:
    """Count a campaign anew and keep it; `None` when it is gone. For a worker."""
    campaign: Campaign | None = Campaign.objects.filter(pk=campaign_id).select_related("product").first()
    if campaign is None:
        return None
    _count_waves(campaign)
    figures = _seen(campaign)
    for wave in campaign.waves.exclude(sent_on=None):
        for name, value in _ordered(campaign, wave).items():
            figures[name] = figures.get(name, 0) + value
        _note_orders(campaign, wave)
    ends = [wave.sent_on + timedelta(weeks=campaign.weeks) for wave in campaign.waves.all() if wave.sent_on]
    kept: Figures = Figures.objects.update_or_create(
        campaign=campaign, defaults={**figures, "at": clock.now(), "result_on": max(ends, default=None)}
    )[0]
    return kept


def _count_waves(campaign: Campaign) -> None:
    """Keep how many members and partners each wave has (2 queries)."""
    members = Member.objects.filter(campaign=campaign).order_by().values("wave")
    held = Count("partner", filter=Q(group=Group.HELD), distinct=True)
    counted = members.annotate(size=Count("pk"), partners=Count("partner", distinct=True), held=held)
    found = {row["wave"]: row for row in counted}
    waves = list(campaign.waves.all())
    for wave in waves:
        row = found.get(wave.pk, {"size": 0, "partners": 0, "held": 0})
        wave.size, wave.partners, wave.held = row["size"], row["partners"], row["held"]
    Wave.objects.bulk_update(waves, ["size", "partners", "held"])


def _seen(campaign: Campaign) -> dict[str, int]:
    """Count partners by what they did (1 query)."""
    members = Member.objects.filter(campaign=campaign, wave__drawn_at__isnull=False).order_by()
    sent, held = Q(group=Group.SENT), Q(group=Group.HELD)
    came = Q(came_on__isnull=False) | Q(attended_at__isnull=False)

    def partners(which: Q) -> Count:
        return Count("partner", filter=which, distinct=True)

    return dict(
        members.aggregate(
            sent=partners(sent),
            reached=partners(sent & Q(reach="", wave__sent_on__isnull=False)),
            opened=partners(sent & Q(opened_on__isnull=False)),
            came=partners(sent & came),
            responded=partners(sent & (came | Q(responded_on__isnull=False))),
            held=partners(held),
        )
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """From when to when orders of a wave count."""

    start: datetime
    end: datetime

    def before(self) -> "_Window":
        return _Window(self.start - (self.end - self.start), self.start)


def _ordered(campaign: Campaign, wave: Wave) -> dict[str, int]:
    """Count partners of a wave who ordered, on both sides alike (8 queries)."""
    window = _window(campaign, wave)
    found: dict[str, int] = {}
    for group, prefix in ((Group.SENT, ""), (Group.HELD, "held_")):
        partners = wave.members.filter(group=group).order_by().values("partner_id")
        any_order = _orders(partners, window)
        wanted = _orders(partners, window, campaign) if campaign.product else any_order
        found[f"{prefix}ordered"] = _count(wanted)
        found[f"{prefix}other"] = (
            _count(any_order.exclude(partner_id__in=wanted.values("partner_id"))) if campaign.product else 0
        )
        found[f"{prefix}orders_before"] = _orders(partners, window.before(), campaign).count()
    return found


def _note_orders(campaign: Campaign, wave: Wave) -> None:
    """Keep at each member how much its partner ordered in the weeks that count; touches only what changed.

    2 queries, and one for each number that is new to somebody.
    """
    window = _window(campaign, wave)
    counted = _orders(wave.members.order_by().values("partner_id"), window, campaign)
    orders = dict(counted.values_list("partner").annotate(number=Count("pk", distinct=True)))
    changed: dict[int, list[UUID]] = defaultdict(list)
    for pk, partner, before in wave.members.order_by().values_list("pk", "partner_id", "orders"):
        if orders.get(partner, 0) != before:
            changed[orders.get(partner, 0)].append(pk)
    for number, members in changed.items():
        Member.objects.filter(pk__in=members).update(orders=number)


def _window(campaign: Campaign, wave: Wave) -> _Window:
    assert wave.sent_on is not None
    return _Window(start_of(wave.sent_on), start_of(wave.sent_on + timedelta(weeks=campaign.weeks)))


def _orders(
    partners: QuerySet[Model, object], window: _Window, campaign: Campaign | None = None
) -> QuerySet[Order]:
    product = campaign.product if campaign else None
    return orders_between(partners, since=window.start, until=window.end, product=product).order_by()


def _count(orders: QuerySet[Order]) -> int:
    return int(orders.aggregate(partners=Count("partner", distinct=True))["partners"])
