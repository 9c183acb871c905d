import threading
import time

import pytest
import requests

from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer

from .conftest import Api


def test_server_in_process_refuses_other_addresses(org):
    with pytest.raises(ValueError, match="loopback"):
        SandboxServer(org, host="0.0.0.0")


def test_stopping_ends_connections_and_frees_the_port(org):
    with SandboxServer(org) as server:
        api = Api(server)
        port = int(server.root.rsplit(":", 1)[1])
        assert api.get("/limits").status_code == 200
    with pytest.raises(requests.ConnectionError):
        api.get("/limits")
    with SandboxServer(SandboxOrg(), port=port) as again:
        assert Api(again).get("/limits").status_code == 200


def test_stopping_does_not_wait_for_a_delayed_answer(org):
    with SandboxServer(org) as server:
        api = Api(server)
        server.faults.add(kind="delay", seconds=300, path="/limits")
        ended = []

        def ask():
            try:
                requests.get(api.url + "/services/data/v66.0/limits", timeout=60)
            except requests.ConnectionError:
                ended.append(time.monotonic())

        asking = threading.Thread(target=ask)
        asking.start()
        while not server.faults.show()[0]["struck"]:
            time.sleep(0.01)
    asking.join(60)
    assert ended


def test_parallel_writers_of_one_key_make_one_record(keyed):
    created = []

    def write():
        mine = Api(keyed.server)
        answer = mine.upsert("Account", "PRM_Id__c", [{"PRM_Id__c": "same", "Name": "x"}])
        created.append(answer.json()[0]["created"])

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(created) == [False] * 7 + [True]
    assert keyed.query("SELECT COUNT() FROM Account")["totalSize"] == 1


def test_an_org_is_added_while_it_runs():
    made = SandboxServer(SandboxOrg(name="first"), make=lambda name: SandboxOrg(name=name))
    with made as server:

        def ask(name, **options):
            return requests.post(
                f"{server.root}/__sandbox__/orgs", json={"name": name}, timeout=10, **options
            )

        added = ask("second").json()
        assert added["url"] == f"{server.root}/second"
        assert requests.get(added["url"] + "/", timeout=10).status_code == 200
        assert ask("second").json() == added
        assert ask("third", headers={"Origin": "http://elsewhere.example"}).status_code == 404
        assert len(server.orgs) == 2
    with SandboxServer(SandboxOrg()) as server:
        assert ask("second").status_code == 400
