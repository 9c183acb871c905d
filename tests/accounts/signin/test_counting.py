"""Counting in the shared cache."""

import pytest
from django.core.cache import cache, caches

from prm.accounts.signin import counting


def test_it_counts_by_key():
    assert [counting.count("a", seconds=60) for _ in range(3)] == [1, 2, 3]
    assert counting.count("b", seconds=60) == 1
    assert (counting.counted("a"), counting.counted("b"), counting.counted("c")) == (3, 1, 0)


def test_what_is_forgotten_begins_anew():
    counting.count("a", seconds=60)
    counting.forget("a")
    assert counting.count("a", seconds=60) == 1


def test_a_count_that_ends_while_it_is_counted_begins_anew(monkeypatch):
    counting.count("a", seconds=60)
    kind = type(caches["default"])
    incr = kind.incr

    def ended(self, key, *args, **kwargs):
        self.delete(key)
        return incr(self, key, *args, **kwargs)

    monkeypatch.setattr(kind, "incr", ended)
    assert counting.count("a", seconds=60) == 1


def test_the_time_runs_from_the_first():
    counting.count("a", seconds=1000)
    cache.touch("a", 0)
    assert counting.count("a", seconds=1000) == 1


def test_a_cache_that_does_not_answer_is_the_callers_affair(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    with pytest.raises(Exception, match="127"):
        counting.count("a", seconds=60)
