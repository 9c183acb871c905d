"""What happens there while we write: nothing is overwritten unseen, and only what is read back is believed."""

import pytest

from partners.directory.service import create_partner, update_partner
from prm.salesforce.engine.results import Results
from prm.salesforce.inbox import service as inbox_service
from prm.salesforce.wire.client import Org


@pytest.fixture
def partner(connected):
    made = create_partner(name="Dr. Chow", kind="physician", phone="1", city="Easton")
    connected.settle()
    connected.forget()
    return made


def account(link, partner, *fields):
    row = link.there.one("Account", partner.pk, *fields)
    return tuple(row[name] for name in fields)


def fresh(record):
    return type(record).objects.get(pk=record.pk)


@pytest.fixture
def just_before(connected, monkeypatch):
    """``just_before(partner, Phone=…)``: a person saves between our last reading and our next write."""
    write = Org.write

    def register(partner, **fields):
        sf_id = connected.there.one("Account", partner.pk)["Id"]

        def first(self, *args, **reads):
            monkeypatch.setattr(Org, "write", write)
            connected.org.administration.change({"object": "Account", "id": sf_id, "fields": fields})
            return write(self, *args, **reads)

        monkeypatch.setattr(Org, "write", first)

    return register


def test_an_edit_in_the_last_moment_is_a_conflict_with_both_values(connected, partner, just_before):
    """Fault 3."""
    just_before(partner, Phone="theirs")
    update_partner(partner.pk, phone="ours")
    connected.sync()
    (conflict,) = connected.conflicts()
    assert (conflict.there, conflict.agreed, conflict.ours, conflict.theirs) == (
        "Phone",
        "1",
        "ours",
        "theirs",
    )
    connected.settle()
    assert fresh(partner).phone == "theirs"
    assert account(connected, partner, "Phone") == ("theirs",)
    assert len(connected.conflicts()) == 1


def test_an_edit_of_another_field_in_the_last_moment_is_taken(connected, partner, just_before):
    just_before(partner, BillingCity="Weston")
    update_partner(partner.pk, phone="2")
    connected.settle()
    assert (fresh(partner).phone, fresh(partner).city) == ("2", "Weston")
    assert account(connected, partner, "Phone", "BillingCity") == ("2", "Weston")
    assert connected.conflicts() == []


def test_an_edit_before_the_push_is_seen_without_a_pull(connected, partner):
    connected.there.edit("Account", partner.pk, Phone="theirs")
    update_partner(partner.pk, phone="ours")
    connected.sync(pull=False)
    (conflict,) = connected.conflicts()
    assert (conflict.ours, conflict.theirs) == ("ours", "theirs")


def test_200_records_are_read_written_and_read_again_in_one_call(connected):
    for number in range(410):
        create_partner(name=f"P{number}", kind="agent")
    connected.forget()
    connected.sync(pull=False)
    assert [entry["endpoint"] for entry in connected.entries()] == ["queryAll"] + ["composite"] * 3


def test_an_organisation_without_composites_is_asked_one_by_one(connected, partner):
    connected.fault(
        "status",
        path="/composite$",
        times="always",
        status=404,
        body=[{"errorCode": "NOT_FOUND", "message": "No"}],
    )
    update_partner(partner.pk, phone="2")
    connected.settle()
    assert account(connected, partner, "Phone") == ("2",)
    assert connected.dirty() == 0


# --- accepted and not kept ------------------------------------------------------------------------


def test_a_value_that_a_flow_rewrites_is_shown_and_does_not_become_ours(connected, partner):
    """Fault 4."""
    connected.fault("flow", object="Account", operation="update", when={"Phone": "2"}, set={"Phone": "+1 2"})
    update_partner(partner.pk, phone="2")
    connected.settle()
    connected.forget()
    connected.settle()
    assert fresh(partner).phone == "2"
    assert connected.writes() == []
    (problem,) = connected.problems()
    assert (problem.field, problem.kind, problem.code) == ("Phone", "kept_there", "VALUE_NOT_KEPT")
    assert problem.message == "Phone: Salesforce took “2” and holds “+1 2”."


def test_what_is_kept_differently_rests_until_one_side_changes(connected, partner):
    connected.fault("flow", object="Account", operation="update", when={"Phone": "2"}, set={"Phone": "+1 2"})
    update_partner(partner.pk, phone="2")
    connected.settle()
    update_partner(partner.pk, phone="3")
    connected.settle()
    assert account(connected, partner, "Phone") == ("3",)
    assert connected.problems() == []
    update_partner(partner.pk, phone="2")
    connected.settle()
    connected.there.edit("Account", partner.pk, Phone="4")
    connected.settle()
    assert fresh(partner).phone == "4"
    assert connected.problems() == []


def test_a_value_that_was_not_kept_is_sent_again_by_hand(connected, partner):
    connected.fault("flow", object="Account", operation="update", when={"Phone": "2"}, set={"Phone": "+1 2"})
    update_partner(partner.pk, phone="2")
    connected.settle()
    connected.org.faults.clear()
    inbox_service.try_again()
    connected.settle()
    assert account(connected, partner, "Phone") == ("2",)
    assert connected.problems() == []


def test_an_ignored_value_is_shown(connected, partner):
    """As Amount above line items: the call succeeds, and nothing changes."""
    connected.fault("flow", object="Account", operation="update", revert=["Phone"])
    update_partner(partner.pk, phone="2", city="Weston")
    connected.settle()
    assert account(connected, partner, "Phone", "BillingCity") == ("1", "Weston")
    assert fresh(partner).phone == "2"
    assert [problem.message for problem in connected.problems()] == [
        "Phone: Salesforce took “2” and holds “1”."
    ]


def test_a_later_edit_here_is_not_undone_for_the_sake_of_the_winner(
    connected, partner, just_before, monkeypatch
):
    """Somebody here saves again while their value, which won, is about to be brought back."""
    just_before(partner, Phone="theirs")
    update_partner(partner.pk, phone="ours")
    restore = Results.restore

    def meanwhile(self):
        monkeypatch.setattr(Results, "restore", restore)
        update_partner(partner.pk, phone="newer")
        restore(self)

    monkeypatch.setattr(Results, "restore", meanwhile)
    connected.sync()
    connected.settle()
    assert fresh(partner).phone == "newer"
    assert account(connected, partner, "Phone") == ("newer",)
    (conflict,) = connected.conflicts()
    assert (conflict.ours, conflict.theirs) == ("ours", "theirs")
