"""Names written without the letters that a keyboard lacks are found, and never taken for certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.words.spelling import in_ascii, is_plainer, spelling_key, spellings, written_out

words = st.text(st.sampled_from("aeoubrst"), min_size=1, max_size=10)


@given(words)
def test_all_spellings_of_a_word_have_one_key_and_it_is_among_them(word):
    assert word in spellings(word) and 1 <= len(spellings(word)) <= 8
    assert all(len(way) <= len(word) for way in spellings(word))


@given(st.text(st.sampled_from("äöüøåæœmnrst"), min_size=1, max_size=10))
def test_a_name_written_out_has_the_key_of_the_name_without_its_marks(name):
    assert spelling_key(written_out(name)) == spelling_key(in_ascii(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "mueller"),
        ("Sørensen", "soerensen"),
        ("Åbo", "aabo"),
        ("Groß", "gross"),
        ("Bäuerle", "baeuerle"),
    ],
)
def test_both_ways_of_writing_are_one_word(one, other):
    assert spelling_key(in_ascii(one).lower()) == spelling_key(other)
    assert in_ascii(one).lower() in spellings(other)
    assert written_out(one).replace("ß", "ss").lower() == other


@pytest.mark.parametrize(
    ("text", "full", "is_one"),
    [
        ("MUELLER Hans", "Müller Hans", True), ("Muller", "Müller", True), ("Mueller", "Muller", False),
        ("Müller", "Mueller", False), ("Moeller", "Müller", False),
    ],
)  # fmt: skip
def test_only_a_text_of_plain_letters_is_the_plainer_one(text, full, is_one):
    assert is_plainer(text, full) is is_one
