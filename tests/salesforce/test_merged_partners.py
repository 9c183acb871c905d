"""What a merge here does in the organisation: children move, and the other account is left, named and not made again."""

from partners.directory.service import create_partner, update_partner
from partners.merges.service import merge_partners, undo_merge
from tests.orders.factories import import_rows, make_source


def accounts(link):
    return {row["Id"]: row["Name"] for row in link.there.query("SELECT Id, Name FROM Account")}


def owners(link):
    return {
        row["Name"]: row["AccountId"] for row in link.there.query("SELECT Name, AccountId FROM Opportunity")
    }


def test_orders_move_to_the_survivors_account_and_back_and_no_account_is_made_or_lost(connected):
    source = make_source("Lab")
    elena = create_partner(name="Elena", kind="physician", codes=[("", "E1")])
    eve = create_partner(name="Eve", kind="physician", codes=[("", "E2")])
    import_rows(source, "1,2026-05-10,E1,A,1,10", "2,2026-05-10,E2,A,1,20")
    connected.settle()
    first, second = (connected.there.one("Account", partner.pk)["Id"] for partner in (elena, eve))
    assert owners(connected) == {"Lab 1": first, "Lab 2": second}

    merge = merge_partners(elena.pk, merged_id=eve.pk)
    connected.settle()
    assert set(owners(connected).values()) == {first}
    assert accounts(connected) == {first: "Elena", second: "Eve"}

    import_rows(source, "3,2026-05-11,E2,A,1,5")
    connected.there.edit("Account", eve.pk, Phone="555 1")
    connected.settle()
    assert owners(connected)["Lab 3"] == first
    assert connected.problems() == []

    undo_merge(merge.pk)
    update_partner(eve.pk, name="Eve M.")
    connected.settle()
    assert owners(connected) == {"Lab 1": first, "Lab 2": second, "Lab 3": second}
    assert accounts(connected) == {first: "Elena", second: "Eve M."}
    assert connected.problems() == []
    connected.forget()
    connected.sync()
    assert connected.writes() == []
