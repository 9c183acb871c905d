"""From cells to lines: every cell judged by its rule, an amount or a price found, content made text.

Values repeat a lot, so rules are asked once per distinct cell, and many lines are made at once, column
by column, because that is where an import spends most of its own time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from itertools import repeat
from typing import Final, NamedTuple, cast

from orders.ingest.cells import Cells
from orders.ingest.errors import BadCell, Contradiction
from orders.ingest.reading.composing import AMOUNT_PARTS, COMPOSED, Composer
from orders.ingest.reading.rules import Memory, Rules
from orders.ingest.reading.texts import NULL, unescape
from orders.ingest.states import RejectReason
from orders.sources.spec import FIELDS, NUMBER_PARTS
from orders.states import OrderState

_HEADER: Final = ("partner_name", "currency", "state")
_SAID: Final = ("code", *_HEADER, *COMPOSED)
_NUMBERS: Final = ("quantity", "unit_price", "amount")
_OF_NUMBER: Final = (*NUMBER_PARTS[1:], "type")
_OF_AMOUNT: Final = (*_NUMBERS, *AMOUNT_PARTS, "currency")
_PRODUCT_LIMIT: Final = 50_000

Header = tuple[str, str, str]
"""Partner name, currency and state of a line: what normally is the same in all lines of an order."""


class Line(NamedTuple):
    """One accepted line. `key` is the content of its fields as text, `staged` the staged columns.

    `rest` is all else that its row says: what the order says once, and the columns of no field. A line is a
    repeat of another only where both are the same.
    """

    number: str
    code: str
    header: Header
    key: str
    rest: str
    staged: str
    line_no: int


LineParts = tuple[str, str, Header, str, str, str, int]
"""A line without its class, unpacked by name: half a million objects fewer in a large import."""


class LineColumns(NamedTuple):
    """Lines that follow one another, column by column: the columns of `Line` under its names.

    `headers` is None where all lines have `header`.
    """

    numbers: Sequence[str]
    codes: Sequence[str]
    headers: Sequence[Header] | None
    header: Header
    keys: list[str]
    rests: list[str]
    staged: list[str]
    line_nos: Sequence[int]

    def parts(self, start: int = 0, end: int | None = None) -> Iterator[LineParts]:
        """Give some of the lines one by one, or all."""
        headers = repeat(self.header) if self.headers is None else self.headers[start:end]
        taken = (
            self.keys[start:end],
            self.rests[start:end],
            self.staged[start:end],
            self.line_nos[start:end],
        )
        return zip(self.numbers[start:end], self.codes[start:end], headers, *taken)  # noqa: B905


class Products(dict[tuple[str, str], str]):
    """Small numbers for (code, name) of products, so that a staged line is short.

    A pair has one number until the memory is full; then numbering goes on and pairs may come
    again under another number, which SQL resolves by code.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        super().__init__()
        self._write = write
        self._count = 0

    def __missing__(self, pair: tuple[str, str]) -> str:
        code, name = pair
        # Lines with a name and no code stay apart by it; no product is made of them.
        if not (code or name):
            return NULL
        if len(self) >= _PRODUCT_LIMIT:
            self.clear()
        self._count += 1
        number = self[pair] = str(self._count)
        self._write(f"{number}\t{code}\t{name}\n")
        return number


class Marks(dict[str, str]):
    """A number of 31 bits for each text, the same for the same text as long as the process lives."""

    def __missing__(self, text: str) -> str:
        if len(self) >= _PRODUCT_LIMIT:
            self.clear()
        mark = self[text] = str(hash(text) & 0x7FFFFFFF)
        return mark


class Minter:
    """Numbers rows that have no order number by what they say: the same content always has the same number.

    Of rows of one file that say the same but differ in a column of no field, the second has a number of its own; so
    has an exact repeat, unless it is to be dropped.
    """

    def __init__(self, *, drop_repeats: bool) -> None:
        self._drops = drop_repeats
        self._seen: dict[str, list[int]] = {}

    def begin_file(self) -> None:
        """Forget the rows of the file before."""
        self._seen.clear()

    def number(
        self, marks: Sequence[str], rests: Sequence[str], contents: Iterable[str], *, by_hand: bool
    ) -> Iterator[str]:
        """Give each line its number; `marks` are what their types add to it."""
        for mark, rest, content in zip(marks, rests, contents, strict=True):
            name = blake2b(content.encode(), digest_size=10).hexdigest()
            place = 0 if by_hand else self._place_of(name, hash(rest))
            yield f"M-{name}{f'-{place + 1}' if place else ''}{mark}"

    def _place_of(self, name: str, rest: int) -> int:
        places = self._seen.setdefault(name, [])
        if self._drops and rest in places:
            return places.index(rest)
        places.append(rest)
        return len(places) - 1


class LineMaker:
    """Makes lines by the rules of one source. `write_product` is given the rows of new products."""

    def __init__(self, rules: Rules, write_product: Callable[[str], object]) -> None:
        self._products, self._marks = Products(write_product), Marks()
        self.fields_with_blanks = rules.fields_with_blanks
        self._judged = {name: Memory(rule) for name, rule in rules.by_field().items()}
        self._composer = Composer(rules.spec, rules.spec.currency or rules.currency)
        drops = rules.spec.drop_exact_repeats
        self._minter = Minter(drop_repeats=drops) if rules.spec.mint_numbers else None
        self._defaults = dict.fromkeys(FIELDS, "") | {
            "quantity": "1",
            "unit_price": NULL,
            "amount": NULL,
            "currency": rules.spec.currency or rules.currency,
            "state": OrderState.COMPLETED.value,
        }

    def judge_columns(self, columns: Mapping[str, Iterable[str]]) -> dict[str, list[str]] | None:
        """Return columns of cells in canonical form; None when any line needs a closer look."""
        try:
            judged = {name: list(map(self._judged[name].__getitem__, raw)) for name, raw in columns.items()}
        except BadCell:
            return None
        if NULL in judged.get("quantity", ()) or NULL in judged.get("amount", judged.get("unit_price", ())):
            return None
        try:
            return self._composer.compose(judged)
        except Contradiction:
            return None

    def lines_of(
        self,
        columns: Mapping[str, Sequence[str]],
        numbers: Sequence[int],
        others: Sequence[Sequence[str]] = (),
        *,
        by_hand: bool = False,
    ) -> LineColumns:
        """Make lines of judged columns; `numbers` are the lines of the input, `others` the columns of no field."""
        count = len(numbers)

        def column(name: str) -> Sequence[str]:
            return columns[name] if name in columns else [self._defaults[name]] * count

        code, name = column("product_code"), column("product_name")
        amounts = [column(name) for name in _NUMBERS]
        if "product_code" in columns:
            products: Iterable[str] = map(self._products.__getitem__, zip(code, name))  # noqa: B905
        else:
            products = repeat(NULL)
        stated = [columns["state"]] if "state" in columns else []
        keys = list(map("\t".join, zip(column("date"), code, name, *stated, *amounts)))  # noqa: B905
        said = [columns[name] for name in _SAID if name in columns]
        rest = [""] * count
        marks: Iterable[str] = repeat("0")
        if said or others:
            rest = list(map("\t".join, zip(*said, *others)))  # noqa: B905
            marks = map(self._marks.__getitem__, rest)
        hand, state = repeat("1" if by_hand else "0"), columns.get("state", repeat(NULL))
        staged = map("\t".join, zip(column("date"), products, *amounts, state, marks, hand))  # noqa: B905
        header = cast("Header", tuple(self._defaults[name] for name in _HEADER))
        headers = None
        if any(name in columns for name in _HEADER):
            headers = cast("list[Header]", list(zip(*(column(name) for name in _HEADER))))  # noqa: B905
        order_numbers = column("number")
        if self._minter is not None:
            # What may change later is no part of it: state, and the name that goes with the code.
            said_once = [column(name) for name in ("code", "currency")]
            content = zip(column("date"), code, name, *amounts, *said_once)  # noqa: B905
            contents = map("\t".join, content)
            order_numbers = list(self._minter.number(order_numbers, rest, contents, by_hand=by_hand))
        return LineColumns(order_numbers, column("code"), headers, header, keys, rest, list(staged), numbers)

    def begin_file(self) -> None:
        """Begin a new file: rows that say the same as one of another file are the same order."""
        if self._minter is not None:
            self._minter.begin_file()

    def line_of(
        self, cells: Cells, line_no: int, others: Sequence[str] = (), *, by_hand: bool = False
    ) -> Line:
        """Make one line; `others` are its cells of no field. Raises `BadCell` or `Contradiction`."""
        values = {name: self._judged[name][raw] for name, raw in cells.items()}
        self._check_amount(values)
        if values.get("quantity") == NULL:
            values["quantity"] = "1"
        columns = self._composer.compose({name: [value] for name, value in values.items()})
        apart = [[cell] for cell in others]
        return Line(*next(self.lines_of(columns, [line_no], apart, by_hand=by_hand).parts()))

    def _check_amount(self, values: Mapping[str, str]) -> None:
        quantity, price, amount = (values.get(name, self._defaults[name]) for name in _NUMBERS)
        if amount != NULL:
            return
        if price == NULL:
            raise Contradiction(
                RejectReason.AMOUNT_MISSING,
                "amount" if "amount" in values else "unit_price",
                "The line has neither an amount nor a price.",
            )
        if quantity == NULL:
            raise Contradiction(
                RejectReason.AMOUNT_MISSING, "quantity", "The line has a price, but no quantity."
            )

    def number_of(self, cells: Cells) -> str:
        """Return the number of a line's order as orders have it, "" when it cannot be read."""
        parts = ("number", *(name for name in _OF_NUMBER if name in cells))
        try:
            if self._minter is not None:
                return unescape(self.line_of(cells, 0, by_hand=True).number)
            judged = {name: [self._judged[name][cells.get(name, "")]] for name in parts}
            return unescape(self._composer.compose(judged)["number"][0])
        except (BadCell, Contradiction):
            return ""

    def amount_of(self, cells: Cells) -> Decimal | None:
        """Return what a line comes to; None where that cannot be read."""
        try:
            values: dict[str, str] = {
                name: self._judged[name][cells[name]] for name in _OF_AMOUNT if name in cells
            }
            self._check_amount(values)
        except (BadCell, Contradiction):
            return None
        if values.get("quantity") == NULL:
            values["quantity"] = "1"
        whole = self._composer.compose({name: [value] for name, value in values.items()})
        quantity, price, amount = (whole.get(name, [self._defaults[name]])[0] for name in _NUMBERS)
        return Decimal(amount) if amount != NULL else Decimal(quantity) * Decimal(price)

    def canonical(self, name: str, raw: str) -> str:
        """Return a cell as it is compared; as it is written where it cannot be read."""
        try:
            return self._judged[name][raw]
        except BadCell:
            return raw.strip()

    def problems(self, cells: Cells) -> list[tuple[str, BadCell]]:
        """Return everything wrong with the single cells of a line, by field."""
        found = []
        for name, raw in cells.items():
            try:
                self._judged[name][raw]
            except BadCell as error:
                found.append((name, error))
        return found
