"""How far a run is, as its page shows it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orders.proof.check import Doubt
from orders.runs.models import ImportRun
from orders.runs.presentation import charts_of, progress_of
from tests.orders.factories import make_source

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def run(in_mercy, clock_at):
    clock_at(NOON)
    return ImportRun.objects.create(
        source=make_source(), door="page", state="running", step="tie", started_at=NOON - timedelta(seconds=10),
        lines_total=400, lines_done=100, rejected=2, files=[{"name": "may.csv", "bytes": 1, "lines": 0, "stored_as": ""}],
    )  # fmt: skip


def steps(run):
    return [(step.title, step.state, step.note) for step in progress_of(run).steps]


def test_running_import_shows_pace_time_left_and_where_it_is(run):
    shown = progress_of(run)
    assert (shown.done, shown.total, shown.per_second, shown.seconds_left) == (100, 400, 10, 30.0)
    assert shown.running and shown.poll_url == f"{run.get_absolute_url()}?part=progress"
    assert steps(run) == [
        ("Read and check", "done", "2 rejected lines"), ("Compare", "done", ""), ("Tie to providers", "now", ""),
        ("Write orders", "waits", ""), ("Months and scores", "waits", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "step", "states"),
    [
        ("queued", "", ["waits"] * 5),
        ("done", "done", ["done"] * 5),
        ("failed", "write", ["done", "done", "done", "failed", "waits"]),
        ("cancelled", "compare", ["done", "waits", "waits", "waits", "waits"]),
    ],
)
def test_steps_of_a_run_that_does_not_run(run, state, step, states):
    run.state, run.step = state, step
    assert [shown for _, shown, _ in steps(run)] == states
    assert progress_of(run).running == (state == "queued")


def test_nothing_is_foretold_in_the_first_second(run):
    run.started_at = NOON - timedelta(seconds=0.5)
    assert (progress_of(run).per_second, progress_of(run).seconds_left) == (None, None)


def test_run_is_called_by_its_file_or_by_how_many_there_are(run):
    assert (run.title, str(run)) == ("may.csv", "may.csv")
    run.files = run.files * 3
    assert run.title == "3 files"
    assert [tuple(file) for file in run.kept_files] == [("may.csv", "", "")] * 3


def test_both_readings_of_dates_are_drawn_by_month(in_mercy):
    both = [("Month first", {"2026-02": 3, "2026-11": 1}), ("Day first", {"2026-11": 9})]
    doubt = Doubt("may.csv", "date", "Date", 9, 4, 2, "14/11/2026", [], [], "", tuple(both))
    drawn = charts_of(doubt)
    assert [words for words, _ in drawn] == ["Month first", "Day first"]
    rows = [chart.rows for _, chart in drawn]
    assert (len(rows[0]), rows[0][0][1], rows[1][0][1], rows[1][-1][1]) == (10, "3", "0", "9")
    long_ago = [both[0], ("Day first", {"2020-01": 1})]
    assert charts_of(replace(doubt, both=tuple(long_ago))) == charts_of(replace(doubt, both=())) == []
