"""What an order source says about its files: columns, codes, dates, numbers, cancellations.

A specification is written as TOML (or JSON with the same shape) and kept as JSON:

    name = "Meditech orders"          # required in files
    encoding = "utf-8"                # any of ENCODINGS
    delimiter = ","                   # one character, or "tab"
    header = true                     # false: columns are given by number, the first is 1
    decimal_mark = "."                # or ","
    date_formats = ["iso"]            # "iso" or strptime formats, tried in this order
    timezone = "Europe/London"        # of moments without one; "" is the tenant's
    currency = "GBP"                  # of lines that name none; "" is the tenant's
    code_scheme = "NPI"               # whose codes these are
    create_partners = false           # make a partner of every unknown code
    partner_kind = "physician"        # what such a partner is
    drop_exact_repeats = true         # a line repeated exactly inside an order counts once

    [columns]                         # field = "column heading"; see FIELDS
    number = "ORD_NO"

    [cancellations]
    number_prefixes = ["C"]           # a number that begins so is a cancellation document

    [states]                          # "as sent" = received | scheduled | completed | cancelled
    X = "cancelled"
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from zoneinfo import available_timezones

from orders.book.states import OrderState
from prm.core.money import ISO_4217

#: Fields a column can be mapped to, with the words shown to people. The order is that of the staged row.
FIELDS: Final[dict[str, str]] = {
    "number": "Order number",
    "date": "Order date",
    "code": "Referral code",
    "partner_name": "Name sent with the code",
    "product_code": "Product or service code",
    "product_name": "Product or service",
    "quantity": "Quantity",
    "unit_price": "Unit price",
    "amount": "Amount",
    "currency": "Currency",
    "state": "State",
}
ENCODINGS: Final = ("utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16", "cp1250", "cp850", "mac-roman")
DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
PARTNER_KINDS: Final = ("physician", "practice", "hospital", "agent", "agency", "dealer")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a specification; `field` is its path (`columns.quantity`)."""

    field: str
    message: str


class SpecError(ValueError):
    """A specification that cannot be used; `problems` lists everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Spec:
    """A validated specification. `columns` maps fields to headings, or to numbers from 1."""

    columns: Mapping[str, str | int]
    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    decimal_mark: str = "."
    date_formats: tuple[str, ...] = ("iso",)
    timezone: str = ""
    currency: str = ""
    code_scheme: str = ""
    create_partners: bool = False
    partner_kind: str = "physician"
    drop_exact_repeats: bool = True
    number_prefixes: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The form in which :func:`parse_spec` takes it back."""
        data = asdict(self)
        data["date_formats"] = list(self.date_formats)
        data["cancellations"] = {"number_prefixes": list(data.pop("number_prefixes"))}
        return data

    def is_cancellation(self, number: str) -> bool:
        """Whether an order number is that of a cancellation document."""
        return bool(self.number_prefixes) and number.startswith(self.number_prefixes)


_TOP: Final = frozenset(
    {
        "encoding", "delimiter", "header", "decimal_mark", "date_formats", "timezone", "currency",
        "code_scheme", "create_partners", "partner_kind", "drop_exact_repeats", "columns",
        "cancellations", "states",
    }
)  # fmt: skip


def load_toml(text: str) -> tuple[str, str, Spec]:
    """Read a source file: its name, its kind (file or rest) and its specification.

    Raises :class:`SpecError` with every problem found, for bad TOML with line and column.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError([Problem("", f"This is not valid TOML: {error}.")]) from error
    name, kind = data.pop("name", None), data.pop("kind", "file")
    problems = []
    if not isinstance(name, str) or not name.strip() or len(name) > 80:
        problems.append(Problem("name", 'Give the source a name of at most 80 characters: name = "…".'))
    if kind not in {"file", "csv", "rest"}:
        problems.append(Problem("kind", f'{kind!r} is no kind of source; use "file" or "rest".'))
    try:
        spec = parse_spec(data)
    except SpecError as error:
        raise SpecError([*problems, *error.problems]) from error
    if problems:
        raise SpecError(problems)
    return str(name).strip(), "rest" if kind == "rest" else "file", spec


def parse_spec(data: Mapping[str, Any]) -> Spec:
    """Validate the JSON form of a specification. Raises :class:`SpecError` naming every problem."""
    check = _Check(data)
    spec = check.spec()
    if check.problems:
        raise SpecError(check.problems)
    return spec


class _Check:
    """Collects problems while a specification is read."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.problems: list[Problem] = []
        for key in sorted(set(data) - _TOP):
            self.bad(key, "There is no such setting.")

    def bad(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def spec(self) -> Spec:
        header = self.flag("header", default=True)
        return Spec(
            columns=self.columns(header=header),
            encoding=self.choice("encoding", "utf-8", ENCODINGS),
            delimiter=self.delimiter(),
            header=header,
            decimal_mark=self.choice("decimal_mark", ".", (".", ",")),
            date_formats=self.date_formats(),
            timezone=self.timezone(),
            currency=self.currency(),
            code_scheme=self.text("code_scheme", 60),
            create_partners=self.flag("create_partners", default=False),
            partner_kind=self.choice("partner_kind", "physician", PARTNER_KINDS),
            drop_exact_repeats=self.flag("drop_exact_repeats", default=True),
            number_prefixes=self.prefixes(),
            states=self.states(),
        )

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.bad(key, "Write true or false.")
            return default
        return value

    def text(self, key: str, longest: int) -> str:
        value = self.data.get(key, "")
        if not isinstance(value, str) or len(value) > longest:
            self.bad(key, f"Write a text of at most {longest} characters.")
            return ""
        return value.strip()

    def choice(self, key: str, default: str, allowed: Sequence[str]) -> str:
        value = self.data.get(key, default)
        if isinstance(value, str) and value.lower() in allowed:
            return value.lower()
        self.bad(key, f"{value!r} is not known; use one of {', '.join(allowed)}.")
        return default

    def delimiter(self) -> str:
        value = self.data.get("delimiter", ",")
        value = DELIMITERS.get(value, value) if isinstance(value, str) else value
        if not isinstance(value, str) or len(value) != 1 or value in '"\n\r\0' or not value.isascii():
            self.bad("delimiter", 'Write one character, for example "," or ";", or "tab".')
            return ","
        return value

    def date_formats(self) -> tuple[str, ...]:
        value = self.data.get("date_formats", ["iso"])
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            self.bad("date_formats", 'Write a list of formats, for example ["%m/%d/%Y"] or ["iso"].')
            return ("iso",)
        for number, text in enumerate(value):
            if text != "iso" and not (
                "%d" in text
                and ("%m" in text or "%b" in text or "%B" in text)
                and ("%Y" in text or "%y" in text)
            ):
                self.bad(f"date_formats[{number}]", f"{text!r} lacks day, month or year (%d, %m, %Y).")
        return tuple(value)

    def timezone(self) -> str:
        value = self.text("timezone", 40)
        if value and value not in available_timezones():
            self.bad("timezone", f"{value!r} is no time zone; write it like Europe/London.")
        return value

    def currency(self) -> str:
        value = self.text("currency", 3).upper()
        if value and value not in ISO_4217:
            self.bad("currency", f"{value!r} is no currency code of ISO 4217.")
        return value

    def prefixes(self) -> tuple[str, ...]:
        value = self.data.get("cancellations", {})
        if not isinstance(value, Mapping) or set(value) - {"number_prefixes"}:
            self.bad("cancellations", 'This takes number_prefixes = ["C"] and nothing else.')
            return ()
        prefixes = value.get("number_prefixes", [])
        if not isinstance(prefixes, list) or not all(isinstance(p, str) and p.strip() for p in prefixes):
            self.bad("cancellations.number_prefixes", 'Write a list of texts, for example ["C"].')
            return ()
        return tuple(prefix.strip() for prefix in prefixes)

    def states(self) -> dict[str, str]:
        value = self.data.get("states", {})
        if not isinstance(value, Mapping):
            self.bad("states", 'Write a table: "as sent" = "completed".')
            return {}
        for sent, state in value.items():
            if state not in OrderState.values:
                self.bad(f"states.{sent}", f"{state!r} is no state; use {', '.join(OrderState.values)}.")
        return {str(sent).strip().lower(): str(state) for sent, state in value.items()}

    def columns(self, *, header: bool) -> dict[str, str | int]:
        value = self.data.get("columns")
        if not isinstance(value, Mapping) or not value:
            self.bad("columns", 'Say which column holds what: [columns] number = "…", date = "…".')
            return {}
        columns: dict[str, str | int] = {}
        for key, column in value.items():
            if key not in FIELDS:
                self.bad(f"columns.{key}", f"There is no field {key!r}; fields are {', '.join(FIELDS)}.")
            elif self.is_column(key, column, header=header):
                columns[key] = column.strip() if isinstance(column, str) else column
        self.needed(columns)
        return {key: columns[key] for key in FIELDS if key in columns}

    def is_column(self, key: str, column: object, *, header: bool) -> bool:
        if header and isinstance(column, str) and column.strip():
            return True
        if not header and isinstance(column, int) and not isinstance(column, bool) and 1 <= column <= 1000:
            return True
        self.bad(
            f"columns.{key}",
            "Write the column's heading."
            if header
            else "Without a header write the column's number, the first is 1.",
        )
        return False

    def needed(self, columns: Mapping[str, str | int]) -> None:
        for key in ("number", "date"):
            if key not in columns:
                self.bad(f"columns.{key}", f"{FIELDS[key]} is needed.")
        if "amount" not in columns and "unit_price" not in columns:
            self.bad("columns.amount", "An amount, or a unit price (with a quantity), is needed.")
        if "product_name" in columns and "product_code" not in columns:
            self.bad("columns.product_code", "A product's name needs its code.")
        twice = [str(c) for c in columns.values() if list(columns.values()).count(c) > 1]
        if twice:
            self.bad("columns", f"Column {twice[0]!r} is given to two fields.")
