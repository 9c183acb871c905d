"""How late a promise is, and when it is another one."""

from datetime import date

import pytest

from activities.visits.rules import is_same_promise, promise_lateness

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("due", "words", "kind"),
    [
        (date(2026, 11, 21), "2 days late", "late"),
        (date(2026, 11, 22), "1 day late", "late"),
        (TODAY, "Today", "today"),
        (date(2026, 11, 25), "Wed 25 Nov", "later"),
        (date(2027, 1, 4), "Mon 4 Jan 2027", "later"),
        (None, "no date", "later"),
    ],
)
def test_promise_lateness_words(due, words, kind):
    lateness = promise_lateness(due, TODAY)
    assert (lateness.words, lateness.kind) == (words, kind)


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (("Send the brochure", TODAY), True),
        ((" send  the Brochure", TODAY), True),
        (("Send the brochure", None), False),
        (("Send the brochure", date(2026, 12, 3)), False),
        (("Call about slots", TODAY), False),
        (("", None), False),
    ],
)
def test_another_text_or_day_is_another_promise(after, same):
    assert is_same_promise(("Send the brochure", TODAY), after) is same
