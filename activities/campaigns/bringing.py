"""Members of campaigns from a list (`prm.bringing`): who joins, who came, whose letter came back."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from activities.campaigns.members import service
from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.states import CampaignState, Reach
from partners.contacts.models import Contact
from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from partners.evidence.keys import email_key, name_key
from partners.evidence.sql import words_of_names
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values
from prm.core.errors import Refused

MOST_CAMPAIGNS: Final = 200

Place = tuple[UUID, UUID, UUID | None]
"""A member by campaign, partner and contact."""


def _campaigns() -> dict[str, str]:
    """Return campaigns that a list may name, latest first; those of one name with the day of their start."""
    rows = list(Campaign.objects.order_by("-starts_on", "-pk").only("name", "starts_on")[:MOST_CAMPAIGNS])
    names = [one.name.casefold() for one in rows]
    return {
        str(one.pk): one.name
        if names.count(one.name.casefold()) == 1
        else f"{one.name} ({one.starts_on.isoformat()})"
        for one in rows
    }


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _at_partners)


def _at_partners(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which members rows mean: their partner, or a person there, in their campaign (three queries)."""
    people = _people([(row.values, about) for row, about, _ in rows])
    campaigns = {row.values["campaign"] for row, _, _ in rows if row.values.get("campaign")}
    members = Member.objects.filter(
        campaign_id__in=campaigns, partner_id__in={about for _, about, _ in rows}
    ).select_related("partner", "contact")
    known: dict[Place, Member] = {(one.campaign_id, one.partner_id, one.contact_id): one for one in members}
    return [
        _match(row, about, reason, person, known)
        for (row, about, reason), person in zip(rows, people, strict=True)
    ]


def _people(rows: Sequence[tuple[Values, str]]) -> list[Contact | str | None]:
    """Return whom rows mean at their partners: by e-mail, else by name; a sentence where nobody is meant, `None` where nobody is named."""
    named = [values.get("person") or values.get("person_email") for values, _ in rows]
    if not any(named):
        return [None] * len(rows)
    known = list(Contact.objects.filter(partner_id__in={about for _, about in rows}))
    words = words_of_names([*(one.name for one in known), *(values.get("person", "") for values, _ in rows)])
    by: dict[tuple[str, ...], Contact] = {}
    for one, name in zip(known, words, strict=False):
        by.setdefault((str(one.partner_id), "name", *sorted(name_key(name))), one)
        if one.email:
            by.setdefault((str(one.partner_id), "email", email_key(one.email)), one)
    found: list[Contact | str | None] = []
    for (values, about), name in zip(rows, words[len(known) :], strict=True):
        email = email_key(values.get("person_email", ""))
        person = by.get((about, "email", email)) if email else None
        person = person or (by.get((about, "name", *key)) if (key := sorted(name_key(name))) else None)
        said = values.get("person") or values.get("person_email")
        found.append(
            person
            or (
                f"Nobody is known there as {said}. Bring contacts first, or leave the contact empty."
                if said
                else None
            )
        )
    return found


def _match(
    row: Row, about: str, reason: str, person: Contact | str | None, known: Mapping[Place, Member]
) -> Match:
    if not row.values.get("campaign"):
        return Match(
            problem="Say which campaign: give the list a column of it, or choose one for all rows.",
            field="campaign",
        )
    if isinstance(person, str):
        return Match(problem=person, field="person")
    campaign = UUID(row.values["campaign"])
    place = campaign, UUID(about), person.pk if person else None
    keys = (":".join(map(str, place)),)
    member = known.get(place)
    if member is None:
        return Match(about=about, name=person.name if person else "", reason=reason, keys=keys)
    return Match(
        target=str(member.pk), name=str(member), by="contact" if person else "partner", about=about, reason=reason,
        keys=keys, current=_values(member),
    )  # fmt: skip


def _values(member: Member) -> dict[str, str]:
    return {
        "campaign": str(member.campaign_id),
        "came": "yes" if member.attended_at else "no",
        "reach": member.reach,
    }


def _check(values: Values) -> None:
    """Refuse a new row whose campaign takes no members at present."""
    campaign = _campaign(values["campaign"])
    service.check_open(campaign)
    if values.get("came") == "yes" and campaign.state == CampaignState.DRAFT:
        raise Refused(
            "Start the campaign first; then its members can come.", field="came", code="not_running"
        )


def _campaign(pk: str) -> Campaign:
    campaign = Campaign.objects.filter(pk=pk).first()
    if campaign is None:
        raise Refused("This campaign does not exist any more.", field="campaign", code="not_found")
    return campaign


def _create(values: Values, about: str) -> UUID:
    return _create_many([(values, about)])[0]


def _create_many(rows: Sequence[tuple[Values, str]]) -> list[UUID]:
    """Make members, with a number of queries by their campaigns alone. Raises `Refused` for all of them."""
    people = _people(rows)
    wanted: dict[UUID, list[tuple[UUID, UUID | None]]] = {}
    places: list[Place] = []
    for (values, about), person in zip(rows, people, strict=True):
        if isinstance(person, str):
            raise Refused(person, field="person", code="not_found")
        campaign, partner, contact = UUID(values["campaign"]), UUID(about), person.pk if person else None
        places.append((campaign, partner, contact))
        wanted.setdefault(campaign, []).append((partner, contact))
    made: dict[Place, UUID] = {}
    for pk, members in wanted.items():
        added = service.add_people(campaign=_campaign(str(pk)), members=members)
        made |= {(pk, *place): member for place, member in added.items()}
    ids = [made[place] for place in places]
    _note([(pk, values) for pk, (values, _) in zip(ids, rows, strict=True)])
    return ids


def _note(rows: Sequence[tuple[UUID, Values]]) -> None:
    """Write who came and what is known of addresses, all of one campaign at once."""
    groups: dict[tuple[str, str, str], list[UUID]] = {}
    for pk, values in rows:
        for key in ("came", "reach"):
            if values.get(key) and (key, values[key]) != ("came", "no"):
                groups.setdefault((values["campaign"], key, values[key]), []).append(pk)
    for (campaign, key, value), ids in groups.items():
        _write(_campaign(campaign), ids, key, value)


def _write(campaign: Campaign, ids: Sequence[UUID], key: str, value: str) -> None:
    if key == "came":
        service.set_attended(campaign=campaign, members=ids, attended=value == "yes")
    else:
        service.set_reach(campaign=campaign, members=ids, reach=value)


def _member(member_id: UUID) -> Member:
    member = Member.objects.select_related("campaign").filter(pk=member_id).first()
    if member is None:
        raise Refused("This member does not exist any more.", code="not_found")
    return member


def _update(member_id: UUID, changed: Values, said: Values) -> None:
    del said
    member = _member(member_id)
    for key in ("came", "reach"):
        if key in changed:
            _write(member.campaign, [member.pk], key, changed[key])


def _restore(member_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    _update(member_id, {key: old for key, (old, _) in changes.items()}, said)


def _remove(member_id: UUID) -> None:
    member = _member(member_id)
    service.remove_members(campaign=member.campaign, members=[member.pk])


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    return {one.pk: _values(one) for one in Member.objects.filter(pk__in=ids)}


def _depends(ids: Collection[UUID]) -> Mapping[UUID, str]:
    drawn = Member.objects.filter(pk__in=ids, wave__drawn_at__isnull=False).values_list("pk", flat=True)
    return dict.fromkeys(drawn, "the start of the campaign")


KINDS = [
    Kind(
        key="campaign-members",
        nouns=lambda: ("campaign member", "campaign members"),
        summary="Who is in a campaign, who came to its event, and whose letter came back.",
        rights=(Right.IMPORT_RUN, Right.ACTIVITY_MANAGE),
        columns=(
            Column(
                key="campaign",
                label="Campaign",
                type=Type.CHOICE,
                headings=("campaignname", "event", "eventname", "kampagne", "aktion", "veranstaltung"),
                choices=_campaigns,
                needed=True,
                is_frame=True,
            ),
            Column(
                key="person",
                label="Contact",
                headings=("contactname", "contactperson", "person", "attendee", "guest", "ansprechpartner", "kontakt"),
                is_clue=True,
            ),
            Column(
                key="person_email",
                label="E-mail of the contact",
                type=Type.EMAIL,
                headings=("contactemail", "attendeeemail", "email", "mail", "emailadresse"),
                is_clue=True,
            ),
            Column(
                key="came",
                label="Came",
                type=Type.YES_NO,
                headings=("attended", "attendance", "present", "checkedin", "teilgenommen", "anwesend"),
            ),
            Column(
                key="reach",
                label="What became of the letter",
                type=Type.CHOICE,
                headings=("bounce", "bounced", "undelivered", "unsubscribed", "zustellung"),
                choices=lambda: dict(Reach.choices),
            ),
            *PARTNER_COLUMNS,
        ),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=90,
        find=_find,
        check=_check,
        create=_create,
        create_many=_create_many,
        update=_update,
        restore=_restore,
        remove=_remove,
        present=_present,
        depends=_depends,
    ),
]  # fmt: skip
