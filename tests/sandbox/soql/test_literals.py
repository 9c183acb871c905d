import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.schema.fields import area, day, flag, moment, money, ref, text
from prm.sandbox.soql.literals import MAX_LITERAL, Literals, day_range, decode_string
from prm.sandbox.soql.models import Literal

from .trees import quoted

FIELDS = {
    "text": text("Name"),
    "area": area("Site", 100),
    "flag": flag("IsActive"),
    "money": money("Amount"),
    "day": day("Day"),
    "moment": moment("Moment"),
    "ref": ref("AccountId", "Account"),
}
LITERALS = {
    "text": Literal("string", "'x'"),
    "flag": Literal("word", "True"),
    "money": Literal("number", "1.5"),
    "day": Literal("date", "2026-01-31"),
    "moment": Literal("moment", "2026-01-31t10:00:00z"),
}


def value(field, literal):
    return Literals("").value(FIELDS[field], literal)


@given(st.text())
def test_a_quoted_text_means_itself(plain):
    assert decode_string(Literal("string", quoted(plain))) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [(r"'\u00e9\t\"'", 'é\t"'), (r"'a\\nb'", r"a\nb"), (r"'\N'", None), (r"'\u12'", None)],
)
def test_escapes(written, plain):
    if plain is None:
        with pytest.raises(SandboxError, match="Illegal character sequence"):
            decode_string(Literal("string", written))
    else:
        assert decode_string(Literal("string", written)) == plain


@pytest.mark.parametrize(
    ("field", "kind", "stored"),
    [
        ("text", "text", "x"),
        ("area", "text", "x"),
        ("flag", "flag", 1),
        ("money", "money", 1.5),
        ("day", "day", "2026-01-31"),
        ("moment", "moment", "2026-01-31T10:00:00Z"),
        ("moment", "day", "2026-01-31T00:00:00Z"),
    ],
)
def test_a_literal_of_the_right_kind_has_a_stored_form(field, kind, stored):
    assert value(field, LITERALS[kind]) == stored


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("text", "money"),
        ("flag", "text"),
        ("money", "text"),
        ("day", "text"),
        ("day", "moment"),
        ("moment", "text"),
        ("moment", "money"),
        ("ref", "flag"),
    ],
)
def test_a_literal_of_another_kind_is_refused_with_what_is_wanted(field, kind):
    with pytest.raises(SandboxError, match=f"field '{FIELDS[field].name}' must be of type") as refused:
        value(field, LITERALS[kind])
    assert refused.value.code == "INVALID_FIELD"


@pytest.mark.parametrize("field", FIELDS)
def test_null_fits_every_field(field):
    assert value(field, Literal("word", "NULL")) is None


@pytest.mark.parametrize(
    ("field", "literal", "message"),
    [
        ("day", Literal("date", "2026-02-30"), "invalid date: 2026-02-30"),
        ("moment", Literal("moment", "2026-01-31T25:00:00Z"), "invalid dateTime: 2026-01-31T25:00:00Z"),
        ("ref", Literal("string", "'001'"), "invalid ID field: 001"),
        ("text", Literal("string", quoted("x" * (MAX_LITERAL + 1))), "longer than 4000"),
    ],
)
def test_what_cannot_be_is_refused(field, literal, message):
    with pytest.raises(SandboxError, match=message):
        value(field, literal)


def test_a_short_id_gets_its_long_form():
    assert value("ref", Literal("string", "'001D000000IqhSL'")) == "001D000000IqhSLIAZ"


def test_days_of_a_moment_begin_at_midnight_utc():
    word, today = Literal("word", "TODAY"), dt.date(2026, 1, 31)
    assert day_range(FIELDS["day"], word, today) == ("2026-01-31", "2026-02-01")
    assert day_range(FIELDS["moment"], word, today) == ("2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z")
    assert day_range(FIELDS["text"], word, today) is None
