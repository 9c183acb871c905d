"""Runs from the first file to the last: received, started, performed, stopped, settled, forgotten."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from orders.book.models import Order
from orders.doors.files import uploads
from orders.runs import service, tasks
from orders.runs.kept import kept_preview
from orders.runs.models import ImportRun
from orders.runs.progress import DEAD_AFTER
from orders.runs.states import RunState
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from prm.tenancy.work.models import Job
from prm.tenancy.work.states import Size
from tests.orders.factories import csv_text, make_source

GOOD = csv_text("1,2026-05-03,77,A,1,10")


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True)


def files(*texts):
    return [ContentFile(text.encode(), name=f"may{place}.csv") for place, text in enumerate(texts, start=1)]


def receive(source, *texts):
    """Receive files and read them, as a worker does."""
    run = service.receive(source, files(*texts))
    service.look(run.pk)
    return ImportRun.objects.select_related("source").get(pk=run.pk)


def stored(run):
    return [file.stored for file in run.kept_files if file.stored]


def test_received_files_wait_in_the_storage_under_names_of_their_own(source):
    run = service.receive(
        source, [ContentFile(b"x", name="../../may/a.csv"), ContentFile(b"y", name="b.csv")]
    )
    assert (run.state, run.title) == (RunState.READING, "2 files")
    assert [file.name for file in run.kept_files] == ["a.csv", "b.csv"]
    assert all(name.startswith(f"imports/{run.tenant_id}/{run.pk}-") for name in stored(run))
    assert all(default_storage.exists(name) for name in stored(run))


@pytest.mark.parametrize(
    ("brought", "words"), [([], "Choose a file."), (files(*["x"] * 401), "At most 400 files at once; these are 401.")]
)  # fmt: skip
def test_too_few_and_too_many_files_are_refused(source, brought, words):
    with pytest.raises(Refused, match=words):
        service.receive(source, brought)
    assert not ImportRun.objects.exists()


def test_files_beyond_the_limit_together_are_refused(source, settings):
    settings.UPLOAD_LIMIT = 3
    with pytest.raises(Refused) as caught:
        service.receive(source, files("ab", "cd"))
    assert (caught.value.field, caught.value.code) == ("files", "too_large")


def test_source_that_is_switched_off_takes_nothing(source):
    source.is_active = False
    with pytest.raises(Refused, match="switched off"):
        service.receive(source, files(GOOD))
    assert not ImportRun.objects.exists()


def test_performed_run_keeps_no_files(source):
    run = receive(source, GOOD)
    names = stored(run)
    service.start(run.pk)
    done = service.perform(run.pk)
    assert (done.state, Order.objects.count()) == (RunState.DONE, 1)
    assert stored(ImportRun.objects.get()) == []
    assert not any(default_storage.exists(name) for name in names)


def test_failed_run_keeps_no_files_either_and_says_why(source):
    run = receive(source, "No;Date\n1;2\n")
    service.start(run.pk)
    failed = service.perform(run.pk)
    assert failed.state == RunState.FAILED and "may1.csv" in failed.message
    assert stored(ImportRun.objects.get()) == []


def test_run_whose_file_is_gone_fails_and_cannot_be_started(source):
    run = receive(source, GOOD)
    service.start(run.pk)
    default_storage.delete(stored(run)[0])
    failed = service.perform(run.pk)
    assert (failed.state, ImportRun.objects.get().message) == (
        RunState.QUEUED, "The file may1.csv is no longer here. Choose it again.",
    )  # fmt: skip
    assert ImportRun.objects.get().state == RunState.FAILED


def test_run_that_is_done_is_not_started_again(source):
    run = receive(source, GOOD)
    service.start(run.pk)
    service.perform(run.pk)
    with pytest.raises(Refused, match="no longer here"):
        service.start(run.pk)


def test_run_that_waits_already_is_left_alone(source):
    run = receive(source, GOOD)
    first = service.start(run.pk)
    assert service.start(run.pk).state == first.state == RunState.QUEUED


def test_stop_throws_away_what_has_not_begun_and_asks_what_runs(source):
    waiting = receive(source, GOOD)
    names = stored(waiting)
    assert service.stop(waiting.pk).state == RunState.CANCELLED
    assert not any(default_storage.exists(name) for name in names)
    running = service.open_run(source, [("may.csv", 1)])
    ImportRun.objects.filter(pk=running.pk).update(state=RunState.RUNNING)
    assert service.stop(running.pk).stop_asked
    assert ImportRun.objects.get(pk=running.pk).state == RunState.RUNNING


def test_stop_changes_nothing_about_what_is_over(source):
    run = receive(source, GOOD)
    service.start(run.pk)
    service.perform(run.pk)
    assert service.stop(run.pk).state == RunState.DONE


@pytest.mark.parametrize(("silence", "state"), [(DEAD_AFTER - 5, "running"), (DEAD_AFTER + 5, "failed")])
def test_run_is_dead_when_it_has_been_silent_for_long(source, silence, state):
    run = service.open_run(source, [("may.csv", 1)])
    beat = now() - timedelta(seconds=silence)
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, heartbeat_at=beat)
    assert service.settle_dead_runs() == (state == "failed")
    assert ImportRun.objects.get().state == state


def test_files_that_nobody_decided_about_are_forgotten_after_a_day(source):
    old, new = (service.receive(source, files(GOOD)) for _ in range(2))
    ImportRun.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=1, minutes=1))
    service.forget_old()
    assert list(ImportRun.objects.values_list("pk", flat=True)) == [new.pk]
    assert not default_storage.exists(stored(old)[0])
    assert default_storage.exists(stored(new)[0])


@pytest.mark.parametrize(("days", "there"), [(3, True), (1, False)])
def test_how_long_files_wait_is_a_setting(source, settings, days, there):
    settings.UPLOAD_DAYS = days
    old = service.receive(source, files(GOOD))
    ImportRun.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=2))
    service.forget_old()
    assert default_storage.exists(stored(old)[0]) is there


def test_what_is_found_out_is_kept_for_the_page(source):
    run = receive(source, GOOD)
    assert run.state == RunState.PREVIEW
    shown = kept_preview(run).shown
    new = shown.shares[0]
    assert (shown.lines, shown.rejected, new.key, new.count, new.amount) == (1, 0, "new", 1, 10)
    assert shown.rows[0].cells[0].text == "1"


def test_cells_with_any_character_are_kept(source):
    run = receive(source, csv_text("1\x00\U0001f600,2026-05-03,77,A,1,10"))
    assert kept_preview(run).shown.rows[0].cells[0].text == "1\ufffd\U0001f600"


def test_preview_by_rules_that_have_changed_is_not_shown(source):
    run = receive(source, GOOD)
    source.spec = {**source.spec, "create_partners": False}
    source.save()
    assert kept_preview(ImportRun.objects.select_related("source").get()) is None
    assert service.read_again(run.pk).state == RunState.READING
    service.look(run.pk)
    assert kept_preview(ImportRun.objects.select_related("source").get()).shown.untied == 1


def test_file_that_cannot_be_read_says_why_and_can_be_read_again(source):
    run = receive(source, "No;Date\n1;2\n")
    assert (run.state, run.preview) == (RunState.PREVIEW, {})
    assert "may1.csv" in run.message
    assert service.read_again(run.pk).message == ""


def test_what_was_thrown_away_while_it_was_read_stays_away(source):
    run = service.receive(source, files(GOOD))
    assert Job.objects.asking("orders.preview_run", {"run_id": str(run.pk)}).exists()
    service.stop(run.pk)
    assert not Job.objects.exists()
    service.look(run.pk)
    assert ImportRun.objects.get().state == RunState.CANCELLED


def test_a_file_is_imported_only_when_it_has_been_looked_at(source):
    run = service.receive(source, files(GOOD))
    with pytest.raises(Refused, match="still being read"):
        service.start(run.pk)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"UPLOAD_QUOTA_FILES": 2}, "3 files would wait; at most 2 may"),
        ({"UPLOAD_QUOTA": len(GOOD) * 5 // 2}, "0.0 MB would wait; at most 0.0 MB may"),
    ],
)
def test_uploads_of_a_tenant_have_a_quota(mercy, anchor, settings, limits, words):
    for name, value in limits.items():
        setattr(settings, name, value)
    with tenant_scope(anchor.tenant):
        service.receive(make_source(), files(GOOD))
    with tenant_scope(mercy.tenant):
        source = make_source()
        first = service.receive(source, files(GOOD))
        service.receive(source, files(GOOD))
        with pytest.raises(Refused, match=words) as caught:
            service.receive(source, files(GOOD))
        assert caught.value.code == "quota"
        service.stop(first.pk)
        service.receive(source, files(GOOD))


def test_uploads_end_by_themselves(mercy, anchor, clock_at):
    stray = "imports/{}/stray"
    kept = []
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            kept += stored(service.receive(make_source(), files(GOOD)))
            kept.append(default_storage.save(stray.format(house.tenant.pk), ContentFile(b"x")))
    for name in kept:  # the file system's clock is not the one that tests set
        os.utime(default_storage.path(name), (now().timestamp(), now().timestamp()))
    tasks.forget_uploads()
    assert all(default_storage.exists(name) for name in kept)
    clock_at(now() + timedelta(days=1, minutes=1))
    tasks.forget_uploads()
    assert not any(default_storage.exists(name) for name in kept)
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [("a.csv", 2_000_000, Size.SMALL), ("a.csv", 3_000_000, Size.LARGE), ("a.XLSX", 500_000, Size.LARGE)],
)
def test_large_files_are_large_work(name, size, expected):
    assert uploads.work_size([uploads.Kept(name, "")], size) == expected


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.READING, RunState.QUEUED])
def test_run_that_a_worker_will_take_up_again_is_not_called_dead(source, state):
    run = service.receive(source, files(GOOD))
    past = now() - timedelta(seconds=DEAD_AFTER + 5)
    if state != RunState.READING:
        service.look(run.pk)
        service.start(run.pk)
    beat = None if state == RunState.QUEUED else past
    ImportRun.objects.filter(pk=run.pk).update(state=state, heartbeat_at=beat, created_at=past)
    assert service.settle_dead_runs() == 0
    Job.objects.all().delete()
    assert service.settle_dead_runs() == 1
    settled = ImportRun.objects.get()
    assert settled.state == (RunState.PREVIEW if state == RunState.READING else RunState.FAILED)
    assert "again" in settled.message


def test_run_notes_who_brought_it_and_by_which_way(source):
    from prm.tenancy.context import Actor, acting_as

    with acting_as(
        Actor(kind="user", door="page", label="alice@mercy.example", rights=frozenset({Right.IMPORT_RUN}))
    ):
        run = receive(source, GOOD)
    assert (run.door, run.by) == ("page", "alice@mercy.example")
