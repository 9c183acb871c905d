"""The search for cycles is rare inside the block, and as before after the last one."""

import gc
from contextlib import suppress

import pytest

from orders.ingest.memory import rarely_collecting


@pytest.fixture(autouse=True)
def _as_before():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_it_is_rare_inside_and_as_before_after_an_error():
    gc.set_threshold(700, 9, 8)
    with suppress(ValueError), rarely_collecting():
        inside = gc.get_threshold()
        raise ValueError
    assert inside == (50_000, 9, 8)
    assert gc.get_threshold() == (700, 9, 8)


def test_blocks_that_overlap_leave_nothing_behind():
    gc.set_threshold(700, 9, 8)
    first, second = rarely_collecting(), rarely_collecting()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == (50_000, 9, 8)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (700, 9, 8)
