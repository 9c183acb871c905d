"""Links of a mail: to follow one changes nothing, what it does is done once, and it is its member's alone."""

import re
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.test import Client

from activities.visits.models import Visit
from prm.accounts.models import Membership
from prm.digest.choices.queries import arranged_for
from prm.digest.links.tokens import act_path, stop_path
from prm.digest.sending import service
from prm.tenancy.context import tenant_scope
from tests.digest.conftest import MONDAY


@pytest.fixture
def paths(house, promise):
    """The paths of the act and of the way to stop the mails, as the mail has them."""
    with tenant_scope(house.tenant):
        service.send_due(60)
    act, stop = re.findall(r"https://prm\.example(/mail/\S+)", mail.outbox[0].body)
    return act, stop


@pytest.fixture
def strict():
    """A browser that checks for forgery, of nobody who has signed in."""
    return Client(enforce_csrf_checks=True)


def is_done(house, promise):
    with tenant_scope(house.tenant):
        return Visit.objects.get(pk=promise.pk).next_step_done_at is not None


def test_to_follow_a_link_changes_nothing(house, promise, paths, strict):
    for path in paths:
        for method in ("get", "head"):
            assert getattr(strict, method)(path).status_code in (200, 405)
    assert not is_done(house, promise)
    with tenant_scope(house.tenant):
        assert arranged_for(house.rep).timing.frequency == "daily"


def test_the_page_asks_once_and_the_button_does_it_as_the_member(house, promise, paths, strict):
    page = strict.get(paths[0])
    assert "Send the protocol" in page.text
    assert "Nothing is changed before you press" in page.text
    assert "Done." in strict.post(paths[0]).text
    assert is_done(house, promise)
    with tenant_scope(house.tenant):
        event = Visit.pgh_event_model.objects.filter(pgh_obj=promise.pk, pgh_label="update").latest("pgh_id")
        assert event.pgh_context["user_id"] == house.rep.user_id


def test_done_twice_is_done_once(house, promise, paths, strict, clock_at):
    strict.post(paths[0])
    with tenant_scope(house.tenant):
        first = Visit.objects.get(pk=promise.pk).next_step_done_at
    clock_at(MONDAY + timedelta(hours=1))
    assert "Done." in strict.post(paths[0]).text
    assert "Done." in strict.get(paths[0]).text
    with tenant_scope(house.tenant):
        assert Visit.objects.get(pk=promise.pk).next_step_done_at == first


def test_what_was_done_is_taken_back_on_the_same_page(house, promise, paths, strict):
    assert "Take it back" in strict.post(paths[0]).text
    back = strict.post(paths[0], {"undo": "1"}).text
    assert "Taken back." in back and "Take it back" not in back
    assert not is_done(house, promise)
    assert "Done." in strict.post(paths[0]).text
    assert is_done(house, promise)


def test_taking_back_what_was_not_done_does_it_no_more_than_the_button(house, promise, paths, strict):
    """The undo of a page that was open twice: what is not done any more is done by its own button alone."""
    strict.post(paths[0])
    strict.post(paths[0], {"undo": "1"})
    assert "Taken back." not in strict.post(paths[0], {"undo": "1"}).text
    assert not is_done(house, promise)


def test_a_mail_programs_own_button_stops_the_mails_by_one_post(house, paths, strict):
    answer = strict.post(paths[1], {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with tenant_scope(house.tenant):
        assert arranged_for(house.rep).timing.frequency == "off"
        assert arranged_for(house.manager).timing.frequency == "daily"


def test_once_a_week_instead(house, paths, strict):
    assert "Once a week instead" in strict.get(paths[1]).text
    assert "once a week from now on" in strict.post(paths[1], {"instead": "weekly"}).text
    with tenant_scope(house.tenant):
        assert arranged_for(house.rep).timing.frequency == "weekly"


@pytest.mark.parametrize("what", ["left", "tampered", "nonsense", "gone", "another's", "other salt"])
def test_whatever_is_wrong_with_a_link_is_answered_alike(house, promise, paths, strict, what):
    path = paths[0]
    with tenant_scope(house.tenant):
        if what == "left":
            Membership.objects.filter(pk=house.rep.pk).update(is_active=False)
        elif what == "tampered":
            path = path.replace("/mail/W", "/mail/X", 1) if "/mail/W" in path else path[:-3] + "AA/"
        elif what == "nonsense":
            path = "/mail/abc/"
        elif what == "gone":
            Visit.objects.filter(pk=promise.pk).delete()
        elif what == "another's":
            path = act_path(house.manager, "promise-kept", promise.pk)
        else:
            said = ["act", house.tenant.pk.hex, house.rep.pk.hex, "promise-kept", promise.pk.hex]
            path = f"/mail/{signing.dumps(said, salt='prm.other')}/"
    for method in ("get", "post"):
        answer = getattr(strict, method)(path)
        assert (answer.status_code, "no longer works" in answer.text) == (404, True)
    with tenant_scope(house.tenant):
        assert not Visit.objects.filter(pk=promise.pk, next_step_done_at__isnull=False).exists()


def test_an_act_ends_after_two_weeks_and_the_way_to_stop_does_not(house, promise, paths, strict, monkeypatch):
    import time

    later = time.time() + 15 * 86_400
    monkeypatch.setattr("time.time", lambda: later)
    assert strict.get(paths[0]).status_code == 404
    assert strict.get(paths[1]).status_code == 200


def test_a_member_without_the_right_any_more_is_refused(house, promise, paths, strict, monkeypatch):
    from prm.accounts.rights import RIGHTS, Right

    monkeypatch.setitem(RIGHTS, "rep", RIGHTS["rep"] - {Right.ACTIVITY_WRITE})
    assert strict.post(paths[0]).status_code == 404
    assert not is_done(house, promise)


def test_a_link_of_another_tenant_leads_to_its_own(house, anchor, strict):
    with tenant_scope(anchor.tenant):
        path = stop_path(anchor.rep)
    strict.post(path)
    with tenant_scope(anchor.tenant):
        assert arranged_for(anchor.rep).timing.frequency == "off"
    with tenant_scope(house.tenant):
        assert arranged_for(house.rep).timing.frequency == "daily"
