"""What an administrator sets about the app, by control and on the page; it outlives the process."""

import requests

from prm.sandbox.org import SandboxOrg


def test_the_app_is_set_by_control_and_kept(tmp_path):
    org = SandboxOrg(tmp_path / "org")
    org.app.set({"callbacks": [" http://a/ ", ""], "certificate": " pem ", "rotates": False})
    org.app.keep(org.store)
    again = SandboxOrg(tmp_path / "org")
    assert (again.app.callbacks, again.app.certificate, again.app.rotates) == (["http://a/"], "pem", False)


def test_control_answers_what_holds(server):
    def post(name, **body):
        return requests.post(f"{server.url}/__sandbox__/{name}", json=body, timeout=10)

    before = server.org.organization_id
    assert post("app", callbacks=["http://a/"]).json()["callbacks"] == ["http://a/"]
    assert post("app", refusal="blocked").json()["refusal"] == "blocked"
    assert post("app", refusal="nonsense").status_code == 400
    assert post("grants", end="all").json()["grants"] == 0
    assert post("refresh").json()["organization_id"] == server.org.organization_id != before


def test_the_page_has_a_switch_for_each(server):
    def turn(**form):
        return requests.post(f"{server.url}/__sandbox__/", data=form, timeout=10).text

    text = turn(do="app", callbacks="http://a/\nhttp://b/", certificate="pem")
    assert "http://a/\nhttp://b/" in text and server.org.app.rotates is False
    assert "Every sign-in is refused: OAUTH_APP_BLOCKED" in turn(do="refuse", refusal="blocked")
    assert "Nothing is difficult" in turn(do="end", what="door:")
    turn(do="refuse", refusal="hours")
    assert "Nothing is difficult" in turn(do="restore")
    before = server.org.organization_id
    assert "Done" in turn(do="revoke") and "Done" in turn(do="refresh")
    assert server.org.organization_id != before
    assert "oauth2/token" in turn(do="token", number="1")
