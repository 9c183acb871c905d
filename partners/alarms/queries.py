"""Who slips and rises, how many are watched, and what happened to partners: the reads of this room."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from partners.alarms.models import OrderWatch
from partners.alarms.rules import false_a_month
from partners.alarms.states import Direction, Watching
from partners.alarms.words import alarm_words
from partners.directory.models import Partner
from partners.standing.models import LevelChange
from partners.states import Level
from prm.tenancy.context import said_of_orders

_PRESENT = Q(partner__is_active=True, partner__merged_into=None)
# Levels whose entering is news.
EVENT_LEVELS = (Level.LAPSED, Level.REPEAT)
MOST_EVENTS = 200


def alarms(direction: Direction) -> QuerySet[OrderWatch]:
    """Return the alarms of active partners that stand, the most money first."""
    some = OrderWatch.objects.filter(_PRESENT, direction=direction).select_related("partner__rep__user")
    return some.order_by("a_year" if direction == Direction.FALL else "-a_year", "partner_id")


@dataclass(frozen=True, slots=True)
class Seen:
    """How many partners are watched, for how many of these a halving cannot be seen, and how many alarms are false."""

    watched: int
    rare: int

    @property
    def false_a_month(self) -> float:
        """Return how many false alarms to expect in a month, at most."""
        return false_a_month(self.watched)


def seen(partner_ids: Collection[UUID] | None = None) -> Seen:
    """Count who is watched, of all or of some (1 query)."""
    some = OrderWatch.objects.filter(_PRESENT, state__in=(Watching.WATCHED, Watching.RARE))
    if partner_ids is not None:
        some = some.filter(partner_id__in=partner_ids)
    counts = some.aggregate(all=Count("pk"), rare=Count("pk", filter=Q(state=Watching.RARE)))
    return Seen(counts["all"], counts["rare"])


@dataclass(frozen=True, slots=True)
class PartnerEvent:
    """Something that happened to a partner: `kind` is "lapsed", "repeat", "fall" or "rise"."""

    kind: str
    partner: Partner
    at: datetime
    words: str


_LEVEL_WORDS = {
    Level.LAPSED: "Silent for so long that it counts as lapsed.",
    Level.REPEAT: said_of_orders("{Orders} come regularly now: repeat."),
}


def events_since(
    since: datetime, *, until: datetime | None = None, partner_ids: Collection[UUID] | None = None
) -> list[PartnerEvent]:
    """Return who became lapsed or repeat, and which alarms were raised, from a moment on, newest first (2 queries).

    Of all active partners, or of some of them; at most `MOST_EVENTS` of each sort. For Today and for digests.
    """
    changes = LevelChange.objects.filter(_PRESENT, noted_at__gte=since, level__in=EVENT_LEVELS)
    raised = OrderWatch.objects.filter(_PRESENT, raised_at__gte=since).exclude(direction="")
    if until is not None:
        changes, raised = changes.filter(noted_at__lt=until), raised.filter(raised_at__lt=until)
    if partner_ids is not None:
        changes, raised = (
            changes.filter(partner_id__in=partner_ids),
            raised.filter(partner_id__in=partner_ids),
        )
    events = [
        PartnerEvent(change.level, change.partner, change.noted_at, str(_LEVEL_WORDS[Level(change.level)]))
        for change in changes.select_related("partner__rep__user").order_by("-noted_at", "pk")[:MOST_EVENTS]
    ]
    events += [
        PartnerEvent(watch.direction, watch.partner, watch.raised_at, alarm_words(watch))
        for watch in raised.select_related("partner__rep__user").order_by("-raised_at", "pk")[:MOST_EVENTS]
        if watch.raised_at is not None
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)
