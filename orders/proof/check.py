"""Whether a file is read as it was meant: no other reading fits one of its columns better than the source's.

Dates in another order or form, the other decimal mark, words for states and currencies that the source does not name.
Counted over all rows of one file, without the database; asked when lines were rejected for such a reason.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from orders.ingest.cells import Input, column_of
from orders.ingest.errors import BrokenFile
from orders.ingest.reading.dates import order_of, reads_date
from orders.ingest.reading.numbers import OWN_SIGNS
from orders.ingest.reading.texts import clean
from orders.ingest.states import RejectReason
from orders.proof.counts import Count
from orders.proof.date_findings import date_reading
from orders.proof.date_tally import ORDERS
from orders.proof.findings import NUMERIC
from orders.proof.tally import ColumnTally, Counting
from orders.sources.spec import FIELDS, Spec
from orders.states import OrderState
from prm.core.money import ISO_4217
from prm.core.notation.reader import figure
from prm.core.words.unseen import plain

AS_SOURCE: Final = "as-source"
"""The reading that takes a column as the source says, whatever fits better."""

_CHUNK: Final = 2_000
# So few cells in another reading are slips of the pen, and so small a share of those that fit one reading alone: one in twenty.
_SLIPS: Final = 2
_SHARE_OF_SLIPS: Final = 20
_SUSPICIOUS: Final = frozenset(
    {
        RejectReason.DATE_UNREADABLE, RejectReason.DATE_OUT_OF_RANGE, RejectReason.NOT_A_NUMBER,
        RejectReason.UNKNOWN_STATE, RejectReason.UNKNOWN_CURRENCY,
    }
)  # fmt: skip
_KEYS: Final = {"dmy": "day-first", "mdy": "month-first", "ymd": "year-first", ".": "point", ",": "comma"}
_MARK_WORDS: Final = {".": "a decimal point", ",": "a decimal comma"}


@dataclass(frozen=True, slots=True)
class Better:
    """A reading that fits more cells than the source's; `key` is what a machine accepts."""

    key: str
    label: str
    fits: int
    changes: dict[str, object]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A column of a file that the source reads worse than something else does.

    `fits` of its `total` cells are read by the source; `line` is the first that is not. `better` is empty where the
    source only lacks words: `words` then has them with their counts; and where two readings stand in one column: `mixed`
    then says so. `both`: how many dates a month holds as the source reads them, and as the best other reading does.
    """

    file: str
    field: str
    column: str
    total: int
    fits: int
    line: int
    text: str
    better: list[Better]
    words: list[tuple[str, int]]
    mixed: str = ""
    both: tuple[tuple[str, dict[str, int]], ...] = ()

    @property
    def sentence(self) -> str:
        """Return what is wrong, with the counts."""
        left = self.total - self.fits
        what = FIELDS[self.field].lower()
        said = (
            f"In {self.file} {figure(left)} of {figure(self.total)} cells of {self.column} ({what}) cannot be read as the source says,"
            f" first in line {figure(self.line)}: “{self.text}”."
        )
        if self.mixed:
            return f"{said} {self.mixed}"
        if self.better:
            fits = "; ".join(f"{entry.label} fits {figure(entry.fits)}" for entry in self.better)
            return f"{said} {fits[0].upper()}{fits[1:]}."
        words = ", ".join(f"{word} ({figure(count)})" for word, count in self.words)
        return f"{said} The source does not name: {words}."

    @property
    def choices(self) -> list[str]:
        """Return what may be accepted, as the command takes it."""
        named = [entry.key for entry in self.better]
        if self.field == "state" and self.words:
            named = [f"state:{self.words[0][0]}=completed (or another state, for each word)"]
        return [*named, f"{self.field}={AS_SOURCE}"]


class Unproved(Exception):
    """A file whose reading is in doubt: nothing of it was written."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        self.doubts = list(doubts)
        choices = " or ".join(f"--accept {choice}" for choice in self.doubts[0].choices)
        super().__init__(
            " ".join(
                ["Nothing was written.", *(doubt.sentence for doubt in self.doubts), f"To go on: {choices}."]
            )
        )


def is_suspicious(reasons: Iterable[RejectReason]) -> bool:
    """Return whether lines were rejected for a reason that another reading may cure."""
    return not _SUSPICIOUS.isdisjoint(reasons)


def doubts_of(given: Input, spec: Spec, *, accepted: Collection[str] = ()) -> list[Doubt]:
    """Return the columns of an input that something else than the source reads better. Raises `BrokenFile`.

    Fields that were accepted as the source says are left alone.
    """
    fields = ("date", *NUMERIC, "state", "currency")
    wanted = [name for name in fields if name in spec.columns and f"{name}={AS_SOURCE}" not in accepted]
    reads = _Reads(spec)
    with given.open(spec) as table:
        counting = {
            name: (Counting(column_of(table, name), place), place)
            for name, place in table.index.items()
            if name in wanted
        }
        for chunk in table.chunks(_CHUNK):
            rows = [
                (row, line)
                for row, line in zip(chunk.rows, chunk.lines, strict=True)
                if len(row) >= table.width
            ]
            for name, (column, place) in counting.items():
                if rows:
                    cells = [row[place] for row, _ in rows]
                    column.add(cells, [line for _, line in rows])
                    reads.add(name, cells, [line for _, line in rows])
    doubts = [_doubt(given.name, name, column.tally, reads, spec) for name, (column, _) in counting.items()]
    return [doubt for doubt in doubts if doubt is not None]


class _Reads:
    """How many cells of each column the source reads, and the first that it does not."""

    def __init__(self, spec: Spec) -> None:
        self.fits: dict[str, int] = {}
        self.first: dict[str, Count] = {}
        formats = tuple(spec.date_formats)
        states = {*spec.states, *OrderState.values}
        self._rules: dict[str, Callable[[str], bool]] = {
            "date": lru_cache(maxsize=20_000)(lambda text: reads_date(text, formats)),
            "state": lambda text: plain(text).lower() in states,
            "currency": lambda text: text.upper() in ISO_4217 or text.upper() in OWN_SIGNS,
        }

    def reads(self, name: str, text: str) -> bool:
        """Return whether the source reads a cell of a field."""
        return self._rules[name](text)

    def add(self, name: str, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Count cells of a column that is no number; those `NumberTally` counts."""
        rule = self._rules.get(name)
        if rule is None:
            return
        for cell, line in zip(cells, lines, strict=True):
            if not (text := clean(cell.replace("\0", ""))):
                continue
            if rule(text):
                self.fits[name] = self.fits.get(name, 0) + 1
            else:
                self.first.setdefault(name, Count()).add(1, line, text)


def _doubt(file: str, name: str, tally: ColumnTally, reads: _Reads, spec: Spec) -> Doubt | None:
    if name in NUMERIC:
        return _of_numbers(file, name, tally, spec)
    fits, first = reads.fits.get(name, 0), reads.first.get(name, Count())
    if not first.count:
        return None
    better: list[Better] = []
    words: list[tuple[str, int]] = []
    if name == "date":
        better = _better_dates(tally, fits)
    elif first.count > fits and not tally.has_many:
        words = [(word, count.count) for word, count in tally.words.items() if not reads.reads(name, word)]
    mixed = _mixed_dates(tally, spec) if name == "date" and not better else ""
    if not better and not words and not mixed:
        return None
    both = _both_ways(tally, spec, better) if name == "date" else ()
    return Doubt(
        file, name, tally.heading, tally.filled, fits, first.line, first.text, better, words, mixed, both
    )


def _both_ways(
    tally: ColumnTally, spec: Spec, better: Sequence[Better]
) -> tuple[tuple[str, dict[str, int]], ...]:
    """Return the months that dates fall in, by the source's order of days and by the best other one."""
    orders = [order_of(spec.date_formats[0])]
    orders += [order for order in ORDERS for entry in better[:1] if entry.key == f"date={_KEYS[order]}"]
    return tuple((ORDERS[order], tally.dates.months.get(order, {})) for order in orders if order in ORDERS)


def _mixed_dates(tally: ColumnTally, spec: Spec) -> str:
    """Return in words that days and months stand in two orders in one column, "" where they do not.

    A slip is rejected by itself. But where many cells fit the other order alone, those that fit both may be meant either way.
    """
    ours = {order for pattern in spec.date_formats if (order := order_of(pattern)) in ("dmy", "mdy")}
    if len(ours) != 1:
        return ""
    own = ours.pop()
    other = "mdy" if own == "dmy" else "dmy"
    return _mixed(
        (ORDERS[own].lower(), tally.dates.only(own)),
        (ORDERS[other].lower(), tally.dates.only(other)),
        tally.dates.by_orders.get("dmy mdy", Count()),
    )


def _mixed(ours: tuple[str, Count], theirs: tuple[str, Count], both: Count) -> str:
    (our_words, own), (their_words, other) = ours, theirs
    if not both.count or other.count < _SLIPS or other.count * _SHARE_OF_SLIPS < own.count + other.count:
        return ""
    return (
        f"{figure(own.count)} fit only {our_words} (first in line {figure(own.line)}), {figure(other.count)} only {their_words} (first in line"
        f" {figure(other.line)}), and {figure(both.count)} fit both, so nobody can tell how they are meant. Split the file where it"
        " changes, or correct it at its source."
        if own.count
        else ""
    )


def _better_dates(tally: ColumnTally, fits: int) -> list[Better]:
    dates = tally.dates
    found = []
    for order in ORDERS:
        if dates.fits(order) + dates.typed > fits:
            reading = date_reading(dates, order)
            words = f"{ORDERS[order].lower()} ({reading.label.partition(', ')[2]})"
            found.append(
                Better(f"date={_KEYS[order]}", words, dates.fits(order) + dates.typed, reading.changes)
            )
    best = max((entry.fits for entry in found), default=0)
    return [entry for entry in found if entry.fits == best]


def _of_numbers(file: str, name: str, tally: ColumnTally, spec: Spec) -> Doubt | None:
    numbers, mark = tally.numbers, spec.mark_of(name)
    other = "," if mark == "." else "."
    fits, better = numbers.fits(mark), numbers.fits(other)
    both = numbers.either
    named = {".": numbers.point, ",": numbers.comma}
    mixed = _mixed((_MARK_WORDS[mark], named[mark]), (_MARK_WORDS[other], named[other]), both)
    if better <= fits and not mixed:
        return None
    first = min(
        (numbers.comma if mark == "." else numbers.point, numbers.neither),
        key=lambda count: count.line or 10**12,
    )
    marks: dict[str, str] = {str(field): mark for field, mark in spec.decimal_marks.items()}
    if marks:
        marks[name] = other
    changes: dict[str, object] = {"decimal_marks": marks} if marks else {"decimal_mark": other}
    choices = [Better(f"{name}={_KEYS[other]}", _MARK_WORDS[other], better, changes)] if better > fits else []
    if choices:
        mixed = ""
    return Doubt(file, name, tally.heading, numbers.total, fits, first.line, first.text, choices, [], mixed)


def accepted_spec(spec: Spec, accepted: Collection[str], inputs: Iterable[Input]) -> Spec:
    """Return the specification by which a run reads, after what somebody accepted for its inputs."""
    return with_reading(spec, accepted_reading(spec, accepted, inputs))


def accepted_reading(spec: Spec, accepted: Collection[str], inputs: Iterable[Input]) -> dict[str, object]:
    """Return what is different from the source for a run, after what somebody accepted for its inputs; JSON.

    `accepted` holds texts such as `date=day-first`, `amount=comma`, `state:sto=cancelled` and `date=as-source`.
    """
    named = [part.removeprefix("state:").rpartition("=") for part in accepted if part.startswith("state:")]
    changes: dict[str, object] = {}
    if named:
        changes["states"] = {word.lower(): state for word, _, state in named}
    wanted = [part for part in accepted if "=" in part and not part.startswith("state:")]
    if any(not part.endswith(AS_SOURCE) for part in wanted):
        doubts = [doubt for given in inputs for doubt in _doubts_if_open(given, spec)]
        for entry in (entry for doubt in doubts for entry in doubt.better):
            changes |= entry.changes if entry.key in wanted else {}
    return changes


def with_reading(spec: Spec, reading: Mapping[str, object]) -> Spec:
    """Return a specification with what `accepted_reading` found."""
    if not reading:
        return spec
    words = reading.get("states")
    named = {"states": {**spec.states, **words}} if isinstance(words, Mapping) else {}
    return Spec.parse({**spec.to_json(), **reading, **named}, is_held=True)


def _doubts_if_open(given: Input, spec: Spec) -> list[Doubt]:
    """Return the doubts about an input; none for one that cannot be opened, which the run says itself."""
    try:
        return doubts_of(given, spec)
    except BrokenFile:
        return []


def check_accepted(accepted: Iterable[str]) -> str:
    """Return what is wrong with what a command was told to accept, "" for nothing."""
    known: Mapping[str, tuple[str, ...]] = {
        "date": ("day-first", "month-first", "year-first", AS_SOURCE),
        **dict.fromkeys(NUMERIC, ("point", "comma", AS_SOURCE)),
        "state": (AS_SOURCE,),
        "currency": (AS_SOURCE,),
    }
    for part in accepted:
        name, _, reading = part.rpartition("=")
        choices = tuple(OrderState.values) if name.startswith("state:") else known.get(name)
        if choices is None:
            return f"{part!r} names no field; write one of {', '.join(known)}, as date=day-first."
        if reading not in choices:
            return f"{part!r} is no reading of {name}; there are: {', '.join(choices)}."
    return ""
