"""Who was not met for so many days, in the list of partners."""

import pytest

from tests.activities.factories import visit
from tests.partners.factories import make_partner


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("not_seen=30", "Ben Never"),
        ("not_seen=100", "Never"),
        ("not_seen=1", "Ann Ben Never"),
        ("not_seen=0", ""),
    ],
)
def test_list_and_api_find_who_was_not_seen(in_mercy, client_for, query, found):
    for name, days in (("Ann", 10), ("Ben", 60)):
        visit(make_partner(name), in_mercy.rep, days_ago=days)
    make_partner("Never")
    client = client_for(in_mercy.manager)
    rows = client.get(f"/t/mercy/partners/?{query}").context["table"].page.object_list
    assert " ".join(sorted(row.record.name for row in rows)) == found
    answer = client.get(f"/api/v1/mercy/partners/?{query}")
    assert answer.status_code == (200 if found else 400)
    if found:
        assert " ".join(sorted(one["name"] for one in answer.json()["results"])) == found
