BASE = "/services/data/v66.0"


def part(reference, method, url, body=None, **headers):
    made = {"referenceId": reference, "method": method, "url": BASE + url, "httpHeaders": headers}
    return made if body is None else {**made, "body": body}


def test_later_parts_use_the_results_of_earlier_ones(api):
    parts = [
        part("acc", "POST", "/sobjects/Account", {"Name": "A"}),
        part("con", "POST", "/sobjects/Contact", {"LastName": "C", "AccountId": "@{acc.id}"}),
        part("got", "GET", "/sobjects/Contact/@{con.id}?fields=AccountId,Name"),
    ]
    used = api.org.usage.used
    answer = api.post("/composite", {"compositeRequest": parts})
    body = answer.json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in body] == [201, 201, 200]
    assert body[2]["body"]["AccountId"] == body[0]["body"]["id"]
    assert api.org.usage.used == used + 1


def test_a_failed_part_fails_its_dependants_only(api):
    parts = [
        part("bad", "POST", "/sobjects/Account", {}),
        part("child", "POST", "/sobjects/Contact", {"LastName": "C", "AccountId": "@{bad.id}"}),
        part("free", "POST", "/sobjects/Account", {"Name": "A"}),
    ]
    body = api.post("/composite", {"compositeRequest": parts}).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in body] == [400, 400, 201]
    assert body[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_all_or_none_takes_everything_back(api):
    parts = [
        part("good", "POST", "/sobjects/Account", {"Name": "A"}),
        part("bad", "POST", "/sobjects/Account", {}),
    ]
    answer = api.post("/composite", {"allOrNone": True, "compositeRequest": parts})
    body = answer.json()["compositeResponse"]
    assert answer.status_code == 200
    assert [each["body"][0]["errorCode"] for each in body] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert api.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_conditional_headers_hold_per_part(api):
    made = api.create("Account", Name="A")
    seen = api.get(f"/sobjects/Account/{made}").headers["Last-Modified"]
    api.org.clock.advance(5)
    api.patch(f"/sobjects/Account/{made}", {"Name": "B"})
    guarded = part("g", "PATCH", f"/sobjects/Account/{made}", {"Name": "C"}, **{"If-Unmodified-Since": seen})
    body = api.post("/composite", {"compositeRequest": [guarded]}).json()["compositeResponse"]
    assert body[0]["httpStatusCode"] == 412


def test_too_many_parts_and_repeated_names_are_refused(api):
    one = part("a", "GET", "/limits")
    assert api.post("/composite", {"compositeRequest": [one] * 26}).status_code == 400
    assert api.post("/composite", {"compositeRequest": [one, one]}).status_code == 400
    queries = [part(f"q{n}", "GET", "/query?q=SELECT+Id+FROM+Account") for n in range(6)]
    assert api.post("/composite", {"compositeRequest": queries}).status_code == 400
