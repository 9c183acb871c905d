import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.sandbox.kit.clock import parse_stamp, stamp_text
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.org import SandboxOrg

ORG = SandboxOrg()
STARTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))
LONGEST = 14 * 24 * 60


def saved(name, **values):
    writer = ORG.writers.open(ORG.administrator)
    made = writer.insert(name, {"Subject": "Visit", **values} if name in ("Event", "Task") else values)
    return ORG.store.get(ORG.schema.entities[name.lower()], made)


@settings(deadline=None)
@given(STARTS, st.integers(0, LONGEST))
def test_an_event_ends_its_length_after_its_start(start, minutes):
    by_length = saved("Event", StartDateTime=stamp_text(start), DurationInMinutes=minutes)
    end = start + dt.timedelta(minutes=minutes)
    by_end = saved("Event", ActivityDateTime=stamp_text(start), EndDateTime=stamp_text(end))
    for row in (by_length, by_end):
        length = parse_stamp(row["EndDateTime"]) - parse_stamp(row["StartDateTime"])
        assert length == dt.timedelta(minutes=row["DurationInMinutes"])
        assert (row["DurationInMinutes"], row["ActivityDate"]) == (minutes, row["StartDateTime"][:10])


@pytest.mark.parametrize("minutes", [-1, LONGEST + 1])
def test_no_event_is_shorter_than_nothing_or_longer_than_two_weeks(minutes):
    with pytest.raises(SandboxError, match="between 0 minutes and 14 days"):
        saved("Event", StartDateTime="2026-01-31T10:00:00Z", DurationInMinutes=minutes)


def test_end_and_length_may_not_contradict_each_other():
    with pytest.raises(SandboxError, match="contradict"):
        saved(
            "Event",
            StartDateTime="2026-01-31T10:00:00Z",
            EndDateTime="2026-01-31T11:00:00Z",
            DurationInMinutes=30,
        )


def test_an_event_of_all_day_begins_at_midnight_and_lasts_a_day():
    row = saved("Event", IsAllDayEvent=True, ActivityDate="2026-01-31")
    assert (row["StartDateTime"], row["EndDateTime"]) == ("2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z")


def test_an_activity_belongs_to_what_it_is_about_else_to_whom_it_meets():
    first, second = (saved("Account", Name=name)["Id"] for name in "ab")
    contact = saved("Contact", LastName="C", AccountId=first)["Id"]
    assert saved("Task", WhoId=contact)["AccountId"] == first
    assert saved("Task", WhoId=contact, WhatId=second)["AccountId"] == second
    assert saved("Task")["AccountId"] is None


@pytest.mark.parametrize(("status", "closed"), [("Completed", 1), ("COMPLETED", 1), ("Deferred", 0)])
def test_a_task_is_closed_when_it_is_completed(status, closed):
    row = saved("Task", Status=status)
    assert (row["IsClosed"], bool(row["CompletedDateTime"])) == (closed, bool(closed))


def test_a_member_keeps_the_day_of_the_first_response():
    campaign, contact = saved("Campaign", Name="C")["Id"], saved("Contact", LastName="L")["Id"]
    row = saved("CampaignMember", CampaignId=campaign, ContactId=contact, Status="Responded")
    first = row["FirstRespondedDate"]
    ORG.clock.advance(3 * 24 * 3600)
    for status in ("Sent", "Responded"):
        ORG.writers.open(ORG.administrator).update("CampaignMember", row["Id"], {"Status": status})
    after = ORG.store.get(ORG.schema.entities["campaignmember"], row["Id"])
    assert (after["HasResponded"], after["FirstRespondedDate"]) == (1, first)


def test_who_is_met_is_a_contact_or_a_lead_and_a_lead_is_met_about_nothing_else():
    account = saved("Account", Name="a")["Id"]
    lead = saved("Lead", FirstName="Ann", LastName="Lee", Company="Chow")
    assert (lead["Name"], lead["Status"]) == ("Ann Lee", "Open - Not Contacted")
    assert saved("Task", WhoId=lead["Id"])["AccountId"] is None
    with pytest.raises(SandboxError, match="a lead is related to nothing else"):
        saved("Task", WhoId=lead["Id"], WhatId=account)
    with pytest.raises(SandboxError, match="incorrect type"):
        saved("Task", WhoId=account)


def test_a_member_is_one_contact_lead_or_account_and_each_once():
    account = saved("Account", Name="a")["Id"]
    contact = saved("Contact", LastName="C", AccountId=account)["Id"]
    lead = saved("Lead", LastName="L", Company="Chow")["Id"]
    campaign = saved("Campaign", Name="Echo lab")["Id"]
    for whom, name in (("AccountId", "a"), ("ContactId", "C"), ("LeadId", "L")):
        ids = {"AccountId": account, "ContactId": contact, "LeadId": lead}
        member = {"CampaignId": campaign, whom: ids[whom]}
        assert saved("CampaignMember", **member)["Name"] == name
        with pytest.raises(SandboxError, match="Already a campaign member"):
            saved("CampaignMember", **member)
    with pytest.raises(SandboxError, match="one contact, lead or account"):
        saved("CampaignMember", CampaignId=campaign, ContactId=contact, AccountId=account)


def test_a_contact_needs_a_last_name_and_its_name_is_put_together():
    with pytest.raises(SandboxError, match="LastName"):
        saved("Contact", FirstName="Ann")
    with pytest.raises(SandboxError):
        saved("Contact", LastName="Lee", Name="Ann Lee")
    assert saved("Contact", LastName="Lee", FirstName="Ann")["Name"] == "Ann Lee"
