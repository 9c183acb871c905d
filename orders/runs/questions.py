"""What a file leaves open: things that may be read in two ways, with the choices that settle them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from orders.sources.spec import Spec
from orders.states import OrderState
from prm.core.notation.reader import figure

_MOST_STATES: Final = 4
_SWAPPED: Final = {"%d": "%m", "%m": "%d"}
_ORDERS: Final = {"%d": "day first", "%m": "month first"}


class Choice(NamedTuple):
    """One answer, and what it changes in the specification."""

    label: str
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """Something of a field that may be read in two ways."""

    field: str
    title: str
    text: str
    icon: str
    choices: list[Choice]


def questions_of(spec: Spec, *, dates: Sequence[str], states: Sequence[str]) -> list[Question]:
    """Return what the first dates and states of a file leave open."""
    question = date_question(spec, [text for text in dates if text])
    return ([question] if question else []) + state_questions(spec, states)


def chosen(questions: Sequence[Question], key: str) -> Choice | None:
    """Return the choice that a button stands for: `<place of the question>-<place of the choice>`."""
    choices = {
        f"{place}-{number}": choice
        for place, question in enumerate(questions)
        for number, choice in enumerate(question.choices)
    }
    return choices.get(key)


def date_question(spec: Spec, dates: Sequence[str]) -> Question | None:
    """Ask whether day and month are the other way round; None when the format leaves no doubt."""
    written = spec.date_formats[0]
    if "%m" not in written or "%d" not in written or written.index("%Y" if "%Y" in written else "%y") == 0:
        return None
    other = "".join(_SWAPPED.get(part, part) for part in _directives(written))
    ours = [_fits(text, written) for text in dates]
    theirs = [_fits(text, other) for text in dates]
    both = sum(a and b for a, b in zip(ours, theirs, strict=True))
    only_ours = sum(ours) - both
    only_theirs = sum(theirs) - both
    if not both and not only_theirs:
        return None
    first = "%d" if written.index("%d") < written.index("%m") else "%m"
    now, then = _ORDERS[first], _ORDERS[_SWAPPED[first]]
    neither = len(dates) - both - only_ours - only_theirs
    text = (
        f"{figure(both)} of {figure(len(dates))} dates fit both ways; {figure(only_ours)} fit only {now}, {figure(only_theirs)} only"
        f" {then}, {figure(neither)} neither."
    )
    rest = [other if pattern == written else pattern for pattern in spec.date_formats]
    choice = Choice(then.capitalize(), {"date_formats": rest})
    return Question("date", f"Dates are read {now}.", text, "calendar-question", [choice])


def _directives(pattern: str) -> list[str]:
    parts, place = [], 0
    while place < len(pattern):
        step = 2 if pattern[place] == "%" else 1
        parts.append(pattern[place : place + step])
        place += step
    return parts


def _fits(text: str, pattern: str) -> bool:
    try:
        datetime.strptime(text, pattern)  # noqa: DTZ007  (only whether it can be read)
    except ValueError:
        return False
    return True


def state_questions(spec: Spec, states: Sequence[str]) -> list[Question]:
    """Ask one question per state that the source does not know yet, at most four, most frequent first."""
    known = {*spec.states, *OrderState.values, ""}
    new: dict[str, int] = {}
    for state in states:
        if state.lower() not in known:
            new[state] = new.get(state, 0) + 1
    return [
        Question(
            "state",
            f"State “{state[:40]}” is new in this source.",
            f"{figure(count)} of the rows read have it; they are rejected until you say what it means.",
            "help-hexagon",
            [
                Choice(
                    f"Read as {word.label.lower()}", {"states": {**spec.states, state.lower(): word.value}}
                )
                for word in OrderState
            ],
        )
        for state, count in sorted(new.items(), key=lambda item: -item[1])[:_MOST_STATES]
    ]
