"""How keys of kinds are made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.kinds.rules import LONGEST_KEY, is_key, key_for


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("Ambulance service", "ambulance_service"),
        ("  Pflegeheim (groß) ", "pflegeheim_gro"),
        ("Médecin", "medecin"),
        ("医院", ""),
        ("A" * 60, "a" * LONGEST_KEY),
    ],
)
def test_key_is_made_of_the_word(word, key):
    assert key_for(word) == key


@given(st.text(max_size=80))
def test_what_is_made_is_a_key_or_nothing(word):
    assert key_for(word) == "" or is_key(key_for(word))
