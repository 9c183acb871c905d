"""Formats of dates that read a date in two ways, or drop a part of it, are refused when the source is saved."""

import pytest

from orders.sources.date_formats import says_utc
from orders.sources.spec import Spec
from prm.core.schema import SchemaError

COLUMNS = {"number": "No", "date": "Date", "amount": "Amount"}


def spec(*formats):
    return Spec.parse({"columns": COLUMNS, "date_formats": list(formats)})


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("%d/%m/%Y %H:%m", "month twice"), ("%d %b %Y %H:%m", "month twice"), ("%d.%m.%Y %d", "day twice"),
        ("%d.%m.%Y %Z", "name of a zone"), ("%d.%m.%Y %H:%M %p", "AM and PM"), ("%d.%m.%Y %I:%M", "without AM or PM"),
        ("%d.%m", "lacks year"), ("%m/%Y", "lacks day"), ("%d.%m.%Y %H:%S", "%S without %M"), ("%d.%m.%Y %M", "%M without"),
        ("%d.%m.%Y %Q", "%Q is not taken"), ("%c", "%c is not taken"), ("%d.%m.%Y %", "single %"),
        ("%d.%m.%Y %y", "year twice"), ("%d.%m.%Y %z", "%z without"), ("%G-%V-%d", "is not taken"),
    ],
)  # fmt: skip
def test_a_format_that_drops_something_is_refused(pattern, word):
    with pytest.raises(SchemaError, match=word):
        spec(pattern)


@pytest.mark.parametrize(
    "formats",
    [
        ("%d/%m/%Y", "%m/%d/%Y"), ("%d/%m/%Y", "%m.%d.%Y %H:%M"), ("%Y-%d-%m", "iso"), ("%d-%m-%y", "%y-%m-%d"),
        ("%Y%d%m", "%Y%m%d"),
    ],
)  # fmt: skip
def test_formats_that_mix_day_and_month_are_refused_together(formats):
    with pytest.raises(SchemaError, match="mix the order of day and month"):
        spec(*formats)


@pytest.mark.parametrize(
    "formats",
    [
        ("iso",), ("iso", "%d/%m/%Y"), ("%d.%m.%Y", "%d.%m.%Y %H:%M:%S"), ("%Y%m%d",), ("%b %d, %Y %I:%M %p", "%d/%m/%Y"),
        ("%Y-%m-%d %H:%M:%S %z",), ("%Y-%m-%dT%H:%M:%S.%f%z",), ("%d-%b-%y",), ("%A, %d %B %Y",), ("%m/%d/%y %H:%M",),
    ],
)  # fmt: skip
def test_usual_formats_are_taken(formats):
    assert spec(*formats).date_formats == formats


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("%Y-%m-%d %H:%M:%S EST", r"reads a zone \(EST\) and drops it"), ("%d.%m.%Y %H:%M MEZ", r"a zone \(MEZ\)"),
        ("%d.%m.%Y %H:%M CET", r"a zone \(CET\)"), ("%Y-%m-%dT%H:%M:%S+01:00", "write %z"), ("%Y-%m-%d %H:%M:%S -0500", "write %z"),
        ("%Y-%m-%d %H:%M:%S %z UTC", "beside the offset"), ("%Y-%m-%dT%H:%M:%S%zZ", "beside the offset"),
    ],
)  # fmt: skip
def test_a_zone_that_a_format_only_passes_over_is_refused(pattern, word):
    """Written as a text it would be read and dropped: the moment would be taken in the source's own zone."""
    with pytest.raises(SchemaError, match=word):
        spec(pattern)


@pytest.mark.parametrize(
    "pattern", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S UTC", "%d.%m.%Y %H:%M GMT", "%d.%m.%Y %H:%M UTC."]
)
def test_a_format_that_says_utc_reads_moments_in_utc(pattern):
    assert spec(pattern).date_formats == (pattern,) and says_utc(pattern)
    assert not any(
        map(says_utc, ("iso", "%d.%m.%Y", "Zeit: %d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M Uhr"))
    )
