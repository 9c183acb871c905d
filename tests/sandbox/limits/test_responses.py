import requests

from tests.sandbox.conftest import Api


def test_versions_need_no_token_and_have_an_end(server):
    answer = requests.get(f"{server.url}/services/data/", timeout=10)
    assert answer.json()[-1]["version"] == "68.0"
    api = Api(server)
    assert api.get("/services/data/v25.0/limits").status_code == 410
    assert api.get("/services/data/v99.0/limits").status_code == 404


def test_limit_info_is_on_every_answer(api):
    api.org.usage.limit = 500
    first = api.get("/limits")
    assert first.headers["Sforce-Limit-Info"] == f"api-usage={api.org.usage.used}/500"
    api.org.usage.per_app = True
    failed = api.get("/query", params={"q": "x"})
    assert failed.status_code == 400
    used = api.org.usage.used
    assert (
        failed.headers["Sforce-Limit-Info"]
        == f"api-usage={used}/500; per-app-api-usage={used}/500(appName=PRM)"
    )


def test_used_up_allocation_refuses_until_the_window_moves(api):
    api.org.usage.limit = api.org.usage.used + 1
    assert api.get("/limits").status_code == 200
    answer = api.get("/limits")
    assert api.error(answer) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert answer.json()[0]["message"] == "TotalRequests Limit exceeded."
    api.org.clock.advance(24 * 3600 + 60)
    api.sign_in()
    assert api.get("/limits").status_code == 200
