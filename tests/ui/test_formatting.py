from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.utils import timezone

from prm.ui import formatting as f

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with mock.patch("prm.ui.formatting.now", return_value=NOW):
        yield


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(412000), "$412,000"),
        (Decimal("-38000.4"), "−$38,000"),
        (Decimal("0.5"), "$1"),
        (Decimal("-0.4"), "$0"),
        (None, "–"),
    ],
)
def test_money_is_whole_with_a_true_minus(value, text):
    assert f.money(value, "USD") == text


def test_money_takes_its_currency_from_a_tenant_or_a_code():
    tenant = type("T", (), {"currency": "EUR"})()
    assert f.money(5, tenant) == "€5"
    assert f.money(5, "CHF") == "CHF\N{NO-BREAK SPACE}5"
    assert f.money(Decimal("8278519.424"), "GBP", places=2) == "£8,278,519.42"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "$0"),
        (9_240, "$9,240"),
        (9_999.6, "$10k"),
        (412_000, "$412k"),
        (999_499, "$999k"),
        (999_500, "$1.00M"),
        (1_120_000, "$1.12M"),
        (12_400_000, "$12.4M"),
        (152_000_000, "$152M"),
        (1_050_000_000, "$1.05B"),
        (-412_000, "−$412k"),
        (Decimal("-0.2"), "$0"),
    ],
)
def test_money_short_keeps_three_digits(value, text):
    assert f.money_short(value, "USD") == text


def test_ranges_collapse_when_both_ends_read_the_same():
    assert f.money_range(418_000, 688_000, "USD") == "$418,000 to $688,000"
    assert f.money_range(1, 1.2, "USD") == "$1"
    assert f.money_range(None, 5, "USD") == "$5"
    assert f.percent_range(0.37, 0.5) == "37–50%"
    assert f.percent_range(None, None) == "–"


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.43, "43%"), (0, "0%"), (0.004, "<1%"), (-0.05, "−5%"), (1, "100%"), (None, "–")]
)
def test_percent(ratio, text):
    assert f.percent(ratio) == text


@pytest.mark.parametrize(
    ("change", "text", "spoken"),
    [(6, "+6", "up 6"), (-5, "−5", "down 5"), (0.4, "0", "no change"), (-0.4, "0", "no change")],
)
def test_signed_is_seen_with_a_sign_and_heard_in_words(change, text, spoken):
    markup = f.signed(change)
    assert f'aria-hidden="true">{text}<' in markup
    assert f">{spoken}<" in markup


def test_day_shows_another_year_only():
    assert f.day(date(2026, 11, 20)) == "20 Nov"
    assert f.day(date(2025, 1, 2)) == "2 Jan 2025"
    assert f.day(date(2026, 11, 20), weekday=True) == "Fri 20 Nov"
    assert f.day(None) == "–"


def test_day_of_a_moment_is_the_active_zones_day():
    late = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    with timezone.override("America/New_York"):
        assert f.day(late) == "19 Nov"
        assert f.clock(late) == "22:00"


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=16), "yesterday"),
        (timedelta(days=5), "5 days ago"),
        (timedelta(days=31), "23 Oct"),
        (timedelta(days=-2), "25 Nov"),
    ],
)
def test_ago(back, text):
    with timezone.override(UTC):
        assert f.ago(NOW - back) == text


def test_ago_of_a_date_counts_whole_days():
    with timezone.override(UTC):
        assert [f.ago(date(2026, 11, day)) for day in (23, 22, 20)] == ["today", "yesterday", "3 days ago"]


def test_small_words():
    assert f.number(12_600) == "12,600"
    assert f.number(-3) == "−3"
    assert [f.nothing(value) for value in (None, "", 0, "x")] == ["–", "–", 0, "x"]
    assert f.plural(1, "order") == "1 order"
    assert f.plural(1200, "agency", "agencies") == "1,200 agencies"
    assert f.month(date(2025, 3, 1)) == "Mar 2025"
    assert f.moment(NOW) == "today, 15:00"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ann@mercy.example", "ann@<wbr>mercy.<wbr>example"),
        ("<b>@x.y", "&lt;b&gt;@<wbr>x.<wbr>y"),
        ("plain", "plain"),
        ("", ""),
        ("ends.", "ends."),
    ],
)
def test_an_address_breaks_at_its_joints(address, written):
    assert f.breakable(address) == written
