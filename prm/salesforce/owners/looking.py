"""How everybody stands: who was found in Salesforce, who was not, and who owns what nobody else does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, F
from django.db.models.fields.json import KeyTextTransform

from prm.accounts.models import Membership
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.mapping import registry
from prm.salesforce.people import queries
from prm.salesforce.people.models import Owner, OwnerRules, SalesforceUser
from prm.salesforce.people.rules import LOST, How

_WHY: Final = {
    How.NOT_FOUND: "No user there has this e-mail address.",
    How.INACTIVE: "The user there is inactive and can own nothing.",
    How.SEVERAL: "Several active users there have this e-mail address: choose one.",
    How.LEFT: "As you chose.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A member, and who stands for him there: `user` is the name of whom records belong to, `is_lost` nobody's choice."""

    member_id: UUID
    name: str
    email: str
    role: str
    is_active: bool
    how: str
    how_words: str
    user_id: str
    user: str
    why: str
    is_lost: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Stranger:
    """A user there who owns records that are here too, and is nobody here."""

    user_id: str
    name: str
    records: int


@dataclass(frozen=True, slots=True)
class Look:
    """How everybody stands; `fallback` is the name of who owns the rest, `warning` why that is not whom somebody chose."""

    rules: OwnerRules | None
    fallback: str
    warning: str
    rows: tuple[Row, ...]
    strangers: tuple[Stranger, ...]

    @property
    def lost(self) -> list[Row]:
        """Who was not found."""
        return [one for one in self.rows if one.is_lost]

    @property
    def known(self) -> list[Row]:
        """Who was found, or chosen."""
        return [one for one in self.rows if not one.is_lost]


def look() -> Look:
    """Return how everybody stands in the tenant in scope (six queries)."""
    rules: OwnerRules | None = OwnerRules.objects.first()
    owners = {one.member_id: one for one in Owner.objects.all()}
    owning = _owning()
    ids = {one.sf_id for one in owners.values()} | set(owning)
    names = queries.names_of(ids | ({rules.fallback, rules.own_id, rules.in_force} if rules else set()))
    fallback = names.get(rules.in_force, "the integration user") if rules else ""
    members = Membership.objects.staff().with_people()
    rows = [_row(one, owners.get(one.pk) or Owner(member=one), names, fallback) for one in members]
    known = {one.sf_id for one in owners.values()} | ({rules.in_force, rules.own_id} if rules else set())
    strangers = [
        Stranger(user, names.get(user, user), count) for user, count in owning.items() if user not in known
    ]
    return Look(
        rules=rules,
        fallback=fallback,
        warning=_warning(rules, names),
        rows=tuple(sorted(rows, key=lambda one: not one.is_active)),
        strangers=tuple(sorted(strangers, key=lambda one: (-one.records, one.name))),
    )


def users() -> list[SalesforceUser]:
    """Return the users who can own records."""
    return list(SalesforceUser.objects.filter(is_active=True))


def _row(member: Membership, owner: Owner, names: dict[str, str], fallback: str) -> Row:
    how = How(owner.how)
    return Row(
        member_id=member.pk,
        name=str(member.user),
        email=member.user.email,
        role=member.role_label,
        is_active=member.is_active and member.user.is_active,
        how=how.value,
        how_words=str(how.label),
        user_id=owner.sf_id,
        user=names.get(owner.sf_id, owner.sf_id) or fallback,
        why=_WHY.get(how, ""),
        is_lost=how in LOST,
        is_chosen=owner.is_chosen,
    )


def _warning(rules: OwnerRules | None, names: dict[str, str]) -> str:
    if rules is None or not rules.fallback or rules.fallback == rules.in_force:
        return ""
    return f"{names.get(rules.fallback, rules.fallback)} is inactive in Salesforce, so {names.get(rules.in_force, 'the integration user')} stands in."


def _owning() -> dict[str, int]:
    """Return how many records that come back with their owner each user there owns."""
    found: dict[str, int] = {}
    for mapping in registry.mappings().values():
        for field in mapping.owners:
            if not field.pulls:
                continue
            links = RecordLink.objects.filter(mapping=mapping.key, state=RecordLink.State.LINKED)
            held = links.annotate(owner=KeyTextTransform(field.there, "agreed")).filter(owner__isnull=False)
            counted = held.values(user=F("owner")).annotate(count=Count("pk")).order_by()
            for user, count in counted.values_list("user", "count"):
                found[user] = found.get(user, 0) + count
    return found
