"""Asking for a merge or its undo, and doing what was asked."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from partners.directory.models import Partner
from partners.merges import queries, rules
from partners.merges.large.progress import Progress
from partners.merges.models import MergeTask, PartnerMerge
from partners.merges.service import (
    Undone,
    despite_deadlocks,
    merge_now,
    merge_partners,
    undo_merge,
    undo_now,
)
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import Actor, acting_as, current_actor
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires
from prm.tenancy.work.states import Size


@requires(Right.ORDER_TIE)
def ask_merge(
    survivor_id: UUID, *, merged_id: UUID, take: Collection[str] | None = None, reason: str = ""
) -> PartnerMerge | MergeTask:
    """Merge one partner into another, at once or, where more than `rules.LARGE` rows move, in the background.

    Raises `Refused` as `merge_partners` does; what is found out later only, the task says.
    """
    shown = queries.preview(survivor_id, merged_id)
    if not shown.is_large:
        return merge_partners(survivor_id, merged_id=merged_id, take=take, reason=reason)
    if unknown := set(take or ()) - set(rules.DETAILS):
        raise Refused(f"{min(unknown)!r} is no detail that can be taken over.", field="take", code="invalid")
    kept = None if take is None else sorted(take)
    return _ask(shown.survivor, shown.merged, rows=shown.moved_rows, take=kept, reason=reason.strip()[:200])


@requires(Right.ORDER_TIE)
def ask_undo(merge_id: UUID) -> Undone | MergeTask:
    """Take a merge back, at once or, where it moved more than `rules.LARGE` rows, in the background."""
    merge = PartnerMerge.objects.with_names().filter(pk=merge_id, undone_at=None).first()
    rows = sum(len(kept.ids) for kept in merge.rows.all()) if merge else 0
    if merge is None or rows <= rules.LARGE:
        return undo_merge(merge_id)
    return _ask(merge.survivor, merge.merged, rows=rows, undoes=merge)


@transaction.atomic
def _ask(survivor: Partner, merged: Partner, *, rows: int, **values: object) -> MergeTask:
    """Write the work down; who asks for what is asked already is led to it."""
    asked: MergeTask | None = MergeTask.objects.filter(merged=merged, ended_at=None).first()
    if asked is not None:
        return asked
    by = current_actor().label[:160]
    task: MergeTask = MergeTask.objects.create(
        survivor=survivor, merged=merged, rows_total=rows, by=by, **values
    )
    send_task("partners.merge", size=Size.LARGE, task_id=str(task.pk))
    return task


@requires(Right.ORDER_TIE)
def perform(task_id: UUID) -> MergeTask:
    """Do what was asked for, in one transaction; one that is over is left alone.

    Whoever was killed in the middle has written nothing, and the next one begins anew.
    """
    with transaction.atomic():
        task: MergeTask | None = MergeTask.objects.select_for_update(of=("self",)).filter(pk=task_id).first()
        if task is None or task.ended_at is not None:
            raise Refused("This is over already.", code="over")
        task.started_at = now()
        task.save(update_fields=["started_at"])
    actor = Actor(kind="task", door="task", label=task.by, user_id=current_actor().user_id)
    try:
        with acting_as(actor), Progress(task.pk) as progress:
            despite_deadlocks(lambda: _perform(task, progress))
    except Refused as refused:
        _end(task, refused.message)
    except Exception as error:
        _end(task, f"Something went wrong here ({type(error).__name__}). Nothing was moved.")
        raise
    return task


def _perform(task: MergeTask, progress: Progress) -> None:
    if task.undoes_id is not None:
        merge = undo_now(task.undoes_id, progress.moved).merge
    else:
        merge = merge_now(task.survivor_id, task.merged_id, task.take, task.reason, progress.moved)
    progress.close()
    task.merge, task.rows_done = merge, task.rows_total
    _end(task, "")


@transaction.atomic
def _end(task: MergeTask, message: str) -> None:
    task.ended_at, task.message = now(), message[:400]
    task.save(update_fields=["ended_at", "message", "merge", "rows_done"])
