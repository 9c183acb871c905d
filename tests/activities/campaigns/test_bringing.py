"""Members, attendance and letters that came back, from lists."""

import pytest

from activities.campaigns.members.service import add_members
from activities.campaigns.planning.models import Member
from activities.campaigns.planning.service import start_campaign
from partners.contacts.models import Contact
from tests.activities.campaigns import factories as make
from tests.activities.lists.factories import bring, give_back, outcomes, read
from tests.partners.factories import make_partner

KIND = "campaign-members"


@pytest.fixture
def elm(in_mercy):
    return make_partner("Elm Street", kind="practice", codes=["C7"], city="Elm")


@pytest.fixture
def ann(elm):
    return Contact.objects.create(partner=elm, name="Ann Lee", email="ann@elm.example")


def test_a_list_of_partners_and_people_joins_once(elm, ann):
    campaign = make.campaign()
    text = "Campaign,Code,Contact\nEcho lab opens,C7,\nEcho lab opens,C7,Lee Ann\nEcho lab opens,C8,\n"
    run = bring(text, kind=KIND)
    assert run.counts == {"new": 2, "rejected": 1}
    assert set(campaign.members.values_list("partner", "contact")) == {(elm.pk, None), (elm.pk, ann.pk)}
    assert read(text, kind=KIND).counts == {"unchanged": 2, "rejected": 1}
    give_back(run)
    assert not Member.objects.exists()


def test_a_campaign_may_be_said_for_all_rows(elm):
    campaign = make.campaign()
    said = {"campaign": str(campaign.pk)}
    run = read("Code,City\nC7,Elm\n", kind=KIND, defaults=said)
    assert (run.problem, run.message, outcomes(run)) == ("", "", {2: ("new", outcomes(run)[2][1])})
    assert bring("Code,City\nC7,Elm\n", kind=KIND, defaults=said).counts == {"new": 1}
    assert read("Code,City\nC7,Elm\n", kind=KIND, defaults=said).counts == {"unchanged": 1}
    run = read("Code,Came\nC7,yes\n", kind=KIND)
    assert "Say which campaign" in outcomes(run)[2][1]


def test_campaigns_of_one_name_are_told_apart_by_their_start(elm):
    make.campaign()
    make.campaign()
    run = read("Campaign,Code\nEcho lab opens,C7\n", kind=KIND)
    assert "is not one of: Echo lab opens (2" in outcomes(run)[2][1]


def test_somebody_nobody_knows_there_is_rejected_in_words(elm, ann):
    make.campaign()
    text = "Campaign,Code,Contact,Contact e-mail\nEcho lab opens,C7,Cyd Charles,\nEcho lab opens,C7,,ANN@elm.example\n"
    run = bring(text, kind=KIND)
    assert run.counts == {"new": 1, "rejected": 1}
    assert "Nobody is known there as Cyd Charles" in outcomes(run)[2][1]
    assert Member.objects.get().contact == ann


def test_after_the_coins_nobody_joins_by_a_list_and_the_preview_says_so(elm):
    other = make_partner("Otto", codes=["C9"])
    campaign = make.campaign()
    add_members(campaign=campaign, partners=[other.pk])
    start_campaign(campaign=campaign)
    run = read("Campaign,Code\nEcho lab opens,C7\nEcho lab opens,C9\n", kind=KIND)
    assert run.counts == {"rejected": 1, "unchanged": 1}
    assert "second wave" in outcomes(run)[2][1]


def test_who_came_and_whose_letter_came_back_and_all_of_it_taken_back(elm, ann):
    campaign = make.campaign(holdout_percent=0)
    add_members(campaign=campaign, partners=[elm.pk], contacts=[ann.pk])
    start_campaign(campaign=campaign)
    text = "Event,Code,Contact,Attended,Bounced\nEcho lab opens,C7,Ann Lee,yes,\nEcho lab opens,C7,,no,Address unknown\n"
    run = bring(text, kind=KIND)
    assert run.counts == {"certain": 2}
    assert Member.objects.get(contact=ann).attended_at
    assert Member.objects.get(contact=None).reach == "unknown"
    assert read(text, kind=KIND).counts == {"unchanged": 2}
    give_back(run)
    assert not Member.objects.exclude(attended_at=None).exists()
    assert not Member.objects.exclude(reach="").exists()


def test_what_was_started_since_is_not_taken_back(elm):
    campaign = make.campaign()
    run = bring("Campaign,Code\nEcho lab opens,C7\n", kind=KIND)
    start_campaign(campaign=campaign)
    with pytest.raises(Exception, match="the start of the campaign came later"):
        give_back(run)


def test_before_the_start_nobody_has_come(elm):
    make.campaign()
    run = read("Campaign,Code,Came\nEcho lab opens,C7,yes\n", kind=KIND)
    assert "Start the campaign first" in outcomes(run)[2][1]
