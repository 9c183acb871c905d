"""What people decide about held records and conflicts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.mapping import Field, Normal, Winner
from prm.salesforce.engine import store
from prm.salesforce.engine.apply import ACTOR
from prm.salesforce.engine.models import Conflict, RecordLink, SyncProblem, SyncSchedule, SyncState
from prm.salesforce.mapping import registry
from prm.tenancy.context import acting_as, current_actor
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

_LASTING = (SyncProblem.Kind.DELETED_THERE, SyncProblem.Kind.MERGED_THERE)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def try_again(*, mapping: str = "", code: str = "", record_id: UUID | None = None) -> int:
    """Send held records again at once; returns how many. No narrowing: all of them."""
    problems = SyncProblem.objects.exclude(kind__in=_LASTING)
    if mapping:
        problems = problems.filter(mapping=mapping, code=code)
    if record_id is not None:
        problems = problems.filter(record_id=record_id)
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
    store.release_waiting(one, found)
    return len(found)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose(*, conflict_id: UUID, side: str) -> Conflict:
    """Decide a conflict for one side, also one that a rule has settled.

    `side` is "here" or "salesforce". The value is written here through the app's own service and
    reaches Salesforce with a push that is asked for here. Raises `Refused`.
    """
    conflict = Conflict.objects.select_for_update().filter(pk=conflict_id).first()
    if conflict is None or conflict.mapping not in registry.mappings():
        raise Refused("This conflict does not exist any more.", code="not_found")
    if side not in (Winner.HERE, Winner.SALESFORCE):
        raise Refused("Choose our value or Salesforce's.", field="side", code="invalid_choice")
    one = registry.mapping(conflict.mapping)
    field = next((each for each in one.pulled if each.there == conflict.there), None)
    if field is None or one.apply is None:
        raise Refused("This field is not written from here.", code="not_editable")
    value: Normal = conflict.ours if side == Winner.HERE else conflict.theirs
    _write_choice(conflict, field, value)
    conflict.state = Conflict.State.CHOSEN
    conflict.winner, conflict.chosen_by, conflict.chosen_at = side, current_actor().label[:120], now()
    conflict.save()
    send_task("salesforce.sync", pull=False, door="page")
    return conflict


def _write_choice(conflict: Conflict, field: Field, value: Normal) -> None:
    one = registry.mapping(conflict.mapping)
    present = one.read([conflict.record_id]).get(conflict.record_id)
    if present is None or one.apply is None:
        raise Refused("The record does not exist any more.", code="not_found")
    if field.normal(present.get(field.here)) != value:
        with acting_as(ACTOR):
            one.apply(conflict.record_id, {field.here: field.local(value)})
    if conflict.state == Conflict.State.OPEN:
        # Salesforce holds its own value: from now on that is what a push compares with.
        link = store.links_of(one, [conflict.record_id]).get(conflict.record_id)
        if link is not None:
            if link.agreed.get(field.there) != conflict.ours:
                store.set_base(link, field.there, conflict.theirs, conflict.theirs)
            store.save_links([link])
    store.enqueue(one, [conflict.record_id])
