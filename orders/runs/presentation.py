"""How far a run is, as its page shows it."""

from datetime import date
from typing import Final

from orders.proof.check import Doubt
from orders.runs.models import ImportRun
from orders.runs.progress import STEPS
from orders.runs.states import RunState
from prm.core.calendar import month_range, months_between
from prm.core.clock import now
from prm.tenancy.context import current_tenant
from prm.tenancy.work import broker
from prm.ui.charts import BarChart, Series, month_bars
from prm.ui.formatting import plural
from prm.ui.parts import Progress, Step

# Bars that fit beside each other.
_MOST_MONTHS: Final = 24


def progress_of(run: ImportRun) -> Progress:
    """Return the progress of a run: rows, pace, time left, steps."""
    seconds = (now() - run.started_at).total_seconds() if run.started_at else 0.0
    pace = run.lines_done / seconds if seconds > 1 else None
    left = None
    is_busy = run.is_active or run.is_reading
    if pace and is_busy and run.lines_total > run.lines_done:
        left = (run.lines_total - run.lines_done) / pace
    return Progress(
        done=run.lines_done,
        total=run.lines_total or None,
        seconds_left=left,
        per_second=round(pace) if pace else None,
        steps=[] if run.is_reading else _steps_of(run),
        running=is_busy,
        unreachable=is_busy and run.state != RunState.RUNNING and not broker.answers(),
        page_url=run.get_absolute_url(),
    )


def _steps_of(run: ImportRun) -> list[Step]:
    names = list(STEPS)
    at = names.index(run.step) if run.step in names else (len(names) if run.step == "done" else 0)
    steps = []
    for place, (key, title) in enumerate(STEPS.items()):
        state = "done" if place < at else "waits"
        if place == at and run.state == RunState.RUNNING:
            state = "now"
        elif place == at and run.state == RunState.FAILED:
            state = "failed"
        note = plural(run.rejected, "rejected line") if key == "read" and run.rejected else ""
        steps.append(Step(title.format(partners=current_tenant().partner_noun_plural), note, state))
    return steps


def charts_of(doubt: Doubt) -> list[tuple[str, BarChart]]:
    """Return how many dates each month holds, as the source reads them and as another reading does; nothing over many years."""
    named = sorted({date.fromisoformat(f"{month}-01") for _, counts in doubt.both for month in counts})
    if len(doubt.both) < 2 or not named or months_between(named[0], named[-1]) >= _MOST_MONTHS:
        return []
    months = list(month_range(named[0], named[-1]))
    charts = []
    for place, (words, counts) in enumerate(doubt.both):
        values = [counts.get(f"{month:%Y-%m}", 0) for month in months]
        kind = "us" if place else "grey"
        chart = month_bars(
            title=words, months=months, series=[Series("Rows", values, kind=kind)], unit="rows"
        )
        charts.append((words, chart))
    return charts
