"""How tags are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.tags.rules import clean, key_of, words_of
from prm.core.errors import Refused

WORDS = st.lists(st.text(alphabet="aAbBäß ", min_size=1, max_size=8), max_size=6)


@given(WORDS)
def test_a_word_is_kept_once_whatever_its_capitals(words):
    kept = clean(words)
    keys = [key_of(word) for word in kept]
    assert len(keys) == len(set(keys))
    assert set(keys) == {key_of(word) for word in words if word.strip()}
    assert clean(kept) == kept


@given(WORDS)
def test_words_come_back_from_a_line(words):
    assert words_of(", ".join(clean(words))) == clean(words)


@pytest.mark.parametrize("word", ["x" * 41, "a, b", "a;b", "None"])
def test_what_is_no_tag_is_refused(word):
    with pytest.raises(Refused):
        clean([word])
