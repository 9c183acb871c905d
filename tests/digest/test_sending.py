"""A digest goes once for each person and day, by their clock, to proved addresses, and only when something needs them."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected
from unittest import mock

import pytest
from django.core import mail
from django.db import transaction

from prm.accounts.models import Membership, User
from prm.core import clock
from prm.digest.choices.models import DigestChoice
from prm.digest.choices.service import set_choice, set_default
from prm.digest.sending import service
from prm.digest.sending.models import DigestMail
from prm.digest.sending.queries import due
from prm.digest.sending.tasks import sweep
from prm.tenancy.context import tenant_scope
from prm.tenancy.work.states import Slice
from tests.digest.conftest import MONDAY


def send_all(house):
    with tenant_scope(house.tenant):
        assert service.send_due(60) == Slice.DONE
        return {one.member_id: one.state for one in DigestMail.objects.all()}


def test_who_is_needed_gets_one_mail_and_the_others_none(house, promise):
    states = send_all(house)
    assert states == {
        house.rep.pk: "sent",
        house.manager.pk: "nothing",
        house.administrator.pk: "nothing",
    }
    [message] = mail.outbox
    assert message.to == ["mary@mercy.example"]
    assert message.subject.startswith("Mercy: 1 promise due")
    assert message.from_email.startswith("Mercy <")


def test_the_mail_is_text_and_html_with_pages_and_links(house, promise):
    send_all(house)
    [message] = mail.outbox
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    for body in (message.body, html):
        assert "Send the protocol" in body
        assert "Promised to Dr. Elena Marchetti, 3 days late." in body
        assert f"https://prm.example/t/mercy/partners/{promise.partner_id}/" in body
        assert body.count("https://prm.example/mail/") == 2, "one act, and the way to stop the mails"
        assert "https://prm.example/t/mercy/profile/#digest" in body
    assert "<script" not in html
    assert "class=" in html
    assert ".digest-line" in html, "a mail has no file beside it"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.extra_headers["List-Unsubscribe"].strip("<>") in message.body


def test_what_people_wrote_stays_text(house, promise):
    with tenant_scope(house.tenant):
        promise.next_step = "<b>Call</b> & ask"
        promise.save()
    send_all(house)
    [message] = mail.outbox
    assert "<b>Call</b> & ask" in message.body
    assert "&lt;b&gt;Call&lt;/b&gt; &amp; ask" in message.alternatives[0][0]


def test_never_twice_a_day_whoever_looks_again(house, promise, clock_at):
    send_all(house)
    send_all(house)
    sweep()
    clock_at(MONDAY + timedelta(hours=3))
    sweep()
    assert len(mail.outbox) == 1


def test_two_at_once_send_one(house, promise):
    """Both have read who is due before either has claimed."""
    with tenant_scope(house.tenant):
        first, second = due(clock.now()), due(clock.now())
        assert [one.member for one in first] == [one.member for one in second]
        assert [service.send_one(one) is None for one in first] == [False] * len(first)
        assert [service.send_one(one) for one in second] == [None] * len(second)
    assert len(mail.outbox) == 1


def test_what_was_claimed_and_never_ended_is_not_sent_again(house, promise):
    with tenant_scope(house.tenant):
        DigestMail.objects.create(member=house.rep, day=MONDAY.date())
    send_all(house)
    assert mail.outbox == []


def test_a_mail_that_the_server_refuses_is_noted_and_not_tried_again_that_day(house, promise):
    with mock.patch(
        "django.core.mail.EmailMultiAlternatives.send", side_effect=SMTPServerDisconnected("gone")
    ):
        states = send_all(house)
    assert states[house.rep.pk] == "failed"
    send_all(house)
    assert mail.outbox == []
    with tenant_scope(house.tenant):
        assert "did not take" in DigestMail.objects.get(member=house.rep).message


def test_the_next_digest_tells_of_the_time_since_the_last_that_went(house, promise, clock_at):
    send_all(house)
    clock_at(MONDAY + timedelta(days=1))
    with tenant_scope(house.tenant):
        DigestMail.objects.filter(member=house.manager).update(state="failed")
        since = {one.member.pk: one.since for one in due(clock.now())}
    assert since[house.rep.pk] == MONDAY
    assert since[house.manager.pk] == MONDAY + timedelta(days=1) - timedelta(days=1, minutes=10)


def test_the_same_again_waits_a_week_and_something_new_does_not(house, promise, clock_at):
    send_all(house)
    clock_at(MONDAY + timedelta(days=1))
    assert send_all(house)[house.rep.pk] in ("same", "sent")
    with tenant_scope(house.tenant):
        assert DigestMail.objects.filter(member=house.rep, state="same").count() == 1
        promise.pk, promise.next_step = None, "Another"
        promise._state.adding = True
        promise.id = None
        from prm.core.ids import uuid7

        promise.id = uuid7()
        promise.save(force_insert=True)
    clock_at(MONDAY + timedelta(days=2))
    send_all(house)
    assert [message.subject.split(",")[0] for message in mail.outbox] == [
        "Mercy: 1 promise due",
        "Mercy: 2 promises due",
    ]
    clock_at(MONDAY + timedelta(days=3))
    send_all(house)
    assert len(mail.outbox) == 2
    clock_at(MONDAY + timedelta(days=9))
    send_all(house)
    assert len(mail.outbox) == 3


def test_a_weekly_one_is_sent_although_it_says_the_same(house, promise, clock_at):
    with tenant_scope(house.tenant):
        clock_at(MONDAY - timedelta(days=1))
        set_choice(house.rep, frequency="weekly")
    for week in range(3):
        clock_at(MONDAY + timedelta(weeks=week))
        send_all(house)
        clock_at(MONDAY + timedelta(weeks=week, days=1))
        send_all(house)
    assert len(mail.outbox) == 3


def test_own_time_and_zone_count(house, promise, clock_at):
    from datetime import time

    with tenant_scope(house.tenant):
        clock_at(MONDAY - timedelta(days=2))
        set_choice(house.rep, timezone="Asia/Tokyo", at=time(22, 0))
    clock_at(MONDAY)
    send_all(house)
    assert mail.outbox == []
    clock_at(MONDAY + timedelta(minutes=25))
    send_all(house)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("what", ["unproved", "left", "closed", "off", "no server", "no address"])
def test_who_is_not_to_be_written_to_is_not(house, promise, settings, what, clock_at):
    with tenant_scope(house.tenant):
        if what == "unproved":
            User.objects.filter(pk=house.rep.user_id).update(proved_at=None)
        elif what == "left":
            Membership.objects.filter(pk=house.rep.pk).update(is_active=False)
        elif what == "closed":
            User.objects.filter(pk=house.rep.user_id).update(is_active=False)
        elif what == "off":
            set_choice(house.rep, frequency="off")
        elif what == "no server":
            settings.MAIL_IS_SET_UP = False
        else:
            settings.COMMAND_URL = ""
    assert house.rep.pk not in send_all(house)
    assert mail.outbox == []


def test_a_partners_people_get_none(house, promise):
    from prm.accounts.service import add_member

    with tenant_scope(house.tenant):
        member = add_member(email="own@mercy.example", role="partner")
        User.objects.filter(pk=member.user_id).update(proved_at=clock.now())
        assert member.pk not in {one.member.pk for one in due(clock.now() + timedelta(days=1))}


def test_the_sweep_asks_where_somebody_is_due(house, promise, anchor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert len(mail.outbox) == 1
    with tenant_scope(anchor.tenant):
        assert not DigestMail.objects.exists()


def test_the_organisations_default_holds_for_whoever_has_not_chosen(house, promise, clock_at):
    with tenant_scope(house.tenant):
        clock_at(MONDAY - timedelta(days=2))
        set_default(frequency="off")
        set_choice(house.rep, frequency="daily")
        clock_at(MONDAY)
        assert [one.member.pk for one in due(clock.now())] == [house.rep.pk]


def test_a_choice_counts_from_the_next_time_on(house, promise):
    with tenant_scope(house.tenant):
        set_choice(house.rep, frequency="daily")
        assert house.rep.pk not in {one.member.pk for one in due(clock.now())}
        assert DigestChoice.objects.get().changed_at == clock.now()


def test_what_became_of_digests_is_forgotten_after_a_while(house, promise, clock_at):
    send_all(house)
    clock_at(MONDAY + timedelta(days=120))
    with tenant_scope(house.tenant), transaction.atomic():
        service.send_due(60)
        assert DigestMail.objects.filter(day=MONDAY.date()).count() == 0
