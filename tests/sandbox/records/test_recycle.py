"""What is deleted together comes back together, and nothing else changes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from prm.sandbox.org import SandboxOrg

MOVED = {"SystemModstamp", "LastModifiedDate", "LastModifiedById"}
FAMILIES = st.lists(st.integers(0, 5), min_size=1, max_size=6)


def rows(org, name):
    entity = org.schema.entities[name]
    return {
        row["Id"]: {key: value for key, value in row.items() if key not in MOVED}
        for row in org.store.rows(f"SELECT * FROM {entity.table}")
    }


def family(org, sizes):
    """Accounts with so many contacts each; the ids of the accounts."""
    writer = org.writers.open(org.administrator)
    accounts = []
    for number, contacts in enumerate(sizes):
        parent = {"ParentId": accounts[-1]} if accounts else {}
        accounts.append(writer.insert("Account", {"Name": f"A{number}", **parent}))
        for _ in range(contacts):
            writer.insert("Contact", {"LastName": "C", "AccountId": accounts[-1]})
    return accounts


@settings(deadline=None, max_examples=30)
@given(FAMILIES, st.data())
def test_undelete_takes_back_what_delete_did_to_the_record_and_its_own(sizes, data):
    org = SandboxOrg()
    accounts = family(org, sizes)
    chosen = data.draw(st.sampled_from(accounts))
    before = rows(org, "account"), rows(org, "contact")
    org.administration.change({"op": "delete", "id": chosen})
    gone = [row for row in rows(org, "contact").values() if row["IsDeleted"]]
    assert len(gone) == sizes[accounts.index(chosen)]
    org.administration.change({"op": "undelete", "id": chosen})
    after = rows(org, "account"), rows(org, "contact")
    cleared = {child for child, row in before[0].items() if row["ParentId"] == chosen}
    for child in cleared:
        assert after[0][child]["ParentId"] is None
        before[0][child]["ParentId"] = None
    assert after == before


@settings(deadline=None, max_examples=20)
@given(FAMILIES)
def test_a_purge_leaves_others_alone(sizes):
    org = SandboxOrg()
    accounts = family(org, [2, *sizes])
    org.administration.change({"op": "purge", "id": accounts[0]})
    assert set(rows(org, "account")) == set(accounts[1:])
    assert len(rows(org, "contact")) == sum(sizes)
