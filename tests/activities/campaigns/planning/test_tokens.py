import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.campaigns.planning.tokens import Named, read, token

NAMED = st.builds(
    Named,
    tenant=st.uuids(),
    member=st.none() | st.uuids().filter(lambda one: one.int),
    target=st.uuids(),
    is_picture=st.booleans(),
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(NAMED)
def test_what_was_written_is_read(named):
    text = token(named)
    assert len(text) == 80
    assert read(text) == named


@settings(max_examples=300)
@given(NAMED, st.integers(0, 79), st.sampled_from(ALPHABET))
def test_one_character_changed_names_nothing(named, place, sign):
    text = token(named)
    changed = text[:place] + sign + text[place + 1 :]
    assert read(changed) == (named if changed == text else None)


@given(NAMED, NAMED)
def test_parts_of_two_tokens_name_nothing(one, other):
    first, second = (base64.urlsafe_b64decode(token(named)) for named in (one, other))
    spliced = base64.urlsafe_b64encode(second[:17] + first[17:]).decode()
    assert (read(spliced) is None) == (one.tenant != other.tenant)


@given(st.text(max_size=100))
def test_any_text_is_read_without_an_error(text):
    assert read(text) is None


def test_a_secret_that_was_rotated_still_proves(settings):
    named = Named(*(__import__("uuid").uuid4() for _ in range(3)))
    text, settings.SECRET_KEY_FALLBACKS = token(named), [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert read(text) == named
    settings.SECRET_KEY_FALLBACKS = []
    assert read(text) is None
