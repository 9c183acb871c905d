"""Who owns what, both ways, against the sandbox organisation."""

import pytest

from activities.visits.models import Visit
from partners.directory.models import Partner
from partners.directory.service import assign_rep, update_partner
from prm.core.errors import Refused
from prm.mapping import Direction
from prm.salesforce.engine.models import Connection, Outbox
from prm.salesforce.fieldmap import service as fieldmap
from prm.salesforce.mapping.choices import FieldChoice
from prm.salesforce.owners import looking, service
from prm.salesforce.people.models import OwnerRules, SalesforceUser
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.wire.client import Org
from tests.activities import factories as make
from tests.partners.factories import make_partner
from tests.salesforce.test_apps import make_order


def user(connected, email, last="User", **more):
    return connected.org.administration.change(
        {"op": "user", "fields": {"email": email, "last": last, **more}}
    )["id"]


def retire(connected, sf_id):
    connected.org.administration.change({"op": "user", "id": sf_id, "fields": {"active": False}})


def read(connected):
    service.keep_up(Org(StoredTokens()), _connection(), at_once=True)


def _connection():
    return Connection.objects.get()


def owner(connected, record, sobject="Account"):
    return connected.there.one(sobject, record.pk, "OwnerId")["OwnerId"]


def fallback():
    return OwnerRules.objects.get().in_force


@pytest.fixture
def rita(connected, mercy):
    """The rep's user there."""
    found = user(connected, mercy.rep.user.email, "Rita")
    read(connected)
    return found


def test_what_a_rep_has_belongs_to_the_user_with_the_same_address(connected, mercy, rita):
    hers, nobodys = make_partner("Elena", rep=mercy.rep), make_partner("Otto")
    met = make.visit(hers, mercy.rep)
    called = make.visit(hers, mercy.rep, channel="phone")
    seen = make.insight(hers, mercy.rep)
    connected.settle()
    assert owner(connected, hers) == rita
    assert owner(connected, nobodys) == fallback() == _connection().user_id
    assert [owner(connected, met, "Event"), owner(connected, called, "Task")] == [rita, rita]
    assert owner(connected, seen, "PRM_Insight__c") == rita
    assert connected.problems() == []
    connected.forget()
    connected.sync()
    assert connected.writes() == []


def test_an_owner_changed_on_either_side_is_the_other_s(connected, mercy, rita):
    elena = make_partner("Elena")
    expected = make.opportunity(elena)
    connected.settle()
    connected.there.edit("Account", elena.pk, OwnerId=rita)
    connected.there.edit("Opportunity", expected.pk, OwnerId=rita)
    connected.settle()
    elena.refresh_from_db()
    expected.refresh_from_db()
    assert elena.rep == expected.owner == mercy.rep
    connected.there.edit("Account", elena.pk, OwnerId=fallback())
    connected.there.edit("Opportunity", expected.pk, OwnerId=fallback())
    connected.settle()
    elena.refresh_from_db()
    expected.refresh_from_db()
    assert elena.rep is expected.owner is None
    assign_rep([elena.pk], rep=mercy.rep)
    connected.settle()
    assert owner(connected, elena) == rita
    assert connected.problems() == connected.conflicts() == []


def test_an_order_belongs_to_the_rep_its_partner_has_when_it_comes_and_to_whom_they_give_it(
    connected, mercy, rita
):
    hers, nobodys = make_partner("Elena", rep=mercy.rep), make_partner("Otto")
    first, other = make_order(hers, "A-1"), make_order(nobodys, "A-2")
    connected.settle()
    assert owner(connected, first, "Opportunity") == rita
    assert owner(connected, other, "Opportunity") == fallback()
    # Neither a new rep here nor a new owner there moves a sale of the past.
    assign_rep([nobodys.pk], rep=mercy.rep)
    connected.there.edit("Opportunity", first.pk, OwnerId=fallback())
    connected.settle()
    assert owner(connected, first, "Opportunity") == owner(connected, other, "Opportunity") == fallback()
    assert connected.problems() == connected.conflicts() == []
    connected.forget()
    connected.settle()
    assert connected.writes() == []
    audit = connected.sync(push=False, pull=False, audit=True).audit["orders.order"]
    assert audit["different"] == 0
    # Of the next ones the new rep is the owner, and where the mapping says so nobody is sent.
    second = make_order(nobodys, "A-3")
    connected.settle()
    assert owner(connected, second, "Opportunity") == rita
    fieldmap.choose_field(key="orders.order", here="rep", choice=FieldChoice(direction="off"))
    fieldmap.put_in_force()
    third = make_order(nobodys, "A-4")
    connected.settle()
    assert owner(connected, third, "Opportunity") == fallback()


def test_where_the_mapping_says_so_an_owner_changed_there_is_not_followed(connected, mercy, rita):
    fieldmap.choose_field(
        key="partners.partner", here="rep", choice=FieldChoice(direction=Direction.PUSH.value)
    )
    fieldmap.put_in_force()
    elena = make_partner("Elena", rep=mercy.rep)
    connected.settle()
    connected.there.edit("Account", elena.pk, OwnerId=fallback())
    connected.settle()
    elena.refresh_from_db()
    assert elena.rep == mercy.rep
    assert owner(connected, elena) == fallback()


def test_who_is_inactive_there_is_named_and_the_fallback_owns_the_record(connected, mercy, rita):
    retire(connected, rita)  # and nobody has told us
    elena = make_partner("Elena", rep=mercy.rep)
    met = make.visit(elena, mercy.rep)
    connected.sync()
    assert owner(connected, elena) == owner(connected, met, "Event") == fallback()
    assert {one.code for one in connected.problems()} == {"INACTIVE_OWNER_OR_USER"}
    assert {one.field for one in connected.problems()} == {"OwnerId"}
    connected.sync()
    (row,) = [one for one in looking.look().lost if one.name == str(mercy.rep.user)]
    assert (row.how, row.user) == ("inactive", looking.look().fallback)
    connected.forget()
    Outbox.objects.update(not_before=None)
    connected.sync()
    assert connected.writes() == [] == connected.problems()
    assert connected.there.count("Account") == 1


def test_who_was_not_found_can_be_chosen_and_all_that_is_hers_follows(connected, mercy):
    hers, other = make_partner("Elena", rep=mercy.rep), make_partner("Otto")
    connected.settle()
    assert owner(connected, hers) == fallback()
    assert str(mercy.rep.user) in [one.name for one in looking.look().lost]
    other_address = user(connected, "another@salesforce.example", "Lindner")
    read(connected)
    connected.forget()
    chosen = service.choose(member_id=mercy.rep.pk, user=other_address)
    assert (chosen.how, chosen.sf_id) == ("chosen", other_address)
    connected.settle()
    assert owner(connected, hers) == other_address
    assert owner(connected, other) == fallback()
    service.by_email(member_id=mercy.rep.pk)
    connected.settle()
    assert owner(connected, hers) == fallback()


def test_another_fallback_owner_takes_what_nobody_has(connected, mercy, rita):
    hers, nobodys = make_partner("Elena", rep=mercy.rep), make_partner("Otto")
    connected.settle()
    boss = user(connected, "boss@salesforce.example", "Boss")
    read(connected)
    service.choose_fallback(user=boss)
    connected.settle()
    assert (owner(connected, hers), owner(connected, nobodys)) == (rita, boss)
    retire(connected, boss)
    read(connected)
    assert "Boss is inactive" in looking.look().warning
    connected.settle()
    assert owner(connected, nobodys) == _connection().user_id


def test_an_owner_there_who_is_nobody_here_changes_no_rep_until_somebody_says_who_it_is(connected, mercy):
    elena = make_partner("Elena")
    connected.settle()
    stranger = user(connected, "stranger@salesforce.example", "Stranger")
    connected.there.edit("Account", elena.pk, OwnerId=stranger)
    read(connected)
    connected.settle()
    (problem,) = connected.problems()
    assert problem.field == "OwnerId"
    assert "nobody here" in problem.message
    assert [(one.name, one.records) for one in looking.look().strangers] == [("Stranger", 1)]
    assert owner(connected, elena) == stranger
    service.choose(member_id=mercy.rep.pk, user=stranger)
    connected.settle()
    elena.refresh_from_db()
    assert elena.rep == mercy.rep
    assert connected.problems() == connected.conflicts() == []
    assert looking.look().strangers == ()


def test_another_address_here_finds_another_user(connected, mercy, rita):
    elena = make_partner("Elena", rep=mercy.rep)
    connected.settle()
    somebody = user(connected, "new@salesforce.example", "New")
    read(connected)
    person = mercy.rep.user
    person.email = "new@salesforce.example"
    person.save()
    connected.settle()
    assert owner(connected, elena) == somebody


def test_owners_of_records_of_nobody_s_are_read_but_never_sent_empty(connected, mercy):
    elena = make_partner("Elena")
    connected.settle()
    boss = user(connected, "boss@salesforce.example", "Boss")
    connected.there.edit("Account", elena.pk, OwnerId=boss)
    update_partner(elena.pk, city="Hudson")
    connected.settle()
    row = connected.there.one("Account", elena.pk, "OwnerId", "BillingCity")
    assert (row["OwnerId"], row["BillingCity"]) == (boss, "Hudson")


def test_only_users_who_can_own_something_can_be_chosen(connected, mercy, rita):
    gone = user(connected, "gone@salesforce.example", "Gone", active=False)
    read(connected)
    for sf_id, code in ((gone, "inactive"), ("005000000000000AAA", "not_found")):
        with pytest.raises(Refused) as refused:
            service.choose(member_id=mercy.rep.pk, user=sf_id)
        assert refused.value.code == code
        with pytest.raises(Refused):
            service.choose_fallback(user=sf_id)
    with pytest.raises(Refused):
        service.choose(member_id=Partner(name="x").pk, user=rita)


def test_users_of_another_organisation_mean_nothing(connected, mercy, rita):
    service.choose(member_id=mercy.rep.pk, user=rita)
    OwnerRules.objects.update(organization_id="00Dother")
    SalesforceUser.objects.create(sf_id="005OTHER", name="Elsewhere")
    service.keep_up(Org(StoredTokens()), _connection())
    assert not SalesforceUser.objects.filter(sf_id="005OTHER").exists()
    (row,) = [one for one in looking.look().known if one.member_id == mercy.rep.pk]
    assert (row.how, row.is_chosen) == ("found", False)


def test_hidden_users_are_said_and_stop_nothing(connected, mercy):
    connected.org.shaping.change({"object": "User", "take": ["read"]})
    read(connected)
    assert "does not show us its users" in OwnerRules.objects.get().message
    elena = make_partner("Elena", rep=mercy.rep)
    connected.settle()
    assert owner(connected, elena) == _connection().user_id
    assert Visit.objects.count() == 0
