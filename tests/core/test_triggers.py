"""Triggers that follow declarations: installed when they differ, dropped when nobody declares them."""

import pytest
from django.db import connection

from prm.core.triggers import TriggerFamily, literal
from prm.tenancy.backend.owner import owner_mode

FAMILY = TriggerFamily(prefix="prm_example_", needs=frozenset({"partners_partner"}))


@pytest.fixture
def owned(transactional_db):
    with owner_mode():
        yield
        FAMILY.install(connection, {})


def test_installing_again_changes_nothing(owned):
    body = {"partners_partner": "-- nothing"}
    assert FAMILY.outdated(connection, body) == ["partners_partner"]
    assert FAMILY.install(connection, body) == ["partners_partner"]
    assert FAMILY.install(connection, body) == []
    assert FAMILY.outdated(connection, body) == []


def test_a_changed_body_is_installed(owned):
    FAMILY.install(connection, {"partners_partner": "-- nothing"})
    assert FAMILY.install(connection, {"partners_partner": "-- something"}) == ["partners_partner"]


def test_what_nobody_declares_any_more_goes(owned):
    FAMILY.install(connection, {"partners_partner": "-- nothing"})
    assert FAMILY.install(connection, {}) == []
    assert FAMILY.installed(connection) == {}


def test_a_dropped_trigger_is_noticed(owned):
    body = {"partners_partner": "-- nothing"}
    FAMILY.install(connection, body)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER prm_example_partners_partner_ins ON partners_partner")
    assert FAMILY.outdated(connection, body) == ["partners_partner"]


def test_tables_that_are_not_there_yet_are_left_out(owned):
    assert FAMILY.install(connection, {"not_made_yet": "-- nothing"}) == []
    waiting = TriggerFamily(prefix="prm_example_", needs=frozenset({"not_made_yet"}))
    assert waiting.install(connection, {"partners_partner": "-- nothing"}) == []


def test_families_leave_each_other_alone(owned):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger")
        before = cursor.fetchone()
        FAMILY.install(connection, {"partners_partner": "-- nothing"})
        FAMILY.install(connection, {})
        cursor.execute("SELECT count(*) FROM pg_trigger")
        assert cursor.fetchone() == before


def test_a_literal_keeps_its_quotes():
    assert literal("it's") == "'it''s'"
