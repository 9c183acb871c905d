"""What people type as a third value, and how two values are compared by eye."""

import pytest

from prm.core.errors import Refused
from prm.mapping import Field, Kind
from prm.salesforce.inbox.rules import input_type, marked, typed

ZONE = "America/New_York"


def field(kind, **more):
    return Field(here="x", there="X__c", kind=kind, label="Thing", **more)


@pytest.mark.parametrize(
    "one,text,value",
    [
        (field(Kind.TEXT), "  Easton ", "Easton"),
        (field(Kind.TEXT), "   ", None),
        (field(Kind.CURRENCY, scale=2), "$12,600.5", "12600.50"),
        (field(Kind.NUMBER), "7", "7"),
        (field(Kind.PERCENT, scale=1), "12.5 %", "12.5"),
        (field(Kind.DATE), "2026-11-30", "2026-11-30"),
        (field(Kind.MOMENT), "2026-11-30T09:40", "2026-11-30T14:40:00Z"),
        (field(Kind.FLAG), "No", False),
        (field(Kind.EMAIL), "a@b.example", "a@b.example"),
    ],
)
def test_a_value_of_the_fields_kind(one, text, value):
    assert typed(one, text, timezone=ZONE) == value


@pytest.mark.parametrize(
    "one,text,words",
    [
        (
            field(Kind.TEXT, length=40, cut=True),
            "x" * 54,
            "at most 40 characters fit in Salesforce; these are 54",
        ),
        (field(Kind.EMAIL), "x" * 80 + "@b.example", "at most 80 characters"),
        (field(Kind.EMAIL), "nobody", "name@example.com"),
        (field(Kind.CURRENCY, scale=2), "a lot", "Thing: Write the amount in digits"),
        (field(Kind.CURRENCY, scale=2), "1" * 17, "at most 16 digits"),
        (field(Kind.DATE), "2026-11-31", "November has 30 days"),
        (field(Kind.MOMENT), "noon", "Write day and time"),
        (field(Kind.FLAG), "perhaps", "yes or no"),
    ],
)
def test_what_is_none_or_does_not_fit_is_refused_in_words(one, text, words):
    with pytest.raises(Refused, match=words) as caught:
        typed(one, text, timezone=ZONE)
    assert caught.value.field == "value"
    assert "X__c" not in caught.value.message


@pytest.mark.parametrize(
    "value,other,differing",
    [
        ("(555) 010-7720", "(555) 010-4410", ["7720"]),
        ("88 Harbor St, Suite 4", "88 Harbor St, Suite 2", ["4"]),
        ("12 Mill Road", "88 Harbor St", ["12 Mill Road"]),
        ("same", "same", []),
        ("", "something", []),
        ("aa", "a", ["aa"]),
        ("Easton General", "Easton", [" General"]),
    ],
)
def test_the_part_that_differs_is_marked_by_words(value, other, differing):
    pieces = marked(value, other)
    assert "".join(piece.text for piece in pieces) == value
    assert [piece.text for piece in pieces if piece.differs] == differing


def test_the_browser_helps_with_what_it_knows():
    assert [input_type(field(kind)) for kind in (Kind.DATE, Kind.EMAIL, Kind.PHONE, Kind.CURRENCY)] == [
        "date", "email", "tel", "text",
    ]  # fmt: skip
