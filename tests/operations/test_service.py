"""Nothing that expires is kept for ever."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from prm.celery import app
from prm.core.clock import now
from prm.operations import service, tasks


def logged(model, days):
    count = {"failures_since_start": 1} if model is AccessAttempt else {}
    row = model.objects.create(username=f"{days}@b.example", ip_address="192.0.2.1", path_info="/", **count)
    model.objects.filter(pk=row.pk).update(attempt_time=now() - timedelta(days=days))
    return row


@pytest.mark.parametrize("model", [AccessAttempt, AccessFailureLog, AccessLog])
def test_the_lock_out_log_ends_with_the_setting(db, settings, model):
    settings.SIGN_IN_LOG_DAYS = 30
    old, young = logged(model, 31), logged(model, 29)
    removed = service.clear_expired()
    assert sum(removed.values()) == 1
    assert list(model.objects.all()) == [young]
    assert not model.objects.filter(pk=old.pk).exists()


def test_sessions_that_have_ended_go_and_the_others_stay(mercy, client_for):
    ended, alive = client_for(mercy.administrator), client_for(mercy.rep)
    for client in (ended, alive):
        assert client.get("/t/mercy/profile/").status_code == 200  # puts it on the list of own sessions
    # Sessions live by Django's clock, which is not the one that tests set.
    lived = timedelta(seconds=ended.session.get_expiry_age() + 1)
    Session.objects.filter(pk=ended.session.session_key).update(
        expire_date=ended.session.get_expiry_date() - lived
    )
    tasks.clear_expired()
    assert list(Session.objects.values_list("pk", flat=True)) == [alive.session.session_key]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [alive.session.session_key]
    assert alive.get("/t/mercy/orders/").status_code == 200


def test_every_task_of_the_schedule_exists_and_each_of_them_runs(db):
    app.loader.import_default_modules()
    names = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert "operations.clear_expired" in names
    assert names <= set(app.tasks)


# Tables of packages that grow with use, and what ends their rows.
CLEARED = {
    "sessions.Session": "operations.clear_expired",
    "usersessions.UserSession": "operations.clear_expired",
    "axes.AccessAttempt": "operations.clear_expired",
    "axes.AccessFailureLog": "operations.clear_expired",
    "axes.AccessLog": "operations.clear_expired",
    "axes.AccessAttemptExpiration": "with its attempt",
}
# Their rows are as many as people, rights or migrations.
BOUNDED = ("auth", "contenttypes", "django_linear_migrations", "migrations", "account", "mfa")


def test_no_table_of_a_package_grows_without_an_end():
    ours = ("prm.", "partners", "orders", "activities")
    others = {
        model._meta.label
        for config in apps.get_app_configs()
        if not config.name.startswith(ours) and config.label not in BOUNDED
        for model in config.get_models()
        if not model._meta.proxy
    }
    assert (
        others - set(CLEARED) - {"pghistory.Context", "pghistory.Events", "pghistory.MiddlewareEvents"}
        == set()
    )


def test_signing_in_is_what_fills_the_log(mercy):
    """The control: were the log off, clearing it would prove nothing."""
    Client().post("/account/login/", {"login": "alice@example.com", "password": "wrong"})
    assert AccessAttempt.objects.count() + AccessFailureLog.objects.count() > 0
