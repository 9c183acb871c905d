"""A filter that is not understood is refused: leaving it out would answer another question than the one asked."""

import json

import pytest


@pytest.fixture
def administrator(demo, client_for):
    from prm.accounts.models import Membership
    from prm.tenancy.context import tenant_scope

    with tenant_scope(demo):
        return client_for(Membership.objects.with_people().get(user__email="admin@mercy.example"))


def is_of_a_type(schema):
    return bool(
        schema.get("type") in {"boolean", "integer", "number"}
        or schema.get("format") in {"date", "date-time", "uuid"}
        or schema.get("enum")
    )


def queries(client):
    """Every address that takes a query, and the parameters that describe it."""
    described = json.loads(
        client.get("/api/v1/mercy/schema/", headers={"Accept": "application/json"}).content
    )
    for path, item in described["paths"].items():
        parameters = [one for one in item.get("get", {}).get("parameters", ()) if one["in"] == "query"]
        if path.count("{") == 1:
            yield path.replace("{tenant}", "mercy"), parameters
        elif "{" not in path:
            yield path, parameters


def filters(client):
    """Every list's address, and the names of its filters that are no plain texts."""
    for address, parameters in queries(client):
        yield address, [one["name"] for one in parameters if is_of_a_type(one["schema"])]


def test_what_is_said_twice_is_refused_and_not_the_last_taken(administrator):
    wrong, tried = [], 0
    for address, parameters in queries(administrator):
        for one in parameters:
            if one["name"] in {"format", "lang"} or "{" in address:  # of the description itself; of a row
                continue
            tried += 1
            answer = administrator.get(address, {one["name"]: ["x", ""]})
            several = one["schema"].get("type") == "array"
            if (answer.status_code, several) != (400, False):
                wrong.append((address, one["name"], answer.status_code))
    assert wrong == []
    assert tried > 120


def test_every_filter_of_a_type_refuses_what_is_none_of_it(administrator):
    taken, tried = [], 0
    for address, names in filters(administrator):
        for name in names:
            tried += 1
            # 404: no such page.
            if administrator.get(address, {name: "365233x"}).status_code not in {400, 404}:
                taken.append((address, name))
    assert taken == []
    assert tried > 60


@pytest.mark.parametrize(
    ("said", "status"), [("true", 200), ("False", 200), ("", 200), ("yes", 400), ("1", 400)]
)
def test_yes_or_no_is_said_in_so_many_words(administrator, said, status):
    assert administrator.get("/api/v1/mercy/own-fields/", {"is_archived": said}).status_code == status
