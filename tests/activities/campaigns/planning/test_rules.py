from uuid import UUID

from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from activities.campaigns.planning.rules import SIDES, bound, is_held_out, toss
from prm.core.ids import uuid7


@given(seed=st.text(alphabet="0123456789abcdef", min_size=32, max_size=32), partner=st.uuids())
def test_a_coin_falls_alike_whenever_it_is_tossed_again(seed, partner):
    assert toss(seed, partner) == toss(seed, UUID(str(partner)))
    assert 0 <= toss(seed, partner) < SIDES
    assert not is_held_out(seed, partner, 0)
    assert is_held_out(seed, partner, 100)


@given(seed=st.uuids(), partner=st.uuids(), less=st.integers(0, 100), more=st.integers(0, 100))
def test_whoever_is_held_out_of_few_is_held_out_of_more(seed, partner, less, more):
    less, more = sorted((less, more))
    assert is_held_out(seed.hex, partner, less) <= is_held_out(seed.hex, partner, more)


def test_coins_are_even_and_independent_of_the_order_of_ids():
    """10,000 coins of consecutive ids at 33 per cent: within five standard deviations (235) of 3,300."""
    ids = [uuid7() for _ in range(10_000)]
    held = sum(is_held_out("0f" * 16, one, 33) for one in ids)
    assert abs(held - 3_300) < 235
    again = sum(is_held_out("f0" * 16, one, 33) and is_held_out("0f" * 16, one, 33) for one in ids)
    assert abs(again - 1_089) < 156


def test_the_database_tosses_the_same_coin(db):
    ids = [uuid7() for _ in range(50)]
    with connection.cursor() as cursor:
        for one in ids:
            cursor.execute(
                "SELECT ('x' || left(encode(sha256(convert_to(%s || %s::uuid::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint",
                ["ab" * 16, one],
            )
            assert cursor.fetchone()[0] == toss("ab" * 16, one)
    assert bound(33) == -(-33 * SIDES // 100)
