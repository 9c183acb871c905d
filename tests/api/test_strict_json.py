"""The API's JSON for all inputs: what is read is what was meant, and everything else is refused."""

import io
import json

import pytest
from django.core.exceptions import RequestDataTooBig
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from prm.api.parsing import StrictJSONParser
from prm.core.errors import Refused

texts = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def parse(body):
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return StrictJSONParser().parse(io.BytesIO(raw))


@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_every_value_is_read_as_it_was_written(value, plain_ascii, indent):
    assert parse(json.dumps(value, ensure_ascii=plain_ascii, indent=indent)) == value


@given(values)
def test_a_byte_order_mark_changes_nothing(value):
    assert parse(b"\xef\xbb\xbf" + json.dumps(value).encode()) == value


@given(st.dictionaries(texts, numbers, min_size=1, max_size=4), st.data())
def test_a_key_that_stands_twice_is_refused_wherever_it_stands(object_, data):
    """Two programs would read two different orders out of it."""
    twice = data.draw(st.sampled_from(sorted(object_)))
    pairs = [*object_.items(), (twice, 0)]
    body = "{" + ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs) + "}"
    for wrapped in (body, f"[{body}]", f'{{"orders":[{{"lines":{body}}}]}}'):
        with pytest.raises(ParseError, match="stands twice"):
            parse(wrapped)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("around", ["%s", "[1, %s]", '{"amount": %s}'])
def test_what_is_no_number_in_json_is_refused(word, around):
    with pytest.raises(ParseError, match=f"{word} is not a number in JSON"):
        parse(around % word)


@given(st.sampled_from(["\\ud800", "\\udfff", "\\uD83D"]), texts)
def test_half_of_a_character_is_refused_as_value_and_as_key(half, rest):
    inner = json.dumps(rest)[1:-1]
    for body in (f'"{inner}{half}"', f'{{"a": ["{half}{inner}"]}}', f'{{"{inner}{half}": 1}}'):
        with pytest.raises(Refused, match="half of a character"):
            parse(body)


@given(st.characters(min_codepoint=0x10000))
def test_two_halves_are_a_character(sign):
    assert parse(json.dumps(sign, ensure_ascii=True)) == sign


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_refused(raw):
    """Never another error: that would be a 500 for what the sender did."""
    try:
        value = parse(raw)
    except (ParseError, Refused):
        return
    assert json.loads(json.dumps(value)) == value or value != value  # noqa: PLR0124  (nothing is unequal to itself)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_another_encoding_is_refused(encoding):
    with pytest.raises(ParseError):
        parse('{"name": "Müller"}'.encode(encoding))


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":['])
def test_depth_without_end_is_refused(opening):
    with pytest.raises(ParseError):
        parse(opening * 200_000)


@pytest.mark.parametrize("size", [99, 100, 101])
def test_a_body_may_be_as_large_as_the_limit(settings, size):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = json.dumps("x" * (size - 2))
    if size <= 100:
        assert len(parse(body)) == size - 2
    else:
        with pytest.raises(RequestDataTooBig):
            parse(body)


def test_without_a_limit_everything_is_read(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    assert len(parse(json.dumps("x" * 10_000_000))) == 10_000_000


@given(st.text("\ud800\udc00\n\"'\\é漢x", min_size=61, max_size=90))
def test_what_is_shown_of_a_key_is_short_and_can_be_written(key):
    body = f"{{{json.dumps(key)}:1,{json.dumps(key)}:2}}"
    with pytest.raises(ParseError) as caught:
        parse(body)
    said = str(caught.value.detail)
    assert said.isascii()
    assert len(said) < 800
