"""Typed schemas: strict, complete in what they name, and never another exception."""

from typing import Annotated, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field

from prm.core.schema import Problem, Says, Schema, SchemaError, refusal


def even(value):
    if value % 2:
        raise refusal(f"{value} is odd.", "odd")
    return value


class Wheel(Schema):
    """One wheel."""

    words: ClassVar = {"extra_forbidden": ("No {name!r} here; there is {fields}.", "extra")}
    spokes: Annotated[int, AfterValidator(even), Says("{value!r} is no number of spokes.", "type")] = Field(
        title="Number of spokes"
    )
    name: str = ""


class Bicycle(Schema):
    """Wheels and a bell."""

    wheels: list[Wheel] = Field(default=[], title="Wheels")
    owner: str = Field(title="Owner")
    bell: bool = False
    horn: bool = False

    @classmethod
    def across(cls, data):
        if data.get("bell") and data.get("horn"):
            yield Problem("horn", "One of them is loud enough.", "ambiguous")


def problems(schema, data):
    with pytest.raises(SchemaError) as caught:
        schema.parse(data)
    return [(p.field, p.message, p.code) for p in caught.value.problems]


def test_what_fits_comes_back_typed():
    bicycle = Bicycle.parse({"owner": "Ann", "wheels": [{"spokes": 36}]})
    assert (bicycle.owner, bicycle.wheels[0].spokes, bicycle.bell) == ("Ann", 36, False)


def test_every_problem_is_named_with_its_path_at_once():
    data = {"wheels": [{"spokes": 3}, {"spokes": "x", "hub": 1}, {}], "bell": True, "horn": True, "gears": 7}
    assert problems(Bicycle, data) == [
        ("wheels[0].spokes", "3 is odd.", "odd"),
        ("wheels[1].spokes", "'x' is no number of spokes.", "type"),
        ("wheels[1].hub", "No 'hub' here; there is spokes, name.", "extra"),
        ("wheels[2].spokes", "Number of spokes is needed.", "required"),
        ("owner", "Owner is needed.", "required"),
        ("gears", "There is no such field.", "unknown_field"),
        ("horn", "One of them is loud enough.", "ambiguous"),
    ]


def test_rules_between_fields_are_judged_although_single_fields_are_wrong():
    fields = [field for field, _, _ in problems(Bicycle, {"owner": 3, "bell": True, "horn": True})]
    assert fields == ["owner", "horn"]


@pytest.mark.parametrize("value", ["36", 36.0, True, None, [36]])
def test_types_are_strict(value):
    assert problems(Wheel, {"spokes": value})[0][2] == "type"


def test_words_hold_values_with_braces_and_quotes_as_they_are():
    assert problems(Wheel, {"spokes": "{value} {0} %s '"})[0][1].startswith('"{value} {0} %s \'"')


def test_something_else_than_an_object_is_one_problem():
    assert problems(Wheel, [1]) == [("", "This is an object.", "type")]


def test_what_is_wrong_reads_as_one_line():
    with pytest.raises(SchemaError, match=r"^owner: Owner is needed\.; x: There is no such field\.$"):
        Bicycle.parse({"x": 1})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@given(
    ANYTHING | st.fixed_dictionaries({}, optional={"wheels": ANYTHING, "owner": ANYTHING, "bell": ANYTHING})
)
def test_anything_parses_or_is_a_list_of_named_problems(data):
    bicycle, found = None, ()
    try:
        bicycle = Bicycle.parse(data)
    except SchemaError as error:
        found = error.problems
    assert bool(found) != bool(bicycle)
    assert all(problem.message and problem.code for problem in found)
    assert bicycle is None or Bicycle.parse(bicycle.model_dump()) == bicycle
