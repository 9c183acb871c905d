"""Large work stands still while small work of its queue is done by the same process, and never for long."""

import time
from threading import Event, Thread

import pytest

from prm.tenancy.work import courtesy
from prm.tenancy.work.states import Queue, Size


def stood_still(queue, size):
    """Ask once in a piece of work of this kind; return for how many seconds it stood still."""
    with courtesy.under_way(queue, size):
        started = time.monotonic()
        courtesy.step_aside()
        return time.monotonic() - started


@pytest.fixture
def small():
    """An edit that is sent until `small.set()`."""
    begun, over = Event(), Event()

    def work():
        with courtesy.under_way(Queue.SYNC, Size.SMALL):
            begun.set()
            over.wait(20)

    thread = Thread(target=work)
    thread.start()
    assert begun.wait(20)
    yield over
    over.set()
    thread.join()


def test_large_work_waits_for_small_work_of_its_queue_a_while(small, monkeypatch):
    monkeypatch.setattr(courtesy, "LONGEST", 0.2)
    assert stood_still(Queue.SYNC, Size.LARGE) >= 0.2
    assert stood_still(Queue.IMPORTS, Size.LARGE) < 0.2
    assert stood_still(Queue.SYNC, Size.SMALL) < 0.2
    small.set()
    monkeypatch.setattr(courtesy, "LONGEST", 30)
    assert stood_still(Queue.SYNC, Size.LARGE) < 10


def test_outside_of_any_work_nobody_stands_still(small):
    started = time.monotonic()
    courtesy.step_aside()
    assert time.monotonic() - started < courtesy.LONGEST
    assert courtesy.size_of_own() is None


def test_work_that_fails_holds_nobody_up():
    with pytest.raises(ZeroDivisionError), courtesy.under_way(Queue.SYNC, Size.SMALL):
        raise ZeroDivisionError
    assert courtesy._small[Queue.SYNC] == 0


def test_work_within_work_leaves_the_outer_one_what_it_was():
    """Where tasks run at once, a task does within itself what it sends."""
    with courtesy.under_way(Queue.SYNC, Size.LARGE):
        with courtesy.under_way(Queue.INTERACTIVE, Size.SMALL):
            assert courtesy.size_of_own() is Size.SMALL
        assert courtesy.size_of_own() is Size.LARGE
    assert courtesy.size_of_own() is None
