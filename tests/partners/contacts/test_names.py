"""A name in its parts, and written together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.contacts.names import renamed, says_same, split

WORDS = [
    "Elena",
    "Mary",
    "Ann",
    "van",
    "de",
    "la",
    "Dr.",
    "Prof.",
    "MD",
    "RN",
    "Jr.",
    "III",
    "Lee",
    "O'Hara",
    "Müller-Lüdi",
    "St.",
]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
LISTED = st.builds(lambda last, first: f"{last}, {first}", NAMES, NAMES)


@pytest.mark.parametrize(
    "name,first,last",
    [
        ("Elena Marchetti", "Elena", "Marchetti"),
        ("  Mary   Ann  Lee ", "Mary Ann", "Lee"),
        ("Dr. Elena Marchetti, MD", "Elena", "Marchetti"),
        ("Ann Lee MD PhD", "Ann", "Lee"),
        ("Kim Do", "Kim", "Do"),
        ("Marchetti, Elena", "Elena", "Marchetti"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Maria de la Cruz", "Maria", "de la Cruz"),
        ("Van Morrison", "Van", "Morrison"),
        ("von Trapp", "", "von Trapp"),
        ("Martin Luther King Jr.", "Martin Luther", "King Jr."),
        ("Cher", "", "Cher"),
        ("Dr. Chow", "", "Chow"),
        ("Dr.", "", "Dr."),
        ("Smith, John, Cardiology", "John", "Smith"),
        (",", "", ","),
    ],
)
def test_a_name_has_a_first_and_a_last_one(name, first, last):
    assert (split(name).first, split(name).last) == (first, last)


@given(st.one_of(NAMES, LISTED))
def test_written_together_again_it_is_the_name(name):
    parts = split(name)
    assert str(parts) == " ".join(name.split())
    assert parts.last


@given(st.one_of(NAMES, LISTED))
def test_the_same_names_leave_it_as_it_is_to_the_letter(name):
    parts = split(name)
    assert renamed(name, parts.first, parts.last) == name
    assert renamed(name) == name
    assert says_same(name, f"{parts.first} {parts.last}")


@given(st.one_of(NAMES, LISTED), NAMES, NAMES)
def test_other_names_are_what_it_says_from_then_on(name, first, last):
    made = renamed(name, first, last)
    assert says_same(made, f"{first} {last}")


def test_another_name_is_written_as_before_with_its_titles():
    assert renamed("Dr. Elena Marchetti, MD", last="Marchetti-Roe") == "Dr. Elena Marchetti-Roe, MD"
    assert renamed("Marchetti, Elena", first="Ellen") == "Marchetti, Ellen"
    assert renamed("Cher", first="Cherilyn", last="Sarkisian") == "Cherilyn Sarkisian"
    assert renamed("Ann Lee", first="") == "Lee"


def test_names_that_are_divided_otherwise_are_the_same():
    assert renamed("Mary Ann Lee", "Mary", "Ann Lee") == "Mary Ann Lee"
    assert renamed("Dr. Mary Lee", "Dr. Mary", "Lee") == "Dr. Mary Lee"
    assert not says_same("Mary Ann Lee", "Mary Ann Leigh")
