"""Guesses about unknown codes."""

from uuid import UUID

import pytest

from orders.attribution.suggestions import Candidate, suggest, words_of

HERRERA = Candidate(UUID(int=1), "Dr. Tomás Herrera", "Pulmonology", "Pulmonary Associates", ("1487653021",))
LUND = Candidate(
    UUID(int=2), "Dr. Teresa Herrera-Lund", "Family medicine", "Elm Street Family", ("1902817744",)
)
NAKAMURA = Candidate(UUID(int=3), "Dr. Grace Nakamura", "Cardiology", "", ("1649931102",))
ALL = [HERRERA, LUND, NAKAMURA]


def test_titles_and_accents_do_not_matter():
    assert words_of("Dr. Tomás HERRERA, MD") == ["tomas", "herrera"]


def test_last_name_initial_and_practice_make_it_certain():
    guesses = suggest("1730029915", "HERRERA T MD PULM ASSOC", ALL)
    assert [g.candidate for g in guesses] == [HERRERA, LUND]
    assert guesses[0].certain and guesses[0].score >= 90
    assert guesses[0].reasons == ("Same Herrera and initial", "Practice name matches “Pulmonary”")
    assert not guesses[1].certain


def test_same_digits_count_without_a_name():
    (guess,) = suggest("NPI-1649931102", "", ALL)
    assert guess.candidate == NAKAMURA
    assert guess.reasons == ("Same digits as the known code 1649931102",)
    assert not guess.certain


def test_two_that_fit_alike_are_never_certain():
    twin = Candidate(UUID(int=4), "Dr. Grace Nakamura")
    guesses = suggest("1", "NAKAMURA GRACE", [NAKAMURA, twin])
    assert len(guesses) == 2 and not any(g.certain for g in guesses)


def test_misspelt_name_is_a_weak_guess():
    (guess,) = suggest("1", "NAKAMORA GRASE", [NAKAMURA])
    assert 20 <= guess.score < 60
    assert guess.reasons == ("Similar spelling of the name",)


@pytest.mark.parametrize("name", ["", "SELF REFERRAL", "MD", "…"])
def test_nothing_in_common_gives_no_guess(name):
    assert suggest("9999999999", name, ALL) == []
