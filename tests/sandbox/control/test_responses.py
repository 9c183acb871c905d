import requests

from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer


def test_faults_log_and_clock_over_http(api):
    base = api.url + "/__sandbox__"
    rules = [{"kind": "html", "path": "/limits"}, {"kind": "delay", "seconds": 0, "path": "/limits"}]
    shown = requests.post(f"{base}/faults", json=rules, timeout=10).json()["faults"]
    assert [each["kind"] for each in shown] == ["html", "delay"]
    assert api.get("/limits").status_code == 503
    log = requests.get(f"{base}/log", timeout=10).json()
    assert log["requests"][-1]["faults"] == ["html", "delay"]
    assert requests.delete(f"{base}/faults", timeout=10).json() == {"faults": []}
    assert requests.post(f"{base}/faults", json={"kind": "x"}, timeout=10).status_code == 400
    requests.post(f"{base}/clock", json={"freeze": "2026-01-31T12:00:00Z"}, timeout=10)
    assert requests.post(f"{base}/clock", json={"advance": 60}, timeout=10).json() == {
        "now": "2026-01-31T12:01:00Z"
    }
    requests.post(f"{base}/clock", json={"date_skew": 600}, timeout=10)
    assert api.get("/limits").headers["Date"] == "Sat, 31 Jan 2026 12:11:00 GMT"
    requests.post(f"{base}/clock", json={"reset": True}, timeout=10)
    made = requests.post(
        f"{base}/change", json={"op": "create", "object": "Account", "fields": {"Name": "A"}}, timeout=10
    ).json()["results"][0]["id"]
    api.sign_in()
    assert api.rows("SELECT Id FROM Account") == [{"Id": made}]
    assert requests.post(f"{base}/change", json={"op": "riddle"}, timeout=10).status_code == 400
    settings = requests.post(f"{base}/settings", json={"daily_limit": 7}, timeout=10).json()
    assert settings["daily_limit"] == 7
    requests.post(f"{base}/sessions", json={"end": "all"}, timeout=10)
    assert api.error(api.get("/limits")) == (401, "INVALID_SESSION_ID")
    assert requests.get(f"{base}/nothing", timeout=10).status_code == 404


def test_what_makes_no_sense_is_refused(api):
    base = api.url + "/__sandbox__"
    for path, body in (
        ("change", [1]),
        ("clock", {"advance": "soon"}),
        ("settings", {"daily_limit": "many"}),
    ):
        assert requests.post(f"{base}/{path}", json=body, timeout=10).status_code == 400
    assert requests.delete(f"{base}/faults?number=x", timeout=10).status_code == 400
    assert requests.post(f"{base}/faults", data=b"{", timeout=10).status_code == 400


def test_one_fault_is_taken_away_by_number(api):
    base = api.url + "/__sandbox__/faults"
    first, second = requests.post(base, json=[{"kind": "html"}, {"kind": "delay"}], timeout=10).json()[
        "faults"
    ]
    left = requests.delete(base, params={"number": first["number"]}, timeout=10).json()["faults"]
    assert left == [second]


def test_all_orgs_are_asked_unless_one_is_named():
    with SandboxServer(SandboxOrg(name="mercy"), SandboxOrg(name="anchor")) as server:
        base = server.root + "/__sandbox__"
        asked = requests.post(f"{base}/settings", json={"daily_limit": 9}, timeout=10).json()
        assert {name: each["daily_limit"] for name, each in asked.items()} == {"mercy": 9, "anchor": 9}
        requests.post(f"{base}/settings?org=anchor", json={"daily_limit": 5}, timeout=10)
        assert [org.usage.limit for org in server.orgs] == [9, 5]
        assert requests.get(f"{base}/log?org=nobody", timeout=10).status_code == 404


def test_sessions_and_cursors_end(api):
    base = api.url + "/__sandbox__"
    assert requests.get(f"{base}/sessions", timeout=10).json() == {"ended": False}
    assert api.get("/limits").status_code == 200
    assert requests.post(f"{base}/sessions", json={"end": "all"}, timeout=10).json() == {"ended": True}
    assert api.get("/limits").status_code == 401
    assert requests.post(f"{base}/cursors", json={"expire": "all"}, timeout=10).json() == {"expired": True}
