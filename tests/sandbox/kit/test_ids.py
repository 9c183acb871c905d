from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.ids import checksum, is_id, make_id, to18

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
IDS = st.text(LETTERS, min_size=15, max_size=15)


def test_checksum_of_known_ids():
    # Published examples of real ids.
    assert checksum("001D000000IqhSL") == "IAZ"
    assert checksum("00D000000000062") == "EAA"
    assert checksum("000000000000000") == "AAA"


@given(IDS)
def test_case_is_restored_from_the_checksum(id15):
    full = id15 + checksum(id15)
    assert to18(id15) == full
    assert to18(full) == full
    assert to18(full.upper()) == full
    assert to18(full.lower()[:15] + full[15:]) == full


@given(IDS, IDS)
def test_ids_that_differ_in_case_only_differ_without_case(first, second):
    other = "".join(b.upper() if b.isupper() else a.lower() for a, b in zip(first, second, strict=True))
    if other != first and other.lower() == first.lower():
        assert to18(other).lower() != to18(first).lower()


@given(st.text(max_size=20))
def test_only_the_two_lengths_of_letters_and_digits_are_ids(text):
    if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        assert to18(text) is None
        assert not is_id(text)


def test_made_ids_count_up_and_keep_their_prefix():
    made = [make_id("001", "aB", number) for number in range(1, 5000)]
    assert len({each.lower() for each in made}) == len(made)
    assert all(each.startswith("001aB") and to18(each) == each for each in made)
