"""The newcomer's broker hands every message to exactly one consumer, whole."""

import threading
import time

import kombu
import pytest

from prm.local.broker import Channel, register


@pytest.fixture
def connect(tmp_path):
    register()
    for folder in ("queue", "control"):
        (tmp_path / folder).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "control_folder": str(tmp_path / "control"),
        "polling_interval": 0.01,
    }
    return lambda: kombu.Connection("prmfiles://", transport_options=options)


def test_messages_of_many_writers_reach_many_readers_once_each(connect):
    writers, each = 4, 50
    seen, guard, broken = [], threading.Lock(), []
    ends = time.monotonic() + 30

    def write(number):
        with connect() as connection, connection.SimpleQueue("work") as queue:
            for place in range(each):
                queue.put({"writer": number, "place": place, "weight": "x" * 20_000})

    def read():
        with connect() as connection, connection.SimpleQueue("work") as queue:
            while len(seen) < writers * each and time.monotonic() < ends:
                try:
                    message = queue.get(timeout=0.5)
                except queue.Empty:
                    continue
                except Exception as error:
                    broken.append(error)
                    return
                with guard:
                    seen.append((message.payload["writer"], message.payload["place"]))
                message.ack()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    threads += [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert broken == []
    assert sorted(seen) == [(w, p) for w in range(writers) for p in range(each)]


def test_nobody_sends_before_the_queue_is_bound(connect, monkeypatch):
    """A thread that finds the queue being bound waits until it is, or its message would go nowhere."""
    bind, begun, second_asked = Channel._queue_bind, threading.Event(), threading.Event()

    def slowly(self, *args):
        begun.set()
        second_asked.wait(5)
        bind(self, *args)

    monkeypatch.setattr(Channel, "_queue_bind", slowly)

    def write(number):
        with connect() as connection, connection.SimpleQueue("slow") as queue:
            queue.put(number)

    first = threading.Thread(target=write, args=(1,))
    first.start()
    assert begun.wait(5)
    second = threading.Thread(target=write, args=(2,))
    second.start()
    second.join(0.3)
    second_asked.set()
    for thread in (first, second):
        thread.join(5)
    with connect() as connection, connection.SimpleQueue("slow") as queue:
        assert sorted(queue.get(timeout=2).payload for _ in range(2)) == [1, 2]
