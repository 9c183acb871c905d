from datetime import timedelta
from decimal import Decimal

import pytest

from activities.campaigns.members.service import add_members, remove_members
from activities.campaigns.planning import service
from activities.campaigns.planning.models import Campaign, Link, Member
from activities.campaigns.planning.rules import is_held_out
from prm.core import calendar
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from tests.activities import factories as people
from tests.activities.campaigns import factories as make


def refused(call, code):
    with pytest.raises(Refused) as error:
        call()
    assert error.value.code == code
    return error.value.message


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"name": " "}, "required"),
        ({"channels": []}, "invalid_choice"),
        ({"channels": ["pigeon"]}, "invalid_choice"),
        ({"currency": "JPY"}, "currency"),
        ({"budget": Decimal(-1)}, "out_of_range"),
        ({"weeks": 0}, "out_of_range"),
        ({"holdout_percent": 91}, "out_of_range"),
    ],
)
def test_what_is_no_campaign_is_refused_and_nothing_is_kept(in_mercy, details, code):
    refused(lambda: make.campaign(**details), code)
    assert not Campaign.objects.exists()


def test_it_ends_after_it_starts(in_mercy):
    today = calendar.today(current_tenant())
    refused(lambda: make.campaign(starts_on=today, ends_on=today - timedelta(days=1)), "order")


def test_the_same_id_again_makes_nothing_new(in_mercy):
    first = make.campaign()
    again = service.create_campaign(details=make.campaign_input(name="Other"), campaign_id=first.pk)
    assert (again.pk, again.name, Campaign.objects.count()) == (first.pk, "Echo lab opens", 1)


def test_without_members_it_does_not_start(in_mercy):
    made = make.campaign()
    assert "Nobody is a member yet" in refused(lambda: service.start_campaign(campaign=made), "no_members")
    assert Campaign.objects.get().is_draft


def test_coins_are_stored_as_members_are_added_and_never_change(elena):
    others = [people.partner(f"Dr. {n}") for n in range(30)]
    made = make.campaign(holdout_percent=50)
    wave = made.waves.get()
    add_members(campaign=made, partners=[one.pk for one in (elena, *others)])
    coins = dict(Member.objects.values_list("partner_id", "group"))
    assert coins == {pk: "held" if is_held_out(wave.seed, pk, 50) else "sent" for pk in coins}
    assert set(coins.values()) == {"held", "sent"}
    service.start_campaign(campaign=made)
    service.unstart_campaign(campaign=made)
    service.start_campaign(campaign=made)
    assert dict(Member.objects.values_list("partner_id", "group")) == coins


def test_people_of_one_partner_have_its_coin(elena):
    from partners.contacts.models import Contact

    contacts = [Contact.objects.create(partner=elena, name=f"C{n}").pk for n in range(12)]
    made = make.campaign(holdout_percent=50)
    assert add_members(campaign=made, partners=[elena.pk], contacts=contacts) == 13
    assert Member.objects.values("group").distinct().count() == 1


def test_the_list_is_closed_once_coins_are_shown_and_a_second_wave_has_its_own(elena):
    made = make.running(elena)
    other = people.partner("Dr. Samuel Okafor")
    words = refused(lambda: add_members(campaign=made, partners=[other.pk]), "closed")
    assert "second wave" in words
    refused(lambda: remove_members(campaign=made, members=[Member.objects.get().pk]), "closed")
    wave = service.begin_wave(campaign=made)
    assert add_members(campaign=made, partners=[other.pk, elena.pk]) == 1
    first = made.waves.get(number=1)
    assert (wave.number, wave.seed == first.seed) == (2, False)
    service.start_campaign(campaign=made)
    assert made.waves.filter(drawn_at=None).count() == 0


def test_after_the_coins_neither_the_question_nor_the_part_held_out_changes(elena):
    made = make.running(elena)
    for changed in ({"weeks": 9}, {"holdout_percent": 20}):
        refused(
            lambda c=changed: service.change_campaign(campaign=made, details=make.campaign_input(**c)),
            "tossed",
        )
    assert (
        service.change_campaign(campaign=made, details=make.campaign_input(goal="More echoes")).goal
        == "More echoes"
    )


def test_a_start_is_taken_back_until_something_was_sent(elena):
    made = make.running(elena, sent=False)
    assert service.unstart_campaign(campaign=made).is_draft
    service.start_campaign(campaign=made)
    service.mark_sent(wave=made.waves.get(), on=calendar.today(current_tenant()))
    refused(lambda: service.unstart_campaign(campaign=made), "too_late")


def test_nothing_is_sent_before_the_coins(elena):
    made = make.campaign()
    today = calendar.today(current_tenant())
    refused(lambda: service.mark_sent(wave=made.waves.get(), on=today), "not_running")
    made = make.running(elena, sent=False, name="Other")
    refused(lambda: service.mark_sent(wave=made.waves.get(), on=today - timedelta(days=1)), "too_early")


def test_an_end_and_its_undo(elena):
    made = make.running(elena)
    assert service.end_campaign(campaign=made).state == "ended"
    refused(lambda: service.start_campaign(campaign=made), "ended")
    refused(lambda: service.add_link(campaign=made, label="X", url=f"https://{make.HOST}/x"), "ended")
    assert service.reopen_campaign(campaign=made).is_running


def test_a_draft_is_removed_with_its_members_and_a_started_one_is_not(elena):
    made = make.campaign()
    add_members(campaign=made, partners=[elena.pk])
    service.remove_campaign(campaign=made)
    assert (Campaign.objects.count(), Member.objects.count()) == (0, 0)
    refused(lambda: service.remove_campaign(campaign=make.running(elena)), "started")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example/"])
def test_a_link_leads_nowhere_but_to_hosts_of_the_list(elena, url):
    made = make.running(elena, links=())
    refused(
        lambda: service.add_link(campaign=made, label="X", url=url), "scheme" if url[0] == "j" else "host"
    )
    assert not Link.objects.exists()
    link = service.add_link(campaign=made, label="X", url=f"https://{make.HOST}/x")
    refused(lambda: service.change_link(link=link, label="X", url=url), "scheme" if url[0] == "j" else "host")
    refused(lambda: service.remove_link(link=link), "started")


def test_another_tenant_s_campaign_is_not_there(elena, anchor):
    from prm.tenancy.context import tenant_scope

    made = make.running(elena)
    with tenant_scope(anchor.tenant):
        assert not Campaign.objects.exists()
        refused(lambda: service.end_campaign(campaign=made), "does_not_exist")


def test_mailed_again_is_noted_after_the_first_time_and_taken_back(elena):
    made = make.running(elena, sent=False)
    today = calendar.today(made.tenant)
    refused(lambda: service.mark_sent_again(campaign=made, on=today), "not_sent")
    wave = made.waves.get()
    service.mark_sent(wave=wave, on=today)
    refused(lambda: service.mark_sent_again(campaign=made, on=today), "not_sent")
    tomorrow = today + timedelta(days=1)
    for _ in range(2):
        service.mark_sent_again(campaign=made, on=tomorrow)
    wave.refresh_from_db()
    assert (wave.sent_on, wave.again_on) == (today, [tomorrow])
    refused(lambda: service.mark_sent_again(campaign=made, on=today + timedelta(days=9)), "future")
    service.mark_sent_again(campaign=made, on=tomorrow, again=False)
    wave.refresh_from_db()
    assert wave.again_on == []
    service.end_campaign(campaign=made)
    refused(lambda: service.mark_sent_again(campaign=made, on=tomorrow), "not_sent")
