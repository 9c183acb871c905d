"""Values on their way between an app and Salesforce."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.mapping import BadValue, Direction, Field, Kind, Mapping, Touch, parse_moment


def field(kind=Kind.TEXT, **options):
    return Field(here="x", there="X__c", kind=kind, **options)


@pytest.mark.parametrize(
    "value,normal",
    [
        (" a ", "a"),
        ("", None),
        ("  ", None),
        (None, None),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\x00b", "ab"),
        (7, "7"),
    ],
)
def test_text_as_salesforce_stores_it(value, normal):
    assert field().normal(value) == normal


@pytest.mark.parametrize(
    "value,normal",
    [
        (Decimal("1.005"), "1.01"),
        (Decimal("-1.005"), "-1.01"),
        (1, "1.00"),
        (1.5, "1.50"),
        ("12.3", "12.30"),
        (Decimal("-0.001"), "0.00"),
        (Decimal("8278519.424"), "8278519.42"),
        ("", None),
        (None, None),
    ],
)
def test_numbers_are_rounded_to_the_scale(value, normal):
    assert field(Kind.CURRENCY, scale=2).normal(value) == normal


def test_a_moment_loses_its_fraction_and_its_zone():
    here = datetime(2026, 11, 23, 4, 12, 33, 999999, tzinfo=timezone(timedelta(hours=-5)))
    assert field(Kind.MOMENT).normal(here) == "2026-11-23T09:12:33Z"
    assert field(Kind.MOMENT).normal("2026-11-23T09:12:33.000+0000") == "2026-11-23T09:12:33Z"


@pytest.mark.parametrize(
    "kind,value",
    [
        (Kind.NUMBER, "twelve"),
        (Kind.NUMBER, float("nan")),
        (Kind.DATE, "2026-13-01"),
        (Kind.DATE, datetime(2026, 1, 1, tzinfo=UTC)),
        (Kind.MOMENT, datetime(2026, 1, 1)),
        (Kind.MOMENT, "yesterday"),
    ],
)
def test_what_has_no_normal_form_is_refused(kind, value):
    with pytest.raises(BadValue):
        field(kind).normal(value)


def test_finer_values_there_count_as_ours():
    stage = field(aliases=(("Needs Analysis", "Qualification"),))
    assert stage.normal("Needs Analysis") == stage.normal("Qualification") == "Qualification"


def test_text_that_does_not_fit_is_cut_where_the_declaration_says_so():
    assert field(length=5, cut=True).normal("123456") == "1234…"
    assert field(length=5).normal("123456") == "123456"


@pytest.mark.parametrize(
    "one,value",
    [
        (field(length=5), "123456"),
        (field(Kind.EMAIL), f"{'a' * 80}@b.example"),
        (field(Kind.CURRENCY, scale=2), Decimal(10) ** 17),
    ],
)
def test_what_salesforce_would_refuse_is_said_and_holds_back_no_other_field(one, value):
    good = Field(here="good", there="Good")
    mapping = declare(fields=(one, good))
    normals, unfit = mapping.normals({one.here: value, "good": "g"})
    assert normals == {"Good": "g"}
    assert "at most" in unfit[one.there]


@given(st.text(max_size=50))
def test_a_normal_text_is_its_own_normal_form(text):
    once = field().normal(text)
    assert field().normal(once) == once
    assert field().normal(field().wire(once)) == once


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_money_survives_the_way_there_and_back(amount):
    money = field(Kind.CURRENCY, scale=2)
    normal = money.normal(amount)
    assert money.normal(money.wire(normal)) == normal
    assert money.normal(money.local(normal)) == normal
    assert abs(Decimal(normal) - amount) <= Decimal("0.005")


@given(st.datetimes(timezones=st.timezones()))
def test_moments_survive_the_way_there_and_back(moment):
    kind = field(Kind.MOMENT)
    try:
        normal = kind.normal(moment)
    except OverflowError:
        return
    if len(normal) == 20:
        assert kind.normal(kind.local(normal)) == normal


@given(st.dates())
def test_dates_survive(day):
    assert field(Kind.DATE).local(field(Kind.DATE).normal(day)) == day


def test_a_moment_without_zone_from_salesforce_is_utc():
    assert parse_moment("2026-11-23T09:12:33") == datetime(2026, 11, 23, 9, 12, 33, tzinfo=UTC)


def declare(**options):
    touch = Touch(table="t", watch=("a",))
    values = {"key": "a.b", "singular": "b", "plural": "bs", "sobject": "B", "fields": (), "read": dict}
    return Mapping(**{**values, "touched_by": (touch,), **options})


@pytest.mark.parametrize(
    "options",
    [
        {"touched_by": ()},
        {"touched_by": (Touch(table="t", record="b_id", watch=("a",)),)},
        {"fields": (Field(here="a", there="A"), Field(here="b", there="A"))},
        {"fields": (Field(here="a", there="A", direction=Direction.BOTH),)},
        {"fields": (Field(here="a", there="PRM_Id__c"),)},
    ],
)
def test_a_declaration_that_cannot_work_is_refused(options):
    with pytest.raises(ValueError):
        declare(**options)


def test_values_are_named_as_salesforce_names_them():
    mapping = declare(fields=(Field(here="day", there="Day__c", kind=Kind.DATE),))
    assert mapping.normals({"day": date(2026, 1, 2)}) == ({"Day__c": "2026-01-02"}, {})
