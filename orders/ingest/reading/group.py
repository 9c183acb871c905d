"""From lines to blocks: consecutive lines of one order in one file, freed of repeats and hashed.

A `Grouper` writes two streams in COPY's text format: lines at once (`write_lines`), and one
header per block when the block ends. It drops exact repeats of a line inside a block (the whole row is the
same, columns of no field included), rejects lines that contradict the order they belong to, and hashes the
content of the block, so that an unchanged order is recognised later without looking at its lines. Orders whose lines are not
consecutive make several blocks; `orders.ingest.scattered` sends those through here again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from itertools import groupby
from typing import Final, NamedTuple

from orders.ingest.errors import Contradiction
from orders.ingest.reading.lines import Header, Line, LineColumns, LineParts
from orders.ingest.reading.texts import NULL, unescape
from orders.ingest.states import RejectReason
from orders.sources.credits import shown
from orders.states import OrderState
from prm.core.notation.reader import figure

# Lines of one order held in memory while repeats are looked for.
ORDER_LIMIT: Final = 50_000
_FLUSH: Final = 2_000
# Lines held in memory while it is looked up whether their orders are held.
_ASK: Final = 20_000
_FOUR_PLACES: Final = Decimal(1).scaleb(-4)


class Version(NamedTuple):
    """One version of an order: its number and its content hash."""

    number: str
    hash: str


Held = Callable[[Sequence[Version]], set[Version]]
"""Says which of some versions are held."""


@dataclass(slots=True)
class _Block:
    """The order at hand.

    `seen` holds each line's key and rest; while nothing but different lines came, and all at once, they stand in `keys`
    and `rests` instead. `states` is filled once lines have different ones, `has_negative` once any amount is
    written with a minus.
    """

    number: str = ""
    file_no: int = 0
    first_line: int = 0
    code: str = ""
    header: Header = ("", "", "")
    repeats: int = 0
    keys: list[str] = field(default_factory=list)
    rests: list[str] = field(default_factory=list)
    # Lines taken whole that are not written yet.
    staged: list[str] = field(default_factory=list)
    line_nos: Sequence[int] = ()
    seen: set[tuple[str, str]] = field(default_factory=set)
    # Lines that count again when repeats are kept; not hashed when added by hand.
    again: list[str] = field(default_factory=list)
    by_hand: set[tuple[str, str]] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    has_negative: bool = False
    # Lines that named no code themselves, by their place: they contradict no code.
    blanks: list[int] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """Return how many lines are kept."""
        return len(self.keys) + len(self.seen) + len(self.again)

    def open(self) -> None:
        """Make `seen` complete, since more lines are to come."""
        if self.keys:
            self.seen = set(zip(self.keys, self.rests, strict=True))
            self.keys, self.rests = [], []

    def every_key(self) -> Iterator[str]:
        """Give the key of every line, in no order."""
        yield from self.keys
        yield from (key for key, _ in self.seen)
        yield from self.again


@dataclass(slots=True)
class _Waiting:
    """A block that is complete and waits for the answer whether it is held; `texts` are lines that are made already."""

    block: _Block
    block_no: int
    version: Version
    cells: str
    is_refund: bool
    texts: list[str]


class Grouper:
    """Groups the lines of one run, file by file. `repeated` counts dropped lines.

    refunds: whether an order whose lines come to less than nothing is taken off the one held. held: where given, lines of
    orders that are held as they come are left out, and all others are written many at a time.
    """

    def __init__(
        self,
        *,
        write_lines: Callable[[str], object],
        write_block: Callable[[str], object],
        is_cancellation: Callable[[str], bool],
        drop_repeats: bool,
        refunds: bool = True,
        held: Held | None = None,
        first_block: int = 1,
        lines_before: int = 0,
    ) -> None:
        self._write_lines, self._write_block = write_lines, write_block
        self._is_cancellation, self._drop_repeats = is_cancellation, drop_repeats
        self._refunds = refunds
        self._buffer: list[str] = []
        self._buffered = 0
        self._held, self._waiting, self._lines_waiting = held, list[_Waiting](), 0
        self._block = _Block()
        self.block_no = first_block - 1
        self.repeated = 0
        self._lines_before = lines_before
        # With a list here a line of another code than its order's goes on in a block of its own, and is noted:
        # whether it is wrong is known only when all lines of its order are seen (`orders.ingest.scattered`).
        self.contested: list[tuple[int, Contradiction]] | None = None

    def add_columns(self, lines: LineColumns, file_no: int) -> list[tuple[int, Contradiction]]:
        """Take lines of one file; as `add`, but an order whose lines are all alike in what it says once is taken whole."""
        refused: list[tuple[int, Contradiction]] = []
        start = 0
        for number, run in groupby(lines.numbers):
            end = start + len(list(run))
            goes_on = number == self._block.number and file_no == self._block.file_no
            if goes_on or not self._add_order(lines, start, end, file_no):
                refused += self.add(lines.parts(start, end), file_no)
            start = end
        self._write_if_many()
        return refused

    def _add_order(self, lines: LineColumns, start: int, end: int, file_no: int) -> bool:
        """Take the lines of one order that begins here; False when one of them needs a closer look."""
        count, code = end - start, lines.codes[start]
        header = lines.header if lines.headers is None else lines.headers[start]
        keys = lines.keys[start:end]
        if len(set(keys)) < count or lines.codes[start:end].count(code) < count or count > ORDER_LIMIT:
            return False
        if lines.headers is not None and lines.headers[start:end].count(header) < count:
            return False
        block = self._begin(file_no, lines.numbers[start], code, header, lines.line_nos[start])
        block.keys, block.rests = keys, lines.rests[start:end]
        block.staged, block.line_nos = lines.staged[start:end], lines.line_nos[start:end]
        block.has_negative = "\t-" in "\n".join(block.staged)
        if self._held is None:
            self._make_lines(block)
        return True

    def _make_lines(self, block: _Block) -> None:
        """Make the lines of the block at hand that were taken whole."""
        self._buffer.append(_text_of(block, self.block_no))
        self._buffered += len(block.staged)
        block.staged = []

    def _open(self, block: _Block) -> None:
        """Make the block at hand ready for more lines, one by one."""
        block.open()
        if block.staged:
            self._make_lines(block)

    def _write_if_many(self) -> None:
        self._buffered = max(self._buffered, len(self._buffer))
        if self._held is None:
            if self._buffered >= _FLUSH:
                self.flush()
        elif self._lines_waiting >= _ASK:
            self._settle()

    def add(  # noqa: C901  (the inner loop of every import: calls would cost half its time)
        self, lines: Iterable[LineParts], file_no: int
    ) -> list[tuple[int, Contradiction]]:
        """Take lines of one file; return those that contradict their order by line number, and why."""
        block = self._block if file_no == self._block.file_no else self._begin(file_no)
        self._open(block)
        number, code, header, seen = block.number, block.code, block.header, block.seen
        append, drop, block_no, ordinal = self._buffer.append, self._drop_repeats, self.block_no, block.lines
        refused: list[tuple[int, Contradiction]] = []
        for its_number, its_code, its_header, key, rest, staged, line_no in lines:
            if its_number != number:
                block = self._begin(file_no, its_number, its_code, its_header, line_no)
                number, code, header, seen = its_number, its_code, its_header, block.seen
                block_no, ordinal = self.block_no, 0
            elif its_code != code and its_code:
                if code and self.contested is None:
                    refused.append((line_no, self._two_codes(its_code)))
                    continue
                if code:
                    block = self._contest(file_no, its_number, its_code, its_header, line_no)
                    header, seen, block_no, ordinal = its_header, block.seen, self.block_no, 0
                block.blanks.extend(range(1, ordinal + 1))
                code = block.code = its_code
            if its_header is not header and its_header != header:
                if its_header[1] != header[1]:
                    refused.append((line_no, self._two_currencies(its_header[1])))
                    continue
                header = block.header = _joined(block, its_header)
            if (content := (key, rest)) in seen:
                if drop:
                    block.repeats += 1
                    continue
                block.again.append(key)
            elif len(seen) >= ORDER_LIMIT:
                refused.append((line_no, self._too_long()))
                continue
            seen.add(content)
            if "\t-" in staged:
                block.has_negative = True
            ordinal += 1
            if its_code != code:
                block.blanks.append(ordinal)
            append(f"{block_no}\t{ordinal}\t{line_no}\t{staged}\n")
        self._write_if_many()
        return refused

    def add_one(self, line: Line, file_no: int) -> list[Contradiction]:
        """Take one line; return why it contradicts its order, if it does."""
        return [error for _, error in self.add([line], file_no)]

    def add_by_hand(self, line: Line, file_no: int) -> list[Contradiction]:
        """Take one line as a person corrected it: stored, but no part of the hash."""
        block = self._block
        block.open()
        same_order = block.number == line.number and block.file_no == file_no
        known = same_order and (line.key, line.rest) in block.seen
        contested, self.contested = self.contested, None
        errors = self.add_one(line, file_no)
        self.contested = contested
        if not errors and not known:
            self._block.by_hand.add((line.key, line.rest))
        return errors

    def _begin(
        self,
        file_no: int,
        number: str = "",
        code: str = "",
        header: Header = ("", "", ""),
        first_line: int = 0,
    ) -> _Block:
        self.close()
        self.block_no += 1
        self._block = _Block(number, file_no, first_line, code, header)
        return self._block

    def _contest(self, file_no: int, number: str, code: str, header: Header, line_no: int) -> _Block:
        """Note a line of another code, and begin a block with it."""
        assert self.contested is not None
        self.contested.append((line_no, self._two_codes(code)))
        return self._begin(file_no, number, code, header, line_no)

    def _two_codes(self, code: str) -> Contradiction:
        block = self._block
        return Contradiction(
            RejectReason.TWO_CODES,
            "code",
            f"Order {unescape(block.number)} names {shown(unescape(block.code))} in line {figure(block.first_line)} and"
            f" {shown(unescape(code))} here.",
        )

    def _two_currencies(self, currency: str) -> Contradiction:
        block = self._block
        return Contradiction(
            RejectReason.TWO_CURRENCIES,
            "currency",
            f"Order {unescape(block.number)} is in {block.header[1]} in line {figure(block.first_line)} and in"
            f" {currency} here.",
        )

    def _too_long(self) -> Contradiction:
        return Contradiction(
            RejectReason.ORDER_TOO_LONG,
            "number",
            f"Order {unescape(self._block.number)} has more than {figure(ORDER_LIMIT)} lines. Is the right column"
            " mapped to the order number?",
        )

    def close(self) -> None:
        """End the block at hand: write its header."""
        block = self._block
        self.repeated += block.repeats
        if block.lines:
            digest = _digest(block)
            reversal = self._is_cancellation(unescape(block.number))
            refund = self._refunds and block.has_negative and not reversal and _comes_to(block) < 0
            cells = (
                str(self.block_no), str(block.file_no), str(block.first_line), block.number, block.code,
                *block.header, str(self._lines_before), str(block.lines), str(block.repeats), str(int(reversal)),
                str(int(refund)), digest, _array(block.blanks),
            )  # fmt: skip
            if self._held is None:
                self._write_block("\t".join((*cells, "0\n")))
            else:
                self._wait("\t".join(cells), digest, is_refund=refund)
            self._lines_before += block.lines
        self._block = _Block()

    def _wait(self, cells: str, digest: str, *, is_refund: bool) -> None:
        """Let the block at hand wait, with its lines."""
        block, texts = self._block, self._buffer.copy()
        self._buffer.clear()
        self._buffered = 0
        version = Version(unescape(block.number), digest)
        self._waiting.append(_Waiting(block, self.block_no, version, cells, is_refund, texts))
        self._lines_waiting += block.lines

    def _settle(self) -> None:
        """Write what waits, without lines of orders that are held as they come; refunds are told apart line by line."""
        assert self._held is not None
        held = self._held([each.version for each in self._waiting if not each.is_refund])
        texts: list[str] = []
        for each in self._waiting:
            is_left_out = not each.is_refund and each.version in held
            self._write_block(f"{each.cells}\t{int(is_left_out)}\n")
            if not is_left_out:
                texts += [*each.texts, _text_of(each.block, each.block_no)]
        if text := "".join(texts):
            self._write_lines(text)
        self._waiting.clear()
        self._lines_waiting = 0

    def flush(self) -> None:
        """Send what is buffered; the block at hand must be closed."""
        if self._waiting:
            self._settle()
        if self._buffer:
            self._write_lines("".join(self._buffer))
            self._buffer.clear()
            self._buffered = 0


def _text_of(block: _Block, block_no: int) -> str:
    """Return the lines of a block that was taken whole, in COPY's text format."""
    its = zip(range(1, len(block.staged) + 1), block.line_nos, block.staged)  # noqa: B905
    return "".join([f"{block_no}\t{ordinal}\t{line_no}\t{staged}\n" for ordinal, line_no, staged in its])


def _joined(block: _Block, other: Header) -> Header:
    """Return the header of an order whose lines differ: first name given, and the state that all lines make."""
    first_name, currency, state = block.header
    name, _, its_state = other
    if its_state != state or block.states:
        block.states |= {its_state} if block.states else {state, its_state}
        state = OrderState.least_of(block.states).value
    return first_name or name, currency, state


def _array(places: list[int]) -> str:
    """Return numbers as an array in COPY's text format; NULL for none."""
    return f"{{{','.join(map(str, places))}}}" if places else NULL


def _digest(block: _Block) -> str:
    """Return 128 bits over the content as sent; the order of the lines does not matter.

    Columns of no field are no content: an export that counts its rows anew is no change.
    """
    if block.keys:
        return _hash([block.code, *block.header, *sorted(block.keys)])
    keys = [key for key, _ in (block.seen - block.by_hand if block.by_hand else block.seen)]
    again = list(block.again)
    if len(once := set(keys)) < len(keys):
        again.extend((Counter(keys) - Counter(once)).elements())
    return _hash([block.code, *block.header, *sorted(once), *sorted(again)])


def _hash(parts: list[str]) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _comes_to(block: _Block) -> Decimal:
    """Add up the amounts of a block, to see on which side of nothing it is."""
    return sum(map(_amount, block.every_key()), Decimal(0))


def _amount(key: str) -> Decimal:
    quantity, price, amount = key.rsplit("\t", 3)[1:]
    if amount != NULL:
        return Decimal(amount)
    return (Decimal(quantity) * Decimal(price)).quantize(_FOUR_PLACES, ROUND_HALF_UP)
