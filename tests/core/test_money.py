"""Currencies: those in use, and nothing that is no money."""

import pytest

from prm.core.money import ISO_4217, currency_decimals, currency_sign


def test_currencies_in_use_are_known():
    assert {"USD", "EUR", "GBP", "JPY", "CHF", "INR", "XAF", "ZWG", "SLE", "VES", "VED", "SVC"} <= ISO_4217


def test_currencies_that_are_new_are_known():
    """The Caribbean guilder replaced ANG in 2025; the Arab accounting dinar came the same year."""
    assert {"XCG", "XAD"} <= ISO_4217


@pytest.mark.parametrize(
    "code",
    [
        *("ANG", "BGN", "HRK", "DEM", "CUC", "SLL", "ZWL"),  # withdrawn
        *("XAU", "XAG", "XPT", "XPD", "XDR", "XTS", "XXX"),  # metals, drawing rights, tests, none
        *("CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "BOV"),  # funds and units of account
        *("usd", "US", "", "$"),
    ],
)
def test_what_is_no_money_of_today_is_unknown(code):
    assert code not in ISO_4217


def test_every_code_is_three_capital_letters():
    assert {c for c in ISO_4217 if not (len(c) == 3 and c.isascii() and c.isalpha() and c.isupper())} == set()


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("USD", "$"),
        ("EUR", "€"),
        ("GBP", "£"),
        ("CAD", "CA$"),
        ("INR", "₹"),
        ("CHF", "CHF\u00a0"),
        ("XAF", "FCFA\u00a0"),
        ("XCG", "Cg.\u00a0"),
        ("", ""),
    ],
)
def test_sign_stands_before_the_amount_apart_from_letters(code, sign):
    assert currency_sign(code) == sign


def test_no_sign_of_any_currency_runs_into_the_figure():
    assert [code for code in ISO_4217 if currency_sign(code)[-1:].isalnum()] == []


@pytest.mark.parametrize(("code", "places"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("", 2)])
def test_decimals_are_those_of_the_currency(code, places):
    assert currency_decimals(code) == places
