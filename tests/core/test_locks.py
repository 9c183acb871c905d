"""Locks of the transaction: who waits for whom."""

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from prm.core.ids import uuid7
from prm.core.locks import lock_number, lock_records, lock_tenant

TENANT, OTHER, ONE, TWO = (uuid7() for _ in range(4))


def is_free(number):
    """Whether somebody else, on a connection of their own, could take the lock now."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user=settings["USER"],
        password=settings["PASSWORD"] or None,
        dbname=settings["NAME"],
    ) as other:
        return other.execute("SELECT pg_try_advisory_xact_lock(%s)", [number]).fetchone()[0]


def test_tenants_lock_is_held_to_the_end_of_the_transaction(db):
    with transaction.atomic():
        lock_tenant("orders", TENANT)
        assert not is_free(lock_number("orders", TENANT))


@pytest.mark.django_db(transaction=True)
def test_lock_ends_with_the_transaction():
    with transaction.atomic():
        lock_tenant("orders", TENANT)
    assert is_free(lock_number("orders", TENANT))


def test_one_tenants_lock_and_one_topics_keep_no_other_waiting(db):
    lock_tenant("orders", TENANT)
    assert is_free(lock_number("orders", OTHER))
    assert is_free(lock_number("standings", TENANT))


def test_records_keep_each_other_and_the_tenant_waiting(db):
    lock_records("standings", TENANT, [ONE])
    assert not is_free(lock_number("standings", TENANT, ONE))
    assert not is_free(lock_number("standings", TENANT))
    assert is_free(lock_number("standings", TENANT, TWO))


def test_many_records_are_the_whole_tenant(db):
    lock_records("standings", TENANT, [ONE, TWO], most=1)
    assert not is_free(lock_number("standings", TENANT))
    assert is_free(lock_number("standings", TENANT, ONE))


def test_same_record_twice_is_one_lock(db):
    lock_records("standings", TENANT, [ONE, ONE, TWO])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            " AND mode = 'ExclusiveLock'"
        )
        assert cursor.fetchone() == (2,)


@given(st.text(), st.uuids(), st.none() | st.uuids())
def test_number_is_one_that_postgresql_takes_and_always_the_same(topic, tenant, record):
    number = lock_number(topic, tenant, record)
    assert -(2**63) <= number < 2**63
    assert number == lock_number(topic, tenant, record)


@given(
    st.lists(
        st.tuples(st.sampled_from(["orders", "standings"]), st.uuids(), st.none() | st.uuids()), unique=True
    )
)
def test_different_names_have_different_numbers(names):
    assert len({lock_number(*name) for name in names}) == len(names)
