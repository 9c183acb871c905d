import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.campaigns.members import service
from activities.campaigns.members.models import LetterFile
from activities.campaigns.planning.models import Member, Wave
from activities.campaigns.planning.service import start_campaign, unstart_campaign
from activities.campaigns.results.service import count_figures
from partners.contacts.models import Contact
from partners.directory.service import set_active
from prm.core import clock
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.context import SYSTEM, acting_as
from tests.activities import factories as people
from tests.activities.campaigns import factories as make


def test_a_member_is_one_however_often_it_is_added(elena):
    made = make.campaign()
    assert service.add_members(campaign=made, partners=[elena.pk, elena.pk]) == 1
    assert service.add_members(campaign=made, partners=[elena.pk]) == 0
    with pytest.raises(Refused, match="nobody of these"):
        service.add_members(campaign=made, partners=[uuid7()])


def test_everybody_of_a_filter_comes_in_slices_and_says_how_far(elena, monkeypatch):
    monkeypatch.setattr(service, "SLICE", 2)
    for n in range(5):
        people.partner(f"Dr. {n}", region="North")
    gone = people.partner("Dr. Gone", region="North")
    set_active([gone.pk], is_active=False)
    made = make.campaign()
    service.add_by_filter(campaign=made, query="?region=North&page=2")
    assert Wave.objects.get().is_filling
    with pytest.raises(Refused, match="Members are still being added"):
        start_campaign(campaign=made)
    with acting_as(SYSTEM):
        while service.fill_wave(Wave.objects.get().pk):
            pass
    wave = Wave.objects.get()
    assert (wave.is_filling, wave.total, wave.done, Member.objects.count()) == (False, 5, 5, 5)


def test_people_of_a_filter_join_and_nobody_is_left_out(elena):
    ann, ben = (Contact.objects.create(partner=elena, name=name) for name in ("Ann", "Ben"))
    Contact.objects.filter(pk=ben.pk).update(is_preferred=True)
    alone = people.partner("Dr. Alone")
    for whom, wanted in (
        ("preferred", {(elena.pk, ben.pk)}),
        ("people", {(elena.pk, ann.pk), (elena.pk, ben.pk)}),
    ):
        made = make.campaign()
        service.add_by_filter(campaign=made, query="", whom=whom)
        with acting_as(SYSTEM):
            while service.fill_wave(made.waves.get().pk):
                pass
        assert set(made.members.values_list("partner", "contact")) == wanted | {(alone.pk, None)}
    with pytest.raises(Refused):
        service.add_by_filter(campaign=made, query="", whom="everybody")


def test_a_filter_that_finds_nobody_or_cannot_be_read_is_refused(elena):
    made = make.campaign()
    for query in ("region=Nowhere", "tier=gold"):
        with pytest.raises(Refused):
            service.add_by_filter(campaign=made, query=query)
    assert not Wave.objects.get().is_filling


def test_more_than_fit_in_one_request_go_by_a_filter(elena):
    made = make.campaign()
    with pytest.raises(Refused, match="by a filter or a file"):
        service.add_members(campaign=made, partners=[uuid7() for _ in range(service.AT_ONCE + 1)])


def test_addresses_that_came_back_and_who_came(elena):
    made = make.running(elena)
    member = Member.objects.get()
    assert service.set_reach(campaign=made, members=[member.pk], reach="unknown") == 1
    assert service.set_reach(campaign=made, members=[member.pk], reach="unknown") == 0
    assert service.set_reach(campaign=made, members=[member.pk], reach="") == 1
    assert service.set_attended(campaign=made, members=[member.pk]) == 1
    assert Member.objects.get().has_responded
    assert service.set_attended(campaign=made, members=[member.pk], attended=False) == 1
    assert not Member.objects.get().has_responded


def test_salesforce_does_not_take_back_what_was_seen_here(elena):
    made = make.running(elena)
    service.set_attended(campaign=made, members=[Member.objects.get().pk])
    with pytest.raises(Refused, match="seen here"):
        service.take_responses({Member.objects.get().pk: service.Response(responded=False)})
    with pytest.raises(Refused, match="does not exist"):
        service.take_responses({uuid7(): service.Response(responded=True)})


def test_what_salesforce_says_of_many_members_is_taken_with_few_queries(elena):
    others = [people.partner(f"Dr. {n}") for n in range(3)]
    make.running(elena, *others)
    known = {
        pk: service.Response(status="Registered", responded=True)
        for pk in Member.objects.values_list("pk", flat=True)
    }
    with CaptureQueriesContext(connection) as many:
        assert service.take_responses(known) == 4
    one = dict(list(known.items())[:1])
    with CaptureQueriesContext(connection) as few:
        service.take_responses(one)
    assert len(many) == len(few)
    member = Member.objects.first()
    assert (member.status_there, member.status_responds, member.has_responded) == ("Registered", True, True)
    service.take_responses({member.pk: service.Response(status="Sent", responded=False)})
    member.refresh_from_db()
    assert (member.status_there, member.status_responds, member.has_responded) == ("Sent", False, False)


def test_members_learn_of_their_coins_in_slices_and_of_a_start_taken_back(elena, monkeypatch):
    monkeypatch.setattr(service, "SLICE", 2)
    made = make.running(elena, *(people.partner(f"Dr. {n}") for n in range(2)), sent=False)

    def told():
        with acting_as(SYSTEM):
            while service.tell_members(made.pk):
                pass
        return Member.objects.filter(is_drawn=True).count()

    assert Member.objects.filter(is_drawn=True).count() == 0
    assert told() == 3
    unstart_campaign(campaign=made)
    assert told() == 0


def test_a_selection_of_the_list_joins_and_leaves_again(elena):
    from partners.bulk.service import change_many, undo_change

    other = people.partner("Dr. Samuel Okafor")
    made = make.campaign()
    service.add_members(campaign=made, partners=[elena.pk])
    done = change_many([elena.pk, other.pk], action="campaign", values={"campaign": str(made.pk)})
    assert (done.count, Member.objects.count(), done.words) == (1, 2, f"1 {_noun()} in Echo lab opens")
    undo_change(done.pk)
    assert list(Member.objects.values_list("partner_id", flat=True)) == [elena.pk]


def _noun():
    from prm.tenancy.context import current_tenant

    return current_tenant().partner_noun


def test_many_letters_are_written_by_a_worker_and_kept_for_a_day(elena, monkeypatch):
    monkeypatch.setattr(service, "SLICE", 2)
    made = make.campaign()
    with pytest.raises(Refused, match="Start the campaign first"):
        service.ask_for_letters(campaign=made)
    made = make.running(elena, *(people.partner(f"Dr. {n}") for n in range(4)))
    Member.objects.filter(partner__name="Dr. 3").update(reach="stopped")
    service.ask_for_letters(campaign=made)
    asked = service.ask_for_letters(campaign=made)
    assert (asked.state, LetterFile.objects.count()) == ("asked", 1)
    with acting_as(SYSTEM):
        service.write_letters(made.pk)
        # What nobody asks for is not written again.
        service.write_letters(made.pk)
    file = LetterFile.objects.get()
    assert (file.state, file.done, file.total) == ("ready", 4, 4)
    with default_storage.open(file.stored_as) as kept:
        lines = kept.read().decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert "Dr. 3" not in "".join(lines) and lines[1].count("/c/") == 2
    first = file.stored_as
    service.ask_for_letters(campaign=made)
    with acting_as(SYSTEM):
        service.write_letters(made.pk)
    file.refresh_from_db()
    assert default_storage.exists(file.stored_as) and (
        first == file.stored_as or not default_storage.exists(first)
    )
    with acting_as(SYSTEM):
        service.forget_letters()
        assert LetterFile.objects.get().is_there
        LetterFile.objects.update(finished_at=clock.now() - service.KEPT * 2)
        service.forget_letters()
    assert LetterFile.objects.get().state == "gone" and not default_storage.exists(file.stored_as)


def test_a_wave_knows_its_size_without_counting(elena):
    ann = Contact.objects.create(partner=elena, name="Ann")
    made = make.campaign()
    service.add_members(campaign=made, partners=[elena.pk], contacts=[ann.pk])
    service.add_members(campaign=made, partners=[elena.pk])
    assert Wave.objects.get().size == 2
    service.remove_members(campaign=made, members=[Member.objects.get(contact=ann).pk])
    assert Wave.objects.get().size == 1
    with acting_as(SYSTEM):
        count_figures(made.pk)
    wave = Wave.objects.get()
    assert (wave.size, wave.partners, wave.held) == (1, 1, 0)
