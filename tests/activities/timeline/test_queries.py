"""A partner's story is put together of whatever the apps tell, newest first, whatever they tell."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.timeline import queries
from partners.directory.timeline import Entry, TimelineSource
from prm.ui.parts import Item

START = datetime(2026, 1, 1, tzinfo=UTC)
hours = st.lists(st.integers(0, 500), max_size=12)


def source(key, order, moments):
    entries = sorted((START + timedelta(hours=hour) for hour in moments), reverse=True)
    told = [Entry(at, Item("walk", f"{key} {at:%j %H}", "")) for at in entries]
    return TimelineSource(
        key, order, lambda partner, may_change, most: told[:most], lambda partner: len(told)
    )


def told(sources, start=0, length=100):
    with mock.patch.dict(queries._sources, {one.key: one for one in sources}, clear=True):
        return queries.story(None, lambda rep_id: True, start=start, length=length)


def test_the_registered_apps_tell_nine_kinds():
    keys = sorted(queries._sources.values(), key=lambda one: one.order)
    assert [one.key for one in keys] == [
        "visits", "insights", "budgets", "closings", "reviews", "taken-back", "orders", "web", "events",
    ]  # fmt: skip


def test_the_newest_stands_first_whoever_tells_it():
    story = told([source("visit", 10, [1, 5]), source("order", 60, [3])])
    assert [item.title for item in story.items] == ["visit 001 05", "order 001 03", "visit 001 01"]
    assert story.total == 3


def test_of_the_same_moment_the_lower_order_stands_first():
    story = told([source("late", 60, [7]), source("early", 10, [7])])
    assert [item.title.split()[0] for item in story.items] == ["early", "late"]


def test_nobody_has_to_tell_anything():
    assert told([source("visit", 10, [])]) == queries.Story([], 0)


@given(hours, hours, hours, st.integers(1, 7))
def test_pages_put_together_are_the_whole_story(first, second, third, length):
    sources = [source("a", 1, first), source("b", 2, second), source("c", 3, third)]
    whole = told(sources)
    assert whole.total == len(whole.items) == len(first) + len(second) + len(third)
    pages = [told(sources, start, length).items for start in range(0, whole.total + 1, length)]
    assert [item.title for page in pages for item in page] == [item.title for item in whole.items]


@given(hours, hours, st.integers(0, 20), st.integers(1, 7))
def test_no_source_is_asked_for_more_than_the_page_needs(first, second, start, length):
    asked = []

    def watching(one):
        def entries(partner, may_change, most):
            asked.append(most)
            return one.entries(partner, may_change, most)

        return TimelineSource(one.key, one.order, entries, one.count)

    told([watching(source("a", 1, first)), watching(source("b", 2, second))], start, length)
    assert set(asked) == {start + length}


def test_two_sources_of_one_name_are_a_mistake():
    with mock.patch.dict(queries._sources, {}, clear=True):
        queries.register([source("visits", 10, [])])
        with pytest.raises(ValueError, match="visits"):
            queries.register([source("visits", 20, [])])
