"""From lines to blocks: consecutive lines of one order in one file, freed of repeats and hashed.

A `Grouper` writes two streams in COPY's text format: lines at once (`write_lines`), and one
header per block when the block ends. It drops exact repeats of a line inside a block, rejects
lines that contradict the order they belong to, and hashes the content of the block, so that an
unchanged order is recognised later without looking at its lines. Orders whose lines are not
consecutive make several blocks; `orders.ingest.scattered` sends those through here again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from orders.ingest.errors import Contradiction
from orders.ingest.reading.lines import Header, Line, LineParts
from orders.ingest.reading.texts import unescape
from orders.ingest.states import RejectReason

# Lines of one order held in memory while repeats are looked for.
ORDER_LIMIT: Final = 50_000
_FLUSH: Final = 2_000


@dataclass(slots=True)
class _Block:
    """The order at hand."""

    number: str = ""
    file_no: int = 0
    first_line: int = 0
    code: str = ""
    header: Header = ("", "", "")
    repeats: int = 0
    keys: set[str] = field(default_factory=set)
    # Contents that count twice when repeats are kept; not hashed when added by hand.
    again: list[str] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)

    @property
    def lines(self) -> int:
        """Return how many lines are kept."""
        return len(self.keys) + len(self.again)


class Grouper:
    """Groups the lines of one run, file by file. `repeated` counts dropped lines."""

    def __init__(
        self,
        *,
        write_lines: Callable[[str], object],
        write_block: Callable[[str], object],
        is_cancellation: Callable[[str], bool],
        drop_repeats: bool,
        first_block: int = 1,
        lines_before: int = 0,
    ) -> None:
        self._write_lines, self._write_block = write_lines, write_block
        self._is_cancellation, self._drop_repeats = is_cancellation, drop_repeats
        self._buffer: list[str] = []
        self._block = _Block()
        self.block_no = first_block - 1
        self.repeated = 0
        self._lines_before = lines_before

    def add(  # noqa: C901  (the inner loop of every import: calls would cost half its time)
        self, lines: Iterable[LineParts], file_no: int
    ) -> list[tuple[int, Contradiction]]:
        """Take lines of one file; return those that contradict their order by line number, and why."""
        block = self._block
        if file_no != block.file_no:
            block = self._begin(file_no)
        number, code, header, keys = block.number, block.code, block.header, block.keys
        append, drop = self._buffer.append, self._drop_repeats
        block_no, ordinal = self.block_no, block.lines
        refused: list[tuple[int, Contradiction]] = []
        for its_number, its_code, its_header, key, staged, line_no in lines:
            if its_number != number:
                block = self._begin(file_no, its_number, its_code, its_header, line_no)
                number, code, header, keys = its_number, its_code, its_header, block.keys
                block_no, ordinal = self.block_no, 0
            elif its_code != code and its_code:
                if code:
                    refused.append((line_no, self._two_codes(its_code)))
                    continue
                code = block.code = its_code
            if key in keys:
                if drop:
                    block.repeats += 1
                    continue
                block.again.append(key)
            elif len(keys) >= ORDER_LIMIT:
                refused.append((line_no, self._too_long()))
                continue
            if its_header is not header and its_header != header:
                header = block.header = _joined(header, its_header)
            keys.add(key)
            ordinal += 1
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
        known = same_order and line.key in block.keys
        errors = self.add_one(line, file_no)
        if not errors and not known:
            self._block.by_hand.add(line.key)
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

    def _two_codes(self, code: str) -> Contradiction:
        block = self._block
        return Contradiction(
            RejectReason.TWO_CODES,
            "code",
            f"Order {unescape(block.number)} names {unescape(block.code)} in line {block.first_line:,} and"
            f" {unescape(code)} here.",
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
            cells = (
                str(self.block_no), str(block.file_no), str(block.first_line), block.number, block.code,
                *block.header, str(self._lines_before), str(block.lines), str(block.repeats), str(int(reversal)), _digest(block),
            )  # fmt: skip
            self._write_block("\t".join(cells) + "\n")
            self._lines_before += block.lines
        self._block = _Block()

    def flush(self) -> None:
        """Send the buffered lines."""
        if self._buffer:
            self._write_lines("".join(self._buffer))
            self._buffer.clear()


def _joined(header: Header, other: Header) -> Header:
    """Return the header of an order whose lines differ: first name given, last currency and state."""
    first_name, _, _ = header
    name, currency, state = other
    return first_name or name, currency, state


def _digest(block: _Block) -> str:
    """Return 128 bits over the content as sent; the order of the lines does not matter."""
    sent = block.keys - block.by_hand if block.by_hand else block.keys
    parts = [block.code, *block.header, *sorted(sent), *sorted(block.again)]
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
