"""What programs send as orders: the one truth for reading it and for the API's description of it.

Types are strict: a text is no number and no list, an unknown field is refused, so that nobody sends
patients' names believing they are kept in safety. What the texts say (dates, currencies, states) is judged
by the rules that judge files.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Final, NamedTuple

from pydantic import BeforeValidator, ConfigDict, Field, RootModel, Strict, WithJsonSchema

from orders.states import OrderState
from prm.core.notation.reader import figure
from prm.core.schema import DescribedAs, Problem, Schema, Words, refusal

MOST_ORDERS: Final = 1_000
MOST_LINES: Final = 1_000

# The one form of a number in a text: JSON's own, without an exponent.
_DECIMAL: Final = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?", re.ASCII)
_DIGITS: Final = 40
_LONGEST_NUMBER: Final = 10**64
_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    Decimal: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


# --- single values ------------------------------------------------------------------------------


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refusal(f"This is a text, not {_kind(value)}.", "type")
    return value


def _text_or_nothing(value: object) -> str | None:
    return None if value is None else _text(value)


def _text_or_number(value: object) -> str:
    # Numbers are common as order numbers and codes; anything else is a mistake of the sender.
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= _LONGEST_NUMBER:
            raise refusal("This number is too long. Send it as a text.", "type")
        return str(value)
    return _text(value)


def _number(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise refusal(f"This is a number, not {_kind(value)}.", "type")
    if isinstance(value, str):
        if not value.strip():
            raise refusal("This is a number, not an empty text.", "type")
        if not _DECIMAL.fullmatch(value):
            raise refusal(
                "Write the number plainly, as 1234.50: no marks between thousands, no exponent.",
                "not_a_number",
            )
        return value
    number = Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS:
        raise refusal("This is no number of this size.", "type")
    return format(number, "f")


def _lines(value: object) -> object:
    if not isinstance(value, list) or not value:
        raise refusal("Lines are a list of at least one object.", "type")
    if len(value) > MOST_LINES:
        raise refusal(f"At most {figure(MOST_LINES)} lines; there are {figure(len(value))}.", "too_many")
    return value


def _orders(value: object) -> object:
    if not isinstance(value, list) or not value:
        raise refusal("Orders are a list of at least one object.", "type")
    if len(value) > MOST_ORDERS:
        raise refusal(
            f"At most {figure(MOST_ORDERS)} orders at once; there are {figure(len(value))}.", "too_many"
        )
    return value


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "nothing")


Text = Annotated[str, BeforeValidator(_text)]
TextOrNumber = Annotated[str, BeforeValidator(_text_or_number)]
Number = Annotated[
    str | None,
    BeforeValidator(_number),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "format": "decimal"}]}),
]

SourceName = Annotated[
    str | None,
    BeforeValidator(_text_or_nothing),
    WithJsonSchema({"type": "string"}),
    Field(description='name of the order source; default "API"'),
]


# --- orders -------------------------------------------------------------------------------------


class IncomingLine(Schema):
    """A line of an order: an amount, or a unit price and a quantity (1 if left out)."""

    words: ClassVar[Mapping[str, Words]] = {"model_type": ("A line is an object.", "type")}

    product_code: TextOrNumber = ""
    product_name: Text = ""
    quantity: Number = Field(default=None, description="units, default 1; four decimals are kept")
    unit_price: Number = Field(default=None, description="six decimals are kept")
    amount: Number = Field(default=None, description="four decimals are kept")

    def cells(self) -> dict[str, str]:
        """Return what was sent as cells of a file, by our names of fields."""
        cells = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in cells.items() if value not in ("", None)}


class OrderHead(Schema):
    """What an order says once, whatever its lines."""

    #: Names of the fields here, with the names that files give them.
    NAMES: ClassVar[Mapping[str, str]] = {
        "number": "number",
        "placed_at": "date",
        "code": "code",
        "partner_name": "partner_name",
        "currency": "currency",
        "state": "state",
    }

    number: TextOrNumber = Field(
        default="",
        description="names the order within its source; sending it again corrects the order",
        json_schema_extra={"minLength": 1, "maxLength": 64},
    )
    placed_at: Text = Field(
        default="",
        description="ISO 8601; a date or moment without offset is in the source's time zone",
        json_schema_extra={"minLength": 1},
    )
    code: TextOrNumber = Field(default="", description="referral code")
    partner_name: Text = Field(default="", description="the name that goes with the code")
    currency: Text = Field(default="", description="ISO 4217; without it the source's, or the tenant's")
    state: Text = Field(
        default="", description=f"{', '.join(OrderState.values)}, or a word that the source translates"
    )

    def cells(self) -> dict[str, str]:
        """Return what was sent as cells of a file; number and day even when empty, as they are needed."""
        cells = {ours: getattr(self, theirs) for theirs, ours in self.NAMES.items()}
        return {name: value for name, value in cells.items() if value or name in {"number", "date"}}


class IncomingOrder(OrderHead):
    """An order: its head, and lines or an amount. Fields that are not listed are refused."""

    model_config = ConfigDict(json_schema_extra={"required": ["number", "placed_at"]})
    words: ClassVar[Mapping[str, Words]] = {"model_type": ("An order is an object.", "type")}

    lines: Annotated[tuple[IncomingLine, ...], Strict(False), BeforeValidator(_lines)] = ()
    amount: Number = Field(default=None, description="instead of lines, for an order that is only a sum")

    @classmethod
    def across(cls, data: Mapping[str, object]) -> Iterator[Problem]:
        """Yield what is wrong unless there are either lines or an amount."""
        if "lines" in data and "amount" in data:
            yield Problem("amount", "Send lines or an amount, not both.", "ambiguous")
        if "lines" not in data and "amount" not in data:
            yield Problem("lines", "Send lines, or an amount.", "required")


class SingleOrder(IncomingOrder):
    """One order by itself, with the name of its source in it."""

    source: SourceName = None


class IncomingBatch(Schema):
    """Up to 1,000 orders of one source, judged one by one."""

    words: ClassVar[Mapping[str, Words]] = {
        "model_type": ("Send an order, a list of orders, or an object with orders.", "type"),
    }

    source: SourceName = None
    orders: Annotated[
        Sequence[Annotated[object, DescribedAs(IncomingOrder)]],
        BeforeValidator(_orders),
    ]


class OrdersIn(RootModel[IncomingBatch | list[IncomingOrder] | SingleOrder]):
    """A batch, a list of orders for the default source, or one order; how the API describes the body."""


class Sent(NamedTuple):
    """The orders of a body, and the name of their source; none means the default one."""

    source: str | None
    orders: Sequence[object]
    is_batch: bool


def read_body(data: object) -> Sent:
    """Return the orders in a body, each still to be judged. Raises `SchemaError` for any other body."""
    if isinstance(data, dict) and "orders" not in data:
        source = IncomingBatch.parse({"source": data.get("source"), "orders": [data]}).source
        return Sent(source, [{k: v for k, v in data.items() if k != "source"}], is_batch=False)
    batch = IncomingBatch.parse({"orders": data} if isinstance(data, list) else data)
    return Sent(batch.source, batch.orders, is_batch=True)
