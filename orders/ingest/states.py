"""The reasons why lines are rejected."""

from enum import StrEnum
from typing import Self


class RejectReason(StrEnum):
    """Why a line is rejected; the values are stable (JSON, API, exported files).

    `heading` names the reason to people; `advice` says what to do, "" where the line's own message
    says it better; `field` is the one field that such a line is wrong in, "" where it may be any.
    """

    heading: str
    advice: str
    field: str

    def __new__(cls, value: str, heading: str, field: str = "", advice: str = "") -> Self:
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.heading, reason.field, reason.advice = heading, field, advice
        return reason

    NUMBER_MISSING = "number_missing", "Order number missing", "number", "Type the order number."
    NUMBER_TOO_LONG = "number_too_long", "Order number too long", "number"
    CODE_TOO_LONG = (
        "code_too_long",
        "Referral code too long",
        "code",
        "Shorten the code, or leave it empty: then the order waits without a code.",
    )
    TWO_CODES = (
        "two_codes", "Two referral codes in one order", "code", "Choose one code for the whole order.",
    )  # fmt: skip
    SHARES_NOT_WHOLE = (
        "shares_not_whole", "Shares do not make 100", "", "The parts of an order’s credit make 100 per cent: type them right.",
    )  # fmt: skip
    SHARE_TWICE = "share_twice", "Partner named twice", "", "Each partner who shares the credit has one part."
    SHARE_UNCLEAR = (
        "share_unclear", "Share unclear", "", "Each part of the credit needs a code and a per cent.",
    )  # fmt: skip
    PRODUCT_TOO_LONG = "product_too_long", "Product code too long", "product_code"
    NOT_A_NUMBER = "not_a_number", "Not a number", "", "Type the number."
    NUMBER_TOO_LARGE = "number_too_large", "Number too large"
    AMOUNT_MISSING = (
        "amount_missing", "Amount missing", "", "Fill in the amount, or a price and a quantity.",
    )  # fmt: skip
    DATE_MISSING = "date_missing", "Date missing", "date", "Type the day."
    DATE_UNREADABLE = "date_unreadable", "Date unreadable", "date", "Type the right day."
    DATE_OUT_OF_RANGE = "date_out_of_range", "Date out of range", "date", "Type the right day."
    UNKNOWN_CURRENCY = "unknown_currency", "Currency unknown", "currency", "Type the right code."
    TWO_CURRENCIES = (
        "two_currencies",
        "Two currencies in one order",
        "currency",
        "Amounts of several currencies cannot be added up: give the line an order of its own.",
    )
    OTHER_CURRENCY = (
        "other_currency",
        "Amount in another currency",
        "",
        "Give the source the currency that its amounts name, or a column for it; then retry.",
    )
    UNKNOWN_STATE = (
        "unknown_state",
        "State unknown",
        "state",
        "Add the state to the source, then retry; or type one of ours.",
    )
    STATE_MISSING = (
        "state_missing",
        "State missing",
        "state",
        "Say in the source what a blank state means, then retry; or type one of ours.",
    )
    CURRENCY_MISSING = (
        "currency_missing", "Currency missing", "currency", "Give the source a currency, then retry; or type the code.",
    )  # fmt: skip
    CHANGED_BY_SPREADSHEET = (
        "changed_by_spreadsheet",
        "Changed by a spreadsheet",
        "",
        "A spreadsheet has shortened a long number or made a date of it: type it in full, or export it as text.",
    )
    MIXED_LETTERS = (
        "mixed_letters",
        "Letters of two alphabets",
        "",
        "A letter of another alphabet looks like the right one: type the number or code anew.",
    )
    NUL_CHARACTER = "nul_character", "Unreadable character"
    WRONG_COLUMNS = (
        "wrong_columns",
        "Wrong number of columns",
        "",
        "The line has too few or too many columns: fill in what is missing.",
    )
    BAD_QUOTES = (
        "bad_quotes", "Quotation mark out of place", "", "The line could not be read: type it in.",
    )  # fmt: skip
    ORDER_TOO_LONG = "order_too_long", "Order has too many lines"
    HEADER_MISSING = (
        "header_missing",
        "Line without an order header",
        "",
        "Send the header with its lines, or type in what it would say.",
    )
    HEADERS_DIFFER = (
        "headers_differ",
        "Headers of one order contradict each other",
        "",
        "Find out which header is right and send it alone, or type in what it says.",
    )
    LINES_MISSING = (
        "lines_missing", "Order header without lines", "", "Send the lines with their header, or dismiss the header.",
    )  # fmt: skip
    SUM_DIFFERS = (
        "sum_differs",
        "Lines do not come to the amount of their header",
        "",
        "A line is missing or the header is wrong: send the whole order again.",
    )

    @property
    def is_of_others(self) -> bool:
        """Whether a row is rejected because of other rows: trying it again by itself settles nothing."""
        return self in _OF_OTHERS

    @classmethod
    def of(cls, code: str) -> Self | None:
        """Return the reason with this code; `None` for any other word."""
        return next((reason for reason in cls if reason == code), None)


_OF_OTHERS = frozenset(
    {
        RejectReason.HEADER_MISSING,
        RejectReason.HEADERS_DIFFER,
        RejectReason.LINES_MISSING,
        RejectReason.SUM_DIFFERS,
    }
)
