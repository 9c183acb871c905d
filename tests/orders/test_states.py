"""The states of an order: words, and which are open."""

from orders.book.models import Order
from orders.states import OPEN_STATES, OrderState


def test_states_are_stable_words_and_fit_their_column():
    assert OrderState.values == ["received", "scheduled", "completed", "cancelled"]
    assert max(map(len, OrderState.values)) <= Order._meta.get_field("state").max_length


def test_open_are_those_that_can_still_become_something():
    assert set(OPEN_STATES) == {OrderState.RECEIVED, OrderState.SCHEDULED}
