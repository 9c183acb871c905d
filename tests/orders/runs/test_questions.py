"""What a file leaves open is asked, with choices that settle it; what it does not is not asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.runs.questions import chosen, date_question, questions_of, state_questions
from orders.sources.spec import Spec

COLUMNS = {"number": "No", "date": "Date", "amount": "Amount", "state": "St"}


def a_spec(**changes):
    return Spec(columns=COLUMNS, **changes)


def test_dates_that_fit_both_ways_are_asked_about():
    question = date_question(a_spec(date_formats=("%m/%d/%Y",)), ["05/03/2026", "05/14/2026", "soon"])
    assert question is not None
    assert question.text == "1 of 3 dates fit both ways; 1 fit only month first, 0 only day first, 1 neither."
    assert [(c.label, c.changes) for c in question.choices] == [("Day first", {"date_formats": ["%d/%m/%Y"]})]


def test_other_formats_of_the_source_stay_when_one_is_turned_round():
    question = date_question(a_spec(date_formats=("%d.%m.%Y", "iso")), ["03.05.2026"])
    assert question is not None
    assert question.choices[0].changes == {"date_formats": ["%m.%d.%Y", "iso"]}


@pytest.mark.parametrize("pattern", ["iso", "%Y-%m-%d", "%d %B %Y", "%y%m%d"])
def test_formats_that_leave_no_doubt_raise_no_question(pattern):
    assert date_question(a_spec(date_formats=(pattern,)), ["2026-05-03", "260503"]) is None


def test_dates_that_fit_one_way_only_raise_no_question():
    assert date_question(a_spec(date_formats=("%d/%m/%Y",)), ["25/03/2026", "31/12/2026"]) is None


@given(st.lists(st.dates().map(lambda day: f"{day:%d/%m/}{day.year:04}"), min_size=1, max_size=8))
def test_turning_round_and_back_asks_the_same(dates):
    question = date_question(a_spec(date_formats=("%d/%m/%Y",)), dates)
    if question is not None:
        turned = tuple(question.choices[0].changes["date_formats"])
        back = date_question(a_spec(date_formats=turned), dates)
        assert back is not None
        assert back.choices[0].changes["date_formats"] == ["%d/%m/%Y"]


def test_unknown_states_are_asked_about_most_frequent_first_and_at_most_four():
    states = ["Z", "z", "Z", "Y", "completed", "", "X", "known", "V", "W", "W"]
    questions = state_questions(a_spec(states={"known": "cancelled"}), states)
    assert [question.title for question in questions[:2]] == [
        "State “Z” is new in this source.", "State “W” is new in this source.",
    ]  # fmt: skip
    assert len(questions) == 4


def test_choice_of_a_state_is_added_to_what_the_source_knows():
    (question,) = state_questions(a_spec(states={"x": "cancelled"}), ["Done"])
    completed = next(choice for choice in question.choices if choice.label == "Read as completed")
    assert completed.changes == {"states": {"x": "cancelled", "done": "completed"}}


def test_button_means_its_choice_and_a_stranger_none():
    questions = questions_of(a_spec(date_formats=("%m/%d/%Y",)), dates=["05/03/2026", ""], states=["Z"])
    for place, question in enumerate(questions):
        for number, choice in enumerate(question.choices):
            assert chosen(questions, f"{place}-{number}") is choice
    for key in ("", "9-9", "0", "x"):
        assert chosen(questions, key) is None
