import requests


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
