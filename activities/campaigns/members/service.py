"""Writes of members: adding, taking out, what is known of their addresses, who came."""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F, QuerySet

from activities.campaigns.members.letters import check_letters, columns_of, members_of
from activities.campaigns.members.listed import partners_of
from activities.campaigns.members.models import LetterFile
from activities.campaigns.members.sql import ADD, TELL
from activities.campaigns.planning.models import Campaign, Member, Wave
from activities.campaigns.planning.rules import bound
from activities.campaigns.planning.service import ask_for_figures
from activities.campaigns.states import Again, Group, LetterState, Reach, Whom
from activities.checks import choice, text
from partners.contacts.models import Contact
from partners.directory.models import Partner
from partners.saved.rules import canonical
from prm.accounts.rights import Right
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.core.ids import id_stem
from prm.core.notation.reader import figure
from prm.tenancy.context import current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires
from prm.ui.export import csv_file
from prm.ui.export.answers import sheet_of

AT_ONCE: Final = 2_000
SLICE: Final = 5_000
KEPT: Final = timedelta(days=1)
_RESPONSE_COLUMNS: Final = ("responded_on", "responded_there", "status_there", "status_responds")


def _open_wave(campaign: Campaign) -> Wave:
    wave: Wave | None = (
        campaign.waves.select_for_update(of=("self",)).filter(drawn_at=None).order_by("-number").first()
    )
    if wave is None:
        raise _closed(campaign)
    return wave


def _closed(campaign: Campaign) -> Refused:
    words = "It has ended." if not campaign.is_running else "The list is closed since its coins are tossed."
    return Refused(f"{words} Whoever joins later goes into a second wave.", code="closed")


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_members(
    *, campaign: Campaign, partners: Collection[UUID] = (), contacts: Collection[UUID] = ()
) -> int:
    """Put partners, and people at partners, into the open wave; returns how many were new. Raises `Refused`."""
    if len(partners) + len(contacts) > AT_ONCE:
        raise Refused(
            f"At most {figure(AT_ONCE)} at once; add more by a filter or a file.",
            field="partners",
            code="too_many",
        )
    here = list(Partner.objects.filter(pk__in=partners).order_by("pk").values_list("pk", flat=True))
    people = list(Contact.objects.filter(pk__in=contacts).order_by("pk").values_list("partner_id", "pk"))
    if not here and not people:
        raise Refused("There is nobody of these here.", field="partners", code="required")
    wave = _open_wave(campaign)
    return _add(wave, [*((pk, None) for pk in here), *people])


@needs_no_right("looks whether members may join, and changes nothing")
def check_open(campaign: Campaign) -> None:
    """Raise `Refused` where a campaign takes no members at present."""
    if not campaign.waves.filter(drawn_at=None).exists():
        raise _closed(campaign)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_people(
    *, campaign: Campaign, members: Sequence[tuple[UUID, UUID | None]]
) -> dict[tuple[UUID, UUID | None], UUID]:
    """Put partners, or people at partners, into the open wave (4 queries); returns the member of each. Raises `Refused`."""
    if len(members) > AT_ONCE:
        raise Refused(f"At most {figure(AT_ONCE)} at once.", field="partners", code="too_many")
    _add(_open_wave(campaign), members)
    rows = Member.objects.filter(campaign=campaign, partner_id__in={partner for partner, _ in members})
    return {
        (partner, contact): pk for pk, partner, contact in rows.values_list("pk", "partner_id", "contact_id")
    }


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
        added = int(cursor.rowcount)
    Wave.objects.filter(pk=wave.pk).update(size=F("size") + added)
    return added


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_selected(ids: Sequence[UUID], *, campaign: Campaign) -> list[UUID]:
    """Put a selection of partners into the open wave, as many as a selection holds; returns who was new. Raises `Refused`."""
    wave = _open_wave(campaign)
    rows = Member.objects.filter(campaign=campaign, contact=None, partner_id__in=ids)
    known = set(rows.values_list("partner_id", flat=True))
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
    wave = _open_wave(campaign)
    return _take_out(wave, wave.members.filter(partner_id__in=ids, contact=None))


def _take_out(wave: Wave, members: "QuerySet[Member]") -> int:
    count, _ = members.delete()
    Wave.objects.filter(pk=wave.pk).update(size=F("size") - count)
    return int(count)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_by_filter(*, campaign: Campaign, query: str, whom: str = Whom.PARTNER) -> Wave:
    """Have a worker put in everybody that the list of partners shows for a query ("" for all active ones). Raises `Refused`.

    With `whom` their contacts join instead; a partner without one joins itself, so that nobody is left out unseen.
    """
    kept, whom = canonical(query), choice(Whom, whom, "whom")
    total = partners_of(kept).count()
    if not total:
        raise Refused("Nobody is on the list with this filter.", field="query", code="required")
    wave = _open_wave(campaign)
    if wave.is_filling:
        raise Refused("Members are being added already. Add more when all are in.", code="filling")
    wave.to_add, wave.cursor, wave.total, wave.done = {"query": kept, "whom": whom}, None, total, 0
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
            _add(wave, _joining(ids, str(wave.to_add.get("whom", Whom.PARTNER))))
            wave.cursor, wave.done = ids[-1], wave.done + len(ids)
        if len(ids) < SLICE:
            wave.to_add, wave.cursor = {}, None
        wave.save(update_fields=["to_add", "cursor", "done"])
        return bool(wave.to_add)


def _joining(ids: Sequence[UUID], whom: str) -> list[tuple[UUID, UUID | None]]:
    """Return who joins of these partners (1 query for contacts)."""
    if whom == Whom.PARTNER:
        return [(pk, None) for pk in ids]
    people = Contact.objects.filter(partner_id__in=ids).order_by("pk")
    if whom == Whom.PREFERRED:
        people = people.filter(is_preferred=True)
    found: list[tuple[UUID, UUID | None]] = list(people.values_list("partner_id", "pk"))
    with_people = {partner for partner, _ in found}
    return [*found, *((pk, None) for pk in ids if pk not in with_people)]


@requires()
@transaction.atomic
def tell_members(campaign_id: UUID) -> bool:
    """Tell the next slice of members whether the coins of their wave are tossed; returns whether there are more. For a worker."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"tenant": current_tenant().pk, "campaign": campaign_id, "most": SLICE})
        return int(cursor.rowcount) == SLICE


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_members(*, campaign: Campaign, members: Collection[UUID]) -> int:
    """Take members out of the open wave; returns how many. Raises `Refused` once the coins are shown."""
    wave = _open_wave(campaign)
    return _take_out(wave, wave.members.filter(pk__in=members))


# --- letters --------------------------------------------------------------------------------------


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def ask_for_letters(*, campaign: Campaign, again: str = "") -> LetterFile:
    """Have a worker write the file of letters anew; one that is being written stays. Raises `Refused` before the coins are shown.

    `again` (`Again`): only for those who did nothing yet.
    """
    again = choice(Again, again, "again") if again else ""
    check_letters(campaign, again)
    file = LetterFile.objects.select_for_update(of=("self",)).filter(campaign=campaign).first()
    if file is not None and file.is_busy:
        return file
    values = {
        "state": LetterState.ASKED, "again": again, "total": 0, "done": 0, "asked_at": clock.now(), "finished_at": None,
    }  # fmt: skip
    asked: LetterFile = LetterFile.objects.update_or_create(campaign=campaign, defaults=values)[0]
    send_task("campaigns.write_letters", campaign_id=str(campaign.pk))
    return asked


@requires()
def write_letters(campaign_id: UUID) -> None:
    """Write the file that was asked for, slice by slice, and say how far it is. Begun again, it begins from the start. For a worker."""
    with transaction.atomic():
        file = LetterFile.objects.select_related("campaign").filter(campaign_id=campaign_id).first()
        if file is None or not file.is_busy:
            return
        campaign, old = file.campaign, file.stored_as
        file.state, file.done, file.total = LetterState.WRITING, 0, members_of(campaign, file.again).count()
        file.save(update_fields=["state", "done", "total"])
        columns = columns_of(campaign)
    with tempfile.TemporaryFile() as target:
        for line in csv_file.lines(sheet_of("letters", columns, _told(file))):
            target.write(line.encode() if isinstance(line, str) else line)
        target.seek(0)
        stored = default_storage.save(f"letters/{file.tenant_id}/{campaign.pk}.csv", File(target))
    with transaction.atomic():
        file.state, file.stored_as, file.finished_at = LetterState.READY, stored, clock.now()
        file.save(update_fields=["state", "stored_as", "finished_at"])
    if old and old != stored:
        default_storage.delete(old)


def _told(file: LetterFile) -> Iterator[Member]:
    """Give the members of a file, a slice a transaction, and note how many were given."""
    last: UUID | None = None
    while True:
        with transaction.atomic():
            rows = members_of(file.campaign, file.again).order_by("pk")
            some = list((rows.filter(pk__gt=last) if last else rows)[:SLICE])
            LetterFile.objects.filter(pk=file.pk).update(done=F("done") + len(some))
        yield from some
        if len(some) < SLICE:
            return
        last = some[-1].pk


@requires()
@transaction.atomic
def forget_letters() -> None:
    """Take away files of letters that were there for a day: they hold addresses. For a worker."""
    old = LetterFile.objects.filter(state=LetterState.READY, finished_at__lt=clock.now() - KEPT)
    for file in old.exclude(stored_as=""):
        default_storage.delete(file.stored_as)
        file.state, file.stored_as = LetterState.GONE, ""
        file.save(update_fields=["state", "stored_as"])


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What Salesforce says of a member by now: its status in its own words, and whether that is a response; `None` stays."""

    status: str | None = None
    responded: bool | None = None


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def take_responses(responses: Mapping[UUID, Response]) -> int:
    """Take over what Salesforce says of many members, all or none (2 queries); what was seen here stays. Raises `Refused`."""
    rows = Member.objects.select_for_update(of=("self",)).filter(pk__in=responses).order_by("pk")
    members = list(rows)
    if len(members) < len(responses):
        raise Refused("This member does not exist any more.", code="not_found")
    today = calendar.today(current_tenant())
    for member in members:
        response = responses[member.pk]
        if response.responded is False and (member.came_on or member.attended_at):
            raise Refused(
                "It was seen here that they came; that is not taken back by a list.",
                field="responded",
                code="seen",
            )
        _take_response(member, response, today)
    Member.objects.bulk_update(members, _RESPONSE_COLUMNS)
    for campaign_id in {one.campaign_id for one in members}:
        ask_for_figures(campaign_id=campaign_id)
    return len(members)


def _take_response(member: Member, response: Response, today: date) -> None:
    if response.responded is not None:
        member.responded_there = response.responded
        member.responded_on = (member.responded_on or today) if response.responded else None
    if response.status is not None:
        member.status_there = text(response.status, "status", 40)
        # Their status alone moved: it stands for the same as the one before.
        member.status_responds = member.responded_there
