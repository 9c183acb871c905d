"""Calls are counted per caller and per tenant, and each answer says what is left."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from prm.accounts.keys import create_key
from prm.tenancy.context import tenant_scope


@pytest.fixture
def key(mercy, settings, clock_at):
    """A client with a key of its own, in one minute."""
    clock_at(datetime(2026, 11, 23, 15, 0, 20, tzinfo=UTC))
    settings.API_CALLS_PER_CALLER, settings.API_CALLS_PER_TENANT = 3, 5
    cache.clear()

    def make(house=mercy):
        with tenant_scope(house.tenant):
            _, secret = create_key(name="Feed", scopes=["partners:read"], created_by=None)
        client = Client(headers={"Authorization": f"Api-Key {secret}"})
        return lambda: client.get(f"/api/v1/{house.tenant.slug}/partners/")

    return make


def test_a_key_has_so_many_calls_in_a_minute_and_is_told(key, clock_at):
    call = key()
    answers = [call() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    last = answers[-1]
    assert (last["RateLimit-Limit"], last["RateLimit-Reset"], last["Retry-After"]) == ("3", "40", "40")
    assert last["Content-Type"] == "application/problem+json"
    assert last.json()["code"] == "too_many_calls"
    clock_at(datetime(2026, 11, 23, 15, 1, tzinfo=UTC))
    assert call().status_code == 200


def test_all_keys_of_a_tenant_share_its_limit_and_no_other_tenants(key, anchor):
    first, second = key(), key()
    assert [first().status_code for _ in range(3)] == [200] * 3
    answers = [second() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["RateLimit-Limit"] == "5"
    assert key(anchor)().status_code == 200


def test_without_its_cache_the_api_answers_and_counts_nothing(key, settings, caplog):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
                                   "LOCATION": "unix:///nowhere.sock"}}  # fmt: skip
    answer = key()()
    assert (answer.status_code, "RateLimit-Limit" in answer) == (200, False)
    assert "calls are not counted" in caplog.text


def test_pages_are_not_counted(key, mercy, client_for):
    assert "RateLimit-Limit" not in client_for(mercy.rep).get("/t/mercy/partners/")
