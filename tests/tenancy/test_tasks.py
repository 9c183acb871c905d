"""Tasks open their tenant's scope, are sent by name, and leave when the sender commits."""

import ast
from pathlib import Path

import pytest
from django.db import connection, transaction

from prm.celery import app, packages_with_tasks
from prm.tenancy.context import current_actor, current_tenant, tenant_scope
from prm.tenancy.tasks import all_tasks, find_task, send_task, tenant_task

ROOT = Path(__file__).resolve().parents[2]
SEEN = []


@tenant_task(name="tests.note")
def note(word: str) -> None:
    SEEN.append((current_tenant().slug, word, current_actor().door))


@pytest.fixture(autouse=True)
def _nothing_seen():
    SEEN.clear()


def test_task_runs_in_the_senders_tenant_after_commit(mercy, anchor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(mercy.tenant):
        send_task("tests.note", word="hello")
        assert SEEN == []
    assert SEEN == [("mercy", "hello", "task")]


def test_task_of_a_rolled_back_sender_is_not_sent(mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        with pytest.raises(ZeroDivisionError), transaction.atomic(), tenant_scope(mercy.tenant):
            send_task("tests.note", word="hello")
            raise ZeroDivisionError
    assert callbacks == []
    assert SEEN == []


def test_task_of_a_tenant_that_ended_does_nothing(mercy, django_capture_on_commit_callbacks, caplog):
    with django_capture_on_commit_callbacks(execute=True):
        with tenant_scope(mercy.tenant):
            send_task("tests.note", word="hello")
        mercy.tenant.is_active = False
        mercy.tenant.save()
    assert SEEN == []
    assert "is gone" in caplog.text


BY_THEMSELVES = [
    task.name
    for name in all_tasks()
    if (task := find_task(name)).scope == "bound" and not task.signature.parameters
]


@pytest.mark.parametrize("name", BY_THEMSELVES)
def test_what_opens_its_own_transactions_does_so_throughout(demo, django_capture_on_commit_callbacks, name):
    """The scope is the worker's, in which a test's transaction is none: a statement outside of one is refused."""
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(demo):
        send_task(name)


def test_there_is_work_of_many_rooms_that_opens_its_own_transactions():
    assert len({name.partition(".")[0] for name in BY_THEMSELVES}) >= 6


def test_task_that_nobody_registered_is_refused_where_it_is_sent(in_mercy):
    with pytest.raises(
        LookupError, match=r"No task of a tenant is called 'tests.nothing'. There are: .*tests.note"
    ):
        send_task("tests.nothing")


def test_arguments_that_a_task_does_not_take_are_refused_where_it_is_sent(in_mercy):
    with pytest.raises(TypeError, match="wort"):
        send_task("tests.note", word="hello", wort="hello")
    with pytest.raises(TypeError, match="word"):
        send_task("tests.note")


def test_task_that_fails_leaves_the_sender_as_it_was(in_mercy, django_capture_on_commit_callbacks):
    @tenant_task(name="tests.fails")
    def fails() -> None:
        raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True):
        send_task("tests.fails")
    assert current_tenant() == in_mercy.tenant


def test_atomic_task_is_one_transaction_and_bound_task_opens_its_own(
    mercy, django_capture_on_commit_callbacks
):
    depths = []

    def depth() -> None:
        depths.append(len(connection.savepoint_ids))

    for scope in ("bound", "atomic"):
        tenant_task(name=f"tests.{scope}", scope=scope)(depth)
    with django_capture_on_commit_callbacks(execute=True):
        for scope in ("bound", "atomic"):
            with tenant_scope(mercy.tenant):
                send_task(f"tests.{scope}")
    assert depths[1] == depths[0] + 1


def calls_of(function):
    """Every call of a function in the product, as a syntax tree."""
    for top in ("prm", "partners", "orders", "activities"):
        for file in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function:
                    yield file, node


def test_every_name_that_is_sent_is_a_task_with_these_arguments():
    sent = list(calls_of("send_task"))
    assert len(sent) >= 5
    for file, call in sent:
        if file.name == "wake.py":
            continue  # the trigger says it
        name, *rest = call.args
        assert isinstance(name, ast.Constant), f"{file}: say the task's name in the call"
        assert not rest
        find_task(name.value).signature.bind(
            **{keyword.arg: None for keyword in call.keywords if keyword.arg != "size"}
        )


def test_every_task_of_the_schedule_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_tasks_are_found_in_every_room():
    packages = packages_with_tasks()
    assert {"orders.runs", "partners.standing", "prm.salesforce.runs", "prm.tenancy"} <= set(packages)
    assert all((ROOT / package.replace(".", "/") / "tasks.py").is_file() for package in packages)
