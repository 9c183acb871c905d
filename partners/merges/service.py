"""Merging two partners that are one, and taking it back.

Both take the tenant's order lock first, as imports and answers about codes do, then that of the standings,
then the rows of both partners by id: whoever changes the same waits, and nobody waits in a circle. Rows that come
for the merged partner a moment later are sent on by the database (`triggers.py`).
"""

from collections.abc import Callable, Collection
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from django.db import OperationalError, transaction

from partners.directory.models import Partner, PartnerAlias, ReferralCode
from partners.directory.service import update_partner
from partners.directory.signals import codes_changing
from partners.merges import queries, registry, rules
from partners.merges.models import MergedRows, PartnerMerge
from partners.merges.registry import Moved, OnMoved, unheard
from partners.standing.models import Standing
from partners.standing.service import lock_standings
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import DEADLOCK, sql_state
from prm.core.notation.reader import figure
from prm.tenancy.context import current_actor, granted
from prm.tenancy.use_cases import needs_no_right, requires

_TRIES: Final = 3
_REFERENCES: Final = {"organisation": Partner, "rep": Membership}

R = TypeVar("R")


class Undone(NamedTuple):
    """A merge that was taken back, and in words what did not go back with it."""

    merge: PartnerMerge
    left: list[str]


@requires(Right.ORDER_TIE)
def merge_partners(
    survivor_id: UUID, *, merged_id: UUID, take: Collection[str] | None = None, reason: str = ""
) -> PartnerMerge:
    """Merge one partner into another: everything of `merged_id` becomes the survivor's.

    `take` names details (`rules.DETAILS`) that the survivor takes over from the merged one; without it those
    that it lacks. Raises `Refused` for one and the same, for strangers, and for one that is merged already.
    """
    unknown = set(take or ()) - set(rules.DETAILS)
    if unknown:
        raise Refused(f"{min(unknown)!r} is no detail that can be taken over.", field="take", code="invalid")
    if survivor_id == merged_id:
        raise queries.same()
    return despite_deadlocks(lambda: merge_now(survivor_id, merged_id, take, reason))


@needs_no_right("asked by who calls it")
def merge_now(
    survivor_id: UUID, merged_id: UUID, take: Collection[str] | None, reason: str, on_moved: OnMoved = unheard
) -> PartnerMerge:
    """Merge in the transaction that is open. `on_moved` is told what kind of rows comes next, and how many went."""
    survivor, merged = _locked(survivor_id, merged_id)
    for partner in (survivor, merged):
        if partner.merged_into_id is not None:
            raise queries.already(partner)
    _check_above(survivor, merged)
    merge = PartnerMerge(
        survivor=survivor, merged=merged, reason=reason.strip()[:200], by=current_actor().label[:160]
    )
    merge.taken = _take(survivor, merged, take)
    merge.save()
    counts: dict[str, int] = {}
    for table in registry.moved_tables():
        on_moved(table.nouns[1], 0)
        moved = table.move(merged.pk, survivor.pk)
        on_moved(table.nouns[1], len(moved.ids))
        if moved.ids or moved.notes:
            MergedRows.objects.create(merge=merge, column=table.key, ids=list(moved.ids), notes=moved.notes)
        if moved.ids and table.nouns != registry.UNSAID:
            counts[table.nouns[1]] = counts.get(table.nouns[1], 0) + len(moved.ids)
    merge.counts, merge.alias = counts, _remember_name(survivor, merged)
    merge.save()
    # What follows from other rows is computed anew for the survivor, as the database has noted by now.
    Standing.objects.filter(partner=merged).delete()
    _mark(merged, survivor.pk)
    return merge


@requires(Right.ORDER_TIE)
def undo_merge(merge_id: UUID) -> Undone:
    """Take a merge back: the rows that it moved, and no others, are the merged partner's again.

    What came since stays with the survivor; orders go by the code they came with. Raises `Refused` when it was taken
    back already, or the survivor was merged itself since. Says what could not go back.
    """
    return despite_deadlocks(lambda: undo_now(merge_id))


@needs_no_right("asked by who calls it")
def undo_now(merge_id: UUID, on_moved: OnMoved = unheard) -> Undone:
    """Take a merge back in the transaction that is open; `on_moved` as in `merge_now`."""
    known = PartnerMerge.objects.filter(pk=merge_id).first()
    if known is None:
        raise Refused("There is no such merge here.", code="does_not_exist")
    survivor, merged = _locked(known.survivor_id, known.merged_id)
    merge: PartnerMerge = PartnerMerge.objects.get(pk=merge_id)
    if merge.undone_at is not None:
        raise Refused("This merge was taken back already.", code="undone")
    if survivor.merged_into_id is not None:
        later = queries.survivor_of(survivor)
        raise Refused(
            f"{survivor.name} was merged into {later.name} since. Take that back first.", code="later"
        )
    _mark(merged, None)
    left = _put_back(merge, on_moved)
    left += _give_back(survivor, merged, merge)
    if merge.alias is not None:
        PartnerAlias.objects.filter(pk=merge.alias).delete()
    _mark(survivor, None)
    merge.undone_at, merge.undone_by, merge.left = now(), current_actor().label[:160], left
    merge.save()
    return Undone(merge, left)


def _put_back(merge: PartnerMerge, on_moved: OnMoved) -> list[str]:
    """Put the rows back that are still where the merge brought them; return in words which are not."""
    kept = {rows.column: rows for rows in merge.rows.all()}
    left = []
    for table in reversed(registry.moved_tables()):
        rows = kept.get(table.key)
        if rows is None:
            continue
        on_moved(table.nouns[1], 0)
        returned = table.put_back(Moved(rows.ids, rows.notes), merge.merged_id, merge.survivor_id)
        on_moved(table.nouns[1], len(rows.ids))
        missing = len(rows.ids) - returned
        if missing and table.nouns != registry.UNSAID:
            noun = table.nouns[0] if missing == 1 else table.nouns[1]
            left.append(f"{figure(missing)} {noun} moved on or went since")
    return left


# --- details ------------------------------------------------------------------------------------


def _take(
    survivor: Partner, merged: Partner, take: Collection[str] | None
) -> dict[str, list[str | bool | None]]:
    """Let the survivor take details over; return them as {field: [before, after]}."""
    ours, theirs = _details(survivor), _details(merged)
    if take is None:
        take = set(rules.worth_taking(ours, theirs))
        if _belongs_to(merged.organisation, survivor):
            take.discard("organisation")
    taken = {name: [ours[name], theirs[name]] for name in take if ours[name] != theirs[name]}
    # Nobody becomes part of itself.
    if ours["organisation"] == str(merged.pk) and "organisation" not in taken:
        above = theirs["organisation"] if theirs["organisation"] != str(survivor.pk) else None
        taken["organisation"] = [ours["organisation"], above]
    if taken.get("organisation", [None, None])[1] == str(survivor.pk):
        del taken["organisation"]
    _change(survivor, {name: after for name, (_, after) in taken.items()})
    return taken


def _give_back(survivor: Partner, merged: Partner, merge: PartnerMerge) -> list[str]:
    """Set details back that nobody changed since; return in words which somebody did."""
    ours = _details(survivor)
    back = {name: before for name, (before, after) in merge.taken.items() if ours[name] == after}
    _change(survivor, back)
    return [
        f"{name.replace('_', ' ')} of {survivor.name} was changed since and stays"
        for name in merge.taken
        if name not in back
    ]


def _change(partner: Partner, values: dict[str, str | bool | None]) -> None:
    if not values:
        return
    changes: dict[str, object] = dict(values)
    for name, model in _REFERENCES.items():
        if values.get(name):
            changes[name] = model._default_manager.filter(pk=str(values[name])).first()
    with granted(Right.PARTNER_EDIT, Right.ACTIVITY_MANAGE):
        changed = update_partner(partner.pk, expected_version=None, own=None, **changes)
    for field in Partner._meta.concrete_fields:
        setattr(partner, field.attname, getattr(changed, field.attname))


def _details(partner: Partner) -> dict[str, str | bool | None]:
    found: dict[str, str | bool | None] = {}
    for name in rules.DETAILS:
        value = getattr(partner, f"{name}_id" if name in _REFERENCES else name)
        found[name] = str(value) if isinstance(value, UUID) else value
    return found


def _remember_name(survivor: Partner, merged: Partner) -> UUID | None:
    """Let the survivor be found by the merged partner's name; return the id of that other name."""
    known = {survivor.name, *survivor.aliases.values_list("name", flat=True)}
    if merged.name in known:
        return None
    alias: PartnerAlias = PartnerAlias.objects.create(partner=survivor, name=merged.name)
    return alias.pk


# --- rows of both -------------------------------------------------------------------------------


def _locked(survivor_id: UUID, merged_id: UUID) -> tuple[Partner, Partner]:
    """Take all locks, in the one order; return both partners as they are now."""
    codes_changing.send(sender=ReferralCode)
    lock_standings([survivor_id, merged_id])
    rows = Partner.with_merged.select_for_update(of=("self",)).filter(pk__in=[survivor_id, merged_id])
    found = {partner.pk: partner for partner in rows.order_by("pk")}
    if len(found) < 2:
        raise Refused("There is no such partner here.", code="does_not_exist")
    return found[survivor_id], found[merged_id]


def _check_above(survivor: Partner, merged: Partner) -> None:
    """Refuse where the survivor would become part of itself by way of others."""
    above = survivor.organisation
    if above is not None and above.pk != merged.pk and _belongs_to(above, merged):
        raise Refused(
            f"{survivor.name} belongs to {merged.name} by way of others. "
            "Change its organisation first, or let the other one stay.",
            code="circle",
        )


def _belongs_to(partner: Partner | None, organisation: Partner) -> bool:
    """Whether a partner is an organisation, or belongs to it by way of others."""
    while partner is not None and partner.pk != organisation.pk:
        partner = partner.organisation
    return partner is not None


def _mark(partner: Partner, survivor_id: UUID | None) -> None:
    """Say into whom a partner was merged, or that it was not; pages that show it are drawn anew."""
    partner.merged_into_id = survivor_id
    partner.version += 1
    partner.updated_at = now()
    partner.save(update_fields=["merged_into", "version", "updated_at"])


@needs_no_right("asked by who calls it")
def despite_deadlocks(work: Callable[[], R]) -> R:
    """Do it in a transaction; a deadlock with somebody's work on single rows is tried again."""
    for number in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if number == _TRIES or sql_state(error) != DEADLOCK:
                raise
    raise AssertionError("unreachable")
