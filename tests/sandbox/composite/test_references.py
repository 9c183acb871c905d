import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.composite.references import UnknownReferenceError, fill, fill_text

RESULTS = {"acc": {"id": "001", "list": [{"n": 5}]}, "failed": None}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("abc{}.@ ", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON)
def test_what_names_no_result_is_left_alone(value):
    assert fill(value, {}) == value


def test_a_whole_reference_keeps_the_type_and_one_inside_a_text_becomes_text():
    assert fill({"a": ["@{acc.list[0].n}"]}, RESULTS) == {"a": [5]}
    assert fill("n=@{acc.list[0].n}!", RESULTS) == "n=5!"
    assert fill_text("/sobjects/Account/@{acc.id}", RESULTS) == "/sobjects/Account/001"


@pytest.mark.parametrize(
    "reference", ["@{nobody.id}", "@{failed.id}", "@{acc.name}", "@{acc.list[1]}", "@{acc.id.x}"]
)
def test_a_reference_that_leads_to_nothing_is_named(reference):
    with pytest.raises(UnknownReferenceError) as missing:
        fill(reference, RESULTS)
    assert str(missing.value) == reference
