"""Writes of members: adding, taking out, what is known of their addresses, who came."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from activities.campaigns.members.listed import partners_of
from activities.campaigns.members.sql import ADD
from activities.campaigns.planning.models import Campaign, Member, Wave
from activities.campaigns.planning.rules import bound
from activities.campaigns.planning.service import ask_for_figures
from activities.campaigns.states import Group, Reach
from activities.checks import choice
from partners.contacts.models import Contact
from partners.directory.models import Partner
from partners.saved.rules import canonical
from prm.accounts.rights import Right
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.core.ids import id_stem
from prm.tenancy.context import current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

AT_ONCE: Final = 2_000
SLICE: Final = 5_000


def _open_wave(campaign: Campaign) -> Wave:
    wave: Wave | None = (
        campaign.waves.select_for_update(of=("self",)).filter(drawn_at=None).order_by("-number").first()
    )
    if wave is None:
        words = (
            "It has ended." if not campaign.is_running else "The list is closed since its coins are tossed."
        )
        raise Refused(f"{words} Whoever joins later goes into a second wave.", code="closed")
    return wave


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_members(
    *, campaign: Campaign, partners: Collection[UUID] = (), contacts: Collection[UUID] = ()
) -> int:
    """Put partners, and people at partners, into the open wave; returns how many were new. Raises `Refused`."""
    if len(partners) + len(contacts) > AT_ONCE:
        raise Refused(
            f"At most {AT_ONCE:,} at once; add more by a filter or a file.", field="partners", code="too_many"
        )
    here = list(Partner.objects.filter(pk__in=partners).order_by("pk").values_list("pk", flat=True))
    people = list(Contact.objects.filter(pk__in=contacts).order_by("pk").values_list("partner_id", "pk"))
    if not here and not people:
        raise Refused("There is nobody of these here.", field="partners", code="required")
    wave = _open_wave(campaign)
    return _add(wave, [*((pk, None) for pk in here), *people])


def _add(wave: Wave, rows: Sequence[tuple[UUID, UUID | None]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            ADD,
            {
                "tenant": wave.tenant_id,
                "stem": id_stem(),
                "campaign": wave.campaign_id,
                "wave": wave.pk,
                "seed": wave.seed,
                "bound": bound(wave.holdout_percent),
                "partners": [partner for partner, _ in rows],
                "contacts": [contact for _, contact in rows],
            },
        )
        return int(cursor.rowcount)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_selected(ids: Sequence[UUID], *, campaign: Campaign) -> list[UUID]:
    """Put a selection of partners into the open wave, as many as a selection holds; returns who was new. Raises `Refused`."""
    wave = _open_wave(campaign)
    known = set(Member.objects.filter(campaign=campaign, contact=None).values_list("partner_id", flat=True))
    new = [pk for pk in ids if pk not in known]
    if new:
        _add(wave, [(pk, None) for pk in new])
    return new


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def take_out_selected(ids: Sequence[UUID], *, campaign_id: UUID) -> int:
    """Take partners out of a wave again while its list is open; returns how many. Raises `Refused`."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        raise Refused("This campaign does not exist any more.", code="not_found")
    count, _ = _open_wave(campaign).members.filter(partner_id__in=ids, contact=None).delete()
    return int(count)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_by_filter(*, campaign: Campaign, query: str) -> Wave:
    """Have a worker put in everybody that the list of partners shows for a query ("" for all active ones). Raises `Refused`."""
    kept = canonical(query)
    total = partners_of(kept).count()
    if not total:
        raise Refused("Nobody is on the list with this filter.", field="query", code="required")
    wave = _open_wave(campaign)
    if wave.is_filling:
        raise Refused("Members are being added already. Add more when all are in.", code="filling")
    wave.to_add, wave.cursor, wave.total, wave.done = {"query": kept}, None, total, 0
    wave.save(update_fields=["to_add", "cursor", "total", "done"])
    send_task("campaigns.fill_wave", wave_id=str(wave.pk))
    return wave


@requires()
def fill_wave(wave_id: UUID) -> bool:
    """Put in the next slice of what a wave waits for; returns whether there is more. For a worker."""
    with transaction.atomic():
        wave: Wave | None = Wave.objects.select_for_update(of=("self",)).filter(pk=wave_id).first()
        if wave is None or not wave.is_filling or not wave.is_open:
            return False
        rows = partners_of(str(wave.to_add["query"])).order_by("pk")
        if wave.cursor:
            rows = rows.filter(pk__gt=wave.cursor)
        ids = list(rows.values_list("pk", flat=True)[:SLICE])
        if ids:
            _add(wave, [(pk, None) for pk in ids])
            wave.cursor, wave.done = ids[-1], wave.done + len(ids)
        if len(ids) < SLICE:
            wave.to_add, wave.cursor = {}, None
        wave.save(update_fields=["to_add", "cursor", "done"])
        return bool(wave.to_add)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_members(*, campaign: Campaign, members: Collection[UUID]) -> int:
    """Take members out of the open wave; returns how many. Raises `Refused` once the coins are shown."""
    wave = _open_wave(campaign)
    count, _ = wave.members.filter(pk__in=members).delete()
    return int(count)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def set_reach(*, campaign: Campaign, members: Collection[UUID], reach: str) -> int:
    """Note that letters came back, or that somebody wants no more ("" takes it back); returns how many changed. Raises `Refused`."""
    kept = choice(Reach, reach, "reach") if reach else ""
    rows = Member.objects.filter(campaign=campaign, pk__in=members, group=Group.SENT).exclude(reach=kept)
    on: date | None = calendar.today(current_tenant()) if kept else None
    count = rows.update(reach=kept, reach_on=on)
    if count:
        ask_for_figures(campaign_id=campaign.pk)
    return int(count)


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def set_attended(*, campaign: Campaign, members: Collection[UUID], attended: bool = True) -> int:
    """Note who came to the event, or take it back; returns how many changed. Raises `Refused` before it has started."""
    if campaign.is_draft:
        raise Refused("Start the campaign first; then its members can come.", code="not_running")
    rows = Member.objects.filter(campaign=campaign, pk__in=members)
    rows = rows.filter(attended_at=None) if attended else rows.exclude(attended_at=None)
    count = rows.update(attended_at=clock.now() if attended else None)
    if count:
        ask_for_figures(campaign_id=campaign.pk)
    return int(count)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def set_responded(*, member: Member, responded: bool) -> Member:
    """Take over from Salesforce that somebody responded, or did not; what was seen here stays. Raises `Refused`."""
    if not responded and (member.came_on or member.attended_at):
        raise Refused(
            "It was seen here that they came; that is not taken back by a list.",
            field="responded",
            code="seen",
        )
    member.responded_on = calendar.today(current_tenant()) if responded else None
    Member.objects.filter(pk=member.pk).update(responded_on=member.responded_on)
    ask_for_figures(campaign_id=member.campaign_id)
    return member
