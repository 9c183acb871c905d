import pytest

from prm.sandbox.kit.errors import SandboxError


@pytest.fixture
def writer(org):
    return org.writers.open(org.administrator)


def test_all_stamps_of_one_call_are_of_its_beginning(org):
    org.clock.freeze()
    writer = org.writers.open(org.integration)
    org.clock.advance(60)
    rows = [
        org.store.get(org.schema.entities["account"], writer.insert("Account", {"Name": "A"})) for _ in "ab"
    ]
    assert {row["SystemModstamp"] for row in rows} == {writer.signature.stamp}
    assert writer.signature.stamp < org.clock.stamp()


def test_what_was_written_is_noted(org):
    keys = []
    writer = org.writers.open(org.integration, keys)
    made = writer.insert("Account", {"Name": "A"})
    writer.update("Account", made, {"Name": "B"})
    writer.delete(made)
    assert keys == [f"Account {made}"] * 3


def test_a_refused_record_leaves_nothing_behind(org, writer):
    with pytest.raises(SandboxError):
        writer.insert("Account", {"Name": "A", "ParentId": "001000000000001AAA"})
    assert org.store.value('SELECT count(*) FROM "Account"') == 0


def test_a_parent_deleted_within_the_call_is_no_parent(writer):
    parent = writer.insert("Account", {"Name": "Parent"})
    writer.insert("Account", {"Name": "Child", "ParentId": parent})
    writer.delete(parent)
    with pytest.raises(SandboxError, match="ENTITY_IS_DELETED"):
        writer.insert("Account", {"Name": "Late", "ParentId": parent})


def test_every_kind_of_parent_is_checked(writer):
    contact = writer.insert("Contact", {"LastName": "C"})
    with pytest.raises(SandboxError, match="id value of incorrect type"):
        writer.insert("Account", {"Name": "A", "ParentId": contact})


def test_upsert_by_id_changes_and_never_creates(org, writer):
    made = writer.insert("Account", {"Name": "A"})
    assert writer.upsert("Account", "Id", made, {"Name": "B"}) == (made, False)
    with pytest.raises(SandboxError, match="INVALID_CROSS_REFERENCE_KEY"):
        writer.upsert("Account", "Id", made[:14] + "9", {"Name": "C"})
    fresh, created = writer.upsert("Account", "Id", None, {"Name": "D"})
    assert created
    assert fresh != made
