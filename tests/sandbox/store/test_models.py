import pytest

from prm.sandbox.schema.fields import text
from prm.sandbox.schema.models import entity
from prm.sandbox.store.models import Store

THING = entity("Thing", "0th", text("Name"), audited=False)


@pytest.fixture
def store():
    made = Store(":memory:", "aB")
    made.ensure_table(THING)
    return made


def put(store, name):
    row = {"Id": store.new_id("0th"), "Name": name, "IsDeleted": 0, "SystemModstamp": "2026-01-01T00:00:00Z"}
    store.insert(THING, row)
    return row["Id"]


def names(store):
    return [row["Name"] for row in store.rows('SELECT "Name" FROM "Thing" ORDER BY "Id"')]


def test_an_inner_transaction_goes_back_alone(store):
    with store.transaction():
        put(store, "kept")
        with pytest.raises(LookupError), store.transaction():
            put(store, "lost")
            raise LookupError
    assert names(store) == ["kept"]


def test_an_outer_transaction_takes_the_inner_one_back(store):
    with pytest.raises(LookupError), store.transaction():
        with store.transaction():
            put(store, "lost")
        raise LookupError
    assert names(store) == []


def test_ids_are_never_given_twice_but_go_back_with_their_transaction(store):
    first = store.new_id("001")
    with pytest.raises(LookupError), store.transaction():
        second = store.new_id("001")
        raise LookupError
    assert store.new_id("001") == second != first
    assert store.new_id("002")[3:15] == first[3:15]


def test_a_field_that_comes_later_gets_a_column_with_its_default(store):
    made = put(store, "old")
    larger = entity("Thing", "0th", text("Name"), text("More__c"), audited=False)
    store.ensure_table(larger)
    store.update(larger, made, {"More__c": "x"})
    assert store.get(larger, made)["More__c"] == "x"


def test_a_file_keeps_the_mark_of_its_ids(tmp_path):
    Store(tmp_path / "org", "aB").close()
    again = Store(tmp_path / "org", "zZ")
    assert again.pod == "aB"
    again.close()
