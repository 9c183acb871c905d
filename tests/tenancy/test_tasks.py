"""Tasks open their tenant's scope and are sent when the sender commits."""

import pytest
from django.db import transaction

from prm.tenancy.context import current_actor, current_tenant, tenant_scope
from prm.tenancy.tasks import tenant_task

SEEN = []


@tenant_task(name="tests.note")
def note(word: str) -> None:
    SEEN.append((current_tenant().slug, word, current_actor().door))


@pytest.fixture(autouse=True)
def _nothing_seen():
    SEEN.clear()


def test_task_runs_in_the_senders_tenant_after_commit(mercy, anchor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(mercy.tenant):
        note.send(word="hello")
        assert SEEN == []
    assert SEEN == [("mercy", "hello", "task")]


def test_task_of_a_rolled_back_sender_is_not_sent(mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        with pytest.raises(ZeroDivisionError), transaction.atomic(), tenant_scope(mercy.tenant):
            note.send(word="hello")
            raise ZeroDivisionError
    assert callbacks == []
    assert SEEN == []


def test_task_of_a_tenant_that_ended_does_nothing(mercy, django_capture_on_commit_callbacks, caplog):
    with django_capture_on_commit_callbacks(execute=True):
        with tenant_scope(mercy.tenant):
            note.send(word="hello")
        mercy.tenant.is_active = False
        mercy.tenant.save()
    assert SEEN == []
    assert "is gone" in caplog.text
