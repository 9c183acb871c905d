"""Merges of very many rows run in the background: asked once, done whole or not at all, and the page says how far they are."""

import pytest
from django.test import Client

from partners.contacts.service import add_contact
from partners.directory.models import Partner, ReferralCode
from partners.merges import queries, rules
from partners.merges.large import service as large
from partners.merges.models import MergeTask, PartnerMerge
from partners.merges.rehearsal import standing_after
from partners.merges.service import merge_partners
from partners.standing.models import Standing
from prm.core.errors import Refused
from prm.core.ids import uuid7
from tests.partners.factories import make_partner


@pytest.fixture
def pair(house, scope, monkeypatch):
    monkeypatch.setattr(rules, "LARGE", 2)
    with scope():
        ours = make_partner("Dr. Elena Marchetti", codes=["E1"])
        theirs = make_partner("E. Marchetti, MD", codes=["E2", "E3", "E4", "E5"])
        yield ours, theirs


@pytest.fixture
def client(house):
    client = Client()
    client.force_login(house.manager.user)
    return client


def codes_of(partner):
    return sorted(ReferralCode.objects.filter(partner=partner).values_list("code", flat=True))


def test_a_large_merge_waits_is_asked_for_once_and_is_done_and_taken_back_whole(pair):
    ours, theirs = pair
    task = large.ask_merge(ours.pk, merged_id=theirs.pk, reason="the same")
    assert isinstance(task, MergeTask) and task.rows_total == 4 and not PartnerMerge.objects.exists()
    assert large.ask_merge(ours.pk, merged_id=theirs.pk) == task
    done = large.perform(task.pk)
    assert (done.message, done.merge.reason, done.rows_done) == ("", "the same", 4)
    assert codes_of(ours) == ["E1", "E2", "E3", "E4", "E5"]
    with pytest.raises(Refused, match="over already"):
        large.perform(task.pk)
    back = large.ask_undo(done.merge_id)
    assert isinstance(back, MergeTask) and codes_of(theirs) == []
    assert large.perform(back.pk).merge.undone_at is not None
    assert codes_of(theirs) == ["E2", "E3", "E4", "E5"]


def test_what_cannot_be_done_any_more_says_why_and_moves_nothing(pair):
    ours, theirs = pair
    third = make_partner("Third")
    task = large.ask_merge(ours.pk, merged_id=theirs.pk)
    merge_partners(third.pk, merged_id=ours.pk)
    assert "was merged into Third before" in large.perform(task.pk).message
    assert len(codes_of(theirs)) == 4


def test_a_small_one_is_done_at_once(pair):
    ours, theirs = pair
    ReferralCode.objects.filter(partner=theirs).exclude(code="E2").delete()
    merge = large.ask_merge(ours.pk, merged_id=theirs.pk)
    assert isinstance(merge, PartnerMerge)
    assert large.ask_undo(merge.pk).merge.undone_at is not None
    with pytest.raises(Refused):
        large.ask_undo(uuid7())


def test_the_page_of_a_large_merge_says_how_far_it_is_and_what_came_of_it(pair, client):
    ours, theirs = pair
    shown = client.post(f"/t/mercy/partners/{ours.pk}/merge/{theirs.pk}/", follow=True)
    task = MergeTask.objects.get()
    if task.ended_at is None:
        assert "0 of 4 rows" in shown.content.decode()
        large.perform(task.pk)
    page = client.get(f"/t/mercy/merges/tasks/{task.pk}/").content.decode()
    assert "They are one." in page and "4 referral codes" in page
    told = client.get(f"/api/v1/mercy/partner-merges/tasks/{task.pk}/").json()
    assert (told["rows_total"], told["message"]) == (4, "") and told["merge"]


def test_what_would_follow_is_computed_and_nothing_of_it_stays(pair, client):
    ours, theirs = pair
    add_contact(theirs.pk, name="Ann Field")
    before = list(Partner.objects.order_by("pk").values()), list(Standing.objects.order_by("pk").values())
    then = standing_after(ours.pk, theirs.pk)
    assert then.partner_id == ours.pk and not PartnerMerge.objects.exists()
    assert before == (
        list(Partner.objects.order_by("pk").values()),
        list(Standing.objects.order_by("pk").values()),
    )
    assert standing_after(ours.pk, ours.pk) is None
    said = client.get(f"/t/mercy/partners/{ours.pk}/merge/{theirs.pk}/after/").content.decode()
    assert "the level" in said


def test_a_preview_says_which_codes_stay_valid(pair):
    ours, theirs = pair
    notes = {row.words: row.note for row in queries.preview(ours.pk, theirs.pk).rows}
    assert notes["referral codes"] == "E2, E3, E4 and more stay valid"
    notes = {row.words: row.note for row in queries.preview(theirs.pk, ours.pk).rows}
    assert notes["referral codes"] == "E1 stays valid"
