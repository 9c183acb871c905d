"""Guesses about unknown codes."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.attribution.suggestions import LEAST, MOST, Candidate, digits_of, suggest, words_of

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


@pytest.mark.parametrize("name", ["HERERA T", "TOMAS HERRERRA", "HERREAR TOMAS MD", "Dr Tomsa Herara"])
def test_one_slip_in_a_word_still_leads_to_the_partner(name):
    best = suggest("1", name, ALL)[0]
    assert (best.candidate, best.certain) == (HERRERA, False)
    assert any("Similar spelling" in reason for reason in best.reasons)


def test_a_slip_beside_a_right_word_says_which_is_which():
    (guess,) = suggest("1", "GRACE NAKAMORA", [NAKAMURA])
    assert guess.reasons == ("“Grace” in both names", "Similar spelling of “Nakamura”")
    assert guess.score == 70


def test_order_of_words_does_not_matter():
    scores = {suggest("1", name, [HERRERA])[0].score for name in ("TOMAS HERRERA", "Herrera, Tomás")}
    assert scores == {92}


@pytest.mark.parametrize(
    ("code", "reason"),
    [("NPI 01487653021", "Same digits as"), ("1487653022", "One digit differs from")],
)
def test_digits_of_a_known_code_are_evidence(code, reason):
    (guess,) = suggest(code, "", ALL)
    assert guess.candidate == HERRERA and guess.reasons == (f"{reason} the known code 1487653021",)


def test_evidence_of_both_kinds_is_stronger_than_each():
    by_name = suggest("1", "HERRERA LUND", [LUND])[0].score
    by_code = suggest("1902817744", "", [LUND])[0].score
    assert suggest("1902817744", "HERRERA LUND", [LUND])[0].score > max(by_name, by_code)


def test_few_digits_are_shared_by_chance():
    assert digits_of("A-007") == "7"
    assert suggest("A-007", "", [Candidate(UUID(int=9), "Bond", codes=("7",))]) == []


NAMES = st.sampled_from(["Dr. Ann Lund", "Ann Lunt", "Lund & Co", "Bo Ek", "", "Élise Ünal MD"]) | st.text(
    max_size=12
)
CANDIDATES = st.lists(
    st.builds(Candidate, id=st.uuids(), name=NAMES, organisation=NAMES, codes=st.tuples(st.text(max_size=8))),
    max_size=8,
    unique_by=lambda candidate: candidate.id,
)


@given(st.text(max_size=12), NAMES, CANDIDATES, st.randoms())
def test_guesses_do_not_depend_on_the_order_of_candidates(code, name, candidates, chance):
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert suggest(code, name, shuffled) == suggest(code, name, candidates)


@given(st.text(max_size=12), NAMES, CANDIDATES)
def test_guesses_are_few_ranked_reasoned_and_at_most_the_first_is_certain(code, name, candidates):
    guesses = suggest(code, name, candidates)
    scores = [guess.score for guess in guesses]
    assert len(guesses) <= MOST and scores == sorted(scores, reverse=True)
    assert all(LEAST <= guess.score <= 99 and guess.reasons for guess in guesses)
    assert not any(guess.certain for guess in guesses[1:])
