"""The newcomer's broker hands every message to exactly one consumer, whole."""

import threading

import kombu
import pytest

from prm.local.broker import register


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

    def write(number):
        with connect() as connection, connection.SimpleQueue("work") as queue:
            for place in range(each):
                queue.put({"writer": number, "place": place, "weight": "x" * 20_000})

    def read():
        with connect() as connection, connection.SimpleQueue("work") as queue:
            while True:
                try:
                    message = queue.get(timeout=2)
                except queue.Empty:
                    return
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
        thread.join(30)
    assert broken == []
    assert sorted(seen) == [(w, p) for w in range(writers) for p in range(each)]
