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


def filters(client):
    """Every list's address, and the names of its filters that are no plain texts."""
    described = json.loads(
        client.get("/api/v1/mercy/schema/", headers={"Accept": "application/json"}).content
    )
    for path, item in described["paths"].items():
        parameters = item.get("get", {}).get("parameters", ())
        names = [one["name"] for one in parameters if one["in"] == "query" and is_of_a_type(one["schema"])]
        if path.count("{") == 1:
            yield path.replace("{tenant}", "mercy"), names
        elif "{" not in path:
            yield path, names


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
