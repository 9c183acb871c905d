"""A notice of a trigger sends its task when the transaction commits."""

import pytest
from django.db import connection, transaction

from prm.celery import app
from prm.tenancy.backend.wake import wake_sql
from prm.tenancy.context import current_tenant, tenant_scope
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work import broker

SEEN = []


@tenant_task(name="tests.woken")
def woken() -> None:
    SEEN.append(current_tenant().slug)


@pytest.fixture(autouse=True)
def _nothing_seen():
    SEEN.clear()


def say(times=1):
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN {wake_sql('tests.woken') * times} END $$")


def test_a_notice_sends_its_task_once_per_transaction(mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(mercy.tenant):
        say(times=3)
        say()
        assert SEEN == []
    assert SEEN == ["mercy"]


def test_each_tenant_is_woken_for_itself(mercy, anchor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for house in (mercy, anchor, mercy):
            with tenant_scope(house.tenant):
                say()
    assert SEEN == ["mercy", "anchor"]


def test_what_is_rolled_back_wakes_nobody(mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(mercy.tenant):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            say()
            raise ZeroDivisionError
    assert SEEN == []


def test_a_notice_after_a_rolled_back_one_wakes(mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(mercy.tenant):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            say()
            raise ZeroDivisionError
        with transaction.atomic():
            say()
        say()
    assert SEEN == ["mercy"]


def test_other_notices_and_notices_outside_a_scope_wake_nobody(mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        say()
        with tenant_scope(mercy.tenant), connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE NOTICE 'tests.woken'; END $$")
    assert callbacks == []


def test_a_committed_transaction_wakes(transactional_db, mercy):
    with tenant_scope(mercy.tenant):
        say()
    assert SEEN == ["mercy"]


def test_a_broker_that_is_down_fails_nobody(mercy, monkeypatch, django_capture_on_commit_callbacks):
    def down(**options):
        raise ConnectionError

    monkeypatch.setattr(app.tasks[broker.TASK], "apply_async", down)
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(mercy.tenant):
        say()
    assert SEEN == []
