"""Campaigns and their members in the organisation, both ways, and where it has none."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from activities.campaigns.members.service import add_members, set_attended, take_responses, tell_members
from activities.campaigns.planning.models import Member
from activities.campaigns.planning.service import (
    change_campaign,
    end_campaign,
    remove_campaign,
    start_campaign,
    unstart_campaign,
)
from activities.visits.models import Visit
from partners.contacts.models import Contact
from partners.contacts.service import change_contact
from partners.directory.service import create_partner, update_partner
from prm.core.clock import now
from prm.salesforce.engine.models import PullCursor, RecordLink
from prm.salesforce.engine.pull import SWEEP_EVERY, Puller, SliceOver, _Reading, is_pulled
from prm.salesforce.mapping import registry
from prm.salesforce.setup import service as setup_service
from prm.salesforce.shapes import rules
from prm.salesforce.shapes.models import ObjectShape
from prm.salesforce.shapes.queries import rests
from prm.tenancy.context import SYSTEM, acting_as
from tests.activities.campaigns import factories as make

MEMBER = registry.mapping("campaigns.member")


@pytest.fixture
def chow(connected):
    make.counting()
    return create_partner(name="Dr. Chow", kind="physician")


def told(campaign):
    with acting_as(SYSTEM):
        while tell_members(campaign.pk):
            pass


def started(*partners, contacts=(), **details):
    made = make.campaign(**details)
    add_members(campaign=made, partners=[one.pk for one in partners], contacts=[one.pk for one in contacts])
    made = start_campaign(campaign=made)
    told(made)
    return made


def campaign_there(link, campaign, *fields):
    return link.there.one("Campaign", campaign.pk, *fields)


def members_there(link, *fields):
    return link.there.query(
        f"SELECT {', '.join(fields or ('Status',))} FROM CampaignMember ORDER BY PRM_Name__c"
    )


# --- there ----------------------------------------------------------------------------------------


def test_a_campaign_is_there_with_goal_days_money_and_state(connected, chow):
    made = make.campaign(
        goal="Referrals to the echo lab",
        channels=["event", "email"],
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 12, 1),
        budget=Decimal(8000),
        spent=Decimal("6150.50"),
    )
    connected.sync()
    row = campaign_there(
        connected, made, "Name", "Description", "Type", "Status", "IsActive", "StartDate", "EndDate",
        "BudgetedCost", "ActualCost",
    )  # fmt: skip
    assert (row["Name"], row["Description"]) == ("Echo lab opens", "Referrals to the echo lab")
    assert (row["Type"], row["Status"], row["IsActive"]) == ("Conference", "Planned", False)
    assert (row["StartDate"], row["EndDate"]) == ("2026-09-01", "2026-12-01")
    assert (row["BudgetedCost"], row["ActualCost"]) == (8000, 6150.5)
    add_members(campaign=made, partners=[chow.pk])
    start_campaign(campaign=made)
    connected.settle()
    row = campaign_there(connected, made, "Status", "IsActive")
    assert (row["Status"], row["IsActive"]) == ("In Progress", True)
    end_campaign(campaign=made)
    connected.settle()
    assert campaign_there(connected, made, "Status")["Status"] == "Completed"


def test_a_removed_draft_leaves_salesforce(connected, chow):
    made = make.campaign()
    connected.settle()
    remove_campaign(campaign=made)
    connected.settle()
    assert connected.there.count("Campaign") == 0


def test_members_go_when_the_coins_are_tossed_and_nobody_who_is_held_out(connected, chow):
    others = [create_partner(name=f"Dr. {n:02}", kind="physician") for n in range(12)]
    made = make.campaign(holdout_percent=50)
    add_members(campaign=made, partners=[chow.pk, *(one.pk for one in others)])
    connected.settle()
    assert connected.there.count("CampaignMember") == 0
    start_campaign(campaign=made)
    told(made)
    connected.settle()
    sent = Member.objects.sent().filter(campaign=made)
    assert 0 < sent.count() < 13
    there = {row["PRM_Id__c"] for row in members_there(connected, "PRM_Id__c")}
    assert there == {str(pk) for pk in sent.values_list("pk", flat=True)}
    unstart_campaign(campaign=made)
    told(made)
    connected.settle()
    assert connected.there.count("CampaignMember") == 0


def test_a_partner_is_a_member_by_its_account_and_each_of_its_people_by_their_contact(connected, chow):
    people = [Contact.objects.create(partner=chow, name=name) for name in ("Ann Lee", "Ben Ho")]
    made = started(chow, contacts=people)
    connected.settle()
    rows = members_there(connected, "AccountId", "ContactId", "PRM_Name__c", "PRM_Id__c")
    ann, ben = (connected.there.one("Contact", one.pk)["Id"] for one in people)
    account = connected.there.one("Account", chow.pk)["Id"]
    assert [(row["PRM_Name__c"], row["AccountId"], row["ContactId"]) for row in rows] == [
        ("Dr. Chow", account, None), ("Dr. Chow: Ann Lee", None, ann), ("Dr. Chow: Ben Ho", None, ben),
    ]  # fmt: skip
    assert {row["PRM_Id__c"] for row in rows} == {
        str(pk) for pk in Member.objects.values_list("pk", flat=True)
    }
    assert not connected.problems()
    update_partner(chow.pk, name="Dr. M. Chow")
    change_contact(people[0].pk, name="Anna Lee")
    set_attended(campaign=made, members=[Member.objects.get(contact=people[0]).pk])
    connected.settle()
    rows = members_there(connected, "PRM_Name__c", "Status", "HasResponded")
    assert [(row["PRM_Name__c"], row["Status"], row["HasResponded"]) for row in rows] == [
        ("Dr. M. Chow", "Sent", False),
        ("Dr. M. Chow: Anna Lee", "Responded", True),
        ("Dr. M. Chow: Ben Ho", "Sent", False),
    ]
    found = connected.sync(push=False, pull=False, audit=True).audit["campaigns.member"]
    assert (found["different"], found["missing_there"], found["only_there"]) == (0, 0, 0)


def test_what_one_of_them_answered_there_is_theirs_alone(connected, chow):
    people = [Contact.objects.create(partner=chow, name=name) for name in ("Ann Lee", "Ben Ho")]
    started(contacts=people)
    connected.settle()
    ann, ben = (Member.objects.get(contact=one) for one in people)
    connected.there.edit("CampaignMember", ann.pk, Status="Responded")
    connected.settle()
    for one in (ann, ben):
        one.refresh_from_db()
    assert (ann.has_responded, ben.has_responded) == (True, False)


def test_a_member_that_was_sent_by_its_account_before_people_were_contacts_stays_so(connected, chow):
    """Salesforce takes account and contact when a member is made, and never after."""
    ann = Contact.objects.create(partner=chow, name="Ann Lee")
    started(contacts=[ann])
    member = Member.objects.get()
    connected.sync(pull=False)
    row = connected.there.one("CampaignMember", member.pk, "CampaignId")
    account = connected.there.one("Account", chow.pk)["Id"]
    connected.org.administration.change({"op": "purge", "id": row["Id"]})
    values = {"CampaignId": row["CampaignId"], "AccountId": account, "PRM_Id__c": str(member.pk)}
    old = connected.there.call("POST", "sobjects/CampaignMember", json=values)["id"]
    agreed = {"CampaignId": row["CampaignId"], "AccountId": account, "Status": "Sent"}
    RecordLink.objects.filter(record_id=member.pk).update(sf_id=old, agreed=agreed)
    Member.objects.update(responded_on=date(2026, 11, 2))
    connected.settle()
    (there,) = members_there(connected, "AccountId", "ContactId", "Status")
    assert (there["AccountId"], there["ContactId"], there["Status"]) == (account, None, "Responded")
    assert not connected.problems()
    found = connected.sync(push=False, pull=False, audit=True).audit["campaigns.member"]
    assert found["different"] == 0, found


def test_who_came_has_responded_there_and_a_second_sync_writes_nothing(connected, chow):
    made = started(chow)
    connected.settle()
    assert members_there(connected, "Status", "HasResponded")[0]["Status"] == "Sent"
    set_attended(campaign=made, members=[Member.objects.get().pk])
    connected.settle()
    row = members_there(connected, "Status", "HasResponded")[0]
    assert (row["Status"], row["HasResponded"]) == ("Responded", True)
    connected.settle()
    connected.forget()
    connected.settle()
    assert connected.writes() == []
    assert (connected.problems(), connected.conflicts()) == ([], [])


# --- here -----------------------------------------------------------------------------------------


def test_days_money_and_name_changed_there_come_here(connected, chow):
    made = make.campaign()
    later = made.ends_on + timedelta(days=40)
    connected.settle()
    connected.there.edit(
        "Campaign", made.pk, Name="Echo lab", EndDate=str(later), BudgetedCost=9000, Description="More"
    )
    connected.settle()
    made.refresh_from_db()
    assert (made.name, made.goal, made.ends_on) == ("Echo lab", "More", later)
    assert made.budget == Decimal(9000)
    assert not connected.problems()


def test_what_does_not_fit_here_is_said_by_its_field_and_the_rest_is_taken(connected, chow):
    made = make.campaign()
    connected.settle()
    connected.there.edit("Campaign", made.pk, Name="Echo lab", EndDate="2001-03-01", Description="x" * 300)
    connected.settle()
    made.refresh_from_db()
    assert (made.name, made.goal) == ("Echo lab", "")
    assert {one.field for one in connected.problems()} == {"EndDate", "Description"}


def test_money_that_both_changed_is_asked_about(connected, chow):
    made = make.campaign(budget=Decimal(8000))
    connected.settle()
    connected.there.edit("Campaign", made.pk, BudgetedCost=9000)
    change_campaign(campaign=made, details=make.campaign_input(budget=Decimal(7000)))
    connected.settle()
    (clash,) = connected.conflicts()
    assert (clash.there, clash.ours, clash.theirs) == ("BudgetedCost", "7000.00", "9000.00")


def test_how_far_it_is_is_decided_here(connected, chow):
    made = make.campaign()
    connected.settle()
    connected.there.edit("Campaign", made.pk, Status="In Progress")
    connected.settle()
    made.refresh_from_db()
    assert made.is_draft


def test_a_response_noted_there_comes_here_and_its_words_stay_there(connected, chow):
    made = started(chow)
    connected.settle()
    there = campaign_there(connected, made)["Id"]
    connected.there.call(
        "POST",
        "sobjects/CampaignMemberStatus",
        json={"CampaignId": there, "Label": "Registered", "HasResponded": True},
    )
    member = Member.objects.get()
    connected.there.edit("CampaignMember", member.pk, Status="Registered")
    connected.settle()
    member.refresh_from_db()
    assert member.has_responded
    assert member.responded_on is not None
    # What is seen here afterwards changes nothing there: they have responded already, in their words.
    set_attended(campaign=made, members=[member.pk])
    connected.settle()
    assert members_there(connected)[0]["Status"] == "Registered"
    assert not connected.problems()


def test_a_response_taken_back_there_is_taken_back_here_unless_it_was_seen_here(connected, chow):
    made = started(chow)
    connected.settle()
    member = Member.objects.get()
    connected.there.edit("CampaignMember", member.pk, Status="Responded")
    connected.settle()
    connected.there.edit("CampaignMember", member.pk, Status="Sent")
    connected.settle()
    member.refresh_from_db()
    assert not member.has_responded
    set_attended(campaign=made, members=[member.pk])
    connected.settle()
    connected.there.edit("CampaignMember", member.pk, Status="Sent")
    connected.settle()
    member.refresh_from_db()
    assert member.has_responded
    (problem,) = connected.problems()
    assert (problem.field, "seen here" in problem.message) == ("HasResponded", True)


def test_a_member_deleted_there_is_noticed_and_not_made_again_by_itself(connected, chow):
    started(chow)
    connected.settle()
    member = Member.objects.get()
    connected.there.delete("CampaignMember", member.pk)
    connected.sync(audit=True, repair=True)
    take_responses({member.pk: _status("x")})
    connected.settle()
    assert connected.there.count("CampaignMember") == 0
    assert RecordLink.objects.get(record_id=member.pk).state == "deleted_there"
    assert "is not in Salesforce any more" in connected.problems()[0].message


def _status(words):
    from activities.campaigns.members.service import Response

    return Response(status=words)


# --- what Salesforce takes with a new record only -------------------------------------------------


def facts(**changed):
    fields = {one.there: {"name": one.there, "type": "string"} for one in MEMBER.columns}
    for one in MEMBER.parents:
        fields[one.there] = {"name": one.there, "type": "reference", "updateable": False}
    fields["HasResponded"] = {
        "name": "HasResponded",
        "type": "boolean",
        "createable": False,
        "updateable": False,
    }
    for name, values in changed.items():
        fields[name] = {**fields[name], **values}
    described = [*fields.values(), {"name": MEMBER.external_id, "type": "string"}]
    return rules.facts_of({"label": "Campaign Member", "fields": described})


def test_a_reference_that_is_only_given_to_new_records_does_not_rest():
    assert rules.resting(MEMBER, facts()) == {}
    closed = {"createable": False}
    assert rules.resting(MEMBER, facts(AccountId=closed)) == {"AccountId": rules.Why.READ_ONLY}
    assert not rules.effective(MEMBER, [("AccountId", "read_only")]).creates


def test_a_member_of_another_partner_by_now_is_said_and_not_sent(connected, chow):
    other = create_partner(name="Dr. Demir", kind="physician")
    started(chow)
    connected.settle()
    connected.forget()
    Member.objects.update(partner=other)
    connected.settle()
    (problem,) = connected.problems()
    assert problem.field == "AccountId"
    assert "takes it when a record is made" in problem.message
    account = connected.there.one("Account", chow.pk)["Id"]
    assert members_there(connected, "AccountId")[0]["AccountId"] == account
    Member.objects.update(partner=chow)
    connected.settle()
    assert not connected.problems()


# --- where an organisation, or a tenant, has no campaigns ------------------------------------------


def asked(link):
    calls = [part for entry in link.entries() for part in entry.get("parts") or [entry]]
    return [call for call in calls if "Campaign" in str(call)]


def test_a_tenant_without_campaigns_asks_nothing_about_them(connected):
    create_partner(name="Dr. Chow", kind="physician")
    connected.settle()
    assert asked(connected) == []
    assert not ObjectShape.objects.filter(sobject__startswith="Campaign").exists()
    make.campaign()
    connected.settle()
    assert asked(connected)


def test_without_access_to_campaigns_only_they_wait_in_words_and_come_with_it(connected, chow):
    connected.org.shaping.change({"object": "Campaign", "take": ["read"]})
    connected.org.shaping.change({"object": "CampaignMember", "take": ["read"]})
    made = started(chow)
    report = connected.settle()
    assert connected.there.one("Account", chow.pk)
    assert {(one.sobject, one.field) for one in rests()} == {("Campaign", ""), ("CampaignMember", "")}
    assert all("Marketing User" in one.advice for one in rests())
    assert not report.failed
    connected.org.shaping.restore()
    connected.sync(door="command")
    connected.settle()
    assert campaign_there(connected, made)
    assert connected.there.count("CampaignMember") == 1
    assert not rests()


def test_where_accounts_are_no_members_campaigns_go_and_members_wait(connected, chow):
    connected.org.shaping.change({"field": "CampaignMember.AccountId", "see": False})
    made = started(chow)
    connected.settle()
    assert campaign_there(connected, made)
    assert connected.there.count("CampaignMember") == 0
    (one,) = rests()
    assert (one.sobject, one.field) == ("CampaignMember", "AccountId")
    assert "Accounts as Campaign Members" in one.advice
    connected.org.shaping.restore()
    connected.sync(door="command")
    connected.settle()
    assert connected.there.count("CampaignMember") == 1


def test_the_set_up_goes_on_without_campaigns_and_says_so(bound, server):
    for name in ("Campaign", "CampaignMember"):
        server.org.shaping.change({"object": name, "take": ["read"]})
    setup_service.connect(
        login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
    )
    result = setup_service.set_up()
    assert result.complete, result
    assert not result.failures
    assert len([words for words in result.warnings if "does not show us the object Campaign" in words]) == 2
    server.org.shaping.restore()
    again = setup_service.set_up()
    assert again.complete
    assert "field CampaignMember.PRM_Id__c (Text)" in again.made


# --- the price of reading them --------------------------------------------------------------------


def read_by_a_poll(link):
    """The objects that were asked for since the last `forget`, and in how many calls."""
    parts = [part for entry in link.entries() for part in entry.get("parts") or [entry]]
    return {str(part["object"]) for part in parts if part["method"] == "GET"}, len(link.entries())


def test_a_poll_stays_one_call_and_finds_what_was_deleted_within_minutes(connected, chow, bound):
    """With campaigns there are more objects than one call takes: those that only go there wait for their turn."""
    started(chow)
    visit = Visit.objects.create(
        partner=chow,
        rep=bound.rep,
        channel="in_person",
        happened_at=now(),
        purpose="relationship",
        learned="x",
    )
    for _ in range(3):
        connected.settle()
    connected.there.delete("Event", visit.pk)
    read_to = dict(PullCursor.objects.exclude(deletions_to=None).values_list("sobject", "deletions_to"))
    PullCursor.objects.filter(sobject__in=read_to).update(deletions_to=now())
    connected.forget()
    connected.sync(push=False, seconds=60)
    back = {"Account", "Contact", "Opportunity", "PRM_Insight__c"}
    asked_for, calls = read_by_a_poll(connected)
    # What comes back of campaigns has its turn with the rest: more does than one call takes.
    assert (asked_for > back, len(asked_for), calls) == (True, 5, 1)
    # Minutes later: a deletion is looked for from where the last reading of its object ended.
    for sobject, moment in read_to.items():
        PullCursor.objects.filter(sobject=sobject).update(deletions_to=moment - SWEEP_EVERY)
    connected.forget()
    connected.sync(push=False, seconds=60)
    assert read_by_a_poll(connected)[0] >= back | {"Event", "Task"}
    assert RecordLink.objects.get(record_id=visit.pk).state == "deleted_there"


@pytest.mark.parametrize("left", range(1, 9))
def test_whatever_is_mapped_each_object_has_its_turn(connected, left):
    """Objects that come back are asked every time; the others fill the last call, the one that waited longest first."""
    puller = Puller(SimpleNamespace(now=now), None, None, None, in_turns=True)
    asked_for = []
    cursors = {f"Only{number}": PullCursor(sobject=f"Only{number}") for number in range(left)}
    back = [
        _Reading(f"Back{number}", [registry.mapping("partners.partner")], PullCursor(), (None, ""))
        for number in range(4)
    ]
    for poll in range(left):
        only = [_Reading(name, [], cursor, (None, "")) for name, cursor in cursors.items()]
        first, others = puller._in_turn([*back, *only])
        chosen = [one.sobject for one in (*first, *filter(puller._is_late, others))]
        assert {f"Back{number}" for number in range(4)} < set(chosen)
        assert poll == 0 or left == 1 or len(chosen) == 5
        for name in set(chosen) & cursors.keys():
            cursors[name].deletions_to = now() - timedelta(seconds=left - poll)
        asked_for += chosen
    assert set(cursors) < set(asked_for)


def test_what_is_late_has_its_page_before_anything_has_its_second(connected):
    """Else a long backlog of one object, slice after slice, would keep deletions of the others away."""

    class Backlog(Puller):
        def _query(self, reading):
            return reading.sobject

        def _store(self, reading, rows):
            reading.at_end = not is_pulled(reading.group)

    pages = []
    group = [registry.mapping("partners.partner")]
    objects = {f"Back{number}": group for number in range(4)} | {f"Only{number}": [] for number in range(4)}
    org = SimpleNamespace(now=now, read=lambda asked: pages.append(asked) or asked)
    shapes = SimpleNamespace(objects=lambda: objects)
    puller = Backlog(org, None, lambda: None, shapes, lambda: True, in_turns=True)
    with pytest.raises(SliceOver):
        puller.read()
    assert sorted(name for page in pages for name in page) == sorted(objects)


def test_who_asks_for_a_sync_is_told_of_everything_at_once(connected, chow):
    started(chow)
    connected.settle()
    connected.forget()
    connected.sync(push=False)
    assert {"Event", "Task", "Campaign", "CampaignMember"} < read_by_a_poll(connected)[0]
