"""What an order source says about its files: columns, codes, dates, numbers, cancellations.

The one truth about a source's settings: the form, the TOML file, the JSON that is kept and the table in
`docs/administrators.md` all come from here.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Final, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, Strict, StringConstraints, ValidationInfo

from orders.sources import date_formats, kinds
from orders.sources.named import known_currency, known_kind, known_timezone
from orders.sources.rows import (
    NO_CANCELLATIONS,
    NO_STARTS,
    Cancellations,
    Column,
    Filter,
    Prefix,
    Totals,
    in_order,
    read_filters,
    read_totals,
    total_passed_over,
)  # fmt: skip
from orders.states import OrderState
from partners.kinds.rules import LONGEST_KEY
from partners.states import Kind
from prm.core.schema import DescribedAs, Problem, Says, Schema, SchemaError, Words, refusal

Encoding = Literal[
    "utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16", "utf-32", "cp1250", "cp1251", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp932", "gb18030", "cp850", "mac-roman",
]  # fmt: skip
DecimalMark = Literal[".", ","]
ENCODINGS: Final[tuple[str, ...]] = get_args(Encoding)
DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}

# As others call the same encodings; the first of each is what people know it by.
_ALSO_CALLED: Final = {
    "shift-jis": "cp932", "shift_jis": "cp932", "sjis": "cp932", "windows-31j": "cp932",
    "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1258)},
}  # fmt: skip

_NO_COLUMNS: Final = 'Say which column holds what: [columns] number = "…", date = "…".'
_NO_FORMATS: Final = 'Write a list of formats, for example ["%m/%d/%Y"] or ["iso"].'
_NO_MARK: Final = 'Write one character, for example "," or ";", or "tab".'
_NO_QUOTE: Final = "Write \"'\" or '\"'."
_NO_ESCAPE: Final = "Write a backslash, or nothing."
_ONE_OF: Final = "{value!r} is not known; use one of "


# --- single values ------------------------------------------------------------------------------


def _small(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _encoding(value: object) -> object:
    small = _small(value)
    return _ALSO_CALLED.get(small, small) if isinstance(small, str) else small


def _mark_of(value: object) -> object:
    return DELIMITERS.get(value, value) if isinstance(value, str) else value


def _one_mark(value: str) -> str:
    if len(value) != 1 or value in '"\n\r\0' or not value.isascii():
        raise refusal(_NO_MARK)
    return value


def _quote(value: str) -> str:
    if len(value) != 1 or value not in "\"'":
        raise refusal(_NO_QUOTE)
    return value


def _escape(value: str) -> str:
    if value not in ("", "\\"):
        raise refusal(_NO_ESCAPE)
    return value


def _date_format(value: str, info: ValidationInfo) -> str:
    # What a source holds was judged when it was saved, by the rules of then.
    if (info.context or {}).get("is_held"):
        return value
    if problem := date_formats.problem_of(value):
        raise refusal(problem)
    return value


def _some_formats(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise refusal(_NO_FORMATS)
    if problem := date_formats.problem_of_all(value):
        raise refusal(problem)
    return value


def _by_small_words(value: dict[str, OrderState]) -> dict[str, OrderState]:
    return {sent.strip().lower(): state for sent, state in value.items()}


Flag = Annotated[bool, Says("Write true or false.")]
State = Annotated[
    OrderState, Strict(False), Says(f"{{value!r}} is no state; use {', '.join(OrderState.values)}.")
]


def _kind(value: object) -> object:
    # "csv" is what the kind of files was called once.
    kind = kinds.USUAL if value == "csv" else value
    if kind not in kinds.known():
        known = " or ".join(f'"{key}"' for key in kinds.known())
        raise refusal(f"{value!r} is no kind of source; use {known}.")
    return kind


# --- columns ------------------------------------------------------------------------------------


class Columns(Schema):
    """Which column holds which field: its heading, or its number from 1 in files without headings.

    The order is that of the staged row; titles are the words shown to people.
    """

    words: ClassVar[Mapping[str, Words]] = {
        "extra_forbidden": ("There is no field {name!r}; fields are {fields}.", "unknown_field"),
        "model_type": (_NO_COLUMNS, "type"),
    }

    number: Column | None = Field(default=None, title="Order number")
    number_2: Column | None = Field(default=None, title="Order number, second part")
    number_3: Column | None = Field(default=None, title="Order number, third part")
    date: Column | None = Field(default=None, title="Order date")
    code: Column | None = Field(default=None, title="Referral code")
    partner_name: Column | None = Field(default=None, title="Name sent with the code")
    product_code: Column | None = Field(default=None, title="Product or service code")
    product_name: Column | None = Field(default=None, title="Product or service")
    quantity: Column | None = Field(default=None, title="Quantity")
    unit_price: Column | None = Field(default=None, title="Unit price")
    amount: Column | None = Field(default=None, title="Amount")
    discount_percent: Column | None = Field(default=None, title="Discount in per cent")
    discount: Column | None = Field(default=None, title="Discount")
    tax: Column | None = Field(default=None, title="Tax")
    shipping: Column | None = Field(default=None, title="Shipping")
    refund: Column | None = Field(default=None, title="Refunded")
    currency: Column | None = Field(default=None, title="Currency")
    state: Column | None = Field(default=None, title="State")
    type: Column | None = Field(default=None, title="Document type")
    credit: Column | None = Field(default=None, title="Who shares the credit")
    credit_1: Column | None = Field(default=None, title="First partner’s code")
    share_1: Column | None = Field(default=None, title="First partner’s per cent")
    credit_2: Column | None = Field(default=None, title="Second partner’s code")
    share_2: Column | None = Field(default=None, title="Second partner’s per cent")
    credit_3: Column | None = Field(default=None, title="Third partner’s code")
    share_3: Column | None = Field(default=None, title="Third partner’s per cent")
    credit_4: Column | None = Field(default=None, title="Fourth partner’s code")
    share_4: Column | None = Field(default=None, title="Fourth partner’s per cent")

    @classmethod
    def across(cls, data: Mapping[str, object]) -> Iterator[Problem]:
        """Yield what is wrong with the columns together."""
        given = {name: data[name] for name in cls.model_fields if name in data}
        if "amount" not in given and "unit_price" not in given:
            yield Problem("amount", "An amount, or a unit price (with a quantity), is needed.")
        if "product_name" in given and "product_code" not in given:
            yield Problem("product_code", "A product's name needs its code.")
        yield from _parts_in_order(given)
        yield from _given_twice(given)


class HeaderColumns(Schema):
    """Which column of the file of headers holds what an order says once."""

    words: ClassVar[Mapping[str, Words]] = {
        "extra_forbidden": ("A header has no field {name!r}; fields are {fields}.", "unknown_field"),
    }

    number: Column = Field(title="Order number")
    number_2: Column | None = None
    number_3: Column | None = None
    date: Column | None = None
    code: Column | None = None
    partner_name: Column | None = None
    amount: Column | None = None
    currency: Column | None = None
    state: Column | None = None
    type: Column | None = None
    credit: Column | None = None
    credit_1: Column | None = None
    share_1: Column | None = None
    credit_2: Column | None = None
    share_2: Column | None = None
    credit_3: Column | None = None
    share_3: Column | None = None
    credit_4: Column | None = None
    share_4: Column | None = None

    @classmethod
    def across(cls, data: Mapping[str, object]) -> Iterator[Problem]:
        """Yield what is wrong with the columns together."""
        given = {name: data[name] for name in cls.model_fields if name in data}
        yield from _parts_in_order(given)
        yield from _given_twice(given)


def _parts_in_order(given: Mapping[str, object]) -> Iterator[Problem]:
    for credit, share in SHARED_BETWEEN:
        if (credit in given) != (share in given):
            lacks = share if credit in given else credit
            yield Problem(
                lacks, "A partner who shares the credit needs both: whose code, and how many per cent."
            )
    if "credit" in given and any(credit in given for credit, _ in SHARED_BETWEEN):
        yield Problem("credit", "Shares stand in one column or in several, not in both.")
    if "number_3" in given and "number_2" not in given:
        yield Problem("number_2", "A third part of the order number needs the second.")
    if "number_2" in given and "number" not in given:
        yield Problem("number", "A second part of the order number needs the first.")


def _given_twice(given: Mapping[str, object]) -> Iterator[Problem]:
    places = Counter(str(column).strip() for column in given.values())
    if twice := next((place for place, times in places.items() if times > 1), None):
        yield Problem("", f"Column {twice!r} is given to two fields.")


#: Names that the API gives to what every order says.
SENT_BY_PROGRAMS: Final[Mapping[str, str | int]] = {
    "number": "number", "date": "placed_at", "amount": "amount",
}  # fmt: skip
#: What stands behind the number of a credit note, known by its type: it is a document beside the order it names.
CREDIT: Final = " (credit)"
#: The columns that make an order's number, in this order.
NUMBER_PARTS: Final = ("number", "number_2", "number_3")
#: The columns that say who shares the credit of an order, each with that of its per cent.
SHARED_BETWEEN: Final = tuple((f"credit_{n}", f"share_{n}") for n in range(1, 5))
#: All that say it, in one column or in several.
CREDITS: Final = ("credit", *(name for pair in SHARED_BETWEEN for name in pair))
#: Fields a column can be mapped to, with the words shown to people.
FIELDS: Final[Mapping[str, str]] = {name: field.title or name for name, field in Columns.model_fields.items()}


def _read_columns(value: object, info: ValidationInfo) -> dict[str, str | int]:
    if not value:
        raise refusal(_NO_COLUMNS)
    # A bad `header` is a problem of its own; columns are then judged as with headings.
    columns = Columns.model_validate(value, context={"header": info.data.get("header", True)})
    return columns.model_dump(exclude_none=True)


def _read_headers(value: object, info: ValidationInfo) -> dict[str, str | int]:
    if not value:
        return {}
    columns = HeaderColumns.model_validate(value, context={"header": info.data.get("header", True)})
    return columns.model_dump(exclude_none=True)


# --- the specification --------------------------------------------------------------------------


class Spec(Schema):
    """How the files of one source are to be read; kept as JSON with the source.

    `columns` maps fields to headings, or to numbers from 1. "" as time zone or currency is the tenant's.
    """

    words: ClassVar[Mapping[str, Words]] = {
        "extra_forbidden": ("There is no such setting.", "unknown_field"),
        "invalid_key": ("There is no such setting.", "unknown_field"),
    }

    encoding: Annotated[Encoding, BeforeValidator(_encoding), Says(f"{_ONE_OF}{', '.join(ENCODINGS)}.")] = (
        Field(default="utf-8", description="how letters are written")
    )
    delimiter: Annotated[
        str,
        AfterValidator(_one_mark),
        BeforeValidator(_mark_of),
        Says(_NO_MARK),
    ] = Field(
        default=",",
        description="what stands between cells: one character, or `comma`, `semicolon`, `tab`, `pipe`",
    )
    quote: Annotated[str, AfterValidator(_quote), Says(_NO_QUOTE)] = Field(
        default='"', description="what stands round a cell that holds the delimiter"
    )
    escape: Annotated[str, AfterValidator(_escape), Says(_NO_ESCAPE)] = Field(
        default="", description="what stands before a quote inside a cell; empty: the quote is written twice"
    )
    starts: Annotated[tuple[int, ...], Strict(False), AfterValidator(in_order), Says(NO_STARTS)] = Field(
        default=(), description="in which character, from 1, each column of a file of fixed width begins"
    )
    totals: Annotated[
        tuple[Prefix, ...], Strict(False), Says('Write a list of words, for example ["Total"].')
    ] = Field(
        default=(), description="words that begin a line of totals; such lines are no orders and are left out"
    )
    header: Flag = Field(
        default=True,
        description="whether a line of headings stands above the orders; title lines above it are passed over",
    )
    decimal_mark: Annotated[DecimalMark, Says(f"{_ONE_OF}., ,.")] = Field(
        default=".", description="what stands before the fraction of a number"
    )
    decimal_marks: Annotated[
        dict[Literal["quantity", "unit_price", "amount"], DecimalMark],
        Says('Write a table: quantity = ".".'),
    ] = Field(default={}, description="the mark of single columns that have another one, in text files")
    date_formats: Annotated[
        tuple[Annotated[str, AfterValidator(_date_format)], ...],
        Strict(False),
        AfterValidator(_some_formats),
        Says(_NO_FORMATS),
    ] = Field(
        default=("iso",),
        description='`"iso"`, `"excel"` (days as a spreadsheet counts them) or formats of strptime, tried in this order',
    )
    timezone: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=40),
        AfterValidator(known_timezone),
        Says("Write a text of at most 40 characters."),
    ] = Field(default="", description="of moments without one; empty: the tenant's")
    currency: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=3),
        AfterValidator(known_currency),
        Says("Write a text of at most 3 characters."),
    ] = Field(default="", description="ISO 4217, of lines that name none; empty: the tenant's")
    code_scheme: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=60),
        Says("Write a text of at most 60 characters."),
    ] = Field(
        default="", description="whose codes these are: `NPI`, `Meditech`; sources of the same share codes"
    )
    create_partners: Flag = Field(default=False, description="make a partner of every unknown code")
    partner_kind: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=LONGEST_KEY),
        BeforeValidator(_small),
        AfterValidator(known_kind),
        Says(f"Write the key of a kind, of at most {LONGEST_KEY} characters."),
    ] = Field(
        default=Kind.PHYSICIAN.value, description="what such a partner is: the key of one of your kinds"
    )
    drop_exact_repeats: Flag = Field(
        default=True, description="count a line repeated exactly inside an order once"
    )
    order_lines: Annotated[Literal["replaces", "adds"], Says(f"{_ONE_OF}replaces, adds.")] = Field(
        default="replaces",
        description="whether a file brings whole orders and `replaces` what is held of them, or a part of their lines and"
        " `adds` it",
    )
    sheet: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=31),
        Says("Write a sheet's name, of at most 31 characters."),
    ] = Field(default="", description="which sheet of a workbook; empty: the first that is not hidden")
    columns: Annotated[
        dict[str, str | int], BeforeValidator(_read_columns), DescribedAs(Columns), Says(_NO_COLUMNS)
    ] = Field(description="which column holds which field")
    header_columns: Annotated[
        dict[str, str | int], BeforeValidator(_read_headers), DescribedAs(HeaderColumns)
    ] = Field(default={}, description="which column of a second file, of order headers, holds which field")
    header_files: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=100),
        Says("Write a text of at most 100 characters."),
    ] = Field(
        default="",
        description="names of the files of headers, as `SalesOrders*`; empty: known by their headings",
    )
    mint_numbers: Flag = Field(
        default=False,
        description="whether rows have no order number: each is an order, known by what it says",
    )
    filters: Annotated[tuple[Filter, ...], Strict(False), BeforeValidator(read_filters)] = Field(
        default=(), description="which rows are taken or left out, by the cell of a column"
    )
    control_totals: Annotated[Totals, BeforeValidator(read_totals)] = Field(
        default=Totals(),
        description="the row that declares how many lines or orders there are, and their amount",
    )
    minor_units: Flag = Field(
        default=False, description="whether money is written in the smallest unit: 1250 is 12.50"
    )
    cancellations: Annotated[Cancellations, Says(NO_CANCELLATIONS)] = Field(
        default=Cancellations(), description="how cancellations and credit notes are marked"
    )
    states: Annotated[
        dict[str, State], AfterValidator(_by_small_words), Says('Write a table: "as sent" = "completed".')
    ] = Field(default={}, description="what a state as sent means")

    @classmethod
    def across(cls, data: Mapping[str, object]) -> Iterator[Problem]:
        """Yield what is needed and not there, and what the settings say against each other."""
        columns, headers = data.get("columns"), data.get("header_columns")
        if not columns or not isinstance(columns, Mapping):
            return
        both = {*columns, *(headers if isinstance(headers, Mapping) else ())}
        yield from total_passed_over(data)
        if data.get("order_lines") == "adds" and any(name in CREDITS for name in both):
            yield Problem(
                "order_lines",
                "Orders whose lines come in several files cannot share their credit by columns.",
            )
        mints = data.get("mint_numbers") is True
        if mints and "number" in both:
            yield Problem("mint_numbers", "Rows that have an order number need none of ours.")
        if not mints and "number" not in columns:
            yield Problem("columns.number", f"{FIELDS['number']} is needed.", "required")
        if "date" not in both:
            yield Problem("columns.date", f"{FIELDS['date']} is needed.", "required")
        if isinstance(headers, Mapping) and headers:
            parts = [[name for name in NUMBER_PARTS if name in given] for given in (columns, headers)]
            if parts[0] != parts[1]:
                yield Problem("header_columns.number", "Headers and lines need the same parts of the number.")

    @property
    def fields(self) -> dict[str, str | int]:
        """Return the columns of all fields, those of the headers included, in the order of `FIELDS`."""
        both = self.header_columns | self.columns
        return {name: both[name] for name in FIELDS if name in both}

    @property
    def adds(self) -> bool:
        """Whether a file adds lines to the orders that are held."""
        return self.order_lines == "adds"

    def to_json(self) -> dict[str, object]:
        """Return the form in which `Spec.parse` takes it back."""
        return self.model_dump(mode="json")

    @property
    def shares_credit(self) -> bool:
        """Whether its files say how the credit of an order is shared."""
        return any(name in CREDITS for name in (*self.columns, *self.header_columns))

    def mark_of(self, field: str) -> str:
        """Return the decimal mark of a field's column."""
        return next((mark for name, mark in self.decimal_marks.items() if name == field), self.decimal_mark)

    def is_cancellation(self, number: str) -> bool:
        """Return whether an order number is that of a cancellation document."""
        prefixes = self.cancellations.number_prefixes
        if self.cancellations.types and number.endswith(CREDIT):
            return True
        return bool(prefixes) and number.startswith(prefixes)


class SourceFile(Spec):
    """A source as a TOML file: its name and kind, and its specification."""

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
        Says('Give the source a name of at most 80 characters: name = "…".'),
    ] = Field(description="as people call the system")
    kind: Annotated[str, BeforeValidator(_kind)] = Field(
        default=kinds.USUAL,
        description="the door its orders come through",
        json_schema_extra=lambda schema: schema.update(enum=list(kinds.known())),
    )

    @classmethod
    def load(cls, text: str) -> Self:
        """Read TOML. Raises `SchemaError` with every problem, for bad TOML with line and column."""
        try:
            # Editors of Windows begin a file with a mark.
            data = tomllib.loads(text.removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError as error:
            raise SchemaError([Problem("", f"This is not valid TOML: {error}.")]) from error
        return cls.parse(data)

    @property
    def spec(self) -> Spec:
        """The specification alone."""
        return Spec.model_construct(**{name: getattr(self, name) for name in Spec.model_fields})
