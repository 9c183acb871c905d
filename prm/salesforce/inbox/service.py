"""What people decide about held records and conflicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import transaction

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.mapping import Field, Mapping, Normal, Winner
from prm.salesforce.engine import store
from prm.salesforce.engine.models import (
    Conflict,
    RecordLink,
    SyncProblem,
    SyncSchedule,
    SyncState,
)
from prm.salesforce.engine.present import present
from prm.salesforce.engine.writing import Applying
from prm.salesforce.inbox.rules import may_type, typed
from prm.salesforce.mapping import registry
from prm.tenancy.context import current_actor, current_tenant, granted
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

_LASTING = (SyncProblem.Kind.DELETED_THERE, SyncProblem.Kind.MERGED_THERE)

OTHER: Final = "other"
"""The side of a third value, which somebody types."""

SIDES: Final = (Winner.HERE.value, Winner.SALESFORCE.value, OTHER)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def try_again(
    *,
    mapping: str = "",
    code: str | None = None,
    record_id: UUID | None = None,
    record_ids: Collection[UUID] | None = None,
) -> int:
    """Send held records again at once; returns how many. No narrowing: all of them.

    `mapping` narrows to a kind of record, `code` to a reason ("" is one without a code), `record_id` to one record and
    `record_ids` to some.
    """
    problems = SyncProblem.objects.exclude(kind__in=_LASTING)
    if mapping:
        problems = problems.filter(mapping=mapping)
    if code is not None and (mapping or code):
        problems = problems.filter(code=code)
    if record_id is not None:
        problems = problems.filter(record_id=record_id)
    if record_ids is not None:
        problems = problems.filter(record_id__in=record_ids)
    by_mapping: dict[str, set[UUID]] = {}
    for problem in problems:
        by_mapping.setdefault(problem.mapping, set()).add(problem.record_id)
        if problem.field:
            _reopen(problem)
    for key, ids in by_mapping.items():
        if key in registry.mappings():
            store.enqueue(registry.mapping(key), ids)
    SyncState.objects.update(not_before=None)
    SyncSchedule.objects.update(not_before=None)
    return sum(map(len, by_mapping.values()))


def _reopen(problem: SyncProblem) -> None:
    """Let the values of a field that are apart be exchanged once more."""
    link = RecordLink.objects.filter(mapping=problem.mapping, record_id=problem.record_id).first()
    if link is None or problem.field not in link.apart:
        return
    ours, theirs = link.apart[problem.field], link.agreed.get(problem.field)
    # What one side did not take counts as that side's change no more, but as the other's.
    base = theirs if problem.kind == SyncProblem.Kind.KEPT_THERE else ours
    store.set_base(link, problem.field, base, base)
    store.save_links([link])


@requires(Right.SYNC_EDIT)
@transaction.atomic
def create_again(*, mapping: str, record_ids: Iterable[UUID]) -> int:
    """Send records again that were deleted in Salesforce; returns how many."""
    one = registry.mapping(mapping)
    ids = list(record_ids)
    gone = RecordLink.objects.filter(mapping=mapping, record_id__in=ids, state=RecordLink.State.DELETED_THERE)
    found = list(gone.values_list("record_id", flat=True))
    # The old Salesforce id stays until the new one is known: by it the children find their way back.
    gone.update(state=RecordLink.State.AGAIN)
    store.clear_problems(one, found)
    store.enqueue(one, found)
    return len(found)


# --- conflicts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one conflict: a side of `SIDES`; for `OTHER` what was typed."""

    conflict_id: UUID
    side: str
    value: str = ""


@dataclass(slots=True)
class Chosen:
    """What became of many conflicts: how many were decided, and why others were not, by their ids."""

    done: list[Conflict] = field(default_factory=list)
    refused: dict[UUID, str] = field(default_factory=dict)


@requires(Right.CONFLICT_DECIDE)
@transaction.atomic
def choose(*, conflict_id: UUID, side: str, value: str = "") -> Conflict:
    """Decide a conflict for one side, or for a third `value`; also one that a rule has settled.

    `side` is "here", "salesforce" or "other". The value is written here through the app's own service and
    reaches Salesforce with a push that is asked for here. Raises `Refused`.
    """
    conflict = _decided(Choice(conflict_id, side, value))
    send_task("salesforce.sync", pull=False, door="page")
    return conflict


@requires(Right.CONFLICT_DECIDE)
@transaction.atomic
def choose_all(*, choices: Sequence[Choice]) -> list[Conflict]:
    """Decide conflicts that belong together, all or none. Raises `Refused`, whose field is the conflict's id."""
    found = []
    for choice in choices:
        try:
            found.append(_decided(choice))
        except Refused as refused:
            raise Refused(refused.message, field=str(choice.conflict_id), code=refused.code) from refused
    send_task("salesforce.sync", pull=False, door="page")
    return found


@requires(Right.CONFLICT_DECIDE)
@transaction.atomic
def choose_many(*, choices: Iterable[Choice]) -> Chosen:
    """Decide conflicts that have nothing to do with each other: one that is refused holds back no other."""
    chosen = Chosen()
    for choice in choices:
        try:
            with transaction.atomic():
                chosen.done.append(_decided(choice))
        except Refused as refused:
            chosen.refused[choice.conflict_id] = refused.message
    if chosen.done:
        send_task("salesforce.sync", pull=False, door="page")
    return chosen


@requires(Right.CONFLICT_DECIDE)
@transaction.atomic
def undo(*, conflict_id: UUID) -> Conflict:
    """Take a person's decision back: our value is what it was, and the conflict as open or settled as it was.

    Raises `Refused` when the value was changed since, or there is nothing to take back.
    """
    conflict = _locked(conflict_id)
    one, column = _column(conflict)
    before = conflict.before
    if conflict.state != Conflict.State.CHOSEN or not before:
        raise Refused("There is no decision to take back.", code="undone")
    ours = _present(one, conflict.record_id, column)
    if ours != conflict.value:
        raise Refused(f"{column.words} was changed since. Change it on the record's page.", code="changed")
    reopened = before["state"] == Conflict.State.OPEN
    if reopened and _others_open(conflict):
        raise Refused("Both sides have changed this field again since. Decide that conflict.", code="changed")
    if before["here"] != ours:
        _write(one, conflict, column, before["here"])
    conflict.state, conflict.winner = before["state"], before["winner"]
    conflict.chosen_by, conflict.chosen_at, conflict.before = "", None, None
    # Salesforce holds what was decided, or what it held before: that is known from the link, not from here.
    conflict.undone_at = now() if reopened else None
    conflict.save()
    send_task("salesforce.sync", pull=False, door="page")
    return conflict


def _others_open(conflict: Conflict) -> bool:
    same = {"mapping": conflict.mapping, "record_id": conflict.record_id, "there": conflict.there}
    return Conflict.objects.waiting().filter(**same).exclude(pk=conflict.pk).exists()


def _locked(conflict_id: UUID) -> Conflict:
    conflict = Conflict.objects.select_for_update().filter(pk=conflict_id).first()
    if conflict is None or conflict.mapping not in registry.mappings():
        raise Refused("This conflict does not exist any more.", code="not_found")
    return conflict


def _column(conflict: Conflict) -> tuple[Mapping, Field]:
    one = registry.mapping(conflict.mapping)
    found = one.column(conflict.there)
    if found is None or not found.pulls or one.apply is None:
        raise Refused("This field is not written from here.", code="not_editable")
    return one, found


def _decided(choice: Choice) -> Conflict:
    conflict = _locked(choice.conflict_id)
    if choice.side not in SIDES:
        raise Refused("Choose our value, Salesforce's, or type another.", field="side", code="invalid_choice")
    one, column = _column(conflict)
    value = _value(one, column, conflict, choice)
    before = {
        "state": conflict.state,
        "winner": conflict.winner,
        "here": _present(one, conflict.record_id, column),
    }
    # What a rule has settled and a person confirms is as it should be, or was changed since.
    confirmed = conflict.state == Conflict.State.SETTLED and choice.side == conflict.winner
    if before["here"] != value and not confirmed:
        _write(one, conflict, column, value)
    if conflict.state == Conflict.State.OPEN and conflict.undone_at is None:
        # Salesforce holds its own value: from now on that is what a push compares with.
        _rebase(one, conflict)
    store.enqueue(one, [conflict.record_id])
    if conflict.state != Conflict.State.CHOSEN:
        conflict.before = before
    conflict.state, conflict.winner, conflict.value = Conflict.State.CHOSEN, choice.side, value
    conflict.chosen_by, conflict.chosen_at, conflict.undone_at = current_actor().label[:120], now(), None
    conflict.save()
    return conflict


def _value(one: Mapping, column: Field, conflict: Conflict, choice: Choice) -> Normal:
    if choice.side == Winner.HERE:
        return _normal(conflict.ours)
    if choice.side == Winner.SALESFORCE:
        return _normal(conflict.theirs)
    if not may_type(one, column):
        raise Refused("Choose one of the two records.", field="value", code="not_editable")
    return typed(column, choice.value, timezone=current_tenant().timezone)


def _normal(value: object) -> Normal:
    return value if value is None or isinstance(value, str | bool) else str(value)


def _present(one: Mapping, record_id: UUID, column: Field) -> Normal:
    found = present(one, [record_id]).get(record_id)
    if found is None:
        raise Refused("The record does not exist any more.", code="not_found")
    return found.normals.get(column.there)


def _write(one: Mapping, conflict: Conflict, column: Field, value: Normal) -> None:
    """Write a value here through the app's own service, which knows the limits of this side."""
    # Whoever may decide it may write it: the audit trail names who did.
    with granted(*Right):
        refused = Applying(one, conflict.record_id).apply({column.there: value})
    if refused:
        raise Refused(refused[column.there], field="value", code="refused_here")


def _rebase(one: Mapping, conflict: Conflict) -> None:
    link = store.links_of(one, [conflict.record_id]).get(conflict.record_id)
    if link is not None and link.agreed.get(conflict.there) != conflict.ours:
        store.set_base(link, conflict.there, conflict.theirs, conflict.theirs)
        store.save_links([link])
