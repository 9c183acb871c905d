"""How far a large merge is, for its page."""

from partners.merges.models import MergeTask
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.tenancy.work import broker
from prm.ui.parts import Progress, Step


def progress_of(task: MergeTask) -> Progress:
    """Return the rows moved so far, and which move now."""
    runs = task.ended_at is None
    seconds = (now() - task.started_at).total_seconds() if task.started_at else 0.0
    steps = [Step(title=f"{task.step[:1].upper()}{task.step[1:]}", state="now")] if runs and task.step else []
    return Progress(
        done=task.rows_done,
        total=task.rows_total,
        per_second=round(task.rows_done / seconds) if task.rows_done and seconds > 1 else None,
        running=runs,
        unreachable=runs and task.started_at is None and not broker.answers(),
        steps=steps,
        page_url=tenant_url(current_tenant(), "partners:merge-task", pk=task.pk),
    )
