"""Why a record is not the same in Salesforce, since when, and what happens next."""

import re

import pytest
from django.urls import reverse

from partners.directory.service import create_partner, update_partner
from prm.salesforce.engine.models import Connection, Outbox
from prm.salesforce.inbox import records
from prm.salesforce.matches.models import Match
from prm.salesforce.shapes.queries import rests

KEY = "partners.partner"


def stands(record_id):
    found = records.state_of(record_id, KEY)
    return found.state, [(one.field, one.words) for one in found.reasons]


def test_a_record_says_which_of_its_fields_rests_in_salesforce(connected):
    one, bare = (
        create_partner(name=name, kind="agent", phone=phone) for name, phone in (("A", "1"), ("B", ""))
    )
    connected.settle()
    connected.org.shaping.change({"field": "Account.Phone", "see": False})
    connected.settle()
    assert stands(one.pk) == ("held", [("Phone", "It is hidden from us, renamed or deleted.")])
    (reason,) = records.state_of(one.pk).reasons
    assert (reason.since, reason.who) == (rests()[0].since, "your Salesforce administrator")
    assert "tick Read Access" in reason.then
    assert stands(bare.pk) == ("agrees", [])  # it never had a value on either side
    connected.org.shaping.restore()
    connected.sync(door="page")
    connected.settle()
    assert stands(one.pk) == ("agrees", [])


def test_a_field_that_may_only_be_read_concerns_what_is_to_be_written(connected):
    one, still = (create_partner(name=name, kind="agent", phone="1") for name in "AB")
    connected.settle()
    connected.org.shaping.change({"field": "Account.Phone", "edit": False})
    update_partner(one.pk, phone="2")
    connected.settle()
    state, found = stands(one.pk)
    assert (state, found[0]) == ("held", ("Phone", "We may read it and not change it."))
    assert stands(still.pk) == ("agrees", [])


def test_an_object_that_rests_concerns_all_its_records(connected):
    one = create_partner(name="A", kind="agent")
    connected.settle()
    connected.org.shaping.change({"object": "Account", "take": ["create"]})
    new = create_partner(name="B", kind="agent")
    connected.sync(door="page")
    connected.settle()
    assert stands(one.pk) == ("agrees", [])
    state, found = stands(new.pk)
    assert (state, found[0]) == ("held", ("", "We may change its records and not make new ones."))
    connected.org.shaping.change({"object": "Account", "take": ["read"]})
    connected.sync(door="page")
    connected.settle()
    assert stands(one.pk)[1] == [("", "Salesforce does not show us the object Account.")]


def test_its_page_is_called_by_its_name(connected, client_for, mercy):
    one = create_partner(name="Dr. Chow", kind="physician")
    client = client_for(mercy.administrator)
    page = client.get(reverse("salesforce:record", kwargs={"tenant": "mercy", "pk": one.pk})).content.decode()
    assert re.search(r"<h1>\s*Dr. Chow\s*</h1>", page)
    assert "Partner in Salesforce" in page


def test_a_record_that_may_be_there_already_says_who_decides(connected):
    one = create_partner(name="Dr. Double", kind="physician")
    Match.objects.create(
        mapping=KEY, sf_id="001000000000001AAA", name="Dr. Double", state=Match.State.OPEN, record_id=one.pk,
        candidates=[{"id": str(one.pk), "name": "Dr. Double", "reason": "same name"}],
    )  # fmt: skip
    connected.settle()
    assert stands(one.pk) == (
        "held",
        [("", "It may be in Salesforce already: a record there is like it.")],
    )
    (reason,) = records.state_of(one.pk).reasons
    assert (reason.since, reason.who) == (Match.objects.get().read_at, "an administrator of PRM")
    assert connected.there.count("Account") == 0


@pytest.mark.parametrize(
    ("state", "then"),
    [
        ("resting", "It goes when the sync is started."),
        ("paused", "It goes when the sync is resumed."),
        ("signed_out", "It goes when somebody signs in again."),
    ],
)
def test_a_record_that_nothing_sends_at_present_says_when_it_goes(connected, state, then):
    one = create_partner(name="Dr. New", kind="physician")
    Connection.objects.update(state=state)
    (reason,) = records.state_of(one.pk).reasons
    assert reason.then == then
    Outbox.objects.all().delete()
    (reason,) = records.state_of(one.pk).reasons
    assert (reason.words, reason.then) == ("It is not in Salesforce yet.", then)
    assert records.state_of(one.pk).state == "off"
