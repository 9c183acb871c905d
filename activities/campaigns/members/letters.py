"""The file for whoever sends: each member of the waves with address and links. Those held out are not in it."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.planning.tokens import Named, token
from activities.campaigns.settings.queries import link_base, settings_of_tenant
from activities.campaigns.states import Group
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.ui.export.answers import Columns

MOST_AT_ONCE: Final = 2_000
"""Letters that are given at once; more are written by a worker."""


def address_of(
    campaign: Campaign, member: Member | None, target: UUID, *, is_picture: bool, base: str
) -> str:
    """Return the address of a tracked link or picture."""
    named = Named(current_tenant().pk, member.pk if member else None, target, is_picture)
    return f"{base}/c/{token(named)}{'.gif' if is_picture else ''}"


def members_of(campaign: Campaign, again: str = "") -> "QuerySet[Member]":
    """Return the members to be sent to, with what their letters need: not those held out, whose letter came back, or who want none.

    With `again` those who got it and did nothing since, as far as we see.
    """
    rows = Member.objects.filter(campaign=campaign, group=Group.SENT, reach="", wave__drawn_at__isnull=False)
    if again:
        rows = rows.quiet(again).filter(wave__sent_on__isnull=False)
    return rows.select_related("partner", "contact", "wave")


def check_letters(campaign: Campaign, again: str = "") -> None:
    """Raise `Refused` before the coins are shown, and where nobody is left to write to."""
    if members_of(campaign, again).exists():
        return
    if again:
        raise Refused("There is nobody to mail again: nothing was sent yet, or all did it.", code="nobody")
    raise Refused("Start the campaign first: letters go to those whose coin says so.", code="not_running")


def columns_of(campaign: Campaign) -> Columns[Member]:
    """Return the columns of the file (2 queries)."""
    base = link_base(settings_of_tenant())
    columns: dict[str, Callable[[Member], object]] = {
        current_tenant().partner_noun.capitalize(): lambda one: one.partner.name,
        "Contact": lambda one: one.contact.name if one.contact else "",
        "E-mail": lambda one: (one.contact.email if one.contact else "") or one.partner.email,
        "Wave": lambda one: one.wave.number,
    }
    for link in campaign.links.all():
        columns[link.label] = _link(campaign, link.pk, base)
    columns["Picture"] = lambda one: address_of(campaign, one, campaign.pk, is_picture=True, base=base)
    return columns


def letters_at_once(campaign: Campaign, again: str = "") -> list[Member] | None:
    """Return the members to be sent to, `None` where they are more than one request takes. Raises `Refused`."""
    check_letters(campaign, again)
    some = list(members_of(campaign, again).order_by("wave__number", "pk")[: MOST_AT_ONCE + 1])
    return some if len(some) <= MOST_AT_ONCE else None


def _link(campaign: Campaign, target: UUID, base: str) -> Callable[[Member], object]:
    return lambda one: address_of(campaign, one, target, is_picture=False, base=base)
