"""What the mapping needs to know of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prm.salesforce.people.models import Owner, OwnerRules, SalesforceUser


@dataclass(frozen=True, slots=True)
class Owners:
    """The Salesforce users who stand for members, as (member, user) pairs, and who owns everything else."""

    pairs: tuple[tuple[str, str], ...] = ()
    fallback: str = ""


def in_force() -> Owners:
    """Return who stands for whom in the tenant in scope; before any user was read nobody does (1 or 2 queries)."""
    rules: OwnerRules | None = OwnerRules.objects.first()
    if rules is None:
        return Owners()
    # Of two members who are one user there, what comes back is whoever may still come in, and was here first.
    rows = Owner.objects.exclude(sf_id="").order_by("-member__is_active", "member_id")
    pairs = tuple((str(member), user) for member, user in rows.values_list("member_id", "sf_id"))
    return Owners(pairs, rules.in_force)


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Return what Salesforce's users are called, by id (1 query)."""
    wanted = sorted(set(ids))
    return {one.sf_id: str(one) for one in SalesforceUser.objects.filter(sf_id__in=wanted)} if wanted else {}


def all_names() -> dict[str, str]:
    """Return what all of Salesforce's users are called, by id (1 query)."""
    return {one.sf_id: str(one) for one in SalesforceUser.objects.only("sf_id", "name", "email")}
