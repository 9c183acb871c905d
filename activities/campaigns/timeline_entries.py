"""What campaigns tell on a partner's timeline: pages opened, and events attended."""

from datetime import UTC, datetime, time

from activities.campaigns.counting.models import WebDay
from activities.campaigns.counting.queries import count_days, days_of
from activities.campaigns.planning.models import Member
from partners.directory.models import Partner
from partners.directory.timeline import Entry, MayChange, TimelineSource, day_words, moment_of
from prm.ui.formatting import plural
from prm.ui.parts import Item

_NOON = time(12, tzinfo=UTC)


def _web(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    del may_change
    return [_opened(row) for row in days_of(partner, most)]


def _opened(row: WebDay) -> Entry:
    # A day has no time of its own: it stands at its noon.
    at = moment_of(row.day, datetime.combine(row.day, _NOON))
    visits = "" if row.visits == 1 else f" {plural(row.visits, 'time', 'times')}"
    item = Item(
        icon="click",
        title=f"Opened {row.link.label}{visits}",
        when=day_words(at),
        text=f"{row.campaign.name}. At least; each visitor counts once a day.",
        url=row.campaign.get_absolute_url(),
    )
    return Entry(at, item)


def _events(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    del may_change
    rows = Member.objects.filter(partner=partner, attended_at__isnull=False).select_related(
        "campaign", "contact"
    )
    entries = []
    for row in rows.order_by("-attended_at", "-pk")[:most]:
        if row.attended_at is None:
            continue
        who = f" ({row.contact.name})" if row.contact else ""
        item = Item(
            icon="calendar-event",
            title=f"Came to {row.campaign.name}{who}",
            when=day_words(row.attended_at),
            url=row.campaign.get_absolute_url(),
        )
        entries.append(Entry(row.attended_at, item))
    return entries


ENTRIES = [
    TimelineSource("web", 65, _web, count_days),
    TimelineSource(
        "events",
        70,
        _events,
        lambda partner: Member.objects.filter(partner=partner, attended_at__isnull=False).count(),
    ),
]
