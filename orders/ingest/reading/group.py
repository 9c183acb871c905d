"""From lines to blocks: consecutive lines of one order in one file, freed of repeats and hashed.

A `Grouper` writes two streams in COPY's text format: lines at once (`write_lines`), and one
header per block when the block ends. It drops exact repeats of a line inside a block (the whole row is the
same, columns of no field included), rejects lines that contradict the order they belong to, and hashes the
content of the block, so that an unchanged order is recognised later without looking at its lines. Orders whose lines are not
consecutive make several blocks; `orders.ingest.scattered` sends those through here again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from typing import Final

from orders.ingest.errors import Contradiction
from orders.ingest.reading.lines import Header, Line, LineParts
from orders.ingest.reading.texts import NULL, unescape
from orders.ingest.states import RejectReason
from orders.states import OrderState

# Lines of one order held in memory while repeats are looked for.
ORDER_LIMIT: Final = 50_000
_FLUSH: Final = 2_000
_FOUR_PLACES: Final = Decimal(1).scaleb(-4)


@dataclass(slots=True)
class _Block:
    """The order at hand.

    `seen` holds each line's key and rest. `states` is filled once lines have different ones, `has_negative`
    once any amount is written with a minus.
    """

    number: str = ""
    file_no: int = 0
    first_line: int = 0
    code: str = ""
    header: Header = ("", "", "")
    repeats: int = 0
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
        return len(self.seen) + len(self.again)


class Grouper:
    """Groups the lines of one run, file by file. `repeated` counts dropped lines.

    refunds: whether an order whose lines come to less than nothing is taken off the one held.
    """

    def __init__(
        self,
        *,
        write_lines: Callable[[str], object],
        write_block: Callable[[str], object],
        is_cancellation: Callable[[str], bool],
        drop_repeats: bool,
        refunds: bool = True,
        first_block: int = 1,
        lines_before: int = 0,
    ) -> None:
        self._write_lines, self._write_block = write_lines, write_block
        self._is_cancellation, self._drop_repeats = is_cancellation, drop_repeats
        self._refunds = refunds
        self._buffer: list[str] = []
        self._block = _Block()
        self.block_no = first_block - 1
        self.repeated = 0
        self._lines_before = lines_before
        # With a list here a line of another code than its order's goes on in a block of its own, and is noted:
        # whether it is wrong is known only when all lines of its order are seen (`orders.ingest.scattered`).
        self.contested: list[tuple[int, Contradiction]] | None = None

    def add(  # noqa: C901, PLR0912  (the inner loop of every import: calls would cost half its time)
        self, lines: Iterable[LineParts], file_no: int
    ) -> list[tuple[int, Contradiction]]:
        """Take lines of one file; return those that contradict their order by line number, and why."""
        block = self._block if file_no == self._block.file_no else self._begin(file_no)
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
        if len(self._buffer) >= _FLUSH:
            self.flush()
        return refused

    def add_one(self, line: Line, file_no: int) -> list[Contradiction]:
        """Take one line; return why it contradicts its order, if it does."""
        return [error for _, error in self.add([line], file_no)]

    def add_by_hand(self, line: Line, file_no: int) -> list[Contradiction]:
        """Take one line as a person corrected it: stored, but no part of the hash."""
        block = self._block
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
            f"Order {unescape(block.number)} names {unescape(block.code)} in line {block.first_line:,} and"
            f" {unescape(code)} here.",
        )

    def _two_currencies(self, currency: str) -> Contradiction:
        block = self._block
        return Contradiction(
            RejectReason.TWO_CURRENCIES,
            "currency",
            f"Order {unescape(block.number)} is in {block.header[1]} in line {block.first_line:,} and in"
            f" {currency} here.",
        )

    def _too_long(self) -> Contradiction:
        return Contradiction(
            RejectReason.ORDER_TOO_LONG,
            "number",
            f"Order {unescape(self._block.number)} has more than {ORDER_LIMIT:,} lines. Is the right column"
            " mapped to the order number?",
        )

    def close(self) -> None:
        """End the block at hand: write its header."""
        block = self._block
        self.repeated += block.repeats
        if block.lines:
            reversal = self._is_cancellation(unescape(block.number))
            refund = self._refunds and block.has_negative and not reversal and _comes_to(block) < 0
            cells = (
                str(self.block_no), str(block.file_no), str(block.first_line), block.number, block.code,
                *block.header, str(self._lines_before), str(block.lines), str(block.repeats), str(int(reversal)),
                str(int(refund)), _digest(block), _array(block.blanks),
            )  # fmt: skip
            self._write_block("\t".join(cells) + "\n")
            self._lines_before += block.lines
        self._block = _Block()

    def flush(self) -> None:
        """Send the buffered lines."""
        if self._buffer:
            self._write_lines("".join(self._buffer))
            self._buffer.clear()


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
    keys = [key for key, _ in (block.seen - block.by_hand if block.by_hand else block.seen)]
    again = list(block.again)
    if len(once := set(keys)) < len(keys):
        again.extend((Counter(keys) - Counter(once)).elements())
    parts = [block.code, *block.header, *sorted(once), *sorted(again)]
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _comes_to(block: _Block) -> Decimal:
    """Add up the amounts of a block, to see on which side of nothing it is."""
    return sum(map(_amount, [*(key for key, _ in block.seen), *block.again]), Decimal(0))


def _amount(key: str) -> Decimal:
    quantity, price, amount = key.rsplit("\t", 3)[1:]
    if amount != NULL:
        return Decimal(amount)
    return (Decimal(quantity) * Decimal(price)).quantize(_FOUR_PLACES, ROUND_HALF_UP)
